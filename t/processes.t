# processes.t - what processes are called, may do, inherit and write down; the pid file is whole and the last thing of a start
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(sleep);

my $m = Miwi->new;
my $http = "events { }\nhttp { access_log off; server { listen 127.0.0.1:%port%; return 200 \"\$pid\\n\"; } }\n";
my $root = $> == 0;

sub status_of { my ($pid) = @_; return $m->read_file("/proc/$pid/status") =~ /^(\w+):[ \t]*(.*?)[ \t]*$/mg }
sub title_of { my ($pid) = @_; return $m->read_file("/proc/$pid/cmdline") =~ s/\0+\z//r }

# The pid file: whole whenever it can be read, and when it is there, it serves.
for my $round (1 .. 5) {
    $m->configure("worker_processes 1;\n$http");
    my $pid = $m->spawn('logs/stderr', $m->command);
    my $text;
    for (1 .. 200_000) {
        last if -e $m->path('miwi.pid') && defined($text = $m->read_file('miwi.pid'));
    }
    is($text, "$pid\n", "start $round: the pid file is whole");
    ok($m->connect, 'and there is a socket');
    is($m->http_get('/')->status, 200, 'that is served') if $round == 5;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    ok(!-e $m->path('miwi.pid'), 'it goes with its process');
}
is(join(' ', grep { !/^(?:miwi\.conf|logs|html|\w+_temp)$/ } map { s{.*/}{}r } glob $m->path('*')), '', 'nothing is left beside it');

# Rights.
my $conf = "worker_processes 2;\nworker_cpu_affinity 01 10;\nworker_rlimit_nofile 700;\nworker_rlimit_core 1m;\nlock_file logs/l.lock;\n"
    . "timer_resolution 50ms;\nthread_pool io threads=3 max_queue=10;\nenv MIWI_KEPT;\nenv MIWI_SET=a=b;\nenv TZ;\n$http";
$ENV{MIWI_SECRET} = 'x';
$ENV{MIWI_KEPT} = 'kept';
chmod 0755, $m->dir;
$m->start(($root ? "user nobody nogroup;\nworker_priority -3;\n" : '') . $conf);
ok($m->wait_for(sub { $m->workers == 2 && !grep { title_of($_) !~ /worker/ } $m->workers }), 'two workers');
my @workers = $m->workers;
my $master = $m->pid;
my $cpus = () = $m->read_file('/proc/cpuinfo') =~ /^processor/mg;
for my $worker (@workers) {
    my %status = status_of($worker);
    is(title_of($worker), 'miwidothttp: worker process', 'title');
    like($m->read_file("/proc/$worker/limits"), qr/^Max open files\s+700\s+700\s.*^/ms, 'worker_rlimit_nofile');
    like($m->read_file("/proc/$worker/limits"), qr/^Max core file size\s+1048576\s+1048576\s/m, 'worker_rlimit_core');
    next unless $root;
    my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
    is($status{Uid}, join("\t", ($uid) x 4), 'user');
    is($status{Gid}, join("\t", (scalar getgrnam 'nogroup') x 4), 'group');
    is($status{Groups}, $gid, 'no groups of root');
    is($status{$_}, '0' x 16, $_) for qw(CapInh CapPrm CapEff CapAmb);
    like($m->read_file("/proc/$worker/stat"), qr/\) \S(?: -?\d+){15} -3 /, 'worker_priority');
    is((stat "/proc/$worker/stat")[4], $uid, 'it may leave a core file');       # not dumpable: root's
}
is(join(' ', sort map { my %s = status_of($_); $s{Cpus_allowed_list} } @workers), '0 1', 'worker_cpu_affinity') if $cpus > 1;
my %of_master = status_of($master);
like($of_master{Uid}, qr/^$>\t/, 'the master is who started it');
ok(!-e $m->path('logs/l.lock'), 'lock_file: no lock needs a file');

# What goes on to the next program, and what does not: it is one that writes it down first.
ok($m->stop, 'stop');
symlink $m->binary, $m->path('program');
{
    local $m->{binary} = $m->path('program');
    $m->start($conf);
}
$master = $m->pid;
$m->write_file('script', join "\n", '#!/bin/sh', 'env >' . $m->path('logs/environ'), 'exec ' . $m->binary . ' "$@"', '');
chmod 0755, $m->path('script');
rename $m->path('script'), $m->path('program');
$m->signal(USR2 => $master);
ok($m->wait_for(sub { ($m->pid // $master) != $master && $m->workers }), 'an upgrade');
my $new = $m->pid;
my %environ = $m->read_file('logs/environ') =~ /^(\w+)=(.*)$/mg;
is($environ{MIWI_KEPT}, 'kept', 'env NAME');
is($environ{MIWI_SET}, 'a=b', 'env NAME=VALUE');
ok(!exists $environ{MIWI_SECRET}, 'and nothing else');
like($environ{NGINX} // '', qr/^\d+;\z/, 'the socket');
$m->signal(QUIT => $new);
ok($m->wait_for(sub { ($m->pid // 0) == $master }), 'called off');

# Another place for the pid file.
my $other = $conf =~ s/^/pid logs\/other.pid;\n/r;
$m->configure($other);
is(($m->run(($m->command('-s', 'reload'))[1 .. 8]))[0], 1, '-s reload looks where the new configuration says');
$m->signal('HUP');
ok($m->wait_for(sub { $m->read_file('logs/other.pid') eq "$master\n" }), 'HUP: the pid file is in its new place');
ok($m->wait_for(sub { !-e $m->path('miwi.pid') }), 'and not in the old one');
is(($m->run(($m->command('-s', 'reload'))[1 .. 8]))[0], 0, '-s reload finds it');
is(($m->run(($m->command('-s', 'stop'))[1 .. 8]))[0], 0, '-s stop, too');
ok($m->wait_for(sub { waitpid($master, 1) == $master }), 'it ends');
delete $m->{pid};

# What needs a capability keeps that one.
my $seen = $m->backend(peer => sub { my ($c) = @_; my $r = $c->request or return; $c->answer(200, $c->socket->peerhost) });
$m->start(($root ? "user nobody nogroup;\n" : '') . "worker_processes 1;\nevents { }\nhttp { server { listen 127.0.0.1:%port%;"
    . " proxy_bind 127.0.0.9 transparent; location / { proxy_pass http://%peer%; } } }\n");
SKIP: {
    skip 'only root may speak from other addresses', 3 unless $root;
    my %status;
    $m->wait_for(sub { %status = status_of(($m->workers)[0]); $status{CapEff} eq '0000000000002000' });     # once it is set up
    is($status{$_}, '0000000000002000', "proxy_bind transparent: $_ has CAP_NET_RAW alone") for qw(CapPrm CapEff);
    is($m->http_get('/')->body, '127.0.0.9', 'and it works');
}
ok($m->stop, 'stop');

# Called by another name.
symlink $m->binary, $m->path('nginx');
{
    local $m->{binary} = $m->path('nginx');
    $m->start("worker_processes 1;\n$http");
    like(title_of($m->pid), qr{^nginx: master process \S+/nginx -p }, 'title of the master, called nginx');
    ok($m->wait_for(sub { my @w = $m->workers; @w && title_of($w[0]) eq 'nginx: worker process' }), 'and of a worker');
    ok($m->stop, 'stop');
}
$m->finish(allow => qr/open\(\) "\S+other\.pid" failed/);
