# keepalive_min.t - keepalive_min_timeout: an idle connection is kept that long although workers go
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(time sleep);

my $m = Miwi->new;
my $conf = <<'END';
worker_processes 1;
events { }
http {
    keepalive_timeout 30s;
    server { listen 127.0.0.1:%port%; keepalive_min_timeout 2s; location / { return 200 "a"; } }
    server { listen 127.0.0.1:%port:none%; location / { return 200 "b"; } }
}
END
$m->start($conf);

my ($kept, $other) = ($m->connect, $m->connect(port => $m->port('none')));
for my $c ($kept, $other) {
    $c->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    is($c->response->status, 200, 'a first request');
}
ok($m->reload($conf), 'the worker is told to go');
is($other->rest, '', 'a connection without it is closed');
$kept->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
my $r = $kept->response;
is($r && $r->status, 200, 'one with it takes another request');
is($r && $r->header('Connection'), 'close', 'which is its last');
is($kept->rest, '', 'and then it is closed');

$kept = $m->connect;
$kept->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
$kept->response;
my $began = time;
ok($m->reload($conf), 'once more');
is($kept->rest, '', 'it ends by itself');
my $took = time - $began;
ok($took > 1.0 && $took < 10, "when the time is over ($took s)");

$m->finish;
