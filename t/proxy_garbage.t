# proxy_garbage.t - what upstreams may say that is no answer, or two: nothing of it reaches another request
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;

# Answers are asked for by number; all of them leave the connection open, and what follows is an attack.
my $evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
my @bad = (
    "hello there\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 0200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n", "HTTP/1.1 200 OK\r\nSpace : a\r\n\r\n", "HTTP/1.1 200 OK\r\n: a\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: \r\n\r\nhi", "HTTP/1.1 200 OK\r\nX: " . 'x' x 70_000 . "\r\n\r\n",
    "HTTP/1.1 103 Hints\r\n\r\n" x 200, "HTTP/1.1 200 O\x01K\r\n\r\n",
);
my @more = (
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi$evil", "HTTP/1.1 204 No Content\r\n\r\n$evil",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n$evil", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n$evil",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n$evil",
    "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n$evil",
);
my @broken = (
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiX\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nhi\n0\n\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nFFFFFFFFFFFFFFFFF\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n-1\r\n",
);
my %say = (bad => \@bad, more => \@more, broken => \@broken);

$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $r->uri =~ m{/(bad|more|broken)(\d+)} ? $c->send($say{$1}[$2]) : $c->answer(200, 'fine');
    }
});
$m->backend(ends => sub {
    my ($c) = @_;
    my $r = $c->request or return;
    $c->send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf") if $r->uri =~ /length/;
    $c->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n") if $r->uri =~ /chunks/;
    $c->send("HTTP/1.1 200 OK\r\nX: y") if $r->uri =~ /head/;
    $c->send("HTTP/1.1 200 OK\r\n\r\nwhole") if $r->uri =~ /until/;
});
$m->start(<<'END');
worker_processes 1;
events { }
http {
    upstream group { server %app%; keepalive 8; }
    server {
        listen 127.0.0.1:%port%;
        proxy_read_timeout 2s;
        location / { proxy_pass http://group; early_hints 1; }
        location /ends { proxy_pass http://%ends%; }
    }
}
END

is($m->http_get('/')->body, 'fine', 'a good one');
for my $i (0 .. $#bad) {
    is($m->http_get("/bad$i")->status, 502, 'refused: ' . substr $bad[$i] =~ s/[^ -~]/./gr, 0, 60);
    is($m->http_get('/')->body, 'fine', 'and the next is fine');
}
for my $i (0 .. $#more) {
    unlike($m->http_get("/more$i"), qr/evil/, 'nothing more: ' . substr $more[$i] =~ s/[^ -~]/./gr, 0, 60);
    is($m->http_get('/')->body, 'fine', 'and the next is fine') for 1 .. 2;
}
for my $i (0 .. $#broken) {
    ok($m->http_get("/broken$i")->cut, 'broken off: ' . substr $broken[$i] =~ s/[^ -~]/./gr, 48);
    is($m->http_get('/')->body, 'fine', 'and the next is fine');
}
ok($m->http_get('/ends/length')->cut, 'half of a body is told from a whole one');
ok($m->http_get('/ends/chunks')->cut, 'of one in chunks, too');
is($m->http_get('/ends/head')->status, 502, 'half of a head');
is($m->http_get('/ends/nothing')->status, 502, 'nothing');
is($m->http_get('/ends/until')->body, 'whole', 'a body that ends with its connection');

$m->finish;
