# proxy_gone.t - clients that leave at any moment of an exchange: before the answer, with it, within its body
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Time::HiRes qw(sleep);

use Miwi;

my $m = Miwi->new;

$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $c->answer(200, $r->uri =~ /big/ ? 'x' x 300_000 : 'fine');
        $m->append_file('seen.txt', "big\n") if $r->uri =~ /big/;
    }
});
$m->backend(slow => sub { my ($c) = @_; $c->request; $m->append_file('seen.txt', "begun\n"); $c->fill; $m->append_file('seen.txt', "left\n") });
$m->start(<<'END');
worker_processes 1;
events { }
http {
    log_format left '$uri $status';
    access_log logs/left.log left;
    upstream group { server %app%; keepalive 64; }
    server {
        listen 127.0.0.1:%port%;
        location / { proxy_pass http://group; }
        location /stays { proxy_pass http://group; proxy_ignore_client_abort on; }
        location /unbuffered { proxy_pass http://group; proxy_buffering off; }
        location /slow { proxy_pass http://%slow%; }
    }
}
END

my ($worker) = $m->workers;
for my $uri ('/', '/stays', '/big', '/unbuffered/big', '/stays/big') {
    for my $round (1 .. 20) {
        my @clients = map { $m->connect } 1 .. 10;
        $_->send_request(GET => $uri) for @clients;
        sleep $round / 13_000;
        $_->close for @clients;
    }
    is($m->http_get('/')->body, 'fine', "others are served after $uri");
}
is_deeply([ $m->workers ], [ $worker ], 'by the same worker');

my $c = $m->connect;
$c->send_request(GET => '/slow');
ok($m->wait_for(sub { $m->read_file('seen.txt') =~ /begun/ }), 'a slow one is asked');
$c->close;
ok($m->wait_for(sub { $m->read_file('seen.txt') =~ /left/ }), 'and let go when its client has left');
ok($m->wait_for(sub { $m->read_file('logs/left.log') =~ m{^/slow 499$}m }), 'which is a 499');
ok($m->wait_for(sub { (() = $m->read_file('logs/left.log') =~ m{^/stays/big }mg) == 200 }), 'all that stayed were ended');

$m->finish;
