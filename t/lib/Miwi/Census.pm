# Census.pm - what a server's processes hold: children, descriptors, mappings, pages of zones, memory
#
#   my $before = Miwi::Census->take($m);
#   ...
#   Miwi::Census->take($m)->same_as($before, 'after it');       # exec => 1: it is another program since
#
# Processes are not told by their numbers, nor descriptors by theirs: what is compared is how many there are of which kind.
# SPDX-License-Identifier: Apache-2.0
package Miwi::Census;

use strict;
use warnings;

use Test::More;

sub take {
    my ($class, $m) = @_;
    my $master = $m->pid;
    my @workers = sort { $a <=> $b } $m->workers;
    my $self = bless { children => scalar @workers, pss => 0, own => 0, zones => {} }, $class;

    for my $pid ($master, @workers) {
        my $who = $pid == $master ? 'master' : 'worker';

        push @{ $self->{fds}{$who} }, join "\n", sort map { kind_of($_) } glob "/proc/$pid/fd/*";
        push @{ $self->{maps}{$who} }, join "\n", mappings($m, $pid);
        my ($pss, $own) = memory($m, $pid);
        $self->{pss} += $pss;
        $self->{own} += $own;
        push @{ $self->{own_of} }, "$who $own";
    }
    for my $fd (glob "/proc/$master/fd/*") {
        my ($name) = (readlink($fd) // '') =~ m{^/memfd:(\S+)} or next;
        $self->{zones}{$name} += (stat $fd)[12];        # blocks that it has, of 512 bytes
    }
    for my $by (qw(fds maps)) {
        $_ = [ sort @$_ ] for values %{ $self->{$by} };
    }
    return $self;
}

# One descriptor as one of its kind: sockets have no names.
sub kind_of {
    my ($path) = @_;
    my $kind = readlink $path // return ();
    return $kind =~ s/:\[\d+\]$//r;
}

# The mappings: files by name; anonymous ones by their rights.  What lies side by side is one, however the kernel keeps it.
sub mappings {
    my ($m, $pid) = @_;
    my ($end, $last, @all) = (0, '');

    for (split /\n/, $m->read_file("/proc/$pid/maps")) {
        my ($from, $to, $what) = /^(\w+)-(\w+) (\S+) \S+ \S+ \d+ *(.*)$/ ? ($1, $2, "$3 $4") : next;
        push @all, $what unless $what eq $last && $from eq $end;
        ($end, $last) = ($to, $what);
    }
    return sort @all;
}

# kB in proportion to how many share them: all, and those that are not pages of program files, which change with who else
# on the machine maps the same libraries.
sub memory {
    my ($m, $pid) = @_;
    my $text = $m->read_file("/proc/$pid/smaps_rollup");
    my %kb = $text =~ /^(Pss\w*):\s+(\d+) kB/mg;

    return ($kb{Pss} || 0, ($kb{Pss_Anon} || 0) + ($kb{Pss_Shmem} || 0));
}

# What one has more (+) or less (-) of than the other.
sub difference {
    my ($before, $now) = @_;
    my %n;

    $n{$_}-- for split /\n/, $before // '';
    $n{$_}++ for split /\n/, $now // '';
    return join ', ', map { ($n{$_} > 0 ? '+' : '') . "$n{$_} $_" } grep { $n{$_} } sort keys %n;
}

sub same_as {
    my ($self, $before, $what, %with) = @_;

    is($self->{children}, $before->{children}, "$what: as many workers");
    for my $who (qw(master worker)) {
        for my $i (0 .. $#{ $before->{fds}{$who} }) {
            is(difference($before->{fds}{$who}[$i], $self->{fds}{$who}[$i]), '', "$what: the same descriptors of a $who");
            my $more = difference($before->{maps}{$who}[$i], $self->{maps}{$who}[$i]);
            $more =~ s/^[+-][12] rw-p $// if $with{exec};       # who lies side by side is chance in each program
            is($more, '', "$what: the same mappings of a $who");
        }
    }
    is_deeply($self->{zones}, $before->{zones}, "$what: the same pages of zones");
    my $grown = $self->{own} - $before->{own};
    cmp_ok($grown, '<=', $before->{pss} * 0.05, "$what: no more memory: $before->{pss} kB before, $grown more now")
        or diag("before: @{ $before->{own_of} }; now: @{ $self->{own_of} }");
}

1;
