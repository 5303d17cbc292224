# daemon.t - in the background, in the foreground, alone; what a process inherits, keeps and gives up
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use IO::Socket::UNIX;
use Miwi;

my $m = Miwi->new;
my $dir = $m->dir;
my $server = 'server { listen 127.0.0.1:%port%; root html; }';
$m->write_file('html/a.txt', "hello\n");

# in the background: who started it comes back when it runs
$m->configure("daemon on;\nworker_processes 1;\nevents { }\nhttp { $server }\n");
my ($code, $out, $err) = $m->run(($m->command)[1 .. 6]);
is_deeply([$code, $out, $err], [0, '', ''], 'daemon on: the start is quiet');
my $pid = $m->pid;
ok($pid && kill(0, $pid), 'the pid file is there when the start is over');
is($m->read_file("/proc/$pid/stat") =~ /\) \w (\d+) (\d+) (\d+)/ && "$2 $3", "$pid $pid", 'a session of its own');
is(readlink "/proc/$pid/fd/$_", '/dev/null', "descriptor $_ leads nowhere") for 0, 1;
is(readlink "/proc/$pid/fd/2", "$dir/logs/error.log", 'standard error leads to the log');
is($m->http_get('/a.txt')->status, 200, 'it serves');
($code, undef, $err) = $m->run(($m->command)[1 .. 6]);
is($code, 1, 'a second one cannot start');
like($err, qr/^miwidothttp: \[emerg\] bind\(\) to 127.0.0.1:\d+ failed \(98: Address already in use\)\n/, 'and says why');
like($err, qr/^miwidothttp: \[emerg\] still could not bind\(\)\n/m, 'after it tried again');
is($m->pid, $pid, 'the pid file is still the first one\'s');
is(($m->run(($m->command('-s', 'stop'))[1 .. 8]))[0], 0, '-s stop');
ok($m->wait_for(sub { !kill 0, $pid }), 'it stops');

# with closed descriptors
my $child = fork // die;
if ($child == 0) {
    POSIX::close($_) for 0 .. 2;
    exec { $m->binary } $m->command or POSIX::_exit(127);
}
waitpid $child, 0;
ok($m->wait_for(sub { $m->pid && $m->http_get('/a.txt')->status == 200 }), 'started with closed descriptors');
$pid = $m->pid;
is(readlink "/proc/$pid/fd/2", "$dir/logs/error.log", 'no socket of ours is taken for one');
is(($m->run(($m->command('-s', 'quit'))[1 .. 8]))[0], 0, '-s quit');
ok($m->wait_for(sub { !kill 0, $pid }), 'it stops');

# what a worker has and has not
$ENV{MIWI_SECRET} = 'x';
$ENV{MIWI_KEPT} = 'kept';
my $user = $> == 0 ? "user nobody nogroup;\n" : '';
$m->start("${user}env MIWI_KEPT;\nenv MIWI_SET=set;\nworker_processes 1;\nworker_priority 5;\nworker_rlimit_nofile 600;\n"
    . "worker_rlimit_core 0;\nworker_cpu_affinity auto;\nworking_directory /;\nlock_file logs/x.lock;\nthread_pool default threads=2;\n"
    . "timer_resolution 100ms;\npcre_jit on;\nevents { worker_connections 100; use epoll; multi_accept on; accept_mutex on;"
    . " debug_connection 10.0.0.0/8; debug_connection unix:; }\nhttp { access_log off; $server }\n");
chmod 0755, $dir;
is($m->http_get('/a.txt')->status, 200, 'it serves');
my ($worker) = $m->workers;
my $environ = join "\n", '', split(/\0/, $m->read_file("/proc/$worker/environ")), '';
my %status = $m->read_file("/proc/$worker/status") =~ /^(\w+):\s+(.*)$/mg;
is((split ' ', $m->read_file("/proc/$worker/stat"))[18 + ($m->read_file("/proc/$worker/stat") =~ /\((.*)\)/ && split(' ', $1) - 1)],
    5, 'worker_priority');
like($m->read_file("/proc/$worker/limits"), qr/^Max open files\s+600\s+600/m, 'worker_rlimit_nofile');
like($m->read_file("/proc/$worker/limits"), qr/^Max core file size\s+0\s+0/m, 'worker_rlimit_core');
like($status{Cpus_allowed_list}, qr/^\d+$/, 'worker_cpu_affinity');
is(readlink "/proc/$worker/cwd", '/', 'working_directory');
SKIP: {
    skip 'only root has workers of another user', 4 if $> != 0;
    my ($uid) = (getpwnam 'nobody')[2];
    is($status{Uid}, join("\t", ($uid) x 4), 'user');
    is($status{Gid}, join("\t", ((getgrnam 'nogroup')[2]) x 4), 'group');
    is($status{CapPrm} . $status{CapEff}, '0' x 32, 'no capabilities');
    is((stat "$dir/client_body_temp")[4], $uid, 'the temporary folders are the workers\'');
}
ok($m->stop, 'stop');

# alone
$m->start("master_process off;\nevents { }\nhttp { $server }\n");
$pid = $m->pid;
is(scalar($m->workers), 0, 'master_process off: one process');
is($m->http_get('/a.txt')->status, 200, 'it serves');
ok($m->reload("master_process off;\nevents { }\nhttp { $server }\n" =~ s/root html/return 200 new/r), 'it reloads');
is($m->pid, $pid, 'as the same process');
is($m->http_get('/')->body, 'new', 'and serves by it');
ok(!$m->reload("master_process off;\nnonsense;\n"), 'but not just anything');
is($m->http_get('/')->body, 'new', 'it serves as before');
ok($m->stop, 'stop');

# to the service manager
my $notify = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "$dir/notify") or die;
$notify->timeout(5);
$ENV{NOTIFY_SOCKET} = "$dir/notify";
my $heard = sub { my $text = ''; local $SIG{ALRM} = sub { die }; recv $notify, $text, 512, 0; $text };
$m->start("worker_processes 1;\nevents { }\nhttp { $server }\n");
is($heard->(), 'READY=1', 'READY');
ok($m->reload, 'reload');
like($heard->(), qr/^RELOADING=1\nMONOTONIC_USEC=\d+$/, 'RELOADING');
is($heard->(), 'READY=1', 'READY again');
$m->stop;
is($heard->(), 'STOPPING=1', 'STOPPING');
$m->finish(allow => qr/ bind\(\) to 127|still could not bind|unknown directive "nonsense"/);
