# proxy_headers.t - fields of a response: hidden, passed, rewritten, obeyed; error pages for an upstream's status; 103
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;

# Answers with the fields that X-Say lists, and the status that the path ends with.
$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        my ($status) = $r->uri =~ /(\d{3})$/;
        $c->send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nX-Hop: 1\r\nConnection: X-Hop\r\n\r\n") if $r->uri =~ /hints/;
        $c->answer($status || 200, 'from upstream', map { split /: /, $_, 2 } split /\|/, $r->header('X-Say') // '');
    }
});
$m->write_file('html/inside.txt', "inside\n");
$m->write_file('html/404.html', "own page\n");
$m->start(<<'END');
worker_processes 1;
events { }
http {
    log_format told '$uri $upstream_addr $upstream_status $upstream_response_length $upstream_http_x_a $upstream_cookie_k';
    access_log logs/told.log told;
    server {
        listen 127.0.0.1:%port%;
        server_name front;
        absolute_redirect off;
        location / { proxy_pass http://%app%; }
        location /hide { proxy_pass http://%app%; proxy_hide_header X-A; proxy_pass_header Server; }
        location /one/ { proxy_pass http://%app%/two/; }
        location /redirect { proxy_pass http://%app%; proxy_redirect http://old/ /new/;
                             proxy_redirect ~^http://re(\d)/(.*)$ /number-$1/$2; }
        location /off { proxy_pass http://%app%; proxy_redirect off; }
        location /cookie { proxy_pass http://%app%; proxy_cookie_domain old.example new.example;
                           proxy_cookie_path /in/ /out/; proxy_cookie_flags k secure samesite=lax; }
        location /ignore { proxy_pass http://%app%; proxy_ignore_headers X-Accel-Redirect; }
        location /page { proxy_pass http://%app%; proxy_intercept_errors on; error_page 404 /404.html; }
        location /hints { proxy_pass http://%app%; early_hints $arg_hints; }
        location = /inside.txt { internal; }
        location = /404.html { }
    }
}
END

sub answer { my ($uri, $say) = @_; return $m->http_get($uri, 'X-Say' => $say // ''); }

my $r = answer('/', 'X-A: 1|Server: theirs|Date: never|X-Accel-Expires: 5|Connection: X-Hop|X-Hop: 2|Keep-Alive: x|ETag: "e"');
is($r->header('X-A'), 1, 'passed');
is($r->header('ETag'), '"e"', 'ETag');
unlike($r->head, qr/theirs|never|X-Accel|X-Hop|Keep-Alive/i, 'hidden, or of one hop');
$r = answer('/hide', 'X-A: 1|Server: theirs');
is($r->header('X-A'), undef, 'proxy_hide_header');
is($r->header('Server'), 'theirs', 'proxy_pass_header');
is($m->http_get('/418')->line, 'HTTP/1.1 418 Whatever', 'the status line is the upstream\'s');

my ($app) = answer('/') && $m->read_file('logs/told.log') =~ m{ (127\S+) };
is(answer('/one/x302', "Location: http://$app/two/y")->header('Location'), '/one/y', 'proxy_redirect default');
is(answer('/redirect302', 'Location: http://old/x')->header('Location'), '/new/x', 'by text');
is(answer('/redirect302', 'Location: http://re7/x')->header('Location'), '/number-7/x', 'by expression');
is(answer('/redirect', 'Refresh: 3; url=http://old/x')->header('Refresh'), '3; url=/new/x', 'Refresh');
is(answer('/off302', "Location: http://$app/x")->header('Location'), "http://$app/x", 'off');

$r = answer('/cookie', 'Set-Cookie: k=v; Domain=old.example; Path=/in/x|Set-Cookie: l=w; Path=/else; HttpOnly');
is_deeply([ $r->headers('Set-Cookie') ],
    [ 'k=v; Domain=new.example; Path=/out/x; Secure; SameSite=Lax', 'l=w; Path=/else; HttpOnly' ], 'cookies');

$r = answer('/', 'X-Accel-Redirect: /inside.txt|X-Secret: 1|Set-Cookie: k=v|Content-Type: text/odd');
is($r->body, "inside\n", 'X-Accel-Redirect');
is($r->header('Set-Cookie'), 'k=v', 'keeps some fields');
is($r->header('Content-Type'), 'text/odd', 'the type among them');
is($r->header('X-Secret'), undef, 'not others');
is(answer('/ignore', 'X-Accel-Redirect: /inside.txt')->body, 'from upstream', 'unless it is ignored');
is(answer('/', "X-Accel-Redirect: $_")->status, 404, "unsafe: $_") for '/../x', '/a/.%2e/x', 'x', '/%00';
is($m->http_get('/inside.txt')->status, 404, 'which is internal');
is(answer('/', 'X-Accel-Charset: koi8-r|Content-Type: text/plain')->header('Content-Type'), 'text/plain; charset=koi8-r',
    'X-Accel-Charset');

is($m->http_get('/page404')->body, "own page\n", 'proxy_intercept_errors');
is($m->http_get('/page403')->body, 'from upstream', 'only where there is an error_page');

my ($hint) = $m->http_get('/hints?hints=1')->interim;
is($hint && $hint->header('Link'), '</a.css>', 'early hints');
is($hint && $hint->header('X-Hop'), undef, 'without fields of one hop');
is(scalar(my @none = $m->http_get('/hints')->interim), 0, 'unless they are wanted');

answer('/log', 'X-A: seen|Set-Cookie: k=cookie; Path=/');
$m->wait_for(sub { $m->read_file('logs/told.log') =~ m{^/log }m });
like($m->read_file('logs/told.log'), qr{^/log \Q$app\E 200 13 seen cookie$}m, 'variables');

$m->finish;
