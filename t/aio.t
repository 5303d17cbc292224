# aio.t - aio threads: what is not in memory is read by threads, and nobody else waits for it
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(time);

Miwi->need('strace');
my $m = Miwi->new;
my $big = join '', map { sprintf "%08d", $_ } 1 .. 25000;        # 200,000 bytes, no multiple of a piece
$m->write_file('html/big', $big);
$m->write_file('html/small', "small\n");
$m->start(<<'END');
events { }
thread_pool default threads=2 max_queue=4;
thread_pool disk1 threads=1;
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        location / { aio threads; }
        location /named/ { aio threads=default; alias html/; }
        location /one/ { aio threads=disk$arg_n; alias html/; }
        location /plain/ { alias html/; }
        location /gzip/ { aio threads; gzip on; gzip_types *; alias html/; }
        location /direct/ { aio threads; directio 4k; alias html/; }
    }
}
END
my ($worker) = $m->workers;

sub threads { my @all = glob "/proc/$worker/task/*"; return scalar @all }

my $one = threads();
is($m->http_get('/plain/big')->body, $big, 'without threads');
is(threads(), $one, 'there are none');
is($m->http_get('/big')->body, $big, 'from memory');
is($m->http_get('/direct/big')->body, $big, 'with directio');

is($m->http_get('/one/big?n=1')->body, $big, 'a pool by a variable');
is($m->http_get('/one/big?n=2')->status, 500, 'one that is not there');
like($m->error_log, qr/\[error\] .*thread pool "disk2" not found/, 'said so');

# Now nothing is in memory, and each read takes a while.
my $pid = fork // die "fork: $!\n";
if (!$pid) {
    open STDERR, '>', '/dev/null';
    exec 'strace', '-f', '-o', $m->path('trace'), '-e', 'trace=preadv2,pread64', '-e', 'inject=preadv2:error=EAGAIN',
        '-e', 'inject=pread64:delay_enter=300000', '-p', $worker or exit 1;
}
SKIP: {
    skip 'cannot trace', 16
        unless $m->wait_for(sub { $m->read_file("/proc/$worker/status") =~ /^TracerPid:\s+[1-9]/m });
    my $slow = $m->connect;
    my $began = time;
    $slow->send_request('GET', '/big', headers => [ Connection => 'close' ]);
    ok($m->wait_for(sub { threads() > $one }), 'a thread was started for it');
    is($m->http_get('/small')->body, "small\n", 'another file in the meantime');
    cmp_ok(time - $began, '<', 0.9, 'which did not wait');
    is($slow->response->body, $big, 'and the big one');
    cmp_ok(time - $began, '>', 1.1, 'in four reads');
    is($m->http_get('/named/big', Range => 'bytes=70000-70009')->body, substr($big, 70000, 10), 'a part of it');
    ok(length $m->http_get('/gzip/big', 'Accept-Encoding' => 'gzip')->body < 150_000, 'compressed');
    my @two = map { my $c = $m->connect; $c->send_request('GET', '/one/big?n=1', headers => [ Range => 'bytes=0-9' ]); $c } 1, 2;
    $began = time;
    is($_->response->body, substr($big, 0, 10), 'from a pool of one thread') for @two;
    cmp_ok(time - $began, '>', 0.5, 'one after the other');
    my @many = map { my $c = $m->connect; $c->send_request('GET', '/big', headers => [ Range => 'bytes=0-9' ]); $c }
        1 .. 8;
    is($_->response->body, substr($big, 0, 10), 'more than the queue takes') for @many[0 .. 3];
    $_->close for @many[4 .. 7];
    my $gone = $m->connect;
    $gone->send_request('GET', '/big');
    $gone->close;
    is($m->http_get('/small')->status, 200, 'clients that left while a thread was reading');
    like($m->read_file('trace'), qr/pread64.*, 65536, 65536\) = 65536/, 'in pieces');
}
kill 'INT', $pid;
waitpid $pid, 0;
my ($code, $said) = $m->check('events { } http { aio thread; }');
like($said, qr/invalid value "thread"/, 'no such way');
($code, $said) = $m->check("events { }\nhttp { aio threads=disk2; }\nthread_pool disk1 threads=1;\n");
like($said, qr/\[emerg\] unknown thread pool "disk2" in \S+:2\n/, 'no such pool');
($code) = $m->check("events { }\nhttp { aio threads=disk1; server { location / { aio threads=default; } } }\nthread_pool disk1 threads=1;\n");
is($code, 0, 'one that comes later, and the one that is always there');
$m->finish;
