# proxy_body.t - bodies both ways: read ahead, through a file, as they come, stored, cut to ranges, at a limited rate
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Time::HiRes qw(time sleep);

use Miwi;

my $m = Miwi->new;
my $big = join '', map { sprintf "%07d\n", $_ } 1 .. 250_000;       # 2 MB, no piece like another

$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request(head_only => 1)) {
        my $uri = $r->uri;
        if ($uri =~ m{/up}) {
            $r->read_body($c, 'none by default');
            $c->answer(200, join ' ', length $r->body, unpack('%32C*', $r->body), $r->header('Transfer-Encoding') // 'length');
        } elsif ($uri =~ m{/begun}) {
            $c->answer(200, length $c->read(4));
            return;
        } elsif ($uri =~ m{/drip|/events}) {
            my $type = $uri =~ /events/ ? 'text/event-stream' : 'text/plain';
            $c->send("HTTP/1.1 200 OK\r\nContent-Type: $type\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (1 .. 3) { $c->send("5\r\ndata$_\r\n"); sleep 0.3 }
            $c->send("0\r\n\r\n");
        } elsif ($uri =~ m{/trail}) {
            $c->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Trailer: yes\r\n\r\n");
        } else {
            $c->answer(200, $uri =~ /big/ ? $big : 'small one', 'Last-Modified' => 'Thu, 01 Jan 2026 00:00:00 GMT');
        }
    }
});
$m->start(<<'END');
worker_processes 1;
events { }
http {
    client_max_body_size 4m;
    client_body_buffer_size 8k;
    server {
        listen 127.0.0.1:%port%;
        location / { proxy_pass http://%app%; }
        location /file/ { proxy_pass http://%app%; proxy_buffers 2 4k; proxy_busy_buffers_size 4k; }
        location /memory/ { proxy_pass http://%app%; proxy_max_temp_file_size 0; }
        location /unbuffered/ { proxy_pass http://%app%; proxy_buffering off; proxy_request_buffering off; }
        location /rate/ { proxy_pass http://%app%; proxy_limit_rate 1m; }
        location /ranges/ { proxy_pass http://%app%; proxy_force_ranges on; }
        location /stored/ { root store; proxy_pass http://%app%; proxy_store on; proxy_store_access user:rw all:r; }
        location /kept/ { root store; proxy_pass http://%app%; proxy_store on; proxy_buffers 2 4k; proxy_busy_buffers_size 4k;
                          proxy_max_temp_file_size 0; }
        location /trail { proxy_pass http://%app%; proxy_pass_trailers on; }
    }
}
END

ok($m->http_get("$_/big")->body eq $big, "a large one by $_") for '', '/file', '/memory', '/unbuffered';
is($m->http_head('/big')->header('Content-Length'), length $big, 'HEAD');

# A client that reads late: the whole answer waits for it in a file, and is whole.
my $c = $m->connect;
$c->send_request(GET => '/file/big');
ok($m->wait_for(sub { $m->error_log =~ /buffered to a temporary file/ }), 'a file is used');
sleep 0.3;
ok($c->response->body eq $big, 'and nothing of it is lost');
is_deeply([ glob $m->path('*temp*/*') ], [], 'it has no name');

# What comes, goes.
for my $uri ('/unbuffered/drip', '/events', '/drip') {
    my $begun = time;
    $c = $m->connect;
    $c->send_request(GET => $uri);
    ok(defined $c->read_until(qr/data1/), "$uri begins");
    cmp_ok(time - $begun, '<', 0.29, "$uri is not held back");
    ok(defined $c->read_until(qr/data3\r\n0\r\n\r\n/), "$uri ends");
}

my $sum = '1000000 ' . unpack('%32C*', 'y' x 1_000_000);
is($m->http_post('/up', 'y' x 1_000_000)->body, "$sum length", 'a request body');
is($m->http_post('/unbuffered/up', 'y' x 1_000_000)->body, "$sum length", 'as it comes');
my $chunked = "Host: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" . ("2710\r\n" . 'y' x 10_000 . "\r\n") x 100 . "0\r\n\r\n";
like($m->http("POST /up HTTP/1.1\r\n$chunked"), qr/\Q$sum length\E/, 'in chunks: read whole, its length is known');
like($m->http("POST /unbuffered/up HTTP/1.1\r\n$chunked"), qr/\Q$sum chunked\E/, 'in chunks, as they come');
is($m->http_post('/up', 'y' x 5_000_000)->status, 413, 'too large');
$c = $m->connect;
$c->send("POST /unbuffered/begun HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n1234");
is($c->response->body, 4, 'answered while the body is on its way');
like($m->http("POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n"), qr/^HTTP\S+ 400/, 'a broken one');

my $begun = time;
ok($m->http_get('/rate/big')->body eq $big, 'at a limited rate');
cmp_ok(time - $begun, '>', 0.7, 'it took its time');
my $r = $m->http_get('/ranges/big', Range => 'bytes=8-15');
is($r->status . $r->body, "2060000002\n", 'proxy_force_ranges');
is($m->http_get('/stored/small')->body, 'small one', 'to be stored');
ok($m->wait_for(sub { $m->read_file('store/stored/small') eq 'small one' }), 'proxy_store');
is((stat $m->path('store/stored/small'))[9], 1767225600, 'with the time it was changed');
is(sprintf('%o', (stat $m->path('store/stored/small'))[2] & 0777), '604', 'and its rights');
$c = $m->connect;
$c->send_request(GET => '/kept/big');
$c->read(1000);
$c->close;
ok($m->wait_for(sub { $m->read_file('store/kept/big') eq $big }), 'stored whole, though its client left');
is($m->http_get('/trail')->trailer('X-Trailer'), 'yes', 'proxy_pass_trailers');

$m->finish;
