# upgrade_nginx.t - from a running nginx to us and back again, each way that its documentation tells; no client notices
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(time);

Miwi->need('nginx');
local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";
my ($nginx) = grep { -x } map { "$_/nginx" } split /:/, $ENV{PATH};
my $m = Miwi->new(seconds => 90);

# What is in the place of the program: nginx, or we; by a link as packages do, or as a copy.
sub put {
    my ($program, $copy) = @_;
    my $new = $m->path('program.new');
    $copy ? system('cp', $program, $new) : symlink $program, $new;
    rename $new, $m->path('program') or die "program: $!\n";
}

$m->configure(<<'END');
worker_processes 2;
daemon on;
error_log logs/error.log notice;
events { }
http {
    access_log off;
    server { listen 127.0.0.1:%port%; listen 127.0.0.1:%port:second%; listen unix:%dir%/u.sock;
        return 200 "$nginx_version $pid\n"; }
}
END
put($nginx);
my $run = join ' ', $m->path('program'), '-p', $m->dir . '/', '-c', 'miwi.conf', '-e', 'logs/error.log';
is(system("$run </dev/null >/dev/null 2>&1"), 0, 'nginx starts');
ok($m->wait_for(sub { $m->pid && kill 0, $m->pid }), 'nginx runs');
my $theirs = $m->pid;
my ($version) = $m->http_get('/')->body =~ /^(\S+) /;
isnt($version, '1.31.5', "it is nginx $version");

# All the while clients come by each of the ways; some keep their connections as long as they may.
my @clients = map { my $way = $_; my $pid = fork // die; $pid || client($way) } 0 .. 3;
sub client {
    my ($way) = @_;
    my ($n, $bad, $end, $c) = (0, '', 0, undef);
    my @with = $way == 1 ? (port => $m->port('second')) : $way == 2 ? (to => $m->path('u.sock')) : ();
    local $SIG{TERM} = sub { $end = 1 };
    until ($end && $n) {
        my $kept = $c && $way == 3;
        $c = eval { $m->connect(@with) } unless $kept;
        my $r = $c && eval { $c->send_request(GET => '/'); $c->response };
        if ($r && $r->status == 200 && $r->body =~ /^[\d.]+ \d+\n$/) {
            $c = undef if $way != 3 || ($r->header('connection') // '') eq 'close';
            $n++;
        } elsif ($kept && !$end) {
            $c = undef;                 # an idle one may be closed at any time: then again on a new one
        } else {
            $bad .= " $n:" . ($c ? $r ? $r->status : 'no answer' : "no connection: $!");
            $c = undef;
        }
        select undef, undef, undef, 0.002;
    }
    $m->write_file("bad$way", $bad);
    POSIX::_exit($bad eq '' ? 0 : 1);
}

sub versions {
    my %seen;
    $seen{$_}++ for map { $m->http_get('/')->body =~ /^(\S+) / } 1 .. 12;
    return join ' ', sort keys %seen;
}
sub upgraded {
    my ($old, $what) = @_;
    $m->signal(USR2 => $old);
    ok($m->wait_for(sub { ($m->pid // $old) != $old && $m->workers }), "$what: USR2: there is a new master");
    is($m->read_file('miwi.pid.oldbin'), "$old\n", "$what: the old one's number is put aside");
    return $m->pid;
}
sub no_workers { my ($pid, @but) = @_; $m->wait_for(sub { !grep { my $w = $_; !grep { $w == $_ } @but } $m->workers($pid) }) }

# To us, and called off: HUP to the old one, QUIT to the new.
put($m->binary);
my $ours = upgraded($theirs, 'to us');
ok($m->wait_for(sub { $m->workers($ours) == 2 }), 'with workers');
like(versions(), qr/1\.31\.5/, 'both serve, or we alone');
$m->signal(WINCH => $theirs);
ok(no_workers($theirs, $ours), 'WINCH: nginx has no workers');
is(versions(), '1.31.5', 'we serve alone');
$m->signal(HUP => $theirs);
ok($m->wait_for(sub { $m->workers($theirs) == 3 }), 'HUP: nginx has workers again');
$m->signal(QUIT => $ours);
ok($m->wait_for(sub { !kill 0, $ours }), 'QUIT: we end');
ok($m->wait_for(sub { ($m->pid // 0) == $theirs && !-e $m->path('miwi.pid.oldbin') }), 'the pid file is nginx\'s again');
is(versions(), $version, 'nginx serves alone');
ok(-S $m->path('u.sock'), 'the unix socket has its name');

# To us, and for good, from a copy of the program.
put($m->binary, 1);
$ours = upgraded($theirs, 'to us again');
ok($m->wait_for(sub { $m->workers($ours) == 2 }), 'with workers');
$m->signal(WINCH => $theirs);
ok(no_workers($theirs, $ours), 'WINCH: nginx has no workers');
$m->signal(QUIT => $theirs);
ok($m->wait_for(sub { !kill 0, $theirs }), 'QUIT: nginx ends');
is($m->pid, $ours, 'the pid file is ours');
ok($m->wait_for(sub { !-e $m->path('miwi.pid.oldbin') }), 'nothing is left of nginx');
is(versions(), '1.31.5', 'we serve alone');
ok($m->reload, 'a reload: exit code 0');

# Back to nginx, as an upgrade of ours; first called off, by the end of the new one alone.
put($nginx);
$theirs = upgraded($ours, 'to nginx');
ok($m->wait_for(sub { $m->workers($theirs) == 2 }), 'with workers');
$m->signal(TERM => $theirs);
ok($m->wait_for(sub { ($m->pid // 0) == $ours && !-e $m->path('miwi.pid.oldbin') }), 'TERM: the pid file is ours again');
$theirs = upgraded($ours, 'to nginx again');
ok($m->wait_for(sub { $m->workers($theirs) == 2 }), 'with workers');
$m->signal(WINCH => $ours);
ok(no_workers($ours, $theirs), 'WINCH: we have no workers');
$m->signal(QUIT => $ours);
ok($m->wait_for(sub { !kill 0, $ours }), 'QUIT: we end');
is(versions(), $version, 'nginx serves alone');
is($m->pid, $theirs, 'the pid file is nginx\'s');
ok(!-e $m->path('miwi.pid.state'), 'nothing is left of us');

for my $way (0 .. 3) {
    kill 'TERM', $clients[$way];
    waitpid $clients[$way], 0;
    is($m->read_file("bad$way"), '', "client $way lost nothing");
    is($?, 0, 'and asked');
}
ok($m->stop, 'stop');
$m->finish;
