# Talk.pm - many raw exchanges at once: what is sent stands in a file, what comes back is all bytes until the end
#
# The file has an exchange in a line: its name, blanks, and what is sent:
#
#   name  GET /a.txt | Range: bytes=0-1 | = body    a request of HTTP/1.1 with Host and Connection: close; fields of the
#                                                   same name replace these, `-Host` takes one away
#   name  > GET /a HTTP/1.0\r\n\r\n                 these bytes
#
# In both \r \n \t \0 \\ \xHH mean what they do in C, {a*9000} is 9000 times a, <pause> waits a moment, and <end> ends
# what we have to say.  A line that begins with blanks goes on where the one before ended.
# SPDX-License-Identifier: Apache-2.0
package Miwi::Talk;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Socket qw(SHUT_WR);
use Time::HiRes qw(time);

my $slow   = $ENV{MIWI_SLOW} || 1;
my %escape = (r => "\r", n => "\n", t => "\t", 0 => "\0", '\\' => '\\');

sub unescape {
    my ($text) = @_;
    $text =~ s/\{([^{}*]+)\*(\d+)\}/$1 x $2/ge;
    $text =~ s/\\(?:x([0-9a-fA-F]{2})|(.))/defined $1 ? chr hex $1 : $escape{$2} \/\/ die "what is \\$2 in $text?\n"/ge;
    return $text;
}

# The short form: METHOD target | Field: value ...
sub expand {
    my ($text) = @_;
    my ($line, @parts) = split / \| /, $text;
    my @fields = (Host => 'localhost', Connection => 'close');
    my $body   = '';

    for my $part (@parts) {
        my ($name, $value) = $part =~ /^([^:]+?):\s*(.*)$/;

        if ($part =~ /^= (.*)$/) {
            $body = unescape($1);
            push @fields, 'Content-Length', length $body;
        } elsif ($part =~ /^-(\S+)$/) {
            @fields = map { $fields[ $_ * 2 ] eq $1 ? () : @fields[ $_ * 2, $_ * 2 + 1 ] } 0 .. $#fields / 2;
        } else {
            my ($old) = grep { $fields[ $_ * 2 ] eq $name } 0, 1;
            defined $old && $old * 2 < @fields ? $fields[ $old * 2 + 1 ] = $value : push @fields, $name, $value;
        }
    }
    my $head = "$line HTTP/1.1\\r\\n";
    $head .= shift(@fields) . ': ' . shift(@fields) . '\\r\\n' while @fields;
    return unescape("$head\\r\\n") . $body;
}

# All of a file: a list of { name, bytes }; %port% and the like are put in by fill, a function of text.
sub read_file {
    my ($path, $fill) = @_;
    my (@all, %seen);

    open my $file, '<:raw', $path or die "$path: $!\n";
    while (my $line = <$file>) {
        chomp $line;
        next if $line =~ /^#|^\s*$/;
        if ($line =~ /^\s+(.*)$/) {
            $all[-1]{text} .= $1;
            next;
        }
        $line =~ /^(\S+)\s+(.*)$/ or die "$path:$.: no request\n";
        die "$path:$.: a second $1\n" if $seen{$1}++;
        push @all, { name => $1, text => $2 };
    }
    for my $one (@all) {
        my $text = $fill ? $fill->($one->{text}, $one) : $one->{text};
        $one->{bytes} = $text =~ s/^> // ? unescape($text) : expand($text);
    }
    return @all;
}

# Sends each text to the port, at most `together` (50) at a time; the answer is a list of { got, ended } in their order.
# Who says nothing for `silence` (3) seconds is left: then ended is 0.
sub talk {
    my ($port, $texts, %with) = @_;
    my @waiting = map { { parts => [ split /(?=<pause>)/, $_ ], got => '', ended => 0 } } @$texts;
    my @all     = @waiting;
    my $silence = ($with{silence} || 3) * $slow;
    my %open;

    while (@waiting || %open) {
        while (@waiting && keys %open < ($with{together} || 50)) {
            my $one = shift @waiting;
            $one->{socket} = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp')
                or die "cannot connect to $port: $!\n";
            $one->{socket}->blocking(0);
            $one->{heard} = $one->{due} = time;
            $open{ fileno $one->{socket} } = $one;
        }
        step(\%open, $silence);
    }
    return @all;
}

sub step {
    my ($open, $silence) = @_;
    my $now = time;
    my ($readers, $writers) = (IO::Select->new, IO::Select->new);

    for my $one (values %$open) {
        $readers->add($one->{socket});
        $writers->add($one->{socket}) if @{ $one->{parts} } && $one->{due} <= $now;
    }
    my ($readable, $writable) = IO::Select->select($readers, $writers, undef, 0.02);
    say_on($open->{ fileno $_ }) for @{ $writable || [] };
    hear($open->{ fileno $_ }) for @{ $readable || [] };
    for my $number (keys %$open) {
        my $one = $open->{$number};
        next unless $one->{ended} || time - $one->{heard} > $silence;
        delete($one->{socket})->close;
        delete $open->{$number};
    }
}

sub say_on {
    my ($one) = @_;
    my $parts = $one->{parts};

    $parts->[0] =~ s/^<pause>//;
    my $end = $parts->[0] =~ s/<end>$//;
    my $n = length $parts->[0] ? syswrite $one->{socket}, $parts->[0] : 0;
    if (!defined $n) {
        @$parts = () unless $!{EAGAIN};
        return;
    }
    substr $parts->[0], 0, $n, '';
    $one->{heard} = time;
    $parts->[0] .= '<end>' if $end && length $parts->[0];
    return if length $parts->[0];
    $one->{socket}->shutdown(SHUT_WR) if $end;
    shift @$parts;
    $one->{due} = time + 0.2 * $slow;
}

sub hear {
    my ($one) = @_;
    my $n = sysread $one->{socket}, $one->{got}, 65536, length $one->{got};

    return if !defined $n && $!{EAGAIN};
    $one->{heard} = time;
    $one->{ended} = 1 unless $n;
    $one->{reset} = 1 unless defined $n;
}

1;
