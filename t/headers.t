# headers.t - add_header, add_trailer, expires; conditional requests; ranges
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/t.txt', join('', 'a' .. 'z'));
$m->start(<<'END');
events { }
http {
    add_header X-Outer outer;
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /own { add_header X-Own $arg_x; try_files /t.txt =404; }
        location /always { add_header X-A a always; add_header X-B b; return 404; }
        location /merge { add_header X-Own own; add_header_inherit merge; try_files /t.txt =404; }
        location /epoch { expires epoch; try_files /t.txt =404; }
        location /max { expires max; try_files /t.txt =404; }
        location /hour { expires 1h; try_files /t.txt =404; }
        location /past { expires -1; try_files /t.txt =404; }
        location /off { etag off; if_modified_since off; max_ranges 0; try_files /t.txt =404; }
        location /trailer { add_trailer X-T end; try_files /t.txt =404; }
        location /two { max_ranges 2; try_files /t.txt =404; }
    }
}
END

is($m->http_get('/t.txt')->header('X-Outer'), 'outer', 'inherited');
my $r = $m->http_get('/own?x=7');
is($r->header('X-Own'), 7, 'with a variable');
is($r->header('X-Outer'), undef, 'one of its own ends inheritance');
is($m->http_get('/own')->header('X-Own'), undef, 'an empty one is not sent');
$r = $m->http_get('/always');
is($r->header('X-A'), 'a', 'always');
is($r->header('X-B'), undef, 'usually not with an error');
$r = $m->http_get('/merge');
is($r->header('X-Outer') . $r->header('X-Own'), 'outerown', 'merged');
is($m->http_get('/epoch')->header('Cache-Control'), 'no-cache', 'epoch');
is($m->http_get('/max')->header('Expires'), 'Thu, 31 Dec 2037 23:55:55 GMT', 'max');
is($m->http_get('/hour')->header('Cache-Control'), 'max-age=3600', 'an hour');
is($m->http_get('/past')->header('Cache-Control'), 'no-cache', 'the past');
like($m->http("GET /trailer HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), qr/\r\n0\r\nX-T: end\r\n\r\n$/, 'a trailer');

$r = $m->http_get('/t.txt');
my ($tag, $date) = ($r->header('ETag'), $r->header('Last-Modified'));
is($m->http_get('/t.txt', 'If-None-Match' => $tag)->status, 304, 'same tag');
is($m->http_get('/t.txt', 'If-None-Match' => "W/$tag")->status, 304, 'same tag, weakly');
is($m->http_get('/t.txt', 'If-None-Match' => '"x", ' . $tag)->status, 304, 'in a list');
is($m->http_get('/t.txt', 'If-None-Match' => '"x"')->status, 200, 'another tag');
is($m->http_get('/t.txt', 'If-Modified-Since' => $date)->status, 304, 'same date');
is($m->http_get('/t.txt', 'If-Match' => '"x"')->status, 412, 'another tag is asked for');
is($m->http_get('/t.txt', 'If-Match' => '*')->status, 200, 'any');
is($m->http_get('/t.txt', 'If-Unmodified-Since' => 'Thu, 01 Jan 1970 00:00:01 GMT')->status, 412, 'modified since');
is($m->http_get('/off', 'If-Modified-Since' => $date)->status, 200, 'if_modified_since off');
is($m->http_get('/off')->header('ETag'), undef, 'etag off');

sub part { my $p = $m->http_get('/t.txt', Range => "bytes=$_[0]"); ($p->status, $p->body, $p->header('Content-Range')) }
is_deeply([part('0-3')], [206, 'abcd', 'bytes 0-3/26'], 'the first four');
is_deeply([part('24-')], [206, 'yz', 'bytes 24-25/26'], 'from 24 on');
is_deeply([part('-2')], [206, 'yz', 'bytes 24-25/26'], 'the last two');
is_deeply([part('20-100')], [206, 'uvwxyz', 'bytes 20-25/26'], 'beyond the end');
is((part('26-'))[0], 416, 'behind the end');
is((part('26-'))[2], 'bytes */26', 'which says how long it is');
is((part('3-1'))[0], 416, 'backwards');
is($m->http_get('/off', Range => 'bytes=0-1')->status, 200, 'max_ranges 0');
is($m->http_get('/two', Range => 'bytes=0-1,3-4,6-7')->status, 200, 'more than max_ranges');
is($m->http_get('/t.txt', Range => 'bytes=0-1', 'If-Range' => $tag)->status, 206, 'If-Range, same tag');
is($m->http_get('/t.txt', Range => 'bytes=0-1', 'If-Range' => '"x"')->status, 200, 'If-Range, another tag');
$r = $m->http_get('/t.txt', Range => 'bytes=0-1,24-25');
is($r->status, 206, 'two parts');
like($r->header('Content-Type'), qr{^multipart/byteranges; boundary=\d+$}, 'in one answer');
is(length($r->body), $r->header('Content-Length'), 'of the length that was said');
like($r->body, qr/Content-Range: bytes 0-1\/26\r\n\r\nab\r\n.*bytes 24-25\/26\r\n\r\nyz\r\n--\d+--\r\n$/s, 'both are there');

$m->finish;
