# diskfull.t - a full disk below bodies, responses, stored files and logs: clients are told, nothing is left, it goes on
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Load;
use Time::HiRes qw(sleep);

no warnings 'redefine';
*Miwi::pid = sub { $_[0]->read_file('small/miwi.pid') =~ /^(\d+)\n/ ? $1 : undef };    # on the disk that will be full
use warnings 'redefine';
Miwi->need(qw(unshare mount));
if (!$ENV{MIWI_NAMESPACE}) {        # a mount of our own, that ends with us
    plan(skip_all => 'needs root') if $> != 0;
    plan(skip_all => 'needs a system that allows namespaces') if system('unshare --mount true 2>/dev/null') != 0;
    local $ENV{MIWI_NAMESPACE} = 1;
    exec 'unshare', '--mount', '--propagation', 'private', '--', $^X, (map { "-I$_" } grep { !ref } @INC), $0;
}

my $m = Miwi->new(seconds => 115);
my $size = 512 * 1024;
mkdir $m->path('small');
plan(skip_all => 'cannot mount') if system('mount', '-t', 'tmpfs', '-o', "size=$size", 'none', $m->path('small')) != 0;
END { local $?; system 'umount', '-l', $m->path('small') if $m }
mkdir $m->path($_) for qw(small/client small/proxy small/store small/log elsewhere);
$m->write_file('html/small.txt', "small\n");
my $big = join '', map { sprintf "%07d\n", $_ } 1 .. 500_000;      # 4 MB
my $middle = substr $big, 0, 700_000;
$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $c->answer(200, $r->{uri} =~ /big/ ? $big : $r->{uri} =~ /middle/ ? $middle : 'got ' . length $r->body);
    }
});
my $conf = <<'END';
worker_processes 1;
pid small/miwi.pid;
error_log logs/error.log info;
events { }
http {
    log_format short "$status $uri";
    access_log off;
    proxy_keepalive off;
    client_max_body_size 100m;
    client_body_temp_path small/client;
    proxy_temp_path small/proxy;
    server {
        listen 127.0.0.1:%port%;
        root html;
        client_body_buffer_size 16k;
        send_timeout 20s;
        location /app/ { proxy_pass http://%app%; proxy_buffers 4 8k; }
        location /chunked/ { proxy_pass http://%app%; proxy_http_version 1.1; }
        location /kept/ { proxy_pass http://%app%; proxy_store small/store$uri; }
        location /carried/ { proxy_pass http://%app%; proxy_temp_path elsewhere; proxy_store small/store$uri; }
        location /logged/ { alias html/; access_log small/log/access.log short; }
        location /own/ { alias html/; access_log small/log/$arg_name.log short; }
        location /gathered/ { alias html/; access_log small/log/gathered.log short buffer=4k flush=100ms; }
        location = /status { stub_status; }
    }
}
END
my $fill = sub { $m->append_file('small/filler', 'f' x 65_536) for 1 .. 20; };
my $free = sub { unlink $m->path('small/filler') };
sub left { map { s/.*\/small\///r } grep { -f } glob $m->path('small/{client,proxy,store,store/*}/*') }
sub opened { my ($w) = $m->workers; join "\n", sort map { (readlink) =~ s/:\[\d+\]$//r } grep { readlink } glob "/proc/$w/fd/*" }
sub written { my ($what) = @_; scalar(() = $m->error_log =~ /$what/g) }

$m->start($conf);
is($m->http_get('/small.txt')->body, "small\n", 'it serves');
is($m->http_post('/app/1', 'x' x 200_000)->body, 'got 200000', 'a body that fits');
sleep 0.3;
my $opened = opened();
sub calm {
    my ($what) = @_;
    is($m->http_get('/small.txt')->body, "small\n", "$what: it goes on");
    is(join(' ', left()), '', "$what: no file is left");
    ok($m->wait_for(sub { opened() eq $opened }), "$what: no descriptor is left") or diag("before\n$opened\nnow\n" . opened());
    ok($m->wait_for(sub { $m->http_get('/status')->body =~ /^Active connections: 1 / }), "$what: no connection is left");
}

# --- bodies of requests ------------------------------------------------------------------------------------------------

is($m->http_post('/app/1', 'x' x 1_500_000)->status, 500, 'a body that does not fit');
like($m->error_log, qr{\[crit\] \S+ \*\d+ pwrite\(\) "\S*small/client/\S+" failed \(28: No space left on device\)}, 'says why');
calm('a body');
my $c = $m->connect;
$c->send("POST /chunked/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
$c->send("8000\r\n" . 'y' x 0x8000 . "\r\n") || last for 1 .. 40;
is($c->response->status, 500, 'a chunked body');
undef $c;
calm('a chunked body');
my $load = Miwi::Load->start($m,
    { name => 'static', uris => [ '/small.txt' ], expect => qr/^small$/, clients => 2 },
    map { { name => 'posts', uris => [ '/app/1' ], method => 'POST', body => 'z' x 300_000, clients => 1 } } 1 .. 4);
sleep 4;
my $tally = $load->stop;
is_deeply($tally->{static}{lost}, [], 'under load: files are served');
cmp_ok($tally->{posts}{answered}, '>', 10, "under load: $tally->{posts}{answered} of $tally->{posts}{sent} bodies found room");
is_deeply([ grep { !/status 500$|not taken|reset/ } @{ $tally->{posts}{lost} } ], [], 'under load: the others had a 500');
calm('under load');

# --- bodies of responses -----------------------------------------------------------------------------------------------

my $before = written(qr/pwrite\(\) to a temporary file/);
my @slow = map { my $c = $m->connect; $c->send_request(GET => "/app/big$_"); $c } 1 .. 5;
sleep 1;
ok((grep { $_->response->body eq $big } @slow) == 5, 'responses larger than the disk come whole to clients that are slow');
cmp_ok(written(qr/pwrite\(\) to a temporary file/), '>', $before, 'although the file was full');
like($m->error_log, qr{\[crit\] \S+ \*\d+ pwrite\(\) to a temporary file in "\S*small/proxy" failed \(28: No space left on device\)}, 'which the log says');
@slow = ();
calm('a response');
@slow = map { my $c = $m->connect; $c->send_request(GET => "/app/big$_"); $c } 1 .. 5;
sleep 0.5;
$_->close for @slow;
calm('clients that went');

# --- stored files ------------------------------------------------------------------------------------------------------

is($m->http_get('/kept/middle')->body, $middle, 'what cannot be stored is answered whole');
like($m->error_log, qr{\[crit\] \S+ \*\d+ pwrite\(\) "\S*small/proxy/\S+" failed \(28: No space left on device\) while}, 'and the log says so');
calm('proxy_store');
is($m->http_get('/carried/middle')->body, $middle, 'the same from another file system');
like($m->error_log, qr{\[crit\] \S+ \*\d+ storing "\S*small/store/carried/middle" failed \(28: No space left on device\)}, 'and the log says so');
is(join(' ', glob $m->path('elsewhere/*')), '', 'no file is left there');
calm('proxy_store from elsewhere');
is($m->http_get('/carried/1')->body, 'got 0', 'one that fits');
is($m->read_file('small/store/carried/1'), 'got 0', 'is stored');
unlink $m->path('small/store/carried/1');

# --- logs --------------------------------------------------------------------------------------------------------------

$fill->();
for my $place ('logged', 'gathered', 'own') {
    my $arg = $place eq 'own' ? '?name=own' : '';
    my $file = $place eq 'own' ? 'own' : $place eq 'logged' ? 'access' : 'gathered';
    $fill->();
    my $answered = grep { $m->http_get("/$place/small.txt$arg")->body eq "small\n" } 1 .. 300;
    is($answered, 300, "$place: answered with a log that is full");
    ok($m->wait_for(sub { written(qr{\[alert\] \S+ (?:\*\d+ )?write\(\) to "\S*small/log/$file.log" (?:failed \(28: No space left|was incomplete)}) }),
        "$place: the error log says it");
    cmp_ok(written(qr{write\(\) to "\S*small/log/$file.log"}), '<=', 2, "$place: not for each line");
    $free->();
    is($m->http_get("/$place/small.txt$arg")->status, 200, "$place: there is room again");
    ok($m->wait_for(sub { $m->read_file("small/log/$file.log") =~ m{200 /$place/small.txt\n\z} }), "$place: and a log");
}

# --- a reload ----------------------------------------------------------------------------------------------------------

$fill->();
ok($m->reload($conf =~ s/"\$status/"again \$status/r), 'a reload when there is no room for a file') or diag($m->{said});
is($m->http_get('/logged/small.txt')->status, 200, 'it serves');
$free->();
$m->http_get('/logged/small.txt');
ok($m->wait_for(sub { $m->read_file('small/log/access.log') =~ m{again 200 /logged/small.txt\n\z} }), 'by the new configuration');
sleep 0.5;
$opened = opened();
is($m->http_post('/app/1', 'x' x 200_000)->body, 'got 200000', 'bodies fit again');
calm('at the end');
$m->finish(allow => qr/write\(\) to ".*small/);
