# compress.t - brotli and zstd beside gzip, one negotiation; files that lie compressed; and unpacking what is compressed
#
# Cf. nginx's gunzip.t, gunzip_static.t; brotli and zstd have the directives of the well-known modules of these names.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need('IO::Compress::Gzip', 'curl', 'zstd');
require IO::Compress::Gzip;

my $m = Miwi->new;
my $text = join '', map { "line $_ of a text that is worth it\n" } 1 .. 5000;
IO::Compress::Gzip::gzip(\$text, \my $packed);
my $cut = substr $packed, 0, length($packed) - 100;
$m->write_file('html/big.html', $text);
$m->write_file('html/tiny.html', 'tiny');
$m->write_file('html/two.html', 'two as it is');
$m->write_file('html/two.html.br', 'two in br');
$m->write_file('html/two.html.gz', 'two in gz');
$m->write_file('html/big.txt.gz', $packed);
$m->backend(app => sub {
    my $c = shift;
    my $r = $c->request;
    $c->answer(200, $r->{uri} =~ /cut/ ? $cut : $packed . ($r->{uri} =~ /twice/ ? $packed : ''),
               'Content-Encoding' => 'gzip', 'Content-Type' => 'text/plain', ETag => '"x"');
});
$m->start(<<'END');
events { }
http {
    types { text/html html; image/png png; text/plain txt; }
    gzip on; brotli on; zstd on;
    gzip_vary on;
    log_format ratio '$brotli_ratio $zstd_ratio $gzip_ratio';
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /max/ { alias html/; brotli_comp_level 11; brotli_window 1m; zstd_comp_level 22; access_log logs/ratio.log ratio; }
        location /static/ { alias html/; gzip_static on; brotli_static on; zstd_static on; }
        location /always/ { alias html/; gzip_static always; gunzip on; }
        location /app { proxy_pass http://%app%; gunzip on; }
        location /asis { proxy_pass http://%app%; }
    }
}
END

sub coding { my ($uri, $accepts, @more) = @_; $m->http_get($uri, 'Accept-Encoding' => $accepts, @more)->header('Content-Encoding') // '' }

is(coding('/big.html', 'gzip, deflate, br, zstd'), 'br', 'of all, brotli');
is(coding('/big.html', 'gzip, zstd'), 'zstd', 'zstd before gzip');
is(coding('/big.html', 'gzip;q=1.0, zstd;q=0.8, br;q=0.9'), 'gzip', 'but the client chooses');
is(coding('/big.html', 'br;q=0, zstd;q=0.001'), 'zstd', 'one thousandth is more than nothing');
is(coding('/big.html', 'identity'), '', 'none asked for');
is(coding('/tiny.html', 'br, zstd, gzip'), '', 'too short');

my $curl = `curl -V`;
my $url = 'http://127.0.0.1:' . $m->port;
for my $with (qw(br zstd gzip)) {
    my $known = { br => 'brotli', zstd => 'zstd', gzip => 'libz' }->{$with};

  SKIP: {
        skip("curl does not know $with", 2) unless $curl =~ /\b$known\b/;
        for my $at ('', '/max') {
            my $got = `curl -s --compressed -H 'Accept-Encoding: $with' $url$at/big.html`;
            is($got, $text, "what $with wrote says the same, in '$at'");
        }
    }
}
my $zstd = $m->http_get('/big.html', 'Accept-Encoding' => 'zstd');
$m->write_file('got.zst', $zstd->body);
is(`zstd -dcq $m->{dir}/got.zst`, $text, 'zstd reads it');
is($zstd->header('Vary'), 'Accept-Encoding', 'Vary');
like($zstd->header('ETag'), qr{^W/}, 'a weak tag');
ok($m->wait_for(sub { -e $m->path('logs/ratio.log') && $m->read_file('logs/ratio.log') =~ /^- \d+\.\d\d -$/m }), 'ratios');

is($m->http_get('/static/two.html', 'Accept-Encoding' => 'gzip, br')->body, 'two in br', 'a file in brotli');
is(coding('/static/two.html', 'gzip, br'), 'br', 'and it is said');
is($m->http_get('/static/two.html', 'Accept-Encoding' => 'gzip, br;q=0.5')->body, 'two in gz', 'a file in gzip');
my $plain = $m->http_get('/static/two.html');
is($plain->body, 'two as it is', 'for who takes neither');
is($plain->header('Vary'), 'Accept-Encoding', 'and others get another');
is($m->http_get('/static/two.html', 'Accept-Encoding' => 'gzip', Range => 'bytes=0-2')->body, 'two', 'a range of it');
is($m->http_get('/static/big.html', 'Accept-Encoding' => 'br')->header('Content-Encoding'), 'br', 'no such file: made');

is($m->http_get('/always/big.txt')->body, $text, 'always, and unpacked');
is($m->http_get('/always/big.txt', 'Accept-Encoding' => 'gzip')->body, $packed, 'always, as it is');
my $r = $m->http_get('/app');
is($r->body, $text, 'unpacked');
is($r->header('Content-Encoding'), undef, 'not encoded any more');
is($r->header('Content-Length'), undef, 'nor as long');
is($r->header('ETag'), 'W/"x"', 'a weak tag');
is($m->http_get('/app/twice')->body, $text x 2, 'two members');
is($m->http_get('/app', 'Accept-Encoding' => 'gzip')->body, $packed, 'whoever takes it gets it as it is');
is($m->http_get('/asis')->body, $packed, 'gunzip off');
is($m->http_head('/app')->header('Content-Encoding'), undef, 'HEAD');
my $half = $m->http("GET /app/cut HTTP/1.0\r\nHost: x\r\n\r\n");
like($half, qr/line 1 of/, 'a broken one begins');
ok($m->wait_for_log(qr/gunzip: the response ends too early/), 'and the log says why it ends');

my ($code, $said) = $m->check("events { } http { brotli_window 3k; zstd_comp_level 23; gzip_static perhaps; gunzip 1; }");
isnt($code, 0, 'bad values are refused');
like($said, qr/$_/, "'$_' is said") for 'power of two', 'between 1 and 22', 'invalid value "perhaps"', 'gunzip';

$m->finish;
