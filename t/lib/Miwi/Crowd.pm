# Crowd.pm - thousands of connections in one process: idle ones, and such as send or read a little at a time
#
#   my $crowd = Miwi::Crowd->start($m, idle => $i, 5000, to => '127.0.0.2', from => '127.0.3.1', port => $m->port);
#   is($crowd->hear, 'have 5000 of 5000');      # all are there
#   $crowd->tell('ask');                        # idle: ask once more; the slow ones: hurry
#   is($crowd->hear, 'answered 5000 of 5000');
#   $crowd->end;
#
# Kinds: idle (asks for /small.txt once, then waits), head (a byte of a head at a time), body (the same of a body),
# read and proxied (/large.bin and /app/large, read 2 KB at a time).
# SPDX-License-Identifier: Apache-2.0
package Miwi::Crowd;

use strict;
use warnings;

use IO::Handle;
use IO::Select;
use POSIX ();
use Socket qw(:DEFAULT IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);

my $small = "GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
my $tick = 0.25;

my %kinds = (
    idle    => { sends => $small, first => 1000, answer => qr/\r\n\r\nsmall\n\z/ },
    head    => { sends => "GET /small.txt HTTP/1.1\r\nHost: localhost\r\nX-Slow: " . 'x' x 200 . "\r\n\r\n", first => 5,
                 answer => qr/\r\n\r\nsmall\n\z/ },
    body    => { sends => "POST /app/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n" . 'b' x 500, first => 80,
                 answer => qr{\r\n\r\napp /app/slow 500\z} },
    read    => { sends => "GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n", first => 1000, answer => qr/\r\n\r\nx+\z/,
                 length => 200_000, room => 4096 },
    proxied => { sends => "GET /app/large HTTP/1.1\r\nHost: localhost\r\n\r\n", first => 1000, answer => qr/\r\n\r\ny+\z/,
                 length => 200_000, room => 4096 },
);

sub start {
    my ($class, $m, $kind, $i, $n, %with) = @_;
    my $self = bless { kind => $kind, n => $n, %{ $kinds{$kind} }, %with }, $class;

    socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        setpgrp(0, 0);
        alarm 0;
        $SIG{TERM} = 'DEFAULT';
        close $ours;
        $self->{line} = $theirs;
        eval { $self->live; 1 } or syswrite $theirs, "died: $@\n";
        POSIX::_exit(0);
    }
    close $theirs;
    push @{ $m->{groups} }, $pid;
    @$self{qw(pid line m)} = ($pid, $ours, $m);
    return $self;
}

sub tell { syswrite $_[0]{line}, "$_[1]\n" }
sub hear { my $line = readline $_[0]{line}; chomp $line if defined $line; return $line }

sub end {
    my ($self) = @_;
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    @{ $self->{m}{groups} } = grep { $_ != $self->{pid} } @{ $self->{m}{groups} };
}

# --- in the child ------------------------------------------------------------------------------------------------------

sub live {
    my ($self) = @_;
    my $order = IO::Select->new($self->{line});
    my @all;

    for (1 .. $self->{n}) {
        push @all, $self->begin;
        sleep 0.02 if $_ % 50 == 0;
    }
    if ($self->{kind} eq 'idle') {
        $self->say('have', scalar grep { $self->finish($_) } @all);
        readline $self->{line};
        @$_{qw(sent got)} = (0, '') for @all;
        $self->say('answered', scalar grep { $self->finish($_) } @all);
    } else {
        $self->say('have', scalar @all);
        until ($order->can_read($tick)) { $self->step($_) for @all }
        readline $self->{line};
        $self->say('answered', scalar grep { $self->finish($_) } @all);
    }
    readline $self->{line};
}

sub say {
    my ($self, $word, $n) = @_;
    syswrite $self->{line}, "$word $n of $self->{n}\n";
}

sub begin {
    my ($self) = @_;

    socket my $s, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    setsockopt $s, SOL_SOCKET, SO_RCVBUF, $self->{room} if $self->{room};
    setsockopt $s, IPPROTO_TCP, TCP_NODELAY, 1;
    bind $s, sockaddr_in(0, inet_aton($self->{from})) or die "bind: $!\n";
    connect $s, sockaddr_in($self->{port}, inet_aton($self->{to} || '127.0.0.1')) or die "connect: $!\n";
    my $c = { socket => $s, sent => 0, got => '' };
    $self->send_some($c, $self->{first});
    return $c;
}

sub send_some {
    my ($self, $c, $n) = @_;
    my $left = length($self->{sends}) - $c->{sent};

    return if $left == 0;
    my $went = syswrite $c->{socket}, $self->{sends}, ($n < $left ? $n : $left), $c->{sent};
    $c->{sent} += $went if $went;
    $c->{broken} = 1 unless $went;
}

sub read_some {
    my ($c, $n) = @_;
    my $came = sysread $c->{socket}, $c->{got}, $n, length $c->{got};
    $c->{broken} = 1 unless $came;
}

# A little more of one connection.
sub step {
    my ($self, $c) = @_;

    return if $c->{broken};
    if ($c->{sent} < length $self->{sends}) {
        $self->send_some($c, 1);
    } elsif ($self->{length} && length $c->{got} < $self->{length} / 2) {
        read_some($c, 2048);
    }
}

# The rest of it at once; true when the answer was what it must be.
sub finish {
    my ($self, $c) = @_;

    $self->send_some($c, length $self->{sends});
    while (!$c->{broken}) {
        my $whole = !$self->{length} || length $c->{got} > $self->{length};
        return 1 if $whole && $c->{got} =~ $self->{answer} && $c->{got} =~ m{\AHTTP/1\.1 200 };
        my $in = '';
        vec($in, fileno $c->{socket}, 1) = 1;
        select($in, undef, undef, 20) or return 0;
        read_some($c, 65536);
    }
    return 0;
}

1;
