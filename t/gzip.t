# gzip.t - compressed answers: who gets them, and that they say the same
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need('IO::Uncompress::Gunzip');
require IO::Uncompress::Gunzip;

my $m = Miwi->new;
my $text = join '', map { "line $_ of a text that is worth it\n" } 1 .. 5000;
$m->write_file('html/big.html', $text);
$m->write_file('html/small.html', 'tiny');
$m->write_file('html/pic.png', 'x' x 5000);
$m->start(<<'END');
events { }
http {
    types { text/html html; image/png png; text/css css; }
    gzip on;
    gzip_vary on;
    log_format ratio '$gzip_ratio';
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /proxied { gzip_proxied any; alias html/big.html; default_type text/html; types { } }
        location /ratio { access_log logs/ratio.log ratio; alias html/big.html; default_type text/html; types { } }
        location /msie { gzip_disable msie6; alias html/big.html; default_type text/html; types { } }
    }
}
END

sub unpacked { my $out; IO::Uncompress::Gunzip::gunzip(\$_[0], \$out); $out }

my @gzip = ('Accept-Encoding' => 'deflate, gzip');
my $r = $m->http_get('/big.html', @gzip);
is($r->header('Content-Encoding'), 'gzip', 'compressed');
is(unpacked($r->body), $text, 'the same text');
cmp_ok(length $r->body, '<', length($text) / 4, 'much shorter');
is($r->header('Vary'), 'Accept-Encoding', 'Vary');
like($r->header('ETag'), qr/^W\//, 'a weak tag');
is($r->header('Accept-Ranges'), undef, 'no ranges');
$r = $m->http_get('/big.html');
is($r->header('Content-Encoding'), undef, 'not asked for');
is($r->header('Vary'), 'Accept-Encoding', 'but told');
is($m->http_get('/big.html', 'Accept-Encoding' => 'gzip;q=0')->header('Content-Encoding'), undef, 'refused');
is($m->http_get('/big.html', 'Accept-Encoding' => 'gzip;q=0.5')->header('Content-Encoding'), 'gzip', 'a quality');
is($m->http_get('/small.html', @gzip)->header('Content-Encoding'), undef, 'too short');
is($m->http_get('/pic.png', @gzip)->header('Content-Encoding'), undef, 'not its type');
is($m->http_get('/big.html', @gzip, Via => '1.1 x')->header('Content-Encoding'), undef, 'not for a proxy');
is($m->http_get('/proxied', @gzip, Via => '1.1 x')->header('Content-Encoding'), 'gzip', 'unless told');
is($m->http_get('/msie', @gzip, 'User-Agent' => 'Mozilla/4.0 (compatible; MSIE 6.0)')->header('Content-Encoding'), undef,
   'not for an old browser');
is($m->http_get('/big.html', @gzip, Range => 'bytes=0-9')->header('Content-Encoding'), 'gzip', 'no range of it');
$m->http_get('/ratio', @gzip);
ok($m->wait_for(sub { -e $m->dir . '/logs/ratio.log' && $m->read_file('logs/ratio.log') =~ /^\d+\.\d\d$/m }), '$gzip_ratio');

$m->finish;
