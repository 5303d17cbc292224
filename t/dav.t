# dav.t - files and folders changed by PUT, DELETE, MKCOL, COPY and MOVE
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/a.txt', 'old');
$m->write_file('html/tree/one', 'one');
$m->write_file('html/tree/sub/two', 'two');
$m->write_file('other/kept', 'kept');
symlink($m->path('other'), $m->path('html/tree/link')) or die;
$m->start(<<'END');
events { }
http {
    client_body_buffer_size 1k;
    server {
        listen 127.0.0.1:%port%;
        root html;
        location / { dav_methods PUT DELETE MKCOL COPY MOVE; dav_access user:rw group:r all:r; }
        location /deep/ { dav_methods PUT delete; create_full_put_path on; min_delete_depth 3; }
        location /only/ { dav_methods MKCOL; }
        location /i/ { alias html/tree/; dav_methods COPY PUT; }
        location /small/ { dav_methods PUT; client_max_body_size 10; }
    }
}
END
my $host = '127.0.0.1:' . $m->port;

sub ask {
    my ($method, $uri, $body, @headers) = @_;
    return $m->request($uri, method => $method, host => $host, headers => \@headers,
                       defined $body ? (body => $body) : ());
}

sub put { ask('PUT', @_) }
sub mode { sprintf '%o', (stat $m->path($_[0]))[2] & 07777 }

# PUT
my $r = put('/new%20one.txt', 'hello');
is($r->status, 201, 'a new file');
is($r->header('Location'), "http://$host/new%20one.txt", 'where it is');
is($r->body, '', 'nothing more is said');
is($m->read_file('html/new one.txt'), 'hello', 'what is in it');
is(mode('html/new one.txt'), '644', 'dav_access');
is(put('/a.txt', 'x' x 5000)->status, 204, 'another one for an old file, by way of a temporary file');
is($m->read_file('html/a.txt'), 'x' x 5000, 'which is whole');
is(put('/a.txt', '')->status, 204, 'an empty one');
is(-s $m->path('html/a.txt'), 0, 'which is empty');
is(put('/dated', 'd', Date => 'Thu, 01 Jan 2015 00:00:00 GMT')->status, 201, 'with an age');
is((stat $m->path('html/dated'))[9], 1420070400, 'which it has');
is(put('/deep/a/b/c', 'c')->status, 201, 'folders are made');
is($m->read_file('html/deep/a/b/c'), 'c', 'for it');
is(put('/none/b/c', 'c')->status, 409, 'or not');
is(put('/tree', 'c')->status, 409, 'no file for a folder');
is(put('/tree/', 'c')->status, 409, 'nor at its name');
is(put('/a.txt', 'c', 'Content-Range' => 'bytes 0-0/3')->status, 501, 'no part of a file');
is(put('/small/x', 'c' x 11)->status, 413, 'too large');
like($m->http("PUT /chunked HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
     . "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"), qr/^HTTP\/1\.1 201 /, 'in chunks');
is($m->read_file('html/chunked'), 'abcdef', 'joined');
is_deeply([grep { !-d } glob $m->path('html') . '/.*'], [], 'nothing is left beside them');

# MKCOL
is(ask('MKCOL', '/folder/')->status, 201, 'a folder');
is(mode('html/folder'), '755', 'that may be entered');
is(ask('MKCOL', '/folder/')->status, 405, 'not twice');
is(ask('MKCOL', '/another')->status, 409, 'not without slash');
is(ask('MKCOL', '/no/parent/')->status, 409, 'not without parent');
is(ask('MKCOL', '/body/', '<x/>')->status, 415, 'no body');

# COPY
sub copy { my ($from, $to, @more) = @_; return ask('COPY', $from, undef, Destination => $to, @more) }
sub move { my ($from, $to, @more) = @_; return ask('MOVE', $from, undef, Destination => $to, @more) }

is(copy('/tree/one', '/copy%20of')->status, 204, 'a file is copied');
is($m->read_file('html/copy of'), 'one', 'whole');
is(copy('/tree/', "http://$host/tree2/")->status, 201, 'a folder is copied');
is($m->read_file('html/tree2/sub/two'), 'two', 'with all in it');
ok(-l $m->path('html/tree2/link'), 'a link as link');
is(copy('/tree/', '/flat/', Depth => 0)->status, 201, 'a folder alone');
is_deeply([glob $m->path('html/flat') . '/*'], [], 'is empty');
$m->write_file('html/tree2/stale', '');
is(copy('/tree/', '/tree2/', Overwrite => 'F')->status, 412, 'not over another');
ok(-e $m->path('html/tree2/stale'), 'which stays');
is(copy('/tree/', '/tree2/')->status, 201, 'or over it');
ok(!-e $m->path('html/tree2/stale'), 'which is gone then');
is(copy('/tree/', '/tree/sub/x/')->status, 403, 'no folder into itself');
is(copy('/tree/', '/tree/')->status, 403, 'nor onto itself');
is(copy('/tree/sub/', '/tree/')->status, 403, 'nor over what it is in');
is($m->read_file('html/tree/sub/two'), 'two', 'and nothing is lost');
is(copy('/tree/one', '/tree')->status, 409, 'no file over a folder');
is(copy('/tree/one', '/x/')->status, 409, 'no file as folder');
is(copy('/none', '/x')->status, 404, 'what is not there');
is(copy('/tree/one', '/no/parent')->status, 409, 'where there is no folder');
is(copy('/tree/one', $_)->status, 400, "Destination: $_")
    for 'http://other/x', "http://$host", 'ftp://127.0.0.1/x', '/../x', '/%00', 'x', '/%zz';
is(ask('COPY', '/tree/one')->status, 400, 'no Destination');
is(copy('/tree/one', '/x', Depth => $_)->status, 400, "Depth: $_") for 1, 2, 'x';
is(copy('/tree/one', '/x', Overwrite => $_)->status, 400, "Overwrite: $_") for 'X', 'TRUE';
is(copy('/i/one', '/i/three')->status, 204, 'below an alias');
is($m->read_file('html/tree/three'), 'one', 'there');
is(copy('/i/one', '/x/three')->status, 400, 'not out of the alias');

# MOVE
is(move('/copy%20of', '/moved')->status, 204, 'a file is moved');
ok(!-e $m->path('html/copy of') && $m->read_file('html/moved') eq 'one', 'from here to there');
is(move('/tree2/', '/flat/')->status, 201, 'a folder is moved over another');
ok(!-e $m->path('html/tree2') && $m->read_file('html/flat/sub/two') eq 'two', 'from here to there');
is(move('/moved', '/x', Depth => 0)->status, 400, 'only whole');
is(move('/none/', '/flat/')->status, 404, 'what is not there');
is($m->read_file('html/flat/one'), 'one', 'takes nothing away');

# DELETE
is(ask('DELETE', '/moved', 'x')->status, 415, 'no body');
is(ask('DELETE', '/moved')->status, 204, 'a file is gone');
is(ask('DELETE', '/moved')->status, 404, 'and cannot go again');
is(ask('DELETE', '/flat')->status, 409, 'a folder has a slash');
is(ask('DELETE', '/a.txt/')->status, 409, 'a file has none');
is(ask('DELETE', '/flat/', undef, Depth => 0)->status, 400, 'a folder goes whole');
is(ask('DELETE', '/flat/')->status, 204, 'with all in it');
ok(!-e $m->path('html/flat'), 'gone');
is($m->read_file('other/kept'), 'kept', 'what a link showed stays');
is(ask('DELETE', '/deep/a')->status, 409, 'not so near to the root');
is(ask('DELETE', '/deep/a/b/')->status, 204, 'but below');
is(ask('DELETE', '/')->status, 403, 'not the root');

# what is not allowed
is(put('/only/x', 'x')->status, 405, 'another method');
is(ask('DELETE', '/only/x')->status, 405, 'another one');
is($m->http_get('/tree/one')->body, 'one', 'GET as ever');

# what the system refuses
SKIP: {
    skip 'needs root, and mounts of its own', 4 if $> != 0 || system('unshare -m true 2>/dev/null') != 0;
    my $full = Miwi->new;
    $full->write_file('html/disk/x', '');
    $full->configure(<<'END');
events { }
http { server { listen 127.0.0.1:%port%; root html; location / { dav_methods PUT COPY; } } }
END
    $full->{pid} = $full->spawn('logs/stderr', 'unshare', '-m', 'sh', '-c',
        'mount -t tmpfs -o size=64k none "$0" && echo old > "$0/old" && exec "$@"', $full->path('html/disk'),
        $full->command);
    $full->wait_for(sub { $full->workers });
    is($full->request('/disk/old', method => 'PUT', body => 'y' x 200_000)->status, 507, 'the disk is full');
    is($full->http_get('/disk/old')->body, "old\n", 'what was there is there');
    is($full->request('/disk/old', method => 'PUT', body => 'new')->status, 204, 'nothing of the other is left');
    ok($full->stop, 'stopped in peace');
    $full->clean_up;
}

my ($code, $said) = $m->check('events { } http { dav_methods PATCH; }');
ok($code && $said =~ /invalid value "PATCH"/, 'an unknown method');
($code, $said) = $m->check('events { } http { dav_access all:x; }');
ok($code && $said =~ /invalid value "all:x"/, 'unknown rights');

$m->finish;
