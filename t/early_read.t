# early_read.t - client_body_early_read: the body is here before the rewrites of the server are run
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->start(<<'END');
events { }
http {
    client_body_early_read on;
    client_body_timeout 500ms;
    client_max_body_size 1k;
    server {
        listen 127.0.0.1:%port%;
        if ($request_body ~ "^z(.)") { return 202 "z$1"; }
        rewrite ^/r /e?$request_body;
        location /e { return 200 "$args|$request_body"; }
        location /small { client_max_body_size 2; return 200; }
        location /page { error_page 404 =201 /e; return 404; }
    }
}
END

sub post { my ($uri, $body) = @_; my $r = $m->http_post($uri, $body); return $r->status . ' ' . ($r->status < 400 ? $r->body : '') }
is(post('/e', 'abc'), '200 |abc', 'in a location');
is(post('/r', 'abc'), '200 abc|abc', 'in a rewrite of the server');
is(post('/', 'zx'), '202 zx', 'and in its if');
is(post('/small', 'abc'), '413 ', 'too large for the location');
is(post('/e', 'a' x 2000), '413 ', 'too large for the server');
is(post('/page', 'abc'), '201 |abc', 'an error page has it still');
is($m->http_get('/e')->body, '|', 'no body, no wait');

my $c = $m->connect;
$c->send("POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
like($c->read(25), qr/^HTTP\/1\.1 100 Continue\r\n\r\n$/, 'it is asked for');
$c->send("2\r\nab\r\n");
select undef, undef, undef, 0.1;
$c->send("1\r\nc\r\n0\r\n\r\nGET /e?next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
like($c->rest, qr/\|abc(?=HTTP).*next\|$/s, 'it is waited for, and what follows is the next request');
is($m->http("POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"), '', 'not for ever');

my ($code, $said) = $m->check("events { }\nhttp { server { client_body_early_read on; } }\n");
like($said, qr/"client_body_early_read" directive is not allowed here/, 'of all servers');

$m->finish;
