# sub_filter.t - words in bodies are replaced, also where they come in pieces
#
# Cf. nginx's sub_filter.t, sub_filter_multi.t, sub_filter_buffering.t.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes 'time';

my $m = Miwi->new;
my $big = ('x' x 65533) . 'needle' . ('y' x 65530) . 'NEEDLE' . 'needl';
$m->write_file('html/big.txt', $big);
$m->write_file('html/a.html', 'see http://old/ and http://OLD/ there');
$m->write_file('html/bad.txt', 'a' x 3_000_000);
$m->backend(app => sub {
    my $c = shift;
    $c->request;
    $c->send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n");
    for my $piece (qw(xne ed le)) { $c->send($piece); select undef, undef, undef, 0.05 }
    $c->send('ne');
});
$m->start(<<'END');
events { }
http {
    types { text/html html; text/plain txt; }
    server {
        listen 127.0.0.1:%port%;
        root html;
        sub_filter http://old/ https://$host/;
        location /many/ { alias html/; sub_filter_once off; sub_filter_types text/plain;
                          sub_filter needle pin; sub_filter http://old/ /; }
        location /bad/ { alias html/; sub_filter_types *; sub_filter aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab x; }
        location /app { proxy_pass http://%app%; proxy_buffering off; sub_filter needle pin; }
        location /zip/ { alias html/; gzip on; gzip_min_length 0; gunzip on; }
        location /status { sub_filter Found Lost; sub_filter_types *; return 404 "Not Found"; }
    }
}
END

my $r = $m->http_get('/a.html', Host => 'new');
is($r->body, 'see https://new/ and http://OLD/ there', 'once');
is($r->header($_), undef, "no $_") for qw(Content-Length Last-Modified ETag Accept-Ranges);
is($m->http_get('/many/a.html')->body, 'see / and / there', 'all, letters alike');
is($m->http_get('/many/big.txt')->body, $big =~ s/needle/pin/gir, 'across the borders of buffers');
is($m->http_get('/big.txt')->body, $big, 'another type stays');
is($m->http_get('/big.txt')->header('Content-Length'), length $big, 'and has its length');
is($m->http_get('/app')->body, 'xpinne', 'in pieces, and the beginning of one at the end');
is($m->http_get('/status')->body, 'Not Lost', 'of any status');
is($m->http_get('/a.html', Range => 'bytes=0-2')->status, 200, 'no ranges');
like($m->http_get('/zip/a.html', Host => 'n', 'Accept-Encoding' => 'gzip')->header('Content-Encoding'), qr/gzip/, 'then gzip');
my $since = time;
is(length $m->http_get('/bad/bad.txt')->body, 3_000_000, 'what nearly fits everywhere');
cmp_ok(time - $since, '<', 2, 'is not slow');

my ($code, $said) = $m->check("events { } http { sub_filter '' x; sub_filter_once 1; }");
like($said, qr/empty search pattern/, 'an empty word is refused');
like($said, qr/it must be "on" or "off"/, 'and what is no flag');

$m->finish;
