# harness.t - what all other tests stand on: a server, its files, a backend, a reload, and its end
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $conf = <<'END';
worker_processes 1;
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /app { proxy_pass http://%app%; proxy_http_version 1.1; }
        location /json { default_type application/json; return 200 '{"list":[1,2,"three"]}'; }
        location /more { return 404; }
    }
}
END

$m->write_file('html/a.txt', "hello\n");
$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $c->answer(200, join('|', $r->method, $r->uri, $r->body), 'X-Seen' => $r->header('X-Asked') // 'none');
    }
});
$m->start($conf);

my $r = $m->http_get('/a.txt');
is($r->status, 200, 'status');
is($r->body, "hello\n", 'body');
is($r->header('content-length'), 6, 'header');
is($m->http_head('/a.txt')->body, '', 'HEAD');
like($m->http("GET /a.txt HTTP/1.0\r\n\r\n"), qr{^HTTP/1.1 200 .*\r\n\r\nhello\n$}s, 'raw');
is_deeply($m->get_json('/json'), { list => [ 1, 2, 'three' ] }, 'json');

$r = $m->http_post('/app?x=1', 'bytes', 'X-Asked' => 'yes');
is($r->body, 'POST|/app?x=1|bytes', 'backend');
is($r->header('X-Seen'), 'yes', 'header from the backend');

my $c = $m->connect;
$c->send_request(GET => '/a.txt');
is($c->response->body, "hello\n", 'first on a connection');
$c->send_request(GET => '/none');
is($c->response->status, 404, 'second on a connection');
$c->close;

cmp_ok(scalar($m->workers), '>=', 1, 'a worker');
ok($m->reload($conf =~ s/return 404/return 410/r), 'reload');
ok($m->wait_for(sub { $m->http_get('/more')->status == 410 }), 'reloaded');

my ($code, $said) = $m->check("events { }\nhttp { nonsense; }\n");
is($code, 1, 'a bad configuration');
like($said, qr/unknown directive "nonsense" in \S+:2/, 'what is bad in it');

$m->finish;
