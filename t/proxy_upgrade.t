# proxy_upgrade.t - tunnels after 101: both ways, half closed, and over a reload
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;

# Repeats in upper case what it gets, and says goodbye when the other side has ended.
$m->backend(app => sub {
    my ($c) = @_;
    my $r = $c->request or return;

    return $c->answer(200, 'no upgrade: ' . ($r->header('Upgrade') // 'none')) unless $r->header('Upgrade');
    return $c->answer(200, 'declined') if $r->uri =~ /decline/;
    $c->send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " . $r->header('Upgrade') . "\r\nConnection: Upgrade\r\n\r\nhello");
    if ($r->uri =~ /mute/) {        # never ends by itself, as a Node.js application may not
        1 while $c->fill(20);
        sleep 20;
    }
    while ($c->fill || length $c->{got}) { $c->send(uc $c->take(length $c->{got})) }
    $c->send('bye');
});
my $conf = <<'END';
worker_processes 1;
events { }
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    server {
        listen 127.0.0.1:%port%;
        location / {
            proxy_pass http://%app%;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 20s;
            lingering_timeout 500ms;
            access_log logs/access.log;
        }
        location /plain { proxy_pass http://%app%; }
    }
}
END
$m->start($conf);

sub tunnel {
    my $c = $m->connect;
    my $uri = $_[1] // '/ws';
    $c->send("GET $uri HTTP/1.1\r\nHost: x\r\nUpgrade: shout\r\nConnection: Upgrade\r\n\r\n" . ($_[0] // ''));
    return $c;
}

my $c = tunnel();
my $head = $c->read_until(qr/\r\n\r\n/);
like($head, qr{^HTTP/1\.1 101 Switching Protocols\r\n}, 'switched');
like($head, qr/^Upgrade: shout\r$/mi, 'Upgrade');
like($head, qr/^Connection: upgrade\r$/mi, 'Connection');
unlike($head, qr/^(Transfer-Encoding|Content-Length):/mi, 'no framing');
is($c->read(5), 'hello', 'what came with the head');
for my $n (1, 10, 100_000) {
    $c->send('a' x $n);
    ok($c->read($n) eq 'A' x $n, "$n bytes there and back");
}

my $pipelined = tunnel('early');
like($pipelined->read_until(qr/EARLY/), qr/hello/, 'bytes behind the head of the request');
$pipelined->close;

ok($m->reload($conf), 'a reload');
$c->send('still');
is($c->read(5), 'STILL', 'the tunnel lives on');
$c->finish_sending;
is($c->rest, 'bye', 'half closed');

my $gone = tunnel('', '/mute');
$gone->read_until(qr/hello/);
$gone->close;
ok($m->wait_for(sub { $m->read_file('logs/access.log') =~ m{ /mute .* 101 } }), 'a tunnel without client ends soon');

is($m->http_get('/plain', Upgrade => 'shout', Connection => 'Upgrade')->body, 'no upgrade: none', 'where it is not allowed');
is($m->http_get('/ws')->body, 'no upgrade: none', 'where it is not asked for');
my $declined = $m->connect;
$declined->send("GET /decline HTTP/1.1\r\nHost: x\r\nUpgrade: shout\r\nConnection: Upgrade\r\n\r\n");
is($declined->response->body, 'declined', 'where the upstream declines');

$m->finish;
