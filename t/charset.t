# charset.t - character sets: said, made from another one, by an upstream, through ranges
#
# Cf. nginx's charset.t, charset_gzip_static.t.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/koi.html', "X\xc0\xc1\xff");
$m->write_file('html/utf.html', "X\xd1\x8e\xd0\xb0\xe2\x82\xac\xff" . "\xd1");
$m->write_file('html/many.html', "\xd0\xb0" x 100_000);
$m->write_file('html/b.html', join '', map { sprintf 'X%03dX', $_ } 0 .. 99);
$m->backend(app => sub {
    my $c = shift;
    my $r = $c->request;
    my @type = $r->{uri} =~ /said/ ? 'text/html; charset=B' : 'text/html';
    $c->answer(200, 'XX', 'Content-Type' => $type[0], $r->{uri} =~ /wish/ ? ('X-Accel-Charset' => 'A') : ());
});
$m->start(<<'END');
events { }
http {
    types { text/html html; text/css css; }
    charset_map B A { 58 59; }
    charset_map koi8-r utf-8 { C0 D18E; C1 D0B0; }
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /said/ { alias html/; charset utf-8; }
        location /wide/ { alias html/; charset utf-8; source_charset koi8-r; }
        location /narrow/ { alias html/; charset koi8-r; source_charset utf-8; }
        location /bytes/ { alias html/; charset A; source_charset B; }
        location /any/ { alias html/; charset $arg_c; source_charset B; }
        location /app/ { proxy_pass http://%app%; charset A; source_charset B; }
        location /over/ { proxy_pass http://%app%; charset A; override_charset on; }
        location /asked/ { proxy_pass http://%app%; source_charset B; }
        location /not/ { proxy_pass http://%app%; source_charset B; proxy_ignore_headers X-Accel-Charset; }
        location /301 { charset utf-8; return 301 /x; }
    }
}
END

sub type { my $r = $m->http_get(@_); ($r->header('Content-Type'), $r->body) }
sub same { my ($uri, $type, $body) = @_; is_deeply([type($uri)], [$type, $body], "$uri: $type") }

same('/said/koi.html', 'text/html; charset=utf-8', "X\xc0\xc1\xff");
same('/wide/koi.html', 'text/html; charset=utf-8', "X\xd1\x8e\xd0\xb0?");
same('/narrow/utf.html', 'text/html; charset=koi8-r', "X\xc0\xc1&#8364;??");
same('/narrow/many.html', 'text/html; charset=koi8-r', "\xc1" x 100_000);
same('/any/koi.html?c=A', 'text/html; charset=A', 'Y???');
same('/any/koi.html?c=unknown', 'text/html', "X\xc0\xc1\xff");
like($m->error_log, qr/\[error\].*no "charset_map" between the charsets "B" and "unknown"/, 'and the log says why');
same('/koi.html', 'text/html', "X\xc0\xc1\xff");
same('/app/plain', 'text/html; charset=A', 'YY');
same('/app/said', 'text/html; charset=B', 'XX');
same('/over/said', 'text/html; charset=A', 'YY');
same('/over/plain', 'text/html; charset=A', 'XX');
same('/asked/wish', 'text/html; charset=A', 'YY');
same('/not/wish', 'text/html', 'XX');
is($m->http_get('/301')->header('Content-Type'), 'text/html', 'not of a redirect');
is($m->http_get('/said/none')->header('Content-Type'), 'text/html; charset=utf-8', 'of an error');
is($m->http_get('/bytes/b.html', Range => 'bytes=5-9')->body, 'Y001Y', 'a range of what has the same length');
is($m->http_get('/wide/b.html', Range => 'bytes=5-9')->status, 200, 'none of what has not');
is($m->http_get('/wide/b.html')->header('Content-Length'), undef, 'whose length is not known');

my ($code, $said) = $m->check('events { } http { charset_map a a { } charset_map c utf-8 { C0 C0C0; X 1; } charset_map d e { 1; } }');
like($said, qr/$_/, "'$_' is said") for 'between the same charsets "a" and "a"', 'invalid value "C0C0"', 'invalid value "X"',
    'invalid parameters number';
($code, $said) = $m->check('events { } http { charset a; server { source_charset b; } }');
like($said, qr/no "charset_map" between the charsets "b" and "a"/, 'nor is there a way');

$m->finish;
