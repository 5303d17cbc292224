# idle.t - 20,000 idle connections and 2,000 slow clients, while whoever asks has a quick answer
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Census;
use Miwi::Crowd;
use Miwi::Load;
use Time::HiRes qw(sleep);

my $most = (split ' ', `sh -c 'ulimit -H -n'`)[0];
plan(skip_all => 'needs 20,000 descriptors a process') if $most =~ /^\d+$/ && $most < 20_000;
my $m = Miwi->new(seconds => 118);
$m->write_file('html/small.txt', "small\n");
$m->write_file('html/large.bin', 'x' x 200_000);
$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $c->answer(200, $r->{uri} =~ /large/ ? 'y' x 200_000 : "app $r->{uri} " . length $r->body);
    }
});
$m->backend(quick => sub {
    my ($c) = @_;
    while ($c->request) { $c->answer(200, 'quick') }
});
$m->start(<<'END');
worker_processes 2;
worker_rlimit_nofile 20000;
events { worker_connections 19500; }
http {
    access_log off;
    keepalive_timeout 300s;
    proxy_keepalive off;
    keepalive_requests 100000;
    client_header_timeout 60s;
    server {
        listen 127.0.0.1:%port% reuseport;
        listen 127.0.0.2:%port% reuseport;
        listen 127.0.0.3:%port% reuseport;
        listen 127.0.0.1:%port:narrow% sndbuf=8k reuseport;
        root html;
        location /app/ { proxy_pass http://%app%; }
        location /quick/ { proxy_pass http://%quick%; }
        location = /status { stub_status; }
    }
}
END

my @kinds = (
    { name => 'static, kept', uris => [ '/small.txt' ], expect => qr/^small$/, within => 0.5, pause => 0.02 },
    { name => 'static, closed', uris => [ '/small.txt' ], expect => qr/^small$/, within => 0.5, pause => 0.02, close => 1 },
    { name => 'proxied', uris => [ '/quick/1' ], expect => qr/^quick$/, within => 0.5, pause => 0.02 },
);
sub active { $m->http_get('/status')->body =~ /^Active connections: (\d+) .*Waiting: (\d+)/s ? ($1, $2) : (-1, -1) }
sub check {
    my ($what, $tally) = @_;
    for my $name (map { $_->{name} } @kinds) {
        my $t = $tally->{$name};
        cmp_ok($t->{answered}, '>', 50, "$what: $name: $t->{answered} answers");
        is_deeply($t->{lost}, [], "$what: $name: none is lost");
        cmp_ok($t->{late} // 0, '<=', $t->{sent} / 50, "$what: $name: quickly, the slowest after " . int($t->{slowest} * 1000) . ' ms');
    }
}

sub idle {
    my ($n, @which) = @_;
    return map {
        Miwi::Crowd->start($m, idle => $_, $n, to => '127.0.0.' . (1 + $_ % 3), from => "127.0.3.$_", port => $m->port)
    } @which;
}
sub slow {
    my ($many) = @_;
    return map { Miwi::Crowd->start($m, $_->[0] => $_->[1], $many * $_->[2], from => "127.0.4.$_->[1]", port => $m->port($_->[3])) }
        [ head => 1, 7 ], [ body => 2, 7 ], [ read => 3, 3, 'narrow' ], [ proxied => 4, 3, 'narrow' ];
}

# A smaller crowd first, so that what comes with the first of a kind is there before.
my @crowd = (idle(2000, 1, 2), slow(30));
$_->hear for @crowd;
my $load = Miwi::Load->start($m, @kinds);
sleep 3;
check('before', $load->stop);
$_->end for @crowd;
sleep 10;
my $before = Miwi::Census->take($m);

# --- idle --------------------------------------------------------------------------------------------------------------

my @crowds = idle(5000, 1 .. 4);
is($_->hear, 'have 5000 of 5000', 'a client has 5,000 connections, with an answer on each') for @crowds;
my ($active, $waiting) = active();
cmp_ok($active, '>=', 20_000, "$active connections are open");
cmp_ok($waiting, '>=', 20_000, "$waiting of them wait");
cmp_ok(scalar(() = glob "/proc/$_/fd/*"), '>', 5000, 'a worker has its share') for $m->workers;
$load = Miwi::Load->start($m, @kinds);
sleep 4;
check('20,000 idle', $load->stop);

# --- slow --------------------------------------------------------------------------------------------------------------

my @slow = slow(100);
is($_->hear, "have $_->{n} of $_->{n}", "$_->{n} clients that are slow ($_->{kind})") for @slow;
sleep 3;
$load = Miwi::Load->start($m, @kinds);
sleep 6;
($active) = active();
cmp_ok($active, '>=', 22_000, "$active connections are open");
check('and 2,000 slow', $load->stop);
$_->tell('hurry') for @slow;
is($_->hear, "answered $_->{n} of $_->{n}", "$_->{kind}: each has its answer in the end") for @slow;
$_->end for @slow;

# --- and the idle ones are still there -----------------------------------------------------------------------------------

$_->tell('ask') for @crowds;
is($_->hear, 'answered 5000 of 5000', 'all that were idle have a second answer') for @crowds;
$_->end for @crowds;
ok($m->wait_for(sub { (active())[0] == 1 }, 20), 'all are gone') or diag(join ' ', active());
sleep 10;
Miwi::Census->take($m)->same_as($before, 'afterwards');
$m->finish;
