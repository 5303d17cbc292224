# reload.t - a new configuration while it serves: sockets stay, nothing is lost, a bad one changes nothing and says so
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $conf = <<'END';
worker_processes 2;
events { }
http {
    log_format short "$status $uri";
    access_log logs/access.log short;
    server { listen 127.0.0.1:%port%; location / { return 200 "one\n"; } location /slow { root html; limit_rate 40k; } }
    server { listen 127.0.0.1:%port:own% reuseport; return 200 "own\n"; }
    server { listen unix:%dir%/a.sock; return 200 "unix\n"; }
}
END
$m->write_file('html/slow', 'x' x 60_000);
my @own = (port => $m->port('own'));
$m->start($conf);
my $master = $m->pid;
my @old = $m->workers;

is($m->http_get('/')->body, "one\n", 'before');
my $kept = $m->connect;
$kept->send_request(GET => '/');
is($kept->response->body, "one\n", 'on a connection that is kept');
my $busy = $m->connect;
$busy->send_request(GET => '/');
is($busy->response->header('Connection'), 'keep-alive', 'on another one');
my $slow = $m->connect;
$slow->send_request(GET => '/slow');
like($slow->read_until(qr/\r\n\r\n/), qr/^Connection: keep-alive\r$/m, 'on one whose answer takes its time');

ok($m->reload($conf =~ s/one/two/r), 'reload: exit code 0');
is($m->{said}, '', 'and not a word');
$busy->send_request(GET => '/');
is($busy->response->header('Connection'), 'close', 'who asks just then is answered, and told that this was the last');
is($m->http_get('/')->body, "two\n", 'the new configuration serves at once');
is($m->request('/', @own)->body, "own\n", 'sockets of each worker too') for 1 .. 4;
is($m->pid, $master, 'the same master');
is($kept->rest, '', 'the idle connection was closed');
is(length $slow->read(60_000), 60_000, 'the slow answer came whole');
ok($slow->is_closed(2), 'and its connection is not kept for long');
ok($m->wait_for(sub { my %old = map { $_ => 1 } @old; !grep { $old{$_} } $m->workers }), 'the old workers are gone');
like($m->error_log, qr/\[notice\] $master#$master: worker process $_ exited with code 0\n/, 'in peace') for @old;

# one that cannot be
my ($worker) = $m->workers;
ok(!$m->reload("events { }\nhttp { nonsense; }\n"), 'a bad one: exit code 1');
like($m->{said}, qr{^miwidothttp: \[emerg\] unknown directive "nonsense" in \S+:2$}m, 'and why');
is($m->http_get('/')->body, "two\n", 'it serves as before');
is(($m->workers)[0], $worker, 'by the same workers');
$m->signal('HUP');
ok($m->wait_for_log(qr/\[emerg\] $master#$master: unknown directive "nonsense" in \S+:2\n/), 'the bare signal says it in the log');

# one whose sockets cannot be had, with the reason in the log and files that are left as they were
my $taken = Miwi->free_port;
my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $taken, Listen => 1);
sub fds { scalar(() = glob "/proc/$master/fd/*") }
my $fds = fds();
for (1 .. 10) {         # what the reload before had open may still be closing: the fewest there are
    select undef, undef, undef, 0.02;
    $fds = fds() if fds() < $fds;
}
ok(!$m->reload($conf =~ s/two|one/three/r =~ s/(server \{)/server { listen 127.0.0.1:$taken; } $1/r), 'a busy address: exit code 1');
like($m->{said}, qr/cannot be opened, see the error log/, 'and why');
like($m->error_log, qr/\[emerg\] $master#$master: bind\(\) to 127.0.0.1:$taken failed \(98: Address already in use\)\n/, 'in the log');
is($m->http_get('/')->body, "two\n", 'it serves as before');
ok($m->wait_for(sub { fds() == $fds }), 'all that it had opened is closed') or diag(fds() . " descriptors, not $fds");
close $other;

# the control says nothing when it is not to wait
$m->configure($conf =~ s/one/four/r);
my ($code) = $m->run(($m->command('-s', 'reload', '--no-wait'))[1 .. 8]);
is($code, 0, '--no-wait');
ok($m->wait_for(sub { $m->http_get('/')->body eq "four\n" }), 'it comes all the same');

# an address more, an address less
my $more = $m->port('more');
ok($m->reload($conf =~ s/one/five/r =~ s/(listen 127.0.0.1:%port%;)/$1 listen 127.0.0.1:%port:more%;/r
    =~ s/^.*unix:.*\n//mr), 'other sockets');
is($m->request('/', port => $more)->body, "five\n", 'the new one');
ok(!-e $m->path('a.sock'), 'the name of the one that went is gone');
ok($m->reload($conf =~ s/one/six/r =~ s/worker_processes 2/worker_processes 1/r), 'fewer workers');
ok(!IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $more), 'nobody listens at the old one');
is($m->request('/', @own)->body, "own\n", 'no socket is without a worker') for 1 .. 8;
like($m->http("GET / HTTP/1.0\r\n\r\n", to => $m->path('a.sock')), qr/unix\n$/, 'a unix socket again');

# a worker that cannot begin leaves the old ones
SKIP: {
    skip 'only root has workers of another user', 3 if $> != 0;
    ok(!$m->reload("working_directory /nonexistent;\n" . $conf), 'workers that cannot start: exit code 1');
    like($m->{said}, qr/could not start/, 'and why');
    is($m->http_get('/')->body, "six\n", 'it serves as before');
}

# many reloads under load lose nothing, and leave nothing
$m->configure($conf);
my $child = fork // die;
if ($child == 0) {
    my ($n, $bad) = (0, 0);
    $SIG{TERM} = sub { POSIX::_exit($bad || !$n ? 1 : 0) };
    while (1) {
        my $got = eval { $m->http_get("/load")->body } // '';
        $n++;
        $bad++ unless $got =~ /^(?:one|six)\n$/;
    }
}
ok($m->reload, "reload $_ under load") for 1 .. 10;
kill 'TERM', $child;
waitpid $child, 0;
is($?, 0, 'every request was answered');
ok($m->wait_for(sub { $m->workers == 2 }), 'two workers are left');
cmp_ok(scalar(() = glob "/proc/$master/fd/*"), '<=', $fds + 2, 'and no descriptors');
$m->finish(allow => qr/unknown directive "nonsense"| bind\(\) to 127|still could not bind|chdir|the old one stays/);
