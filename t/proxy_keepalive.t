# proxy_keepalive.t - idle connections to upstreams: kept, counted, told apart, and never trusted with what may not be repeated
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;

# Says which connection it is, and which request on it.
$m->backend(app => sub {
    my ($c, $number) = @_;
    my $n = 0;
    while (my $r = $c->request) {
        $n++;
        $c->answer(200, "$number.$n", $r->uri =~ /close/ ? (Connection => 'close') : ());
        return if $r->uri =~ /close|silent/;
        $c->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong") if $r->uri =~ /more/;
    }
});
$m->start(<<'END');
worker_processes 1;
events { }
http {
    upstream group { server %app%; keepalive 1; keepalive_requests 3; }
    upstream none { server %app%; keepalive 0; }
    upstream short { server %app%; keepalive_timeout 100ms; }
    server {
        listen 127.0.0.1:%port%;
        location /bare { proxy_pass http://%app%; }
        location /other { proxy_pass http://%app%; }
        location /off { proxy_pass http://%app%; proxy_keepalive off; }
        location /group { proxy_pass http://group; }
        location /none { proxy_pass http://none; }
        location /short { proxy_pass http://short; }
        location /old { proxy_pass http://group; proxy_http_version 1.0; }
    }
}
END

sub asked { return $m->http_get(@_)->body; }
sub first { return asked(@_) =~ s/\..*//r; }

my $bare = first('/bare');
is(asked('/bare'), "$bare.2", 'a bare address is kept');
isnt(first('/other'), $bare, 'for its location only');
is(asked('/bare'), "$bare.3", 'and stays so');
isnt($m->http_post('/bare', 'x')->body =~ s/\..*//r, $bare, 'a POST goes over a new one');
isnt(first('/off'), first('/off'), 'proxy_keepalive off');
isnt(first('/none'), first('/none'), 'keepalive 0');

my $group = first('/group');
is(asked('/group'), "$group.2", 'a group keeps them');
is($m->http_post('/group', 'x')->body, "$group.3", 'for POST, too');
isnt(first('/group'), $group, 'keepalive_requests');
asked('/group/close');
isnt(first('/group'), $group, 'an upstream that closes');
$bare = first('/short');
select undef, undef, undef, 0.3;
isnt(first('/short'), $bare, 'keepalive_timeout');

# One that died meanwhile is replaced; one that spoke unasked is not used.
my $dead = first('/bare/silent');
isnt(first('/bare'), $dead, 'a dead one is replaced');
asked('/bare/more');
is($m->http_get('/bare')->status, 200, 'after bytes that nobody asked for');
isnt(asked('/bare'), 'wrong', 'which are no answer');

$m->finish;
