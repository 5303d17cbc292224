# worker_signals.t - signals straight to workers, logs that change hands, ends with connections, debug_points
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(time);

my $m = Miwi->new;
$m->write_file('html/a.txt', "hello\n");
chmod 0755, $m->dir;
my $user = $> == 0 ? "user nobody nogroup;\n" : '';
my $conf = <<'END';
worker_processes 1;
worker_shutdown_timeout 300ms;
events { }
http {
    access_log logs/access.log;
    server { listen 127.0.0.1:%port%; root html; }
}
END

sub worker { $m->wait_for(sub { $m->workers == 1 }); return ($m->workers)[0] }
sub another { my ($old) = @_; return $m->wait_for(sub { my @w = $m->workers; @w == 1 && $w[0] != $old && $w[0] }) }
sub says { my ($what, $pattern) = @_; ok($m->wait_for_log($pattern), $what) or diag($m->error_log) }

# In the foreground: what a terminal sends when its window changes is not meant for us.
$m->start($user . $conf);
my $w = worker();
for my $case ([WINCH => '28 (SIGWINCH)', ''], [HUP => '1 (SIGHUP)', ', ignoring'], [USR2 => '12 (SIGUSR2)', ', ignoring']) {
    $m->signal($case->[0], $w);
    says("$case->[0] to a worker", qr/\[notice\] $w#$w: signal \Q$case->[1]\E received from ${\ $$}$case->[2]\n/);
}
is($m->http_get('/a.txt')->status, 200, 'it serves');
is(worker(), $w, 'the same worker');

# USR1: who may open logs gives them to the workers, and then these can reopen them alone.
my @logs = map { "logs/$_.log" } qw(access error);
rename $m->path($_), $m->path("$_.1") for @logs;
$m->signal('USR1');
ok($m->wait_for(sub { $m->read_file('logs/error.log.1') =~ /$w#$w: reopening logs\n/ }), 'USR1 to the master');
SKIP: {
    skip 'only root has workers of another user', 4 if $> != 0;
    my $nobody = getpwnam 'nobody';
    is((stat $m->path($_))[4], $nobody, "$_ is the worker's") for @logs;
    chmod 0000, $m->path($logs[0]);
    $m->signal('USR1');
    ok($m->wait_for(sub { ((stat $m->path($logs[0]))[2] & 07777) == 0600 }), 'and it may write to it');
    chown -1, (getgrnam 'nogroup')[2], $m->path('logs');
    chmod 0775, $m->path('logs');
    rename $m->path($logs[0]), $m->path("$logs[0].2");
    $m->signal(USR1 => $w);
    ok($m->wait_for(sub { -e $m->path($logs[0]) }), 'USR1 to a worker of another user');
    says('said so', qr/$w#$w: signal 10 \(SIGUSR1\) received from $$, reopening logs\n/);
}
$m->http_get('/a.txt?later');
ok($m->wait_for(sub { $m->read_file($logs[0]) =~ /later/ }), 'it logs');

# Ends: at once, or after a while.
sub busy {
    my $c = $m->connect;
    $c->send("GET /a.txt HTTP/1.1\r\nHost: a\r\n");
    $m->http_get('/a.txt');             # by now it was read
    return $c;
}
for my $signal (qw(TERM INT)) {
    my $c = busy();
    $w = worker();
    $m->signal($signal => $w);
    is($c->rest, '', "$signal to a worker: connections are closed at once");
    ok(another($w), "$signal: there is another one");
}
$w = worker();
my $c = busy();
my $began = time;
$m->signal(QUIT => $w);
like($m->wait_for(sub { my $title = $m->read_file("/proc/$w/cmdline"); $title =~ /shutting/ && $title }),
    qr/^miwidothttp: worker process is shutting down\0*\z/, 'QUIT: its title says so');
is($c->rest, '', 'worker_shutdown_timeout ends what is under way');
cmp_ok(time - $began, '>', 0.25, 'when it is over');
ok(another($w), 'there is another one');

# The whole server ends, with a connection that waits: at once by TERM and INT.
for my $signal (qw(TERM INT)) {
    my $master = $m->pid;
    $c = busy();
    $m->signal($signal);
    is($c->rest, '', "$signal to the master: connections are closed at once");
    ok($m->wait_for(sub { waitpid($master, 1) == $master }), "$signal: it ends");
    is($?, 0, 'with code 0');
    ok(!-e $m->path('miwi.pid'), 'and without a pid file');
    $m->start($signal eq 'TERM' ? $user . $conf : "daemon on;\ndebug_points abort;\n$user$conf");
}

# In the background WINCH ends a worker, and debug_points tells how.
$w = worker();
my $daemon = $m->pid;
$m->signal(WINCH => $w);
says('WINCH to a worker', qr/$w#$w: signal 28 \(SIGWINCH\) received from $$, shutting down\n/);
says('it aborts', qr/\[alert\] $w#$w: aborting\n.*\n?.*\[alert\] $daemon#$daemon: worker process $w exited on signal 6/);
ok($w = another($w), 'there is another one');
ok($m->reload("daemon on;\ndebug_points stop;\n$user$conf"), 'debug_points stop');
$w = worker();
$m->signal(WINCH => $w);
ok($m->wait_for(sub { $m->read_file("/proc/$w/stat") =~ /\) T / }), 'it stops, for a debugger to look');
kill 'CONT', $w;
ok(another($w), 'and ends');
is($m->http_get('/a.txt')->status, 200, 'it serves');
$m->finish(allow => qr/aborting|exited on signal 6/);
