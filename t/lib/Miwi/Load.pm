# Load.pm - clients that ask without a pause, each in a process of its own, and count what became of each request
#
#   my $load = Miwi::Load->start($m,
#       { name => 'plain', uris => [ '/a.txt' ], expect => qr/^hello$/ },
#       { name => 'tls', port => $m->port('tls'), tls => 1, close => 1, clients => 2, uris => [ '/app/1' ] });
#   ...
#   my $tally = $load->stop;            # { plain => { sent, answered, connections, closed, lost => [ 'why' ] }, ... }
#
# A client keeps its connection unless it is to `close`; one that the server said to close, or closed while nothing was
# under way (`closed` counts them), is opened anew.  A request is lost when it was sent and its answer did not come whole,
# did not have `status` (200) or not a body like `expect`.  pause: seconds between requests (0.002); within: those that took
# more seconds are counted as `late`; method, headers, body as Miwi::Connection::send_request takes them.
# SPDX-License-Identifier: Apache-2.0
package Miwi::Load;

use strict;
use warnings;

use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

use Miwi::Connection;

my $slow = $ENV{MIWI_SLOW} || 1;
my $serial = 0;
my $context;
my $term = POSIX::SigSet->new(POSIX::SIGTERM);

sub start {
    my ($class, $m, @kinds) = @_;
    my $self = bless { m => $m, clients => [], kinds => \@kinds }, $class;

    for my $kind (@kinds) {
        push @{ $self->{clients} }, $self->begin_client($kind) for 1 .. $kind->{clients} || 1;
    }
    return $self;
}

sub begin_client {
    my ($self, $kind) = @_;
    my $from = sprintf '127.0.1.%d', 1 + $serial++ % 250;   # so that none runs out of ports

    pipe my $reader, my $writer or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        setpgrp(0, 0);
        POSIX::sigprocmask(POSIX::SIG_BLOCK, $term);        # it shall not interrupt a wait
        alarm 0;
        close $reader;
        my $tally = eval { work($self->{m}, { from => $from, %$kind }) } || { lost => [ "the client died: $@" ] };
        syswrite $writer, JSON::PP::encode_json($tally);
        POSIX::_exit(0);
    }
    push @{ $self->{m}{groups} }, $pid;
    return { pid => $pid, reader => $reader, name => $kind->{name} };
}

sub told_to_stop {
    my $pending = POSIX::SigSet->new;
    POSIX::sigpending($pending);
    return $pending->ismember(POSIX::SIGTERM);
}

# The life of one client.
sub work {
    my ($m, $kind) = @_;
    my %tally = (sent => 0, answered => 0, connections => 0, closed => 0, slowest => 0, lost => []);
    my $method = $kind->{method} || 'GET';
    my $c;

    for (my $n = 0; !told_to_stop(); $n++) {
        my $uri = $kind->{uris}[$n % @{ $kind->{uris} }];

        if ($c && $c->fill(0)) {
            push @{ $tally{lost} }, 'bytes that nobody asked for';
            $c = undef;
        } elsif ($c && $c->{ended}) {
            $tally{closed}++;
            $c->close;
            $c = undef;
        }
        $c ||= open_connection($kind, $m, \%tally) || next;
        my $began = time;
        my $why = exchange($c, $kind, $method, $uri, \%tally);
        my $took = time - $began;
        $tally{slowest} = $took if $took > $tally{slowest};
        $tally{late}++ if $kind->{within} && $took > $kind->{within} * $slow;
        if ($why) {
            my $when = POSIX::strftime('%H:%M:%S', localtime) . sprintf '.%03d', (time - int time) * 1000;
            push @{ $tally{lost} }, "$when $method $uri: $why" if @{ $tally{lost} } < 20;
            $tally{lost_all}++;
        }
        if ($why || $kind->{close} || $c->{told_to_close}) {
            $c->close;
            $c = undef;
        }
        sleep($kind->{pause} // 0.002);
    }
    $c->close if $c;
    return \%tally;
}

# One for all connections of a client: to make one takes longer than a handshake.
sub context {
    require IO::Socket::SSL;
    return $context ||= { SSL_reuse_ctx => IO::Socket::SSL::SSL_Context->new(SSL_verify_mode => 0) };
}

sub open_connection {
    my ($kind, $m, $tally) = @_;
    my $c = eval {
        Miwi::Connection->open(port => $kind->{port} || $m->port, from => $kind->{from}, tls => $kind->{tls} && context(),
            timeout => 10 * $slow);
    };

    if ($c) {
        $tally->{connections}++;
        return $c;
    }
    push @{ $tally->{lost} }, "no connection: $@" if @{ $tally->{lost} } < 20;
    $tally->{lost_all}++;
    sleep 0.02;
    return;
}

# What went wrong, or nothing.
sub exchange {
    my ($c, $kind, $method, $uri, $tally) = @_;
    my $expect = $kind->{expect};
    my @headers = (@{ $kind->{headers} || [] }, $kind->{close} ? (Connection => 'close') : ());

    $tally->{sent}++;
    $c->send_request($method, $uri, headers => \@headers, body => $kind->{body}) || return "not taken: $!";
    my $r = $c->response(method => $method);
    return $c->timed_out ? 'no answer in time' : $c->was_reset ? 'reset' : 'closed without an answer' unless $r->status;
    return 'cut after ' . length($r->body) . ' bytes' if $r->cut;
    return 'status ' . $r->status if $r->status != ($kind->{status} || 200);
    return 'another body: ' . substr($r->body, 0, 60) if $expect && $r->body !~ $expect;
    $tally->{answered}++;
    $c->{told_to_close} = lc($r->header('Connection') // '') eq 'close';
    return;
}

# Each client ends with its present request; what they counted, by name.
sub stop {
    my ($self) = @_;
    my %all;

    kill 'TERM', $_->{pid} for @{ $self->{clients} };
    for my $client (@{ $self->{clients} }) {
        my $text = do { local $/; readline $client->{reader} };
        my $one = eval { JSON::PP::decode_json($text) } || { lost => [ 'the client did not report' ] };
        my $sum = $all{ $client->{name} } ||= { lost => [] };

        waitpid $client->{pid}, 0;
        push @{ $sum->{lost} }, @{ delete $one->{lost} };
        my $slowest = delete $one->{slowest} // 0;
        $sum->{slowest} = $slowest if ($sum->{slowest} // 0) < $slowest;
        $sum->{$_} += $one->{$_} for keys %$one;
    }
    my %ours = map { $_->{pid} => 1 } @{ $self->{clients} };
    @{ $self->{m}{groups} } = grep { !$ours{$_} } @{ $self->{m}{groups} };
    return \%all;
}

1;
