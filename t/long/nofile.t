# nofile.t - more clients than descriptors: it serves whom it has, says what is wrong, and takes the others when there is room
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(sleep time);

my $m = Miwi->new(seconds => 115);
$m->write_file('html/small.txt', "small\n");
$m->write_file("html/f$_.bin", chr(65 + $_) x 200_000) for 1 .. 20;
$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) { $c->answer(200, "app $r->{uri}\n") }
});
my $conf = <<'END';
worker_processes 1;
worker_rlimit_nofile 64;
events { worker_connections 1024; }
http {
    access_log off;
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /app/ { proxy_pass http://%app%; }
        location = /status { stub_status; }
    }
}
END
$m->start($conf);
sub cpu {
    my ($pid) = @_;
    my @fields = split ' ', $m->read_file("/proc/$pid/stat") =~ s/.*\) //r;
    return ($fields[11] + $fields[12]) / 100;
}
sub ask { my ($c, $uri) = @_; $c->send_request(GET => $uri); return $c->response }
my ($worker) = $m->workers;
like($m->error_log, qr/\[warn\] \S+ 1024 worker_connections exceed open file resource limit: 64/, 'the start says it already');

my ($first, $second, $third) = map { $m->connect } 1 .. 3;
is(ask($_, '/small.txt')->body, "small\n", 'an early client') for $first, $second, $third;
is($m->http_get('/app/0')->body, "app /app/0\n", 'the application');
my @all = map { $m->connect } 1 .. 300;         # they wait in the socket's backlog
sleep 0.5;
ok($m->wait_for_log(qr/\[crit\] $worker#$worker: accept4\(\) failed \(24: Too many open files\)/), 'accept4() fails, and it is said');
like($m->error_log, qr/\[crit\] $worker#$worker: no descriptor is left of 64, connections wait: raise worker_rlimit_nofile, or lower /,
    'with the way out');
is(ask($first, '/small.txt')->body, "small\n", 'who was in is served');
my $answer = ask($second, '/f1.bin');
like($answer->status, qr/^(?:200|500)$/, 'a file that must be opened, or a 500: ' . $answer->status);
$answer = ask($third, '/app/1');
like($answer->status, qr/^(?:200|50[02])$/, 'an application that must be dialled, or an error: ' . $answer->status);
is(ask($first, '/small.txt')->body, "small\n", 'and the first one goes on');
$_->close for $second, $third;

my ($used, $lines) = (cpu($worker), lines());
sub lines { scalar(() = $m->error_log =~ /\n/g) }
sleep 5;
cmp_ok(cpu($worker) - $used, '<', 0.1, 'it does not spin: ' . (cpu($worker) - $used) . ' s of processor time in 5 s');
cmp_ok(lines() - $lines, '<=', 30, 'nor fill the log: ' . (lines() - $lines) . ' lines');

# each client asks once and goes: all come in, one after the other
my $began = time;
my $answered = grep { $_->timeout(20); my $r = ask($_, '/small.txt'); $_->close; $r->body eq "small\n" } @all;
is($answered, 300, 'all are answered in the end');
diag(sprintf 'after %.1f s', time - $began);
is($m->http_get('/f2.bin')->body, 'C' x 200_000, 'afterwards: a file');
is($m->http_get('/app/2')->body, "app /app/2\n", 'afterwards: the application');
ok($m->wait_for(sub { $m->http_get('/status')->body =~ /^Active connections: 2 / }), 'afterwards: all are counted');
ok($m->reload($conf =~ s/nofile 64/nofile 1024/r), 'a reload with more');
@all = map { $m->connect } 1 .. 300;
$lines = () = $m->error_log =~ /Too many open files/g;
is((grep { ask($_, '/small.txt')->body eq "small\n" } @all), 300, 'has room for all');
is(scalar(() = $m->error_log =~ /Too many open files/g), $lines, 'without a word');
$_->close for @all;

$m->finish;
