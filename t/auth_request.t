# auth_request.t - auth_request: verdicts, challenges and variables of an upstream; bodies; clients that leave
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->backend(app => sub {
    my $c = shift;
    my $r = $c->request or return;
    my ($status) = $r->{uri} =~ m{^/auth/(\d+)};

    return $c->answer(200, "app " . ($r->{body} // '')) unless $status;
    $c->answer($status, '', 'X-User' => "user $r->{method}", 'X-Body' => 'len=' . ($r->{headers}{'content-length'} // 'none'),
        $status == 401 ? ('WWW-Authenticate' => 'Basic realm="far"') : ());
});
$m->start(<<'END');
events { }
http {
    log_format short '$request_uri $status $uri';
    access_log logs/access.log short;
    server {
        listen 127.0.0.1:%port%;
        auth_request /ask;
        auth_request_set $user $upstream_http_x_user;
        auth_request_set $seen $upstream_http_x_body;
        add_header X-User $user always;
        add_header X-Seen $seen always;
        location / { proxy_pass http://%app%; }
        location = /ask { internal; proxy_pass http://%app%/auth/$arg_s; 
            log_subrequest on; }
        location /free { auth_request off; return 200 free; }
        location = /200 { auth_request /a200; proxy_pass http://%app%; }
        location = /401 { auth_request /a401; proxy_pass http://%app%; }
        location = /403 { auth_request /a403; proxy_pass http://%app%; error_page 403 /sorry.html; }
        location = /sorry.html { auth_request off; return 200 "sorry $user"; }
        location = /404 { auth_request /a404; proxy_pass http://%app%; }
        location = /gone { auth_request /nobody; proxy_pass http://%app%; }
        location ~ ^/a(\d+) { proxy_pass http://%app%/auth/$1; log_subrequest on; }
        location = /nobody { proxy_pass http://127.0.0.1:%port:closed%; }
    }
}
END

is($m->http_get('/free')->status, 200, 'off');
my $r = $m->http_get('/200');
is($r->status, 200, '2xx lets in');
is($r->header('X-User'), 'user GET', 'a variable from the answer');
$r = $m->http_get('/401');
is($r->status, 401, '401 keeps out');
is($r->header('WWW-Authenticate'), 'Basic realm="far"', 'with its challenge');
$r = $m->http_get('/403');
is($r->status, 403, '403 keeps out');
is($r->body, 'sorry user GET', 'and is a case for error_page, with the variables');
is($m->http_get('/404')->status, 500, 'all else is an error');
like($m->error_log, qr{auth request unexpected status: 404, client.*request: "GET /404 }, 'and logged');
is($m->http_get('/gone')->status, 500, 'so is nobody');
like($m->error_log, qr/subrequest: "\/nobody", upstream:/, 'the log tells whose fault it is');

$r = $m->http_post('/200', 'a body of bytes');
is($r->body, 'app a body of bytes', 'a body is for who is let in');
is($r->header('X-Seen'), 'len=none', 'and not for who is asked');

like($m->read_file('logs/access.log'), qr{^/200 200 /a200$}m, 'log_subrequest');
unlike($m->read_file('logs/access.log'), qr{ /nobody$}m, 'and without');

$m->finish;
