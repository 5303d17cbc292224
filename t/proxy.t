# proxy.t - proxy_pass: its URL in every form, and the head that the upstream gets
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $conf = <<'END';
worker_processes 1;
events { }
http {
    upstream group { server %app%; }
    server {
        listen 127.0.0.1:%port%;
        location /plain { proxy_pass http://%app%; }
        location /uri/ { proxy_pass http://%app%/other/; }
        location /named { proxy_pass http://group; }
        location /variable { proxy_pass http://$arg_to; }
        location /dns { resolver 127.0.0.1:%port:dns%; resolver_timeout 300ms; proxy_pass http://$arg_to:1234; }
        location /dnsless { proxy_pass http://$arg_to; }
        location /whole { proxy_pass http://group/fixed?x=$arg_x; }
        location ~ (?s)^/blanks/(?<rest>.*) { proxy_pass http://group/$rest; }
        location /unix { proxy_pass http://unix:%dir%/app.sock:/u; }
        location ~ ^/regex/ { rewrite ^/regex/(.*) /$1 break; proxy_pass http://group; }
        location /set { proxy_pass http://group; proxy_set_header X-Own "<$arg_v>"; proxy_set_header X-Client "";
                        proxy_set_header Host $host:1; proxy_method PUT; proxy_set_body "body of $arg_v"; }
        location /bare { proxy_pass http://group; proxy_pass_request_headers off; proxy_pass_request_body off; }
        location /old { proxy_pass http://group; proxy_http_version 1.0; }
        location /unknown { proxy_pass http://unknown.invalid.; }
        location /slash/ { proxy_pass http://group; }
    }
}
END

my $echo = sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $c->answer(200, $r->head =~ tr/\r//dr . $r->body);
    }
};
my $port = $m->backend(app => $echo);
$m->backend(socket => $echo, unix => $m->path('app.sock'));
$m->start($conf);

sub asked { my ($path, @more) = @_; return $m->http_get($path, @more)->body; }

like(asked('/plain/a%20b?c=d'), qr{^GET /plain/a%20b\?c=d HTTP/1\.1\nHost: 127\.0\.0\.1:\d+\n}, 'as it came');
like(asked('/uri/a%20b?c'), qr{^GET /other/a%20b\?c HTTP}, 'with another front');
like(asked('/uri/x/../y'), qr{^GET /other/y HTTP}, 'and normalised');
like(asked('/named'), qr{^GET /named HTTP/1\.1\nHost: group\n}, 'a group');
like(asked('/variable?to=group'), qr{^GET /variable\?to=group HTTP/1\.1\nHost: group\n}, 'a group by variable');
is($m->http_get('/variable?to=')->status, 500, 'no host by variable');
is($m->http_get('/variable?to=127.0.0.1:x')->status, 500, 'no port by variable');
like(asked("/variable?to=127.0.0.1:$port"), qr{^GET /variable}, 'an address by variable');
like(asked('/whole?x=7'), qr{^GET /fixed\?x=7 HTTP}, 'variables stand for all of it');
like(asked('/blanks/a%20b%0d%0aX:%20c'), qr{^GET /a%20b%0d%0aX:%20c HTTP/1\.1\nHost}, 'in one line, whatever they say');
like(asked('/unix/v'), qr{^GET /u/v HTTP/1\.1\nHost: localhost\n}, 'a unix socket');
like(asked('/regex/a%2fb'), qr{^GET /a/b HTTP}, 'rewritten');

my $got = $m->http_post('/set?v=1', 'not this', 'X-Client' => 'hidden', Accept => 'all')->body;
like($got, qr{^PUT /set\?v=1 }, 'proxy_method');
like($got, qr{^Host: [^\n]*:1$}m, 'Host');
like($got, qr{^X-Own: <1>$}m, 'a field that was set');
unlike($got, qr{X-Client}, 'an empty one');
like($got, qr{^Accept: all$}m, 'the client\'s own');
like($got, qr{^Content-Length: 9\n.*\n\nbody of 1$}ms, 'proxy_set_body');

$got = asked('/plain', Connection => 'keep-alive, X-Hop', 'X-Hop' => 1, TE => 'trailers', 'Keep-Alive' => 'timeout=3',
             'Proxy-Connection' => 'x', Upgrade => 'x', 'X-Stays' => 1);
unlike($got, qr{^(X-Hop|TE|Keep-Alive|Proxy-Connection|Upgrade|Connection):}mi, 'fields of one hop');
like($got, qr{^X-Stays: 1$}m, 'others');
unlike($m->http_post('/bare', 'x', 'X-A' => 1)->body, qr{X-A|Content-Length|\nx$}, 'neither fields nor body');
like(asked('/old'), qr{ HTTP/1\.0\n}, 'HTTP/1.0');
$got = $m->http_post('/plain', 'x' x 100_000)->body;
like($got, qr{^Content-Length: 100000$}m, 'a body, its length');
is(length($got =~ s/.*?\n\n//sr), 100_000, 'and all of it');
like(asked("/set?v=a%0d%0aX-Evil:%201"), qr{^X-Own: <a%0d%0aX-Evil:%201>$}m, 'no field by a variable');
is($m->http_get('/dns?to=a.example')->status, 502, 'a name server that is not there') for 1 .. 2;
like($m->error_log, qr/a\.example could not be resolved \(\d+: /, 'is said');
is($m->http_get('/dnsless?to=a..b')->status, 502, 'a name that cannot be one');
is($m->http_get('/unknown')->status, 502, 'a name that does not resolve');
like($m->error_log, qr{\[warn\].*host not found in upstream "unknown\.invalid\."}, 'is a warning');
is($m->http_get('/slash')->status, 301, 'the slash is added');

my ($code, $said) = $m->check($conf =~ s/^http \{/http { resolver_strict on;/mr);
is($code, 1, 'resolver_strict');
like($said, qr/\[emerg\] host not found in upstream/, 'says why');
($code, $said) = $m->check("events { }\nhttp { server { location ~ x { proxy_pass http://127.0.0.1/x; } } }\n");
like($said, qr/"proxy_pass" cannot have URI part.* in \S+:2/, 'a URI where none may be');
($code, $said) = $m->check("events { }\nhttp { server { location / { proxy_pass ftp://x; proxy_buffers 1 4k; } } }\n");
like($said, qr/invalid URL prefix/, 'another scheme');

$m->finish;
