# Connection.pm - one end of a connection in a test: bytes, requests and responses, with a time limit on each wait
# SPDX-License-Identifier: Apache-2.0
package Miwi::Connection;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(SOMAXCONN SHUT_WR);
use Time::HiRes qw(time);

use Miwi::Message;

sub open {
    my ($class, %with) = @_;
    my $s = defined $with{to}
        ? IO::Socket::UNIX->new(Peer => $with{to})
        : IO::Socket::INET->new(
            PeerAddr => $with{host} || '127.0.0.1',
            PeerPort => $with{port},
            Proto    => 'tcp',
            Timeout  => $with{timeout},
            $with{from} ? (LocalAddr => $with{from}) : (),
        );

    $s or die 'cannot connect to ' . ($with{to} // $with{port}) . ": $!\n";
    my $self = $class->adopt($s, $with{timeout});
    $self->start_tls({ SSL_verify_mode => 0, ref $with{tls} ? %{ $with{tls} } : () }, 'as a client') if $with{tls};
    return $self;
}

sub adopt {
    my ($class, $socket, $timeout) = @_;
    $socket->autoflush(1);
    binmode $socket;
    return bless { socket => $socket, got => '', timeout => $timeout || 5, ended => 0 }, $class;
}

# at: 127.0.0.1:PORT or unix:PATH
sub listen {
    my ($class, $at) = @_;
    my $s = $at =~ /^unix:(.*)/
        ? IO::Socket::UNIX->new(Local => $1, Listen => SOMAXCONN)
        : IO::Socket::INET->new(LocalAddr => $at, Proto => 'tcp', Listen => SOMAXCONN, ReuseAddr => 1);
    return $s || die "cannot listen on $at: $!\n";
}

sub accept {
    my ($class, $door, $timeout) = @_;
    my $s;

    do { $s = $door->accept } while !$s && $!{EINTR};
    return $s && $class->adopt($s, $timeout);
}

sub start_tls {
    my ($self, $with, $client) = @_;

    require IO::Socket::SSL;
    $self->{socket} = IO::Socket::SSL->start_SSL($self->{socket}, SSL_server => !$client, Timeout => $self->{timeout},
        %$with) or die 'TLS: ' . IO::Socket::SSL::errstr() . "\n";
    $self->{tls} = 1;
}

sub socket { $_[0]{socket} }
sub timeout { $_[0]{timeout} = $_[1] }

# --- bytes -------------------------------------------------------------------------------------------------------------

# False when the other side is gone.
sub send {
    my ($self, $bytes) = @_;
    my $at = 0;

    local $SIG{PIPE} = 'IGNORE';
    while ($at < length $bytes) {
        my $n = $self->{socket}->syswrite($bytes, length($bytes) - $at, $at);
        return 0 unless defined $n;
        $at += $n;
    }
    return 1;
}

# Waits for more; false at the end, or when nothing came in time (then timed_out is true).
sub fill {
    my ($self, $seconds) = @_;

    return 0 if $self->{ended};
    $self->{timed_out} = 0;
    unless ($self->{tls} && $self->{socket}->pending) {
        unless (IO::Select->new($self->{socket})->can_read($seconds // $self->{timeout})) {
            $self->{timed_out} = 1;
            return 0;
        }
    }
    my $n = $self->{socket}->sysread($self->{got}, 65536, length $self->{got});
    return 1 if $n;
    return 1 if !defined $n && $self->{tls} && $!{EWOULDBLOCK};
    $self->{reset} = !defined $n && $!{ECONNRESET};
    $self->{ended} = 1;
    return 0;
}

sub timed_out { $_[0]{timed_out} }
sub was_reset { $_[0]{reset} }

# All that comes until the end, or until nothing comes for that long.
sub rest {
    my ($self, $seconds) = @_;
    1 while $self->fill($seconds);
    return $self->take(length $self->{got});
}

# At least that many bytes; fewer when no more come.
sub read {
    my ($self, $n) = @_;
    1 while length $self->{got} < $n && $self->fill;
    return $self->take($n);
}

sub take {
    my ($self, $n) = @_;
    return substr $self->{got}, 0, $n, '';
}

# Up to and with the pattern; undef when it does not come.
sub read_until {
    my ($self, $pattern) = @_;
    while (1) {
        return $self->take($+[0]) if $self->{got} =~ $pattern;
        $self->fill or return;
    }
}

# True when the other side closes (within the time), without another byte.
sub is_closed {
    my ($self, $seconds) = @_;
    1 while $self->fill($seconds) && $self->{got} eq '';
    return $self->{ended} && $self->{got} eq '';
}

sub finish_sending { $_[0]{socket}->shutdown(SHUT_WR) }
sub close { $_[0]{socket}->close }

# --- messages ----------------------------------------------------------------------------------------------------------

sub names {
    my %pairs = @_;
    return join "\n", keys %pairs;
}

sub send_request {
    my ($self, $method, $uri, %with) = @_;
    my $version = $with{version} || '1.1';
    my @headers = @{ $with{headers} || [] };
    my $head    = "$method $uri HTTP/$version\r\n";

    unshift @headers, Host => $with{host} // 'localhost' unless names(@headers) =~ /^host$/im;
    push @headers, 'Content-Length' => length $with{body} if defined $with{body};
    $head .= shift(@headers) . ': ' . shift(@headers) . "\r\n" while @headers;
    return $self->send("$head\r\n" . ($with{body} // ''));
}

# The next response (interim ones are in its `interim`), or one whose status is 0 when none came.
sub response {
    my ($self, %with) = @_;
    my @interim;

    while (1) {
        my $r = Miwi::Message->read_head($self) || return Miwi::Message->nothing($self);
        if ($r->status >= 100 && $r->status < 200 && $r->status != 101) {
            push @interim, $r;
            next;
        }
        $r->{interim} = \@interim;
        my $bodiless = ($with{method} || '') eq 'HEAD' || $r->status =~ /^(?:101|204|304)$/;
        $r->read_body($self, $bodiless ? 'none' : 'to the end');
        return $r;
    }
}

# The next request (of a backend), or undef at the end.
sub request {
    my ($self, %with) = @_;
    my $r = Miwi::Message->read_head($self) || return;
    $r->read_body($self, 'none by default') unless $with{head_only};
    return $r;
}

# answer(status, body, headers ...): a whole response with its length.
sub answer {
    my ($self, $status, $body, @headers) = @_;
    my $head = "HTTP/1.1 $status " . (Miwi::Message::reason($status)) . "\r\n";

    push @headers, 'Content-Length' => length $body unless names(@headers) =~ /^(?:content-length|transfer-encoding)$/im;
    $head .= shift(@headers) . ': ' . shift(@headers) . "\r\n" while @headers;
    return $self->send("$head\r\n$body");
}

1;
