# notify.t - what the service manager hears: start, reloads, upgrades, the end; by a path and by an abstract name
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $m = Miwi->new;
my $conf = "worker_processes 1;\nevents { }\nhttp { access_log off; server { listen 127.0.0.1:%port%; return 200 one; } }\n";

# A datagram socket with this name; a @ stands for the NUL of an abstract one.
sub manager {
    my ($name) = @_;
    socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die "socket: $!\n";
    bind $s, pack_sockaddr_un($name =~ s/^\@/\0/r) or die "$name: $!\n";
    $ENV{NOTIFY_SOCKET} = $name;
    return $s;
}
# The next message, or '' when none comes in time.
sub heard {
    my ($s, $seconds) = @_;
    my ($in, $text) = ('', '');
    vec($in, fileno $s, 1) = 1;
    select $in, undef, undef, $seconds // 5 and recv $s, $text, 512, 0;
    return $text;
}

for my $name ($m->path('notify'), '@miwi-test-' . $$) {
    my $s = manager($name);
    $m->start($conf);
    my $old = $m->pid;
    is(heard($s), 'READY=1', "$name: it serves");
    is($m->http_get('/')->body, 'one', 'it does');

    my $before = clock_gettime(CLOCK_MONOTONIC);
    ok($m->reload($conf =~ s/one/two/r), 'a reload');
    my $said = heard($s);
    like($said, qr/\ARELOADING=1\nMONOTONIC_USEC=\d+\z/, 'is told when it begins');
    my ($when) = $said =~ /USEC=(\d+)/;
    cmp_ok($when / 1e6, '>=', $before - 0.001, 'with the time');
    cmp_ok($when / 1e6, '<=', clock_gettime(CLOCK_MONOTONIC), 'of now');
    is(heard($s), 'READY=1', 'and when it is over');
    $m->configure("nonsense;\n");
    $m->signal('HUP');
    like(heard($s), qr/\ARELOADING=1\n/, 'a bad one is told, too');
    is(heard($s), 'READY=1', 'the old one serves on');
    $m->configure($conf);

    # an upgrade that is called off, and one that is carried through
    $m->signal(USR2 => $old);
    ok($m->wait_for(sub { ($m->pid // $old) != $old }), 'an upgrade');
    my $new = $m->pid;
    is(heard($s), "MAINPID=$new\nREADY=1", 'the new one is the main process');
    $m->signal(TERM => $new);
    is(heard($s), "MAINPID=$old", 'it ends, and with it not the service: the old one is it again') for 1, 2;     # both say so
    ok($m->wait_for(sub { ($m->pid // 0) == $old }), 'it was called off');
    $m->signal(USR2 => $old);
    ok($m->wait_for(sub { ($m->pid // $old) != $old }), 'again');
    $new = $m->pid;
    is(heard($s), "MAINPID=$new\nREADY=1", 'the new one is the main process');
    $m->signal(QUIT => $old);
    is(heard($s), "MAINPID=$new", 'the old one says so at its end, and nothing of an end');
    ok($m->wait_for(sub { waitpid($old, 1) == $old }), 'it ends');
    is($m->http_get('/')->body, 'one', 'the new one serves');
    $m->{pid} = $new;
    ok($m->stop, 'stop');
    is(heard($s), 'STOPPING=1', 'is told');
    is(heard($s, 0.1), '', 'and nothing more');
}

# One process alone.
{
    my $s = manager($m->path('alone'));
    my $alone = "master_process off;\n" . $conf =~ s/^worker_processes.*\n//r;
    $m->start($alone);
    is(heard($s), 'READY=1', 'alone: it serves');
    for my $text ($alone, "master_process off;\nnonsense;\n") {
        $m->configure($text);
        $m->signal('HUP');
        like(heard($s), qr/\ARELOADING=1\nMONOTONIC_USEC=\d+\z/, 'alone: a reload begins');
        is(heard($s), 'READY=1', 'alone: it is over');
    }
    ok($m->stop, 'stop');
    is(heard($s), 'STOPPING=1', 'alone: the end');
}

# Nobody listens there, or it is no name: no matter.
for my $name ($m->path('nobody'), 'relative', '@', '/' . 'x' x 200, '') {
    local $ENV{NOTIFY_SOCKET} = $name;
    $m->start($conf);
    is($m->http_get('/')->body, 'one', 'without a manager: it serves');
    ok($m->stop, 'stop');
}
$m->finish(allow => qr/unknown directive "nonsense"/);
