# proxy_next.t - upstream groups: round robin, weights, backups, failures, and when the next server is tried
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;

sub named {
    my ($name) = @_;
    return sub {
        my ($c) = @_;
        while (my $r = $c->request) {
            return if $r->uri =~ /drop/;
            sleep 3 if $r->uri =~ /slow/;
            return $c->send("garbage\r\n\r\n") if $r->uri =~ /garbage/;
            $c->answer($r->uri =~ /status(\d+)/ ? $1 : 200, $name);
        }
    };
}
$m->backend($_ => named($_)) for qw(one two three);
$m->start(<<'END');
worker_processes 1;
events { }
http {
    log_format tries '$uri $upstream_addr|$upstream_status|$status';
    access_log logs/tries.log tries;
    upstream even { zone even 64k; server %one%; server %two%; }
    upstream heavy { server %one% weight=3; server %two%; }
    upstream spare { server 127.0.0.1:%port:closed%; server %two% backup; }
    upstream down { server %one% down; server %three%; }
    upstream dead { server 127.0.0.1:%port:closed%; server 127.0.0.1:%port:closed2%; }
    upstream one { server %one% max_fails=0; server %two% backup max_fails=0; }
    upstream full { server %one% max_conns=1; }
    server {
        listen 127.0.0.1:%port%;
        proxy_read_timeout 400ms;
        location /even { proxy_pass http://even; }
        location /heavy { proxy_pass http://heavy; }
        location /spare { proxy_pass http://spare; }
        location /down { proxy_pass http://down; }
        location /dead { proxy_pass http://dead; }
        location /status { proxy_pass http://one; proxy_next_upstream http_503 http_404; }
        location /any { proxy_pass http://one; proxy_next_upstream error timeout invalid_header non_idempotent; }
        location /usual { proxy_pass http://one; }
        location /off { proxy_pass http://one; proxy_next_upstream off; }
        location /tries { proxy_pass http://dead; proxy_next_upstream_tries 1; }
        location /full { proxy_pass http://full; proxy_read_timeout 5s; }
    }
}
END

sub asked { return $m->http_get($_[0])->body; }
sub counted { my ($path, $n) = @_; my %seen; $seen{ asked($path) }++ for 1 .. $n; return \%seen; }

is_deeply(counted('/even', 6), { one => 3, two => 3 }, 'round robin');
is_deeply(counted('/heavy', 8), { one => 6, two => 2 }, 'weights');
is_deeply(counted('/spare', 3), { two => 3 }, 'backup');
is_deeply(counted('/down', 2), { three => 2 }, 'down');
is($m->http_get('/dead')->status, 502, 'nobody lives');
like($m->error_log, qr/connect\(\) failed \(111: Connection refused\) while connecting to upstream/, 'said why');
is($m->http_get('/dead')->status, 502, 'and at once');
like($m->error_log, qr/no live upstreams while connecting to upstream/, 'as they failed');

is($m->http_get('/status/status503')->status, 503, 'of all');
is($m->http_get('/status/status500')->body, 'one', 'another status is an answer');
is(asked('/usual/drop') =~ /502/ ? 502 : 0, 502, 'all of them break off');
is($m->http_post('/usual/drop', 'x')->status, 502, 'POST is not sent twice');
is($m->http_get('/off/drop')->status, 502, 'off');
is($m->http_get('/any/garbage')->status, 502, 'garbage of all');
is($m->http_get('/any/slow')->status, 504, 'nobody answers in time');
is($m->http_post('/any/drop', 'x')->status, 502, 'POST may be sent twice');
is($m->http_get('/tries')->status, 502, 'one try');

my $c = $m->connect;
$c->send_request(GET => '/full/slow');
select undef, undef, undef, 0.2;
is($m->http_get('/full')->status, 502, 'max_conns');
is($c->response->body, 'one', 'the one that is there is answered');

my @log = split /\n/, $m->read_file('logs/tries.log');
sub logged { my ($path) = @_; my ($line) = grep { /^\Q$path\E / } @log; return $line // ''; }
like(logged('/status/status503'), qr{ \S+, \S+\|503, 503\|503$}, 'both tries in the log');
like(logged('/off/drop'), qr{ [^ ,]+\|502\|502$}, 'one try in the log');
like((grep { m{^/any/drop} } @log)[0], qr{ \S+, \S+\|502, 502\|502$}, 'a POST that was sent twice');
like((grep { m{^/usual/drop} } @log)[1], qr{ [^ ,]+\|502\|502$}, 'and one that was not');
like(logged('/tries'), qr{ [^ ,]+\|502\|502$}, 'tries are counted');

$m->finish;
