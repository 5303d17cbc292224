# backends.t - backends that hang, reset, answer garbage, never end or close early, under load: statuses, and nothing is left
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Census;
use Miwi::Load;
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(sleep);

my $m = Miwi->new(seconds => 115);
$m->write_file('html/small.txt', "small\n");
my $head = "HTTP/1.1 200 OK\r\n";
my $reset = sub { setsockopt $_[0]->socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) };
my $until_gone = sub { 1 while $_[0]->fill(10) };

# What each does with a request it has read: its name, then the status that clients see (0: an answer that is cut).
my %bad = (
    hangs          => [ 504, sub { $until_gone->($_[0]) } ],
    hangs_in_head  => [ 504, sub { $_[0]->send("${head}X-Half: "); $until_gone->($_[0]) } ],
    hangs_in_body  => [ 0,   sub { $_[0]->send("${head}Content-Length: 100\r\n\r\nhalf"); $until_gone->($_[0]) } ],
    hangs_in_chunk => [ 0,   sub { $_[0]->send("${head}Transfer-Encoding: chunked\r\n\r\n64\r\nhalf"); $until_gone->($_[0]) } ],
    resets         => [ 502, sub { $reset->($_[0]) } ],
    resets_in_head => [ 502, sub { $_[0]->send("${head}X-Half: "); sleep 0.02; $reset->($_[0]) } ],
    resets_in_body => [ 0,   sub { $_[0]->send("${head}Content-Length: 100000\r\n\r\n" . 'x' x 5000); sleep 0.02; $reset->($_[0]) } ],
    closes         => [ 502, sub { } ],
    closes_in_head => [ 502, sub { $_[0]->send("${head}Content-Le") } ],
    closes_in_body => [ 0,   sub { $_[0]->send("${head}Content-Length: 100\r\n\r\nhalf") } ],
    closes_in_chunk => [ 0,  sub { $_[0]->send("${head}Transfer-Encoding: chunked\r\n\r\n64\r\nhalf") } ],
    garbage        => [ 502, sub { $_[0]->send("HTTP/1.1 hello\r\n\r\n\0\1\2" . "\xff" x 1000) } ],
    bad_field      => [ 502, sub { $_[0]->send("${head}A\0B: x\r\n\r\nbody") } ],
    bad_length     => [ 502, sub { $_[0]->send("${head}Content-Length: -1\r\n\r\nbody") } ],
    two_lengths    => [ 502, sub { $_[0]->send("${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody") } ],
    bad_chunk      => [ 0,   sub { $_[0]->send("${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\nbody\r\n0\r\n\r\n") } ],
    long_field     => [ 502, sub { $_[0]->send("${head}X-Long: " . 'x' x 100_000 . "\r\n\r\nbody") } ],
    endless_head   => [ 502, sub { $_[0]->send($head); 1 while $_[0]->send("X-Field: value\r\n" x 100) } ],
    endless_early  => [ 502, sub { 1 while $_[0]->send("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n") && sleep 0.0001 } ],
    too_much       => [ 200, sub { $_[0]->send("${head}Content-Length: 4\r\n\r\nbody and more\n") } ],
    continues      => [ 200, sub { $_[0]->send("HTTP/1.1 100 Continue\r\n\r\n${head}Content-Length: 4\r\n\r\nbody") } ],
);
for my $name (sort keys %bad) {
    $m->backend($name => sub {
        my ($c) = @_;
        $c->request or return;
        $bad{$name}[1]->($c);
    });
}
$m->backend(good => sub {
    my ($c) = @_;
    while (my $r = $c->request) { $c->answer(200, "good $r->{uri}") }
});
my $nobody = Miwi->free_port;
my $places = join '', map { "location /$_ { proxy_pass http://%$_%; }\n" } sort keys %bad;
$m->start(<<"END");
worker_processes 2;
events { worker_connections 2048; }
http {
    access_log off;
    proxy_connect_timeout 1s;
    proxy_read_timeout 1s;
    proxy_send_timeout 1s;
    upstream mixed {
        zone mixed 128k;
        server %hangs_in_head% max_fails=2 fail_timeout=1s;
        server %closes% max_fails=2 fail_timeout=1s;
        server %garbage% max_fails=2 fail_timeout=1s;
        server 127.0.0.1:$nobody max_fails=2 fail_timeout=1s;
        server %good%;
        keepalive 4;
        keepalive_timeout 2s;
    }
    server {
        listen 127.0.0.1:%port%;
        root html;
        $places
        location /nobody { proxy_pass http://127.0.0.1:$nobody; }
        location /mixed { proxy_pass http://mixed; proxy_next_upstream error timeout invalid_header; }
        location = /status { stub_status; }
    }
}
END
$bad{nobody} = [ 502 ];

# One of each by itself, then several at once; and who asks for something else meanwhile has it.
sub seen {
    my ($name) = @_;
    my $r = $m->request("/$name", timeout => 8);
    return $r->cut ? 0 : $r->status;
}
is(seen($_), $bad{$_}[0], $_ . ($bad{$_}[0] ? ": $bad{$_}[0]" : ': an answer that is cut')) for sort keys %bad;
is($m->http_get('/mixed/1')->body, 'good /mixed/1', 'among bad ones a good one is found');

my @kinds = (
    { name => 'static', uris => [ '/small.txt' ], expect => qr/^small$/, clients => 2 },
    { name => 'mixed', uris => [ '/mixed/1', '/mixed/2' ], expect => qr/^good /, clients => 3 },
    map { { name => $_, uris => [ "/$_" ], status => $bad{$_}[0] || 200, close => 1, pause => 0.01 } } sort keys %bad,
);
sub run_for {
    my ($seconds, $what) = @_;
    my $load = Miwi::Load->start($m, @kinds);
    sleep $seconds;
    my $tally = $load->stop;

    for my $name ('static', 'mixed') {
        my $t = $tally->{$name};
        cmp_ok($t->{answered}, '>', 20, "$what: $name: $t->{answered} answers");
        is_deeply($t->{lost}, [], "$what: $name: none is lost");
    }
    for my $name (sort keys %bad) {
        my $t = $tally->{$name};
        my @other = grep { $bad{$name}[0] || !/cut after|closed without|reset/ } @{ $t->{lost} };
        cmp_ok($t->{sent}, '>=', 2, "$what: $name: asked");
        is_deeply(\@other, [], "$what: $name: $t->{sent} requests, each as it must be");
    }
}
sub calm { sleep 10 }

run_for(4, 'before');
calm();
my $before = Miwi::Census->take($m);
run_for(15, 'under load');
calm();
Miwi::Census->take($m)->same_as($before, 'under load');
like($m->http_get('/status')->body, qr/^Active connections: 1 .*Reading: 0 Writing: 1 Waiting: 0 $/ms, 'no connection is left');
for my $line (
    qr/upstream timed out \(110: Connection timed out\) while reading response header from upstream/,
    qr/upstream timed out \(110: Connection timed out\) while reading upstream/,
    qr/upstream prematurely closed connection while reading response header from upstream/,
    qr/upstream prematurely closed connection while reading upstream/,
    qr/connect\(\) failed \(111: Connection refused\) while connecting to upstream/,
    qr/upstream sent too big header while reading response header from upstream/,
    qr/upstream sent invalid header/,
) {
    like($m->error_log, qr/\[error\] \S+ \*\d+ $line/, "said: $line");
}
$m->finish;
