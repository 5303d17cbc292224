# directio.t - big files past the page cache: whole, in parts, of odd sizes, and smaller ones as always
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Fcntl qw(O_RDONLY O_DIRECT);
use Miwi;

Miwi->need('strace');
my $m = Miwi->new;
my $big = join '', map { sprintf "%08d", $_ } 1 .. 40000;        # 320,000 bytes, no multiple of a page
$big .= 'x';
$m->write_file('html/big', $big);
$m->write_file('html/small', 'y' x 70000);
$m->start(<<'END');
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        location / { directio 100k; }
        location /gzip/ { directio 100k; gzip on; gzip_types *; alias html/; }
        location /off/ { alias html/; }
    }
}
END

is($m->http_get('/big')->body, $big, 'a big file');
is($m->http_get('/big')->body, $big, 'again, from what is remembered');
is($m->http_get('/off/big')->body, $big, 'the same without');
is($m->http_get('/small')->body, 'y' x 70000, 'a smaller one');
for my $range ([0, 0], [1, 4095], [4095, 4097], [100001, 250003], [319990, 320000]) {
    my ($from, $upto) = @$range;
    my $part = $m->http_get('/big', Range => "bytes=$from-$upto");
    is($part->status, 206, "bytes $from-$upto");
    is($part->body, substr($big, $from, $upto - $from + 1), 'what they are');
}
is($m->http_get('/big', Range => 'bytes=5-6,300000-300001')->status, 206, 'two parts');
ok(length $m->http_get('/gzip/big', 'Accept-Encoding' => 'gzip')->body < 200000, 'compressed');

my ($worker) = $m->workers;
SKIP: {
    sysopen my $probe, $m->path('html/big'), O_RDONLY | O_DIRECT or skip 'this file system has no O_DIRECT', 2;
    my $trace = $m->path('trace');
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDERR, '>', '/dev/null';
        exec 'strace', '-f', '-o', $trace, '-e', 'trace=open,openat,fcntl', '-p', $worker or exit 1;
    }
    skip 'cannot trace', 2 unless $m->wait_for(sub { -e $trace && `cat /proc/$worker/status` =~ /^TracerPid:\s+[1-9]/m });
    $m->write_file('html/other', $big);
    is($m->http_get('/other')->body, $big, 'a new one');
    kill 'INT', $pid;
    waitpid $pid, 0;
    like($m->read_file('trace'), qr/O_DIRECT/, 'it was read past the page cache');
}
$m->finish;
