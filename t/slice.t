# slice.t - large answers are asked for in slices
#
# Cf. nginx's slice.t, sub_filter_slice.t.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $text = join '', map { sprintf 'line %05d ', $_ } 1 .. 500;      # 5500 bytes
$m->backend(app => sub {
    my $c = shift;
    my $r = $c->request;
    my ($from, $upto) = ($r->header('Range') // '') =~ /^bytes=(\d+)-(\d+)$/ or return $c->answer(200, "no range: " . ($r->header('Range') // ''));

    $m->append_file('asked', "$from-$upto\n");
    return $c->answer(200, $text, ETag => '"a"') if $r->{uri} =~ /whole/;
    return $c->answer(404, 'not here') if $r->{uri} =~ /none/;
    return $c->answer(416, '') if $from >= length $text;
    $upto = length($text) - 1 if $upto >= length $text;
    my $tag = $r->{uri} =~ /changes/ && $from > 0 ? '"b"' : '"a"';
    my $said = $r->{uri} =~ /wrong/ && $from > 0 ? '0-999' : $r->{uri} =~ /nonsense/ ? 'x' : "$from-$upto";
    $c->answer(206, substr($text, $from, $upto - $from + 1), 'Content-Type' => 'text/plain', ETag => $tag, 'Content-Range' => "bytes $said/" . length $text);
});
$m->start(<<'END');
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        proxy_set_header Range $slice_range;
        location / { slice 1000; proxy_pass http://%app%; }
        location /odd/ { slice 777; rewrite ^ /other break; proxy_pass http://%app%; }
        location /named/ { error_page 404 = @named; return 404; }
        location @named { slice 2k; proxy_pass http://%app%; }
        location /off/ { proxy_pass http://%app%; }
        location /sub/ { slice 1000; sub_filter line LINE; sub_filter_types *; sub_filter_once off; proxy_pass http://%app%; }
    }
}
END

sub asked { my $n = -e $m->path('asked') ? () = $m->read_file('asked') =~ /\n/g : 0; unlink $m->path('asked'); $n }

my $r = $m->http_get('/a');
is($r->status, 200, 'all of it is 200');
ok($r->body eq $text, 'put together again');
is($r->header('Content-Length'), length $text, 'its length');
is($r->header('Content-Range'), undef, 'no range');
is($r->header('Accept-Ranges'), 'bytes', 'but they may be had');
is(asked(), 6, 'six slices');
ok($m->http_get('/odd/a')->body eq $text, 'an odd size, and a rewritten URI');
is(asked(), 8, 'eight');
is(length $m->http_get('/named/a')->body, length $text, 'in a named location');
is(asked(), 3, 'three');
$r = $m->http_get('/a', Range => 'bytes=2990-3010');
is($r->status, 206, 'a range');
is($r->body, substr($text, 2990, 21), 'its bytes');
is($r->header('Content-Range'), 'bytes 2990-3010/5500', 'which ones');
is(asked(), 2, 'only the slices where it lies');
is($m->http_get('/a', Range => 'bytes=5000-')->body, substr($text, 5000), 'to the end');
is($m->http_get('/a', Range => 'bytes=-10')->body, substr($text, -10), 'from the end');
is($m->http_get('/a', Range => 'bytes=0-1,5-6')->status, 200, 'two ranges: all');
asked();
ok($m->http_get('/whole')->body eq $text, 'who knows no ranges');
is(asked(), 1, 'is asked once');
is($m->http_get('/none')->status, 404, 'an error');
is($m->http_head('/a')->header('Content-Length'), length $text, 'HEAD');
is($m->http_get('/off/a')->body, 'no range: ', 'without slices');
ok($m->http_get('/sub/a')->body eq $text =~ s/line/LINE/gr, 'filters see the whole');
for (['changes', 'etag mismatch in slice response'], ['wrong', 'unexpected range in slice response: 0-1000']) {
    unlike($m->http("GET /$_->[0] HTTP/1.0\r\n\r\n"), qr/00499/, "$_->[0]: it breaks off");
    ok($m->wait_for_log(qr/$_->[1]/), 'and the log says why');
}
unlike($m->http("GET /nonsense HTTP/1.0\r\n\r\n"), qr/line/, 'no range at all');
like($m->error_log, qr/invalid range in slice response/, 'said');

my ($code, $said) = $m->check('events { } http { slice; server { slice x; } }');
is(() = $said =~ /emerg/g, 2, 'bad rows');

$m->finish;
