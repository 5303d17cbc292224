# reloads.t - 50 reloads and 5 binary upgrades under load lose no request, and leave nothing behind
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Census;
use Miwi::Load;

my $m = Miwi->new(seconds => 115);
Miwi->need('openssl', 'IO::Socket::SSL');
$m->certificate('localhost');
$m->write_file('html/small.txt', "small\n");
$m->write_file('html/large.bin', 'x' x 300_000);
my $answer = sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $c->answer(200, $r->{uri} =~ /large/ ? 'y' x 100_000 : "app $r->{uri}\n");
    }
};
$m->backend(one => $answer);
$m->backend(two => $answer);
my $conf = <<'END';
worker_processes 2;
events { worker_connections 512; }
http {
    access_log logs/access.log;
    upstream app { zone app 128k; server %one%; server %two% weight=2; keepalive 4; keepalive_timeout 2s; }
    ssl_certificate localhost.crt;
    ssl_certificate_key localhost.key;
    ssl_session_cache shared:sessions:1m;
    server {
        listen 127.0.0.1:%port% default_server;
        listen 127.0.0.1:%port:tls% ssl;
        listen 127.0.0.1:%port:own% reuseport;
        root html;
        location /app/ { proxy_pass http://app; proxy_set_header Connection ''; proxy_http_version 1.1; }
        location /bare/ { proxy_pass http://%one%; }
        location = /status { stub_status; }
        add_header X-Generation 0;
    }
}
END
$m->start($conf);

my @static = ('/small.txt', '/large.bin', '/small.txt');
my @proxied = ('/app/1', '/bare/2', '/app/large', '/app/3');
my $small = qr/^(?:small\n|x{60000,})$/;
my $app = qr{^(?:app /\S+\n|y{60000,})$};
my @kinds = (
    { name => 'static, kept', uris => \@static, expect => $small, clients => 2 },
    { name => 'static, closed', uris => \@static, expect => $small, close => 1 },
    { name => 'static, own sockets', uris => \@static, expect => $small, port => $m->port('own') },
    { name => 'proxied, kept', uris => \@proxied, expect => $app },
    { name => 'proxied, closed', uris => \@proxied, expect => $app, close => 1 },
    { name => 'proxied, with a body', uris => [ '/app/4', '/bare/5' ], expect => $app, method => 'POST', body => 'z' x 20_000 },
    { name => 'static, TLS, kept', uris => \@static, expect => $small, port => $m->port('tls'), tls => 1 },
    { name => 'static, TLS, closed', uris => \@static, expect => $small, port => $m->port('tls'), tls => 1, close => 1, pause => 0.01 },
    { name => 'proxied, TLS, kept', uris => \@proxied, expect => $app, port => $m->port('tls'), tls => 1 },
    { name => 'proxied, TLS, closed', uris => \@proxied, expect => $app, port => $m->port('tls'), tls => 1, close => 1, pause => 0.01 },
);

sub check {
    my ($what, $tally) = @_;

    for my $name (map { $_->{name} } @kinds) {
        my $t = $tally->{$name};
        cmp_ok($t->{sent} // 0, '>', 20, "$what: $name: $t->{sent} requests on $t->{connections} connections");
        is($t->{answered}, $t->{sent}, "$what: $name: each has its answer, the slowest after "
            . sprintf '%d ms', $t->{slowest} * 1000) or diag(join "\n", @{ $t->{lost} });
        is(scalar @{ $t->{lost} }, 0, "$what: $name: nobody was sent away");
    }
}

sub calm { select undef, undef, undef, 10 }

my $load = Miwi::Load->start($m, @kinds);
ok($m->reload($conf =~ s/Generation 0/Generation 1/r), 'a first reload');
select undef, undef, undef, 4;
check('before', $load->stop);
calm();
my $before = Miwi::Census->take($m);
is($before->{children}, 2, 'two workers');

# --- reloads -----------------------------------------------------------------------------------------------------------

$load = Miwi::Load->start($m, @kinds);
my $reloaded = 0;
for my $n (2 .. 51) {
    $reloaded++ if $m->reload($conf =~ s/Generation 0/Generation $n/r);
}
is($reloaded, 50, '50 reloads');
is($m->http_get('/small.txt')->header('X-Generation'), 51, 'the last one serves');
check('50 reloads', $load->stop);
calm();
Miwi::Census->take($m)->same_as($before, '50 reloads');

# --- upgrades ----------------------------------------------------------------------------------------------------------

$load = Miwi::Load->start($m, @kinds);
for my $n (1 .. 5) {
    my $old = $m->pid;

    $m->signal(USR2 => $old);
    ok($m->wait_for(sub { ($m->pid // $old) != $old && $m->workers == 2 }, 10), "upgrade $n: a new master with workers");
    $m->signal(QUIT => $old);
    ok($m->wait_for(sub { (waitpid($old, 1) == $old) || !kill 0, $old }, 15), "upgrade $n: the old one has gone");
    $m->{pid} = $m->pid;
}
check('5 upgrades', $load->stop);
calm();
Miwi::Census->take($m)->same_as($before, '5 upgrades', exec => 1);
like($m->http_get('/status')->body, qr/^Active connections: 1 \n/, 'the one connection is the one that asks');
$m->finish;
