# limits.t - limit_req and limit_conn: rates, bursts, delays, several zones, statuses, logs; killed workers leave nothing
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(time);

my $m = Miwi->new;
$m->backend(slow => sub { my $c = shift; $c->request or return; sleep 20; });
$m->start(<<'END');
worker_processes 1;
events { }
http {
    limit_req_zone $arg_k zone=hour:1m rate=2r/h;
    limit_req_zone $arg_k zone=day:1m rate=1r/d;
    limit_req_zone $arg_k zone=five:1m rate=5r/s;
    limit_req_zone $server_name zone=all:32k rate=1000r/s;
    limit_req_zone $arg_k zone=tiny:32k rate=1r/m;
    limit_conn_zone $arg_k zone=conn:1m;
    limit_conn_zone $server_name zone=perserver:1m;
    server {
        listen 127.0.0.1:%port%;
        add_header X-Status "$limit_req_status/$limit_conn_status" always;
        location /hour { limit_req zone=hour burst=1 nodelay; return 200; }
        location /day { limit_req zone=day; limit_req_status 429; limit_req_log_level notice; proxy_pass http://%slow%; }
        location /rate { limit_req zone=hour; try_files /x /x =204; }
        location /per { limit_req zone=day; try_files /x =204; limit_req_status 429; limit_req_log_level notice; }
        location /slow { limit_req zone=five burst=3; try_files /x =204; }
        location /both { limit_req zone=all burst=500; limit_req zone=day; try_files /x =204; }
        location /tiny { limit_req zone=tiny; try_files /x =204; }
        location /page { limit_req zone=day; error_page 503 = /sorry; try_files /x =204; }
        location = /sorry { return 200 sorry; }
        location /conn { limit_conn perserver 3; limit_conn conn 1; proxy_pass http://%slow%; }
        location /look { limit_conn conn 1; limit_conn_status 429; try_files /x =204; }
        location /dry { limit_conn conn 1; limit_conn_dry_run on; try_files /x =204; }
    }
}
END

sub status { $m->http_get($_[0])->status }
is(status('/rate?k=a'), 204, 'the first');
my $r = $m->http_get('/rate?k=a');
is($r->status, 503, 'the second in an hour');
like($r->header('Retry-After'), qr/^1(799|800)$/, 'Retry-After');
is($r->header('X-Status'), 'REJECTED/', '$limit_req_status');
like($m->error_log, qr/\[error\] .*limiting requests, excess: 1\.000 by zone "hour"/, 'it is logged');
is(status('/rate?k=b'), 204, 'another key');
is(status('/rate'), 204, 'an empty key') for 1 .. 3;

is(status('/per?k=d'), 204, 'once a day');
is(status('/per?k=d'), 429, 'limit_req_status');
like($m->error_log, qr/\[notice\] .*limiting requests.* by zone "day"/, 'limit_req_log_level');

my $began = time;
is(status('/slow?k=s'), 204, 'a burst') for 1 .. 3;
cmp_ok(time - $began, '>', 0.35, 'is delayed');
like($m->error_log, qr/\[warn\] .*delaying request, excess: \d\.\d+, by zone "five"/, 'and logged one level below');
my $c = $m->connect;
$c->send_request(GET => '/slow?k=s');
$c->close;
is(status('/both?k=x'), 204, 'two zones');
is(status('/both?k=x'), 503, 'one of them refuses');
is($m->http_get('/page?k=p')->status, 204, 'with an error page');
is($m->http_get('/page?k=p')->body, 'sorry', 'that is shown');

is(status("/tiny?k=key$_"), 204, "key $_ of a small zone") for 1 .. 3;
my $refused = grep { status("/tiny?k=long" . ('x' x 200) . $_) != 204 } 1 .. 300;
is($refused, 0, 'a full zone forgets what was used longest ago');
is(status('/tiny?k=' . 'x' x 200 . 'again'), 204, 'and goes on');

my @held = map { my $one = $m->connect; $one->send_request(GET => '/conn?k=c'); $one } 1;
ok($m->wait_for(sub { status('/look?k=c') == 429 }), 'one at a time');
$r = $m->http_get('/look?k=c');
is($r->header('X-Status'), '/REJECTED', '$limit_conn_status');
is($r->header('Retry-After'), 1, 'Retry-After');
is(status('/look?k=e'), 204, 'another key');
is(status('/look'), 204, 'none');
$r = $m->http_get('/dry?k=c');
is($r->status, 204, 'a dry run');
is($r->header('X-Status'), '/REJECTED_DRY_RUN', 'tells');
like($m->error_log, qr/limiting connections by zone "conn"/, 'it is logged');
like($m->error_log, qr/limiting connections, dry run, by zone "conn"/, 'also of a dry run');

my ($worker) = $m->workers;
kill KILL => $worker;
ok($m->wait_for(sub { my ($new) = $m->workers; $new && $new != $worker }), 'a killed worker is replaced');
ok($m->wait_for(sub { status('/look?k=c') == 204 }), 'and holds nothing any more');
@held = map { my $one = $m->connect; $one->send_request(GET => '/conn?k=c'); $one } 1;
ok($m->wait_for(sub { status('/look?k=c') == 429 }), 'held again');
$_->close for @held;
ok($m->wait_for(sub { status('/look?k=c') == 204 }), 'a client that leaves lets go');
is(status('/per?k=d'), 429, 'rates outlive a worker');
$m->reload;
is(status('/per?k=d'), 429, 'and a reload');

$m->finish(allow => qr/exited on signal 9/);
