# old_clients.t - HTTP/0.9 and 1.0, Expect, browsers of old, and answers that are not chunked
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/f', "a file\n");
$m->backend(app => sub { my ($c) = @_; while (my $r = $c->request) { $c->answer(200, 'got ' . length $r->body) } });
$m->start(<<'END');
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        subrequest_output_buffer_size 8k;
        location /v { return 200 "[$server_protocol][$host]"; }
        location /app { client_max_body_size 10; proxy_pass http://%app%; }
        location /long { add_trailer X-T t; return 200 "long"; }
        location /plain { chunked_transfer_encoding off; add_trailer X-T t; return 200 "plain"; }
        location /pad { return 404; }
        location /nopad { msie_padding off; return 404; }
        location /refresh { msie_refresh on; return 302 "http://to.test/?a=<b>"; }
        location /refresh303 { msie_refresh on; return 303 http://to.test/; }
        location /norefresh { return 302 http://to.test/; }
    }
}
END

# HTTP/0.9 (nginx-tests http_09.t): a body and no head
is($m->http("GET /f\r\n"), "a file\n", '0.9: a file, bare');
is($m->http("GET /v\n"), '[][]', 'it says no version and no host');
is($m->http("GET /pad\r\n") =~ /^<html>.*404 Not Found/s ? 1 : 0, 1, 'an error page, bare');
like($m->http("POST /f\r\n"), qr/400 Bad Request/, 'GET is all there is');

# HTTP/1.0
like($m->http("GET /v HTTP/1.0\r\n\r\n"), qr/^HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n.*\[HTTP\/1\.0\]/s, '1.0: closed behind it');
my $c = $m->connect;
$c->send("GET /v HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /v HTTP/1.0\r\n\r\n");
is(scalar(() = $c->rest =~ /\[HTTP\/1\.0\]/g), 2, 'or kept, when it is wished');
unlike($m->http("GET /long HTTP/1.0\r\n\r\n"), qr/chunked|X-T/, 'nothing is chunked, and no trailers');
like($m->http("GET /app HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), qr/^HTTP\/1\.1 400/, 'nor may it send that');

# Expect
sub expect {
    my ($uri, $version, $length, $value) = @_;
    my $c = $m->connect;
    $c->send("POST $uri HTTP/$version\r\nHost: a\r\nConnection: close\r\nExpect: $value\r\nContent-Length: $length\r\n\r\n");
    $c->send('x' x $length) if $length < 10;
    return $c->rest;
}
like(expect('/app', '1.1', 5, '100-continue'), qr/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 .*got 5$/s, 'it is asked to go on');
like(expect('/app', '1.1', 5, '100-CONTINUE'), qr/^HTTP\/1\.1 100 Continue/, 'in any case');
unlike(expect('/app', '1.1', 5, 'something'), qr/100 Continue/, 'not for other wishes');
unlike(expect('/app', '1.0', 5, '100-continue'), qr/100 Continue/, 'nor over 1.0');
like(expect('/app', '1.1', 50, '100-continue'), qr/^HTTP\/1\.1 413 /, 'a body that is too large is refused before it comes');

# chunked_transfer_encoding
like($m->http("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), qr/chunked\r\n.*\r\n4\r\nlong\r\n0\r\nX-T: t\r\n\r\n$/s,
    'chunked, with a trailer');
my $plain = $m->http("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
like($plain, qr/Connection: close\r\n\r\nplain$/, 'off: until the end of the connection');
unlike($plain, qr/chunked|X-T/, 'and so without trailers');

# MSIE
sub as { my ($uri, $agent) = @_; $m->http_get($uri, 'User-Agent' => $agent) }
my $msie = 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)';
my $pad  = qr/a padding to disable MSIE and Chrome friendly error page/;
like(as('/pad', $msie)->body, $pad, 'padding for MSIE');
like(as('/pad', 'Chrome/1')->body, $pad, 'and for Chrome');
unlike(as('/pad', 'Gecko')->body, $pad, 'for nobody else');
unlike(as('/nopad', $msie)->body, $pad, 'off');
my $r = as('/refresh', $msie);
is($r->status, 200, 'a page that refreshes, instead of a redirect');
like($r->body, qr/<meta http-equiv="Refresh" content="0; URL=http:\/\/to\.test\/\?a=%3Cb%3E">/, 'with its place, escaped');
is($r->header('Location'), undef, 'and no Location');
is(as('/refresh', 'Gecko')->status, 302, 'not for others');
is(as('/refresh303', $msie)->status, 303, 'nor for other redirects');
is(as('/norefresh', $msie)->status, 302, 'nor unless it is on');

$m->finish;
