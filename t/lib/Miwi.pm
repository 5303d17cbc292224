# Miwi.pm - a server of one test: its folder, its ports, its configuration, its life and its end
#
#   use Miwi;
#   my $m = Miwi->new;
#   $m->write_file('html/a.txt', "hello\n");
#   $m->backend(app => sub { my $c = shift; my $r = $c->request; $c->answer(200, $r->{uri}); });
#   $m->start(<<'END');
#   events { }
#   http {
#       server {
#           listen 127.0.0.1:%port%;
#           location /app { proxy_pass http://%app%; }
#       }
#   }
#   END
#   is($m->http_get('/a.txt')->body, "hello\n", 'a file');
#   $m->finish;
#
# In a configuration %port% is a free port, %port:two% another one, %app% the address of the backend `app`, %dir% the
# folder, which is the server's prefix.  The first line gets `daemon off; pid ...; error_log ...;` (and `user root;` when
# root runs the test) as far as the configuration does not say them itself at the beginning of a line.
#
# finish() stops the server, asserts that it stopped, left no alert and no sanitizer report, and ends the plan.
# MIWI_BINARY names the program, MIWI_SLOW=N multiplies what we wait for, MIWI_KEEP=1 keeps the folder.
# SPDX-License-Identifier: Apache-2.0
package Miwi;

use strict;
use warnings;

use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Spec;
use File::Temp;
use IO::Socket::INET;
use JSON::PP ();
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

use Miwi::Connection;

my $slow = $ENV{MIWI_SLOW} || 1;
my @made;           # every Miwi of this process: END looks after what they started
my $creator = $$;   # forked backends must not
my @locks;          # of the ports that are ours
my %taken;

sub import {
    my ($class) = @_;
    strict->import;
    warnings->import;
    Test::More->export_to_level(1, $class);
}

# Skips the whole file unless all of these are there: programs, or Perl modules (with a '::').
sub need {
    my ($class, @names) = @_;
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";

    for my $name (@names) {
        my $there = $name =~ /::/ ? eval "require $name; 1"
                                  : grep { -x "$_/$name" } split /:/, $ENV{PATH};
        plan(skip_all => "needs $name") unless $there;
    }
}

# seconds: the whole test is ended after them (60).
sub new {
    my ($class, %with) = @_;
    my $binary = $ENV{MIWI_BINARY} || 'objs/miwidothttp';

    -x $binary or die "there is no program $binary: make\n";
    my $self = bless {
        binary   => abs_path($binary),
        temp     => File::Temp->newdir('miwi-XXXXXXXX', TMPDIR => 1, CLEANUP => !$ENV{MIWI_KEEP}),
        ports    => {},
        backends => {},
        groups   => [],
        troubles => [],
    }, $class;
    $self->{dir} = abs_path("$self->{temp}");
    diag("folder: $self->{dir}") if $ENV{MIWI_KEEP};
    make_path(map { "$self->{dir}/$_" } qw(logs html));
    push @made, $self;

    my $seconds = ($with{seconds} || 60) * $slow;
    $SIG{ALRM} = sub { die "the test took more than $seconds seconds\n" };
    $SIG{PIPE} = 'IGNORE';
    alarm($seconds);
    return $self;
}

# --- files -------------------------------------------------------------------------------------------------------------

sub dir { $_[0]{dir} }
sub binary { $_[0]{binary} }

sub path {
    my ($self, $name) = @_;
    return $name =~ m{^/} ? $name : "$self->{dir}/$name";
}

sub write_file {
    my ($self, $name, $text) = @_;
    my $path = $self->path($name);

    make_path(dirname($path));
    open my $file, '>:raw', $path or die "$path: $!\n";
    print $file $text or die "$path: $!\n";
    close $file or die "$path: $!\n";
    return $path;
}

sub append_file {
    my ($self, $name, $text) = @_;
    my $path = $self->path($name);

    open my $file, '>>:raw', $path or die "$path: $!\n";
    syswrite $file, $text;
    close $file;
}

sub read_file {
    my ($self, $name) = @_;
    my $path = $self->path($name);

    open my $file, '<:raw', $path or return '';
    local $/;
    return <$file> // '';
}

sub error_log { $_[0]->read_file('logs/error.log') }

# --- ports -------------------------------------------------------------------------------------------------------------

# A port that nobody has, and that no other test will take while we live: below the kernel's own range, and locked.
sub free_port {
    my $folder = File::Spec->tmpdir . "/miwi-ports-$<";

    mkdir $folder, 0700;
    for (1 .. 1000) {
        my $port = 10000 + int rand 22000;

        next if $taken{$port};
        open my $lock, '>', "$folder/$port" or die "$folder/$port: $!\n";
        flock $lock, LOCK_EX | LOCK_NB or next;
        IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => $port, Proto => 'tcp', Listen => 1) or next;
        IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => $port, Proto => 'udp') or next;
        push @locks, $lock;
        $taken{$port} = 1;
        return $port;
    }
    die "no free port\n";
}

sub port {
    my ($self, $name) = @_;
    return $self->{ports}{ $name // '' } ||= free_port();
}

# --- the server --------------------------------------------------------------------------------------------------------

sub fill_in {
    my ($self, $text) = @_;
    my $value = sub {
        my ($name) = @_;
        return $self->{dir}                 if $name eq 'dir';
        return $self->port($1)              if $name =~ /^port(?::(\w+))?$/;
        return $self->{backends}{$name}     if $self->{backends}{$name};
        die "nothing is known to put in place of %$name%\n";
    };
    $text =~ s/%([a-z]\w*(?::\w+)?)%/$value->($1)/ge;
    return $text;
}

# Writes the configuration; the answer is its path.
sub configure {
    my ($self, $text, $name) = @_;
    my @globals = (
        [ daemon    => 'daemon off;' ],
        [ pid       => 'pid miwi.pid;' ],
        [ error_log => 'error_log logs/error.log info;' ],
        [ user      => $> == 0 ? 'user root;' : '' ],
    );

    $self->{conf} = $name || 'miwi.conf';
    if ($self->{conf} !~ /\.ya?ml$/) {
        $text = join(' ', map { $text =~ /^$_->[0]\s/m ? () : $_->[1] } @globals) . " $text";
    }
    return $self->write_file($self->{conf}, $self->fill_in($text));
}

sub command {
    my ($self, @more) = @_;
    return ($self->{binary}, '-p', "$self->{dir}/", '-c', $self->{conf} || 'miwi.conf', '-e', 'logs/error.log', @more);
}

# Starts a server with the configuration (or that of before) and waits for its pid file, then for a worker.
sub start {
    my ($self, $text, @more) = @_;

    $self->configure($text) if defined $text;
    unlink $self->path('miwi.pid');
    $self->{pid} = $self->spawn('logs/stderr', $self->command(@more));
    my $ended;
    $self->wait_for(sub {
        return 1 if $self->pid && kill 0, $self->pid;
        $ended = waitpid($self->{pid}, WNOHANG) == $self->{pid} ? $? : undef unless defined $ended;
        return defined $ended && $ended != 0;
    }, 10);
    if ($self->pid && !$ended) {
        my $alone = $self->read_file('miwi.conf') =~ /^\s*master_process\s+off/m || "@more" =~ /master_process off/;
        $self->wait_for(sub { $self->workers }) unless $alone;
        return $self;
    }
    die "the server did not start:\n" . $self->read_file('logs/stderr') . $self->error_log;
}

# In the background, in a group of its own, with both its outputs in a file of ours.
sub spawn {
    my ($self, $output, @command) = @_;
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        setpgrp(0, 0);
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $self->path($output);
        open STDERR, '>&', \*STDOUT;
        $SIG{PIPE} = 'DEFAULT';
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    push @{ $self->{groups} }, $pid;
    return $pid;
}

# The pid that stands in the pid file, or undef.
sub pid {
    my ($self) = @_;
    my ($pid) = $self->read_file('miwi.pid') =~ /^(\d+)\n/;
    return $pid;
}

# The children of the master (or of any process).
sub workers {
    my ($self, $pid) = @_;
    $pid //= $self->pid // return;
    return split ' ', $self->read_file("/proc/$pid/task/$pid/children");
}

# Runs the program to its end, with exactly these arguments; the answer is (exit code, standard output, standard error).
sub run {
    my ($self, @args) = @_;
    my @out = map { $self->path("logs/run.$_") } qw(out err);
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $out[0];
        open STDERR, '>', $out[1];
        exec { $self->{binary} } $self->{binary}, @args or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    return ($code, map { $self->read_file($_) } @out);
}

# -t on a configuration that lies beside the server's own: (exit code, what it said).
sub check {
    my ($self, $text, $name) = @_;
    local $self->{conf};
    my $path = $self->configure($text, $name || 'check.conf');
    my ($code, $out, $err) = $self->run('-t', '-p', "$self->{dir}/", '-c', $path, '-e', 'logs/check.log');
    return ($code, $out . $err);
}

sub signal {
    my ($self, $name, $pid) = @_;
    return kill $name, $pid // $self->pid // 0;
}

# A new configuration for the running server; true when it serves by it.
sub reload {
    my ($self, $text) = @_;
    $self->configure($text) if defined $text;
    my @command = $self->command('-s', 'reload');
    shift @command;
    my ($code, $out, $err) = $self->run(@command);
    $self->{said} = $out . $err;
    return $code == 0;
}

# Ends the server; true when it went in peace within ten seconds.
sub stop {
    my ($self, $signal) = @_;
    my $pid = $self->pid // $self->{pid} // return 1;
    my $gone = sub { (waitpid($pid, WNOHANG) == $pid) || !kill 0, $pid };
    my $in_peace;

    kill $signal || 'QUIT', $pid;
    $in_peace = $self->wait_for($gone, 10);
    push @{ $self->{troubles} }, "the server $pid did not stop" unless $in_peace;
    for my $harder (qw(TERM KILL)) {
        last if $gone->();
        kill $harder, $pid;
        $self->wait_for($gone, 2);
    }
    delete $self->{pid};
    return $in_peace;
}

# Asks until the answer is true, for at most that many seconds (5); the answer is the last answer.
sub wait_for {
    my ($self, $ask, $seconds) = @_;
    my $until = time + ($seconds || 5) * $slow;
    my $pause = 0.005;

    while (1) {
        my $answer = $ask->();
        return $answer if $answer || time > $until;
        sleep $pause;
        $pause = 0.05 if ($pause *= 1.5) > 0.05;
    }
}

sub wait_for_log {
    my ($self, $pattern, $seconds) = @_;
    return $self->wait_for(sub { $self->error_log =~ $pattern }, $seconds);
}

# --- the client --------------------------------------------------------------------------------------------------------

# port => number, tls => 1 or { what IO::Socket::SSL takes }, to => path of a unix socket, from => address.
sub connect {
    my ($self, %with) = @_;
    return Miwi::Connection->open(port => $self->port, timeout => 5 * $slow, %with);
}

# Sends these bytes; the answer is all that comes back until the other side closes or is silent for too long.
sub http {
    my ($self, $raw, %with) = @_;
    my $c = $self->connect(%with);
    $c->send($raw);
    return $c->rest;
}

# One request on a connection of its own: method, version, host, headers => [...], body, and what connect() takes.
sub request {
    my ($self, $uri, %with) = @_;
    my $method  = delete $with{method} || 'GET';
    my $version = delete $with{version} || '1.1';
    my @headers = @{ delete $with{headers} || [] };
    my $host    = delete $with{host} // 'localhost';
    my $body    = delete $with{body};
    my $c       = $self->connect(%with);

    $c->send_request($method, $uri, version => $version, host => $host, headers => [ @headers, Connection => 'close' ],
        body => $body);
    return $c->response(method => $method);
}

sub http_get {
    my ($self, $uri, @headers) = @_;
    return $self->request($uri, headers => \@headers);
}

sub http_head {
    my ($self, $uri, @headers) = @_;
    return $self->request($uri, method => 'HEAD', headers => \@headers);
}

sub http_post {
    my ($self, $uri, $body, @headers) = @_;
    return $self->request($uri, method => 'POST', body => $body, headers => \@headers);
}

sub get_json {
    my ($self, $uri, @headers) = @_;
    return JSON::PP::decode_json($self->http_get($uri, @headers)->body);
}

# --- backends ----------------------------------------------------------------------------------------------------------

# backend(name => sub, options) or backend(sub): forks a server that runs sub($connection, $count) in a process of its own
# for each connection ($count from 1).  The answer is its port; %name% in a configuration is its address.
# unix => path: listens there.  tls => { what IO::Socket::SSL takes }.
sub backend {
    my $self = shift;
    my $name = ref $_[0] ? undef : shift;
    my ($serve, %with) = @_;
    my $port = $with{unix} ? undef : $with{port} || free_port();
    my $at   = $with{unix} ? 'unix:' . $self->path($with{unix}) : "127.0.0.1:$port";
    my $door = Miwi::Connection->listen($at);
    my $pid  = fork // die "fork: $!\n";

    if ($pid == 0) {
        setpgrp(0, 0);
        $SIG{ALRM} = $SIG{TERM} = 'DEFAULT';
        $SIG{CHLD} = 'IGNORE';
        my $n = 0;
        while (my $c = Miwi::Connection->accept($door, 5 * $slow)) {
            $n++;
            if (my $child = fork) {
                next;
            }
            eval { $c->start_tls($with{tls}) if $with{tls}; $serve->($c, $n); 1 } or warn "backend: $@";
            $c->close;
            POSIX::_exit(0);
        }
        POSIX::_exit(1);
    }
    push @{ $self->{groups} }, $pid;
    $self->{backends}{$name} = $at if defined $name;
    $self->{backend_pids}{ $name // $port // $at } = $pid;
    return $port // $at;
}

# Ends a backend, so that nobody listens there.
sub stop_backend {
    my ($self, $name) = @_;
    my $pid = delete $self->{backend_pids}{$name} // return;
    kill 'KILL', -$pid;
    waitpid $pid, 0;
}

# A self-signed certificate NAME.crt and NAME.key in the folder.  type => 'rsa': not ECDSA.
sub certificate {
    my ($self, $name, %with) = @_;
    my @key = ($with{type} || '') eq 'rsa' ? ('rsa:2048') : ('ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1');
    my @command = ('openssl', 'req', '-x509', '-nodes', '-days', '30', '-newkey', @key, '-subj', "/CN=$name",
        '-addext', "subjectAltName=DNS:$name", '-keyout', $self->path("$name.key"), '-out', $self->path("$name.crt"));
    my $pid = $self->spawn('logs/openssl', @command);

    waitpid $pid, 0;
    die "openssl: " . $self->read_file('logs/openssl') if $? != 0;
}

# --- the end -----------------------------------------------------------------------------------------------------------

# allow => pattern: lines of the error log that this test provokes on purpose.
sub finish {
    my ($self, %with) = @_;

    $self->stop;
    my $log = $self->error_log . $self->read_file('logs/stderr');
    my @alerts = grep { /\[(?:alert|emerg)\]/ && !($with{allow} && $_ =~ $with{allow}) } split /\n/, $log;
    is(join("\n", @alerts), '', 'no alerts');
    my $report = $log =~ /^([^\n]*(?:Sanitizer|runtime error:).*)/ms ? $1 : '';
    is($report, '', 'no sanitizer reports');
    is(join("\n", @{ $self->{troubles} }), '', 'stopped in peace');
    $self->clean_up;
    done_testing();
}

sub clean_up {
    my ($self) = @_;
    my $pid = $self->pid;

    if ($pid && kill 0, $pid) {
        kill 'KILL', $pid, $self->workers($pid);
    }
    kill 'KILL', -$_ for @{ $self->{groups} };
    waitpid $_, 0 for @{ $self->{groups} };
    $self->{groups} = [];
}

END {
    my $rc = $?;
    if ($$ == $creator) {
        alarm 0;
        $_->clean_up for @made;
        @made = ();
    }
    $? = $rc;
}

1;
