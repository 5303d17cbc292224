# resolve.t - an upstream whose name does not resolve at start: a warning, 502 until it does, then its answer
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use IO::Socket::INET;
use Miwi;

my $m = Miwi->new;
my $conf = <<'END';
worker_processes 1;
events { }
http {
    resolver 127.0.0.1:%port:dns% valid=1s ipv6=off;
    resolver_timeout 2s;
    upstream group { server later.invalid:%port:app% max_fails=0; }
    upstream mixed { server later.invalid:1; server 127.0.0.1:%port:app%; }
    server {
        listen 127.0.0.1:%port%;
        location /bare { proxy_pass http://later.invalid:%port:app%; }
        location /group { proxy_pass http://group; }
        location /mixed { proxy_pass http://mixed; }
    }
}
END

# Answers every question for an address with 127.0.0.1, as soon as the file `known` is there; before that, with NXDOMAIN.
my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $m->port('dns'), Proto => 'udp') or die "$!";
my $known = $m->dir . '/known';
my $server = fork // die;
if ($server == 0) {
    $SIG{TERM} = 'DEFAULT';
    while (defined $socket->recv(my $question, 512)) {
        my ($id, $flags) = unpack 'nn', $question;
        my $asked = substr $question, 12;
        my $answer = -e $known ? pack('n n n N n C4', 0xc00c, 1, 1, 1, 4, 127, 0, 0, 1) : '';
        $socket->send(pack('n6', $id, -e $known ? 0x8180 : 0x8183, 1, -e $known ? 1 : 0, 0, 0) . $asked . $answer);
    }
    require POSIX;
    POSIX::_exit(0);
}

my $app = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $m->port('app'), Listen => 10, ReuseAddr => 1) or die "$!";
my $backend = fork // die;
if ($backend == 0) {
    $SIG{TERM} = 'DEFAULT';
    while (my $c = $app->accept) {
        my $head = '';
        while ($head !~ /\r\n\r\n/ && sysread $c, $head, 4096, length $head) { }
        print $c "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere";
        close $c;
    }
    require POSIX;
    POSIX::_exit(0);
}

my ($code, $said) = $m->check($conf);
is($code, 0, 'a name that does not resolve is no error');
like($said, qr/\[warn\] host not found in upstream "later\.invalid:/, 'but a warning');

$m->start($conf);
is($m->http_get('/bare')->status, 502, 'unknown: 502');
is($m->http_get('/group')->status, 502, 'in a group too');
is($m->http_get('/mixed')->body, 'here', 'another server of the group answers');
like($m->error_log, qr/later\.invalid could not be resolved \(3: Host not found\)/, 'says why');

$m->write_file('known', "1\n");
ok($m->wait_for(sub { $m->http_get('/bare')->status == 200 }), 'known by now: it answers');
is($m->http_get('/group')->body, 'here', 'in a group too');

($code, $said) = $m->check($conf =~ s/^http \{/http { resolver_strict on;/mr);
is($code, 1, 'resolver_strict makes it an error');

kill 'TERM', $_ for $server, $backend;
waitpid $_, 0 for $server, $backend;
$m->finish;
