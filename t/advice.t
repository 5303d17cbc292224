# advice.t - what -t warns of although it is no error, with its place and the way out; and that it keeps still otherwise
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my ($code, $said) = $m->check(<<'END');
events { }
http {
    add_header X-Frame-Options DENY;
    server {
        listen 127.0.0.1:%port%;
        location /fields {
            add_header Cache-Control no-store;
        }
        location /img { alias /srv/img/; }
        location /if {
            if ($arg_a) { set $b 1; }
            try_files $uri =404;
        }
        location ~ ^/ { }
        location ~ \.php$ { }
    }
}
END
is($code, 0, 'no error');
like($said, qr/test is successful/, 'and so it is told');
$said =~ s{ \S+/check\.conf:}{ FILE:}g;
is(join('', $said =~ /^(miwidothttp: \[warn\].*\n.*\n.*\n)/gm), <<'END', 'what was seen, where, and the way out');
miwidothttp: [warn] location "\.php$" can never match: that of FILE:14 does before in FILE:15
  15 |         location ~ \.php$ { }
     |         ^ patterns are asked in the order they are written: put this one before that one
miwidothttp: [warn] with this "add_header", "X-Frame-Options" of FILE:3 is not added here in FILE:7
  7 |             add_header Cache-Control no-store;
    |             ^ write it here too, or "add_header_inherit merge;"
miwidothttp: [warn] "/img../" leads out of this alias in FILE:9
  9 |         location /img { alias /srv/img/; }
    |                         ^ end both with a slash: location /img/
miwidothttp: [warn] where this "if" is true, the "try_files" of FILE:12 is not in effect in FILE:11
  11 |             if ($arg_a) { set $b 1; }
     |             ^ use "map" for what it sets, or let it end in "return" or "rewrite ... last"
END

# what the warnings are about
$m->write_file('srv/secret', "secret\n");
$m->write_file('srv/img/a', "a\n");
my $conf = <<'END';
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        add_header X-Frame-Options DENY;
        location /img { alias %dir%/srv/img/; }
        location /fields { add_header X-Other 1; return 200; }
        location /merged { add_header_inherit merge; add_header X-Other 1; return 200; }
    }
}
END
$m->start($conf);
is($m->http_get('/fields')->header('X-Frame-Options'), undef, 'the field is dropped');
is($m->http_get('/merged')->header('X-Frame-Options'), 'DENY', 'and is not with add_header_inherit');
unlike($m->error_log, qr/\[warn\]/, 'only -t tells');

# what everybody writes
my %everyday = (
    wordpress => 'root html; index index.php; location / { try_files $uri $uri/ /index.php?$args; }
        location = /favicon.ico { log_not_found off; } location ~ /\.(?!well-known) { deny all; }
        location ~* /(?:uploads|files)/.*\.php$ { deny all; } location ~ \.php$ { try_files $uri =404; }
        location ~* \.(js|css|png|jpg|jpeg|gif|ico)$ { expires max; log_not_found off; }',
    app => 'location / { proxy_set_header Host $host; proxy_pass http://127.0.0.1:3000; }
        location /static/ { alias /srv/static/; expires 7d; } location /ws { proxy_pass http://127.0.0.1:3000;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; }',
    https => 'add_header Strict-Transport-Security "max-age=31536000" always; add_header X-Frame-Options DENY;
        location / { root html; } location /old { return 301 /new; }
        if ($host = www.example.org) { return 301 https://example.org$request_uri; }',
    cors => 'location /api/ { if ($request_method = OPTIONS) { add_header Access-Control-Allow-Origin *; return 204; }
        add_header Access-Control-Allow-Origin * always; proxy_pass http://127.0.0.1:3000; }',
    certbot => 'if ($host = example.org) { return 301 https://$host$request_uri; } return 404;',
    spa => 'root html; location / { try_files $uri /index.html; } location = /index.html { add_header Cache-Control no-cache; }
        error_page 500 502 503 504 /50x.html; location = /50x.html { internal; }',
    upgrade => 'location ^~ /.well-known/acme-challenge/ { root html; } location / { return 301 https://$host$request_uri; }',
);
for my $name (sort keys %everyday) {
    ($code, $said) = $m->check("events { }\nhttp { server { listen 127.0.0.1:8080; $everyday{$name}\n} }\n");
    is($code, 0, "$name is right");
    unlike($said, qr/\[warn\]/, "and nothing is said of it");
}

$m->finish;
