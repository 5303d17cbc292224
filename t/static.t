# static.t - files: types, index, directories, what is not there, what may not be read, and what is replaced
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/index.html', "home\n");
$m->write_file('html/a.txt', "hello\n");
$m->write_file('html/big.bin', 'x' x 300_000);
$m->write_file('html/empty.txt', '');
$m->write_file('html/sub/other.htm', "other\n");
$m->write_file('html/none/x', "x\n");
$m->write_file('html/with space.txt', "space\n");
$m->start(<<'END');
events { }
http {
    types { text/html html; text/plain txt; }
    default_type application/octet-stream;
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /sub/ { index none.html other.htm; }
        location /alias/ { alias html/sub/; }
        location ~ ^/re/(.*)$ { alias html/sub/$1; }
        location /first { try_files $uri $uri/ /a.txt; }
        location /fall { try_files /nothing @fall; }
        location @fall { return 200 "fell $uri"; }
        location /code { try_files /nothing =410; }
    }
}
END

my $r = $m->http_get('/a.txt');
is($r->status, 200, 'a file');
is($r->header('Content-Type'), 'text/plain', 'its type');
is($r->header('Accept-Ranges'), 'bytes', 'ranges are offered');
like($r->header('ETag'), qr/^"[0-9a-f]+-6"$/, 'its tag');
like($r->header('Last-Modified'), qr/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/, 'its date');
is($m->http_get('/big.bin')->body, 'x' x 300_000, 'a big file');
is($m->http_get('/big.bin')->header('Content-Type'), 'application/octet-stream', 'a type by default');
is($m->http_get('/empty.txt')->header('Content-Length'), 0, 'an empty file');
is($m->http_get('/with%20space.txt')->body, "space\n", 'an escaped name');
is($m->http_get('/')->body, "home\n", 'an index');
is($m->http_get('/sub/')->body, "other\n", 'the second index');
is($m->http_get('/none/')->status, 403, 'no index');
is($m->http_get('/nothing/')->status, 404, 'no directory');
is($m->http_get('/nothing')->status, 404, 'no file');
$r = $m->http_get('/sub?a=b');
is($r->status, 301, 'a directory without slash');
like($r->header('Location'), qr{^http://[^/]+/sub/\?a=b$}, 'is sent to it, with arguments');
is($m->http_post('/a.txt', 'x')->status, 405, 'no POST to a file');
is($m->http_get('/alias/other.htm')->body, "other\n", 'alias');
is($m->http_get('/re/other.htm')->body, "other\n", 'alias with a capture');
is($m->http_get('/first')->body, "hello\n", 'try_files, the last');
is($m->http_get('/fall')->body, 'fell /fall', 'try_files, a named location');
is($m->http_get('/code')->status, 410, 'try_files, a status');
is($m->http_get('/../etc/passwd')->status, 400, 'above the root');
is($m->http_get('/%2e%2e/etc/passwd')->status, 400, 'above the root, escaped');
is($m->http_get('/a.txt%00.html')->status, 400, 'a NUL in a name');

# replaced: by rename, in place, with equal size
$m->write_file('html/new.tmp', "HELLO\n");
rename $m->dir . '/html/new.tmp', $m->dir . '/html/a.txt' or die;
ok($m->wait_for(sub { $m->http_get('/a.txt')->body eq "HELLO\n" }), 'a file was replaced by rename');
$m->write_file('html/a.txt', "later\n");
ok($m->wait_for(sub { $m->http_get('/a.txt')->body eq "later\n" }), 'written in place, of equal size');
unlink $m->dir . '/html/a.txt';
ok($m->wait_for(sub { $m->http_get('/a.txt')->status == 404 }), 'deleted');
$m->write_file('html/a.txt', "back\n");
ok($m->wait_for(sub { $m->http_get('/a.txt')->body eq "back\n" }), 'there again');

# a symlinked release
$m->write_file('one/v.txt', "one\n");
$m->write_file('two/v.txt', "two\n");
symlink 'one', $m->dir . '/live' or die;
symlink '../live', $m->dir . '/html/live' or die;
is($m->http_get('/live/v.txt')->body, "one\n", 'behind a link');
symlink 'two', $m->dir . '/live.new' or die;
rename $m->dir . '/live.new', $m->dir . '/live' or die;
ok($m->wait_for(sub { $m->http_get('/live/v.txt')->body eq "two\n" }), 'the link leads elsewhere now');

$m->finish;
