# signals.t - the life of the processes: signals to master and workers, what the log says, a worker that dies
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/a.txt', "hello\n");
$m->start(<<'END');
worker_processes 2;
worker_shutdown_timeout 5s;
events { }
http {
    access_log logs/access.log;
    upstream shared { zone shared 64k; server 127.0.0.1:1; }
    server { listen 127.0.0.1:%port%; root html; }
    server { listen 127.0.0.1:%port:each% reuseport; root html; }
}
END
my $master = $m->pid;
my $said = qr/\d+#\d+: /;

is($m->{pid}, $master, 'daemon off: who was started is the master');
ok($m->wait_for(sub { $m->workers == 2 }), 'two workers');
like($m->error_log, qr/$said\Qusing the "epoll" event method\E\n.*${said}nginx\/1\.31\.5 .*\n.*${said}built by .*\n.*${said}OS: Linux/,
    'how it began');
like($m->error_log, qr/getrlimit\(RLIMIT_NOFILE\): \d+:\d+\n.*start worker processes\n.*start worker process \d+\n/, 'and its workers');

sub title { my ($pid) = @_; return $m->read_file("/proc/$pid/cmdline") =~ s/\0+\z//r }
like(title($master), qr/^miwidothttp: master process \S+ -p/, 'title of the master');
is(title(($m->workers)[0]), 'miwidothttp: worker process', 'title of a worker');
is($m->http_get('/a.txt')->status, 200, 'it serves');
is($m->request('/a.txt', port => $m->port('each'))->status, 200, 'each worker with a socket of its own') for 1 .. 8;

# a worker ends by itself, or is killed: another one comes
sub replaced {
    my ($signal, $what) = @_;
    my ($victim, $other) = $m->workers;

    $m->signal($signal, $victim);
    ok($m->wait_for(sub { my @now = $m->workers; @now == 2 && !grep { $_ == $victim } @now }), "$what: there is a new one");
    ok(grep({ $_ == $other } $m->workers), "$what: the other one stays");
    is($m->http_get('/a.txt')->status, 200, "$what: it serves");
    return $victim;
}
my $gone = replaced(TERM => 'TERM to a worker');
like($m->error_log, qr/\[notice\] $gone#$gone: signal 15 \(SIGTERM\) received from $$, exiting\n/, 'it says who');
like($m->error_log, qr/\[notice\] $master#$master: worker process $gone exited with code 0\n/, 'code 0');
$gone = replaced(QUIT => 'QUIT to a worker');
like($m->error_log, qr/$gone#$gone: gracefully shutting down\n(?:.*\n)*.*$gone#$gone: exiting\n.*$gone#$gone: exit\n/, 'in peace');
unlike($m->error_log, qr/\[alert\]/, 'no alert so far');
$gone = replaced(KILL => 'KILL to a worker');
like($m->error_log, qr/\[alert\] $master#$master: worker process $gone exited on signal 9\n/, 'an alert');

# not in a hot loop
my $before = () = $m->error_log =~ /start worker process \d/g;
for (1 .. 40) {
    $m->signal(TERM => $_) for $m->workers;
    select undef, undef, undef, 0.02;
}
my $births = (() = $m->error_log =~ /start worker process \d/g) - $before;
cmp_ok($births, '<=', 12, 'workers that die at once are not born again at once');
ok($m->wait_for(sub { $m->workers == 2 }), 'but in the end');
is($m->http_get('/a.txt')->status, 200, 'it serves');

# USR1
rename $m->path("logs/$_.log"), $m->path("logs/$_.old") for qw(error access);
$m->signal('USR1');
ok($m->wait_for(sub { (() = $m->read_file('logs/error.old') =~ /: reopening logs$/mg) == 3 }), 'USR1: all three say so');
ok($m->wait_for(sub { -e $m->path('logs/error.log') }), 'a new log');
$m->http_get('/a.txt?new');
ok($m->wait_for(sub { $m->read_file('logs/access.log') =~ m{GET /a.txt\?new } }), 'a line in the new file');
unlike($m->read_file('logs/access.old'), qr/\?new/, 'and not in the old one');
rename $m->path('logs/access.log'), $m->path('logs/access.two');
$m->signal(USR1 => $_) for $m->workers;
ok($m->wait_for(sub { -e $m->path('logs/access.log') }), 'USR1 to a worker');

# WINCH: no workers, but the socket takes who comes; HUP: they are back
my $c;
$m->signal('WINCH');
ok($m->wait_for(sub { !$m->workers }), 'WINCH: the workers go');
ok($c = $m->connect, 'the socket is open');
$m->signal('HUP');
ok($m->wait_for(sub { $m->workers == 2 }), 'HUP: they are back');
$c->send("GET /a.txt HTTP/1.0\r\n\r\n");
like($c->rest, qr/hello\n$/, 'who came meanwhile is served');

# QUIT waits for what is under way, not for who is idle
my $busy = $m->connect;
my $idle = $m->connect;
$busy->send("GET /a.txt HTTP/1.1\r\nHost: a\r\n");
$idle->send_request(GET => '/a.txt');
is($idle->response->status, 200, 'a connection that is kept');
select undef, undef, undef, 0.1;
$m->signal('QUIT');
ok($m->wait_for_log(qr/signal 3 \(SIGQUIT\) received from $$, shutting down/), 'QUIT');
is($idle->rest, '', 'the idle one is closed at once');
ok($m->wait_for(sub { !IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $m->port) }),
   'nobody listens any more');
$busy->send("\r\n");
my $r = $busy->response;
is($r->status, 200, 'the busy one is answered');
is($r->header('connection'), 'close', 'and told that it was the last');
ok($m->wait_for(sub { waitpid($master, 1) == $master }), 'the master ends');
is($?, 0, 'with code 0');
ok(!-e $m->path('miwi.pid'), 'no pid file is left');
ok(!-e $m->path('miwi.pid.state'), 'nor any other');
like($m->error_log, qr/$master#$master: exit\n\z/, 'its last word');

delete $m->{pid};
$m->finish(allow => qr/exited on signal 9/);
