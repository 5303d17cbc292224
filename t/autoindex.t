# autoindex.t - listings in four formats
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/d/a<b>.txt', 'x' x 6);
$m->write_file('html/d/' . 'long' x 20, '');
$m->write_file('html/d/sub/x', '');
$m->write_file('html/d/.hidden', '');
$m->write_file("html/d/q\"uote", '');
$m->start(<<'END');
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        autoindex on;
        location /xml/ { alias html/d/; autoindex_format xml; }
        location /json/ { alias html/d/; autoindex_format json; }
        location /jsonp/ { alias html/d/; autoindex_format jsonp; }
        location /short/ { alias html/d/; autoindex_exact_size off; }
    }
}
END

my $r = $m->http_get('/d/');
is($r->header('Content-Type'), 'text/html', 'html');
like($r->body, qr{<h1>Index of /d/</h1><hr><pre><a href="\.\./">\.\./</a>\r\n<a href="sub/">sub/</a> {47}\d\d-\w{3}-\d{4} \d\d:\d\d {19}-\r\n},
     'folders first');
like($r->body, qr{<a href="a%3Cb%3E\.txt">a&lt;b&gt;\.txt</a> {43}\d\d-\w{3}-\d{4} \d\d:\d\d {19}6\r\n}, 'escaped');
like($r->body, qr{>longlonglonglonglonglonglonglonglonglonglonglon\.\.&gt;</a> \d}, 'cut');
unlike($r->body, qr/hidden/, 'not the hidden ones');
like($m->http_get('/short/')->body, qr/ {7}6\r\n/, 'short sizes');
$r = $m->http_get('/xml/');
is($r->header('Content-Type'), 'text/xml; charset=utf-8', 'xml');
like($r->body, qr{<file mtime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" size="6">a&lt;b&gt;\.txt</file>\r\n}, 'a file');
my $list = $m->get_json('/json/');
is_deeply([map { $_->{type} } @$list], [qw(directory file file file)], 'json');
is_deeply([sort map { $_->{name} } @$list], ['a<b>.txt', 'long' x 20, 'q"uote', 'sub'], 'its names');
$r = $m->http_get('/jsonp/?callback=show.it');
is($r->header('Content-Type'), 'application/javascript', 'jsonp');
like($r->body, qr{^/\* callback \*/\r\nshow\.it\(\[.*\]\);$}s, 'calls');
is($m->http_get('/jsonp/?callback=a(b')->status, 400, 'no callback that is no name');
is($m->http_get('/d/none/')->status, 404, 'no folder');

$m->finish;
