# Bench.pm - what the tools of this folder share: programs built for them, servers on one CPU, memory, medians
# SPDX-License-Identifier: Apache-2.0
package Bench;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp;
use IO::Handle;
use POSIX ();
use Time::HiRes qw(sleep time);

use Miwi ();

our @EXPORT = qw(tools set_up origin start_server stop_server pids_of pin memory_of spread_of median load hold release
    spin unspin named setting $http);

our ($here, $temp, %server, @helpers) = (abs_path(dirname(__FILE__)));
my $creator = $$;

# A number or a word from the environment (make bench SECONDS=4).
sub setting {
    my ($name, $default) = @_;
    my $value = $ENV{$name};
    return defined $value && $value ne '' ? $value : $default;
}

# Ends everything that was started, whatever happens: at most that many seconds from now.
sub set_up {
    my ($seconds) = @_;
    $temp = File::Temp->newdir('miwi-bench-XXXXXXXX', TMPDIR => 1);
    chmod 0755, "$temp";
    $SIG{INT} = $SIG{TERM} = sub { exit 1 };
    build($_) for [ load => qw(load.c reader.c count.c -lssl -lcrypto) ], [ origin => 'origin.c' ];
    return "$temp";
}

sub build {
    my ($name, @what) = @{ $_[0] };
    my @command = (split(' ', setting(CC => 'cc')), qw(-std=c11 -D_GNU_SOURCE -O2 -o), "$temp/$name",
        map { /^-/ ? $_ : "$here/$_" } @what);
    system(@command) == 0 or die "cannot build $name: @command\n";
}

# --- processes ---------------------------------------------------------------------------------------------------------

sub pin {
    my ($cpu, @pids) = @_;
    for my $pid (@pids) {
        my $out = `taskset -a -c -p $cpu $pid 2>&1`;
        die "taskset: $out" if $?;
    }
}

# A server by that program, with its own folder; its workers on that CPU (or where they like).
sub start_server {
    my ($name, $binary, $conf, %with) = @_;
    local $ENV{MIWI_BINARY} = $binary;
    my $m = Miwi->new(seconds => $with{seconds} || 3600);

    $with{prepare}->($m) if $with{prepare};
    $m->start($conf);
    $m->wait_for(sub { $m->workers }) or die "$name: no worker came up\n";
    sleep 0.3;
    pin($with{cpu}, $m->workers) if defined $with{cpu};
    return $server{$name} = $m;
}

sub stop_server {
    my ($name) = @_;
    my $m = delete $server{$name} or return;
    $m->stop('TERM');
    $m->clean_up;
}

sub pids_of {
    my ($m) = @_;
    return ($m->pid, $m->workers);
}

# The name and version that a binary says.
sub named {
    my ($binary) = @_;
    my $said = `'$binary' -v 2>&1`;
    return $said =~ m{version: (\S+(?: \([^)]*\))?)} ? $1 : $binary;
}

# In the background, on a CPU; with a pipe from its output, and with one to its input when asked for.
sub background {
    my ($cpu, @command) = @_;
    pipe my $out, my $out_end or die "pipe: $!\n";
    pipe my $in_end, my $in or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        open STDIN, '<&', $in_end;
        open STDOUT, '>&', $out_end;
        close $_ for $in, $out;
        exec(defined $cpu ? ('taskset', '-c', $cpu) : (), @command) or POSIX::_exit(127);
    }
    my $helper = { pid => $pid, out => $out, in => $in };
    push @helpers, $helper;
    return $helper;
}

sub forget {
    my ($helper, $signal) = @_;
    @helpers = grep { $_ != $helper } @helpers;
    kill $signal, $helper->{pid} if $signal;
    close $helper->{in};
    waitpid $helper->{pid}, 0;
    my $code = $?;
    close $helper->{out};
    return $code;
}

# The backend: its port.
sub origin {
    my ($cpu) = @_;
    my $helper = background($cpu, "$temp/origin");
    my $port = readline $helper->{out};
    return $port =~ /^(\d+)/ ? $1 : die "the origin did not start\n";
}

# A process that takes as much of the CPU as it can get: beside a busy server the half.
sub spin {
    my ($cpu) = @_;
    return background($cpu, $^X, '-e', '1 while 1');
}

sub unspin { forget($_[0], 'KILL') }

# One run of the load generator, with its numbers as a hash; undef and a word of warning when it fails.
sub load {
    my ($cpu, @args) = @_;
    my $helper = background($cpu, "$temp/load", @args);
    my $line = readline($helper->{out}) // '';
    forget($helper);
    return { $line =~ /(\w+)=([\d.]+)/g };
}

# Idle connections: opens them and holds them until release(), which tells how many were there to the end.
sub hold {
    my ($cpu, @args) = @_;
    return background($cpu, "$temp/load", '-i', @args);
}

sub release {
    my ($helper) = @_;
    close $helper->{in};
    my $line = readline($helper->{out}) // '';
    forget($helper);
    return $line =~ /^kept (\d+)/ ? $1 : 0;
}

# --- numbers -----------------------------------------------------------------------------------------------------------

# Proportional set size of these processes, in bytes.
sub memory_of {
    my $sum = 0;
    for my $pid (@_) {
        open my $file, '<', "/proc/$pid/smaps_rollup" or next;
        while (my $line = <$file>) { $sum += $1 * 1024 if $line =~ /^Pss:\s+(\d+)/ }
    }
    return $sum;
}

sub median {
    my @sorted = sort { $a <=> $b } @_ or return;
    return @sorted % 2 ? $sorted[ $#sorted / 2 ] : ($sorted[ @sorted / 2 ] + $sorted[ @sorted / 2 - 1 ]) / 2;
}

# From the least to the greatest, in parts of the median.
sub spread_of {
    my @sorted = sort { $a <=> $b } @_ or return 0;
    return median(@sorted) ? ($sorted[-1] - $sorted[0]) / median(@sorted) : 0;
}

END {
    my $rc = $?;
    if ($$ == $creator) {
        forget($_, 'KILL') for @helpers;
        stop_server($_) for keys %server;
    }
    $? = $rc;
}

1;
