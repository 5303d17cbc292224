# site.t - Debian's nginx.conf, unchanged, with two sites: static files, and TLS before a Node.js WebSocket application
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use IO::Socket::IP;

use Miwi::Debian qw(node openssl IO::Socket::SSL);

my $m = Miwi::Debian->new;

# --- a WebSocket, as far as it is needed -------------------------------------------------------------------------

sub open_socket {
    my $c = $m->connect(port => 443, tls => 1);
    $c->send_request('GET', '/ws', host => 'app.test', headers => [ Upgrade => 'websocket', Connection => 'Upgrade',
        'Sec-WebSocket-Version' => 13, 'Sec-WebSocket-Key' => 'dGhlIHNhbXBsZSBub25jZQ==' ]);
    my $head = $c->read_until(qr/\r\n\r\n/) // '';
    like($head, qr{^HTTP/1\.1 101 }, 'a WebSocket opens');
    like($head, qr{^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$}m, 'with the answer to its key');
    return $c;
}

sub hear {
    my ($c) = @_;
    my $head = $c->read(2);
    return length $head < 2 ? 'nothing' : $c->read(ord substr $head, 1);
}

sub talk {
    my ($c, $text) = @_;
    $c->send("\x81" . chr(128 | length $text) . "\0\0\0\0$text");
    return hear($c);
}

# --- begin -------------------------------------------------------------------------------------------------------

$m->write_file('www/html/index.html', '<p>the first site</p>' . "\n" x 50);
$m->write_file('www/html/style.css', "p { }\n");
$m->write_file('www/html/sub/index.html', "below\n");
$m->add_application;

my ($code, $out, $err) = $m->nginx('-t');
is($code, 0, 'nginx -t');
like($err, qr{^nginx: the configuration file /etc/nginx/nginx.conf syntax is ok$}m, 'says what nginx says');
like($err, qr{^nginx: configuration file /etc/nginx/nginx.conf test is successful$}m, 'to its end');
unlike($err, qr/\[emerg\]|\[error\]/, 'and has nothing against it');
$m->begin;
my $user = getpwnam 'www-data';
ok($m->wait_for(sub {
    my @users = map { $m->read_file("/proc/$_/status") =~ /^Uid:(?:\t$user){4}$/m } $m->workers;
    return @users && !grep { !$_ } @users;
}), 'workers are www-data');
is($m->read_file('/run/nginx.pid'), $m->pid . "\n", 'the pid is where Debian looks for it');

# --- the first site ----------------------------------------------------------------------------------------------

sub site {
    my ($uri, @headers) = @_;
    return $m->request($uri, port => 80, headers => \@headers);
}

my $r = site('/');
is($r->status, 200, 'the first site');
like($r->body, qr/the first site/, 'is its index');
is($r->header('Content-Type'), 'text/html', 'with the type of mime.types');
is(site('/style.css')->header('Content-Type'), 'text/css', 'and a style sheet with its own');
is(site('/', 'Accept-Encoding' => 'gzip')->header('Content-Encoding'), 'gzip', 'compressed, as gzip on says');
is(site('/none')->status, 404, 'try_files ends in 404');
$r = site('/sub');
is($r->status, 301, 'a folder without slash');
is($r->header('Location'), 'http://localhost/sub/', 'is sent there');
is(site('/sub/')->body, "below\n", 'and is there');
my $six = IO::Socket::IP->new(PeerHost => '::1', PeerPort => 80);
ok($six && print({$six} "GET / HTTP/1.0\r\n\r\n") && <$six> =~ / 200 /, 'over IPv6 too');

# --- the second site ---------------------------------------------------------------------------------------------

$r = $m->request('/x?y', port => 80, host => 'app.test');
is($r->status, 301, 'the second site is not in clear');
is($r->header('Location'), 'https://app.test/x?y', 'it sends to TLS');
$r = $m->request('/', port => 443, tls => 1, host => 'app.test');
is($r->status, 200, 'the application answers over TLS');
like($r->body, qr/new WebSocket/, 'with its page');
$r = $m->request('/api/x%20y?z', port => 443, tls => 1, host => 'app.test');
my $asked = JSON::PP::decode_json($r->body);
is($asked->{url}, '/api/x%20y?z', 'it is asked for what the client wanted');
is($asked->{headers}{'x-forwarded-proto'}, 'https', 'with proxy_params');
my $socket = open_socket();
is(hear($socket), 'hello 1', 'the WebSocket greets');
is(talk($socket, 'one'), 'echo 1: one', 'and answers');
my @old = $m->workers;

# --- a reload ----------------------------------------------------------------------------------------------------

$m->write_file('etc/conf.d/new.conf', "add_header X-Generation two;\n");
($code, $out, $err) = $m->nginx('-s', 'reload');
is($code, 0, 'nginx -s reload') or diag($err);
is(site('/')->header('X-Generation'), 'two', 'what is new is there');
is(talk($socket, 'two'), 'echo 1: two', 'the WebSocket lives on');
ok(grep({ kill 0, $_ } @old), 'in its old worker');
my $another = open_socket();
is(hear($another), 'hello 2', 'another one opens');
$m->write_file('etc/conf.d/broken.conf', "nonsense on;\n");
($code, $out, $err) = $m->nginx('-s', 'reload');
is($code, 1, 'a broken configuration is told');
is(talk($socket, 'three'), 'echo 1: three', 'and breaks nothing');
is(talk($another, 'three'), 'echo 2: three', 'neither here nor there');
unlink $m->path('etc/conf.d/broken.conf');
$_->close for $socket, $another;
ok($m->wait_for(sub { !grep { kill 0, $_ } @old }, 10), 'the old worker goes with its last connection');

# --- logs --------------------------------------------------------------------------------------------------------

my $log = $m->read_file('log/access.log');
like($log, qr{^127\.0\.0\.1 - - \[[^]]+\] "GET /sub HTTP/1\.1" 301 169 "-" "-"$}m, 'the access log is as usual');
ok($m->wait_for(sub { ($log = $m->read_file('log/access.log')) =~ m{ /ws } }), 'WebSockets are in the log, too');
like($log, qr{^127\.0\.0\.1 - - \[[^]]+\] "GET /ws HTTP/1\.1" 101 \d+ "-" "-"$}m, 'as what they are');
rename $m->path('log/access.log'), $m->path('log/access.log.1');
is(($m->nginx('-s', 'reopen'))[0], 0, 'nginx -s reopen');
ok($m->wait_for(sub { -e $m->path('log/access.log') }), 'a new log, as logrotate wants it');
is(site('/style.css')->status, 200, 'and on it goes');
is(($m->nginx('-s', 'quit'))[0], 0, 'nginx -s quit');
ok($m->wait_for(sub { !-e '/run/nginx.pid' }, 10), 'and it is gone');
$m->finish(allow => qr/unknown directive "nonsense"/);
