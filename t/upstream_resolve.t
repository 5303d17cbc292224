# upstream_resolve.t - names of upstream servers that are resolved at run time (nginx-tests: upstream_resolve.t, upstream_service.t)
#
# Nobody listens where the servers are: $upstream_addr tells all that a group has.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use IO::Socket::INET;
use Miwi;

my $m = Miwi->new;
my $conf = <<'END';
worker_processes 2;
events { }
http {
    resolver 127.0.0.1:%port:dns% valid=1s ipv6=off;
    resolver_timeout 1s;
    upstream name { zone a 256k; server a.test:%port:closed% resolve max_fails=0; }
    upstream mixed { zone a; server 127.0.0.9:%port:closed% max_fails=0; server a.test:%port:closed% resolve max_fails=0; }
    upstream service { zone b 256k; server s.test service=http resolve max_fails=0; }
    upstream ring { zone b; hash $arg_k consistent; server a.test:%port:closed% resolve max_fails=0; }
    upstream own { zone c 64k; resolver 127.0.0.1:%port:dns%; resolver_timeout 2s; server a.test:1 resolve max_fails=0; }
    server {
        listen 127.0.0.1:%port%;
        add_header X-Addr $upstream_addr always;
        location ~ ^/(\w+) { proxy_pass http://$1; }
    }
}
END

# A name server that reads its answers from a file each time: NAME TYPE VALUE, or NAME RCODE NUMBER.
sub answer {
    my ($question) = @_;
    my ($id) = unpack 'n', $question;
    my $asked = substr $question, 12;
    my @labels = $asked =~ /^((?:[^\0].*?)*?)\0/s ? unpack('(C/a)*', $1) : ();
    my ($kind) = unpack 'n', substr $asked, length($1) + 1;
    my $name = join '.', @labels;
    my ($code, @records) = 3;
    for (split /\n/, $m->read_file('zone')) {
        my ($owner, $what, $value) = split ' ', $_, 3;
        next if $owner ne $name;
        $code = $what eq 'RCODE' ? $value : $code == 3 ? 0 : $code;
        push @records, pack('n n n N n/a', 0xc00c, 1, 1, 1, pack 'C4', split /\./, $value) if $what eq 'A' && $kind == 1;
        next unless $what eq 'SRV' && $kind == 33;
        my ($priority, $weight, $port, $host) = split ' ', $value;
        push @records, pack('n n n N n/a', 0xc00c, 33, 1, 1,
            pack('n3', $priority, $weight, $port) . pack('(C/a)*', split(/\./, $host), ''));
    }
    return pack('n6', $id, 0x8180 | $code, 1, $code ? 0 : scalar @records, 0, 0) . substr($asked, 0, length($1) + 5)
        . ($code ? '' : join '', @records);
}

my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $m->port('dns'), Proto => 'udp') or die "$!";
sub zone { $m->write_file('zone.new', join '', map { "$_\n" } @_); rename $m->path('zone.new'), $m->path('zone'); }
zone('a.test A 127.0.0.2');
my $server = fork // die;
if ($server == 0) {
    $SIG{TERM} = 'DEFAULT';
    alarm 60;
    $socket->send(answer($_)) while defined $socket->recv($_, 512);
    require POSIX;
    POSIX::_exit(0);
}

$m->start($conf);
my $p = $m->port('closed');

# The servers of a group, in order; every worker is asked.
sub servers {
    my ($group) = @_;
    my %seen;
    for (1 .. 8) {
        my @all = ($m->http_get("/$group")->header('X-Addr') // '') =~ /([\d.]+:\d+)/g;
        $seen{ join ' ', map { s/^127\.0\.0\.//r =~ s/:$p$//r } sort @all }++;
    }
    return join ' | ', sort keys %seen;
}
sub becomes {
    my ($group, $servers, $what) = @_;
    ok($m->wait_for(sub { servers($group) eq $servers }, 10), $what) or diag("$group: " . servers($group));
}

becomes(name => '2', 'one address');
becomes(own => '127.0.0.2:1' =~ s/^127\.0\.0\.//r, 'a resolver of its own');
becomes(mixed => '2 9', 'beside an address that stays');
zone('a.test A 127.0.0.2', 'a.test A 127.0.0.3');
becomes(name => '2 3', 'one more');
becomes(mixed => '2 3 9', 'there too');
is(scalar(keys %{{ map { ($m->http_get("/ring?k=$_")->header('X-Addr') =~ /^([\d.]+)/)[0] => 1 } 1 .. 20 }}), 2,
    'hash consistent: servers of one name share its points');
zone('a.test RCODE 2');
select undef, undef, undef, 2.5;
is(servers('name'), '2 3', 'a failure changes nothing');
like($m->error_log, qr/a\.test could not be resolved \(2: Server failure\)/, 'and is logged');
ok($m->reload($conf =~ s/max_fails=0/max_fails=1/r), 'reload');
is(servers('mixed'), '2 3 9', 'what is known is known to new workers');
zone('b.test A 127.0.0.4');
becomes(mixed => '9', 'no such name: no servers');
zone('a.test A 127.0.0.5');
becomes(mixed => '5 9', 'it is there again');

zone('_http._tcp.s.test SRV 1 5 ' . $p . ' a.test', '_http._tcp.s.test SRV 2 5 1 b.test', 'a.test A 127.0.0.2',
    'a.test A 127.0.0.3', 'b.test A 127.0.0.4');
becomes(service => '2 3 4:1', 'SRV: ports and priorities');
like($m->http_get('/service')->header('X-Addr'), qr/, 127\.0\.0\.4:1$/, 'the lower priority comes last');
zone('_http._tcp.s.test SRV 1 5 ' . $p . ' b.test', 'b.test A 127.0.0.4');
becomes(service => '4', 'SRV changed');

# other ways to write it, and wrong ones
for (
    [ 'server a.test resolve;', 'resolving names at run time requires upstream "u" to be in shared memory' ],
    [ 'zone z 64k; server a.test service=http;', 'service upstream "a.test" requires "resolve" parameter' ],
    [ 'zone z 64k; server a.test:80 service=http resolve;', 'service upstream "a.test:80" may not have port' ],
    [ 'zone z 64k; server a.test resolve service=;', 'service is empty' ],
    [ 'zone z 64k; server a.test resolve; resolver;', 'invalid number of arguments in "resolver" directive' ],
    [ 'zone z 64k; server a.test resolve; resolver 127.0.0.1 ipv4=x;', 'invalid parameter: ipv4=x' ],
) {
    my ($code, $said) = $m->check("events { }\nhttp { upstream u { $_->[0] } server { } }\n");
    like($said, qr/\[emerg\] (\d+#\d+: )?\Q$_->[1]\E in /, $_->[0]);
}
my ($code) = $m->check("events { }\nhttp { upstream u { server 127.0.0.1:80 resolve; } server { } }\n");
is($code, 0, 'an address needs no zone');

kill 'TERM', $server;
waitpid $server, 0;
$m->finish;
