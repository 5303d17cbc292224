# life.t - how long connections live: timeouts, keep-alive and its limits, lingering, bodies in files
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(time sleep);

my $m = Miwi->new;
$m->write_file('html/big', 'x' x 30_000_000);
$m->backend(app => sub { my ($c) = @_; while (my $r = $c->request) { $c->answer(200, $r->body) } });
$m->start(<<'END');
events { }
http {
    client_body_temp_path temp;
    server {
        listen 127.0.0.1:%port%;
        root html;
        client_header_timeout 500ms;
        client_body_timeout 500ms;
        keepalive_timeout 500ms 7s;
        send_timeout 500ms;
        location / { return 200 "$connection_requests"; }
        location /up { proxy_pass http://%app%; }
        location /big { }
        location /444 { reset_timedout_connection on; return 444; }
        location /limit { client_max_body_size 10; proxy_pass http://%app%; }
        location /file { client_body_in_file_only on; proxy_pass http://%app%; }
        location /clean { client_body_in_file_only clean; proxy_pass http://%app%; }
        location /any { satisfy any; deny all; alias html/big; }
        location /log { access_log logs/none/$arg_x; return 200; }
    }
    server { listen 127.0.0.1:%port:three%; keepalive_requests 3; location / { return 200 x; } }
    server { listen 127.0.0.1:%port:time%; keepalive_time 300ms; location / { return 200 x; } }
    server { listen 127.0.0.1:%port:none%; keepalive_timeout 0; location / { return 200 x; } }
    server {
        listen 127.0.0.1:%port:safari%;
        keepalive_disable safari;
        location / { return 200 x; }
        location /none { keepalive_disable none; return 200 x; }
    }
}
END

# These are asked at once: what was sent, what must come, and when the connection must end.
my @waits = (
    [ 'nothing is sent',        '',                                                      qr/^$/,         0.5 ],
    [ 'half a head',            "GET / HTTP/1.1\r\nHost: a\r\n",                         qr/^$/,         0.5 ],
    [ 'half a body',            "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", qr/^$/,  0.5 ],
    [ 'an idle connection',     "GET / HTTP/1.1\r\nHost: a\r\n\r\n", qr/^HTTP.1.1 200.*Keep-Alive: timeout=7\r.*1$/s, 0.5 ],
    [ 'HTTP/1.0',               "GET / HTTP/1.0\r\n\r\n",                                qr/^HTTP.1.1 200.*Connection: close/s, 0 ],
    [ 'HTTP/1.0, kept',         "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",      qr/Connection: keep-alive/, 0.5 ],
    [ 'HTTP/0.9',               "GET /\r\n",                                             qr/^1$/,        0 ],
);
for my $one (@waits) {
    push @$one, my $c = $m->connect;
    $c->send($one->[1]) if length $one->[1];
}
my $full = $m->connect;
$full->send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
my $began = time;
my %took;
$m->wait_for(sub {
    for my $one (grep { !defined $took{ $_->[0] } } @waits) {
        $one->[4]->socket->blocking(0);
        my $n = sysread $one->[4]->socket, $one->[5], 65536, length($one->[5] // '');
        $took{ $one->[0] } = time - $began if defined $n && $n == 0;
    }
    return keys %took == @waits;
}, 4);
for my $one (@waits) {
    my ($name, undef, $answer, $when) = @$one;
    like($one->[5] // '', $answer, "$name: what came");
    cmp_ok($took{$name} // 99, '>=', $when - 0.2, "$name: not too early");
    cmp_ok($took{$name} // 99, '<', $when + 1.2, "$name: not too late");
}
ok($m->wait_for_log(qr/client timed out.*while sending response to client/), 'a client that takes nothing');
cmp_ok(length $full->rest, '<', 30_000_000, 'is left');

sub asked {         # how many of these requests, one after the other, were answered on one connection
    my ($port, $uri, $pause, @headers) = @_;
    my $c = $m->connect(port => $m->port($port));
    for my $n (0 .. 4) {
        sleep $pause if $n;
        eval { $c->send_request('GET', $uri, headers => \@headers); 1 } or return $n;
        my $r = $c->response;
        return $n unless $r->status;
        return $n + 1 if lc($r->header('Connection') // '') eq 'close';
    }
    return 5;
}
my @safari = ('User-Agent' => 'Mozilla/5.0 (Macintosh; Intel Mac OS X) AppleWebKit/5 Version/3 Safari/5');
is(asked('three', '/', 0), 3, 'keepalive_requests');
is(asked('time', '/', 0.2), 3, 'keepalive_time');
is(asked('none', '/', 0), 1, 'keepalive_timeout 0');
is(asked('safari', '/', 0, @safari), 1, 'keepalive_disable');
is(asked('safari', '/', 0), 5, 'not for others');
is(asked('safari', '/none', 0, @safari), 5, 'keepalive_disable none');
my $reset = $m->connect;
$reset->send("GET /444 HTTP/1.1\r\nHost: a\r\n\r\n");
is($reset->rest, '', '444 and reset_timedout_connection');
ok($reset->was_reset, 'a reset');

# bodies
sub chunked { $m->http("POST $_[0] HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n$_[1]0\r\n\r\n") }
like(chunked('/limit', "a\r\n0123456789\r\n"), qr/^HTTP.1.1 200.*0123456789$/s, 'ten bytes in chunks');
like(chunked('/limit', "6\r\n012345\r\n5\r\n01234\r\n"), qr/^HTTP.1.1 413/, 'eleven');
ok($m->wait_for_log(qr/too large chunked body: \d+\+\d+ bytes, client/), 'which is said');
is($m->http_post('/clean', 'gone')->body, 'gone', 'client_body_in_file_only clean');
is($m->http_post('/file', 'kept')->body, 'kept', 'client_body_in_file_only on');
is($m->http_post('/file', '')->status, 200, 'an empty one');
is(join('|', sort map { $m->read_file($_) } glob $m->path('temp/*')), 'kept', 'the file that stays');
is($m->http_get('/any')->status, 403, 'satisfy any');
ok($m->wait_for_log(qr/access forbidden by rule.*any/), 'which is said too');
is($m->http_get('/log?x=y')->status, 200, 'a log that cannot be opened');
ok($m->wait_for_log(qr/none.y" failed .* while logging request, client/), 'is told of');
$m->finish;
