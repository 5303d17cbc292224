# listen.t - the parameters of listen, as the system sees them; wildcards, ranges, unix sockets; what a reload changes
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Socket qw(:all);

use constant { PIDFD_OPEN => 434, PIDFD_GETFD => 438, TCP_DEFER_ACCEPT => 9, TCP_FASTOPEN => 23, MPTCP => 262 };

my $m = Miwi->new;

# The listening sockets of a process, by address: copies of its descriptors.
sub sockets {
    my ($pid) = @_;
    my $process = syscall(PIDFD_OPEN, $pid, 0);
    my %all;
    return if $process < 0;
    for my $fd (map { m{/(\d+)$} } grep { (readlink // '') =~ /^socket:/ } glob "/proc/$pid/fd/*") {
        my $copy = syscall(PIDFD_GETFD, $process, $fd + 0, 0);
        return if $copy < 0;
        open my $s, '+<&=', $copy or next;
        my $listens = getsockopt $s, SOL_SOCKET, SO_ACCEPTCONN or next;
        next unless unpack 'i', $listens;
        my $name = getsockname $s;
        my $family = sockaddr_family $name;
        my $key = $family == AF_UNIX ? unpack_sockaddr_un $name
                : $family == AF_INET ? join ':', inet_ntoa((unpack_sockaddr_in $name)[1]), (unpack_sockaddr_in $name)[0]
                : join ':', '[' . inet_ntop(AF_INET6, (unpack_sockaddr_in6 $name)[1]) . ']', (unpack_sockaddr_in6 $name)[0];
        push @{ $all{$key} }, $s;
    }
    POSIX::close($process);
    return %all;
}
my %now;
sub option { my ($key, $level, $name) = @_; return unpack 'i', getsockopt($now{$key}[0], $level, $name) // return 'none' }

# The backlog of the sockets at a port, as ss(8) tells.
sub backlogs { my ($port) = @_; return join ' ', map { (split)[2] } grep { /:$port\s/ } qx(ss -Hltn 'sport = :$port') }

sub serves {
    my ($what, $body, @with) = @_;
    is($m->request('/', @with)->body, $body, $what);
}

my $conf = <<'END';
worker_processes 2;
events { }
http {
    access_log off;
    server { listen 127.0.0.1:%port% backlog=77 rcvbuf=20k sndbuf=30k deferred fastopen=9 so_keepalive=30m:7:5;
        return 200 "options\n"; }
    server { listen 127.0.0.1:%port:plain%; return 200 "plain\n"; }
    server { listen 127.0.0.1:%port:each% reuseport so_keepalive=on; return 200 "each\n"; }
    server { listen 127.0.0.1:%port:paths% multipath so_keepalive=off; return 200 "paths\n"; }
    server { listen *:%port:wild% reuseport; return 200 "any\n"; }
    server { listen 127.0.0.2:%port:wild%; return 200 "two\n"; }
    server { listen 127.0.0.3:%port:wild% reuseport; return 200 "three\n"; }
    server { listen unix:%dir%/u.sock; return 200 "unix\n"; }
    server { listen [::1]:%port:six%; return 200 "six\n"; }
    server { listen [::]:%port:both% ipv6only=off; return 200 "both\n"; }
}
END
socket my $probe, AF_INET6, SOCK_STREAM, 0;
my $six = bind $probe, pack_sockaddr_in6(0, inet_pton(AF_INET6, '::1'));
$conf =~ s/^.*\[::.*\n//mg unless $six;
$m->start($conf);
serves('options', "options\n");
serves('plain', "plain\n", port => $m->port('plain'));
serves('reuseport', "each\n", port => $m->port('each')) for 1 .. 8;
serves('multipath', "paths\n", port => $m->port('paths'));
serves('the wildcard', "any\n", port => $m->port('wild'));
for my $case (['127.0.0.1', 'any'], ['127.0.0.2', 'two'], ['127.0.0.3', 'three'], ['127.0.0.4', 'any']) {
    my $s = IO::Socket::INET->new(PeerAddr => $case->[0], PeerPort => $m->port('wild')) or die "$case->[0]: $!\n";
    print $s "GET / HTTP/1.0\r\n\r\n";
    like(join('', <$s>), qr/\Q$case->[1]\E\n\z/, "the wildcard's port at $case->[0]");
}
is((stat $m->path('u.sock'))[2] & 0777, 0666, 'the unix socket is for everybody');
like($m->http("GET / HTTP/1.0\r\n\r\n", to => $m->path('u.sock')), qr/unix\n\z/, 'and serves');
SKIP: {
    skip 'no IPv6', 3 unless $six;
    for my $case (['::1', 'six', 'six'], ['::1', 'both', 'both'], ['127.0.0.1', 'both', 'both']) {
        my $inet6 = $case->[0] =~ /:/;
        socket my $s, $inet6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0;
        my $port = $m->port($case->[1]);
        connect $s, $inet6 ? pack_sockaddr_in6($port, inet_pton(AF_INET6, '::1')) : pack_sockaddr_in($port, inet_aton('127.0.0.1'));
        syswrite $s, "GET / HTTP/1.0\r\n\r\n";
        like(join('', <$s>), qr/\Q$case->[2]\E\n\z/, "$case->[1] at $case->[0]");
    }
}

SKIP: {
    %now = sockets($m->pid) or skip 'the sockets of a process cannot be looked at', 20;
    my ($at, $plain, $each, $paths, $wild) = map { '127.0.0.1:' . $m->port($_) } '', qw(plain each paths wild);
    is(option($at, SOL_SOCKET, SO_RCVBUF), 2 * 20480, 'rcvbuf');
    is(option($at, SOL_SOCKET, SO_SNDBUF), 2 * 30720, 'sndbuf');
    cmp_ok(option($at, IPPROTO_TCP, TCP_DEFER_ACCEPT), '>', 0, 'deferred');
    is(option($at, IPPROTO_TCP, TCP_FASTOPEN), 9, 'fastopen');
    is(join(' ', option($at, SOL_SOCKET, SO_KEEPALIVE), map { option($at, IPPROTO_TCP, $_) } TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT),
        '1 1800 7 5', 'so_keepalive');
    is(option($plain, SOL_SOCKET, SO_KEEPALIVE), 0, 'without it');
    is(option($plain, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0, 'not deferred');
    is(option($paths, SOL_SOCKET, SO_KEEPALIVE), 0, 'so_keepalive=off');
    is(option($each, SOL_SOCKET, SO_KEEPALIVE), 1, 'so_keepalive=on');
    is(scalar @{ $now{$each} }, 2, 'reuseport: a socket for each worker');
    is(option($each, SOL_SOCKET, SO_REUSEPORT), 1, 'that share the port');
    ok(!$now{"127.0.0.2:" . $m->port('wild')}, 'the wildcard has its socket for others');
    ok($now{"127.0.0.3:" . $m->port('wild')}, 'but not for who has options of its own');
    is(option($paths, SOL_SOCKET, SO_PROTOCOL), -e '/proc/sys/net/mptcp/enabled' ? MPTCP : IPPROTO_TCP, 'multipath');
    is(option('[::1]:' . $m->port('six'), IPPROTO_IPV6, IPV6_V6ONLY), 1, 'ipv6only is on') if $six;
    is(option('[::]:' . $m->port('both'), IPPROTO_IPV6, IPV6_V6ONLY), 0, 'unless it is off') if $six;

    # a reload
    my $many = qx(ss -Hltn 2>/dev/null) ? 1 : 0;
    is(backlogs($m->port), 77, 'backlog') if $many;
    is(backlogs($m->port('plain')), 511, 'and that of nginx without it') if $many;
    ok($m->reload($conf =~ s/backlog=77 rcvbuf=20k sndbuf=30k deferred fastopen=9 so_keepalive=30m:7:5/backlog=33 rcvbuf=40k/r
        =~ s/(worker_processes) 2/$1 3/r =~ s/(%port:plain%)/$1 deferred so_keepalive=::3/r), 'reload');
    %now = sockets($m->pid);
    is(backlogs($m->port), 33, 'backlog is another') if $many;
    is(option($at, SOL_SOCKET, SO_RCVBUF), 2 * 40960, 'rcvbuf is another');
    is(option($at, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0, 'not deferred any more');
    cmp_ok(option($plain, IPPROTO_TCP, TCP_DEFER_ACCEPT), '>', 0, 'deferred now');
    is(join(' ', option($plain, SOL_SOCKET, SO_KEEPALIVE), option($plain, IPPROTO_TCP, TCP_KEEPCNT)), '1 3', 'kept alive now');
    is(scalar @{ $now{$each} }, 3, 'a socket for each of three workers');
}
%now = ();
serves('after it', "options\n");

# Ranges.
my ($first) = grep { my $p = $_; 3 == grep { IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $_, Listen => 1) }
    $p .. $p + 2 } map { Miwi->free_port } 1 .. 20;
my $last = $first + 2;
ok($m->reload("events { }\nhttp { access_log off; server { listen 127.0.0.1:$first-$last; return 200 \$server_port; } }\n"),
    'a range of ports');
serves("port $_", $_, port => $_) for $first .. $last;
ok(!-e $m->path('u.sock'), 'the unix socket that is listened to no more has no name');
ok($m->reload("events { }\nhttp { access_log off; server { listen unix:%dir%/u.sock; } }\n"), 'a unix socket');
ok($m->stop, 'stop');
ok(!-e $m->path('u.sock'), 'at the end it has no name, too');

# An address that this machine has not: -t says so.
my ($code, $said) = $m->check("events { }\nhttp { access_log off; server { listen 192.0.2.1:8000; } }\n");
is($code, 1, 'an address that is not here');
like($said, qr/\[emerg\] bind\(\) to 192\.0\.2\.1:8000 failed \(99: /, 'is told by -t');
for my $case (['8000 http2', qr/\[warn\] the "listen \.\.\. http2" directive is deprecated/], ['9-8', qr/invalid port range in "9-8"/],
              ['8000 backlog=0', qr/invalid backlog "backlog=0"/], ['8000 setfib=1', qr/\[warn\] "setfib=1" is not supported/],
              ['8000 accept_filter=x', qr/\[warn\] accept filters "accept_filter=x" are not supported/]) {
    (undef, $said) = $m->check("events { }\nhttp { access_log off; server { listen $case->[0]; } }\n");
    like($said, $case->[1], "listen $case->[0]");
}
$m->finish;
