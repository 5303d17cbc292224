# killed.t - workers killed under load: the others go on, each is replaced, and nothing they held is left behind
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Census;
use Miwi::Load;
use Time::HiRes qw(sleep time);

my $m = Miwi->new(seconds => 115);
$m->write_file('html/small.txt', "small\n");
$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        sleep 0.005;
        $c->answer(200, "app $r->{uri}\n");
    }
});
$m->backend(slow => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        sleep 1.5;
        $c->answer(200, "slow\n");
    }
});
my $conf = <<'END';
worker_processes 4;
events { worker_connections 256; }
http {
    upstream app { zone app 64k; server %app% max_conns=40; keepalive 4; keepalive_timeout 2s; }
    upstream slow { zone slow 64k; server %slow% max_conns=4; keepalive 0; }
    access_log off;
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /app/ { proxy_pass http://app; proxy_set_header Connection ''; proxy_http_version 1.1; }
        location /slow/ { proxy_pass http://slow; }
        location = /status { stub_status; }
    }
}
END
$m->start($conf);
my @kinds = (
    { name => 'static, kept', uris => [ '/small.txt' ], expect => qr/^small$/, clients => 4 },
    { name => 'static, closed', uris => [ '/small.txt' ], expect => qr/^small$/, close => 1, clients => 2 },
    { name => 'proxied', uris => [ '/app/1', '/app/2' ], expect => qr/^app /, clients => 4 },
);
sub calm { select undef, undef, undef, 10 }
sub active { $m->http_get('/status')->body =~ /^Active connections: (\d+) / ? $1 : -1 }
sub check {
    my ($what, $tally, $most) = @_;
    for my $name (map { $_->{name} } @kinds) {
        my $t = $tally->{$name};
        cmp_ok($t->{answered}, '>', 200, "$what: $name: $t->{answered} of $t->{sent} answered");
        cmp_ok($t->{lost_all} // 0, '<=', $most, "$what: $name: no more are lost than died with a worker")
            or diag(join "\n", @{ $t->{lost} });
    }
}

my $load = Miwi::Load->start($m, @kinds);
ok($m->reload($conf), 'a first reload');
sleep 3;
check('before', $load->stop, 0);
calm();
my $before = Miwi::Census->take($m);
is(active(), 1, 'before: one connection, which asks');

# --- one after the other -----------------------------------------------------------------------------------------------

$load = Miwi::Load->start($m, @kinds);
sleep 1;
my @killed;
for my $n (1 .. 8) {
    my @now = $m->workers;
    my $victim = $now[ $n % @now ];
    $m->signal(KILL => $victim);
    push @killed, $victim;
    my $began = time;
    ok($m->wait_for(sub { my @w = $m->workers; @w == 4 && !grep { $_ == $victim } @w }), "worker $n killed: replaced");
    cmp_ok(time - $began, '<', 1, "worker $n killed: at once");
    sleep 1.2;          # not in a row
}
my $tally = $load->stop;
check('8 killed', $tally, 8 * 4);       # at most what each client had under way at each death
like($m->error_log, qr/\[alert\] \d+#\d+: worker process $_ exited on signal 9\n/, 'said so') for @killed[0, 7];
calm();
Miwi::Census->take($m)->same_as($before, '8 killed');
is(active(), 1, 'the connections of the dead are not counted');
like($m->http_get('/status')->body, qr/^Reading: 0 Writing: 1 Waiting: 0 $/m, 'in no state');

# --- what a peer in a zone was counted for -----------------------------------------------------------------------------

my @stuck = map { my $c = $m->connect; $c->send_request(GET => "/slow/$_"); $c } 1 .. 4;
sleep 0.5;
is($m->http_get('/slow/5')->status, 502, 'max_conns: four are under way, there is no room for a fifth');
$m->signal(KILL => $_) for $m->workers;
is($_->rest(2), '', 'whose worker died gets nothing') for @stuck;
ok($m->wait_for(sub { $m->workers == 4 }), 'all four workers are born again');
@stuck = map { my $c = $m->connect; $c->send_request(GET => "/slow/$_"); $c } 1 .. 4;
is($_->response->status, 200, 'the places of the dead are free') for @stuck;

# --- one that always dies ----------------------------------------------------------------------------------------------

sleep 1.2;
my $seen = () = $m->error_log =~ /start worker process/g;
my ($used) = cpu($m->pid);
my $until = time + 6;
while (time < $until) {
    $m->signal(KILL => $_) for $m->workers;
    sleep 0.002;
}
my $born = (() = $m->error_log =~ /start worker process/g) - $seen;
cmp_ok($born, '>', 4 * 3, "killed at each birth for six seconds: $born births");
cmp_ok($born, '<=', 4 * (3 + 7), 'but no hot loop');
cmp_ok(cpu($m->pid) - $used, '<', 1, 'and no busy master');
ok($m->wait_for(sub { $m->workers == 4 }, 3), 'when it ends all are back');
is($m->http_get('/small.txt')->body, "small\n", 'and serve');
ok($m->reload($conf), 'and it reloads');
$load = Miwi::Load->start($m, @kinds);
sleep 2;
check('after', $load->stop, 0);
calm();
Miwi::Census->take($m)->same_as($before, 'after all');
is(active(), 1, 'after all: one connection, which asks');

# seconds of processor time
sub cpu {
    my ($pid) = @_;
    my @fields = split ' ', $m->read_file("/proc/$pid/stat") =~ s/.*\) //r;
    return ($fields[11] + $fields[12]) / 100;
}
$m->finish(allow => qr/exited on signal 9/);
