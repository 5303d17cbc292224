# tls_door.t - who comes to a TLS port with something else: plain HTTP, garbage, half a greeting, nothing
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl", "IO::Socket::SSL");

my $m = Miwi->new;
my $d = $m->dir;
my $to = '127.0.0.1:' . $m->port;
system("openssl req -x509 -nodes -days 9 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost "
    . "-keyout '$d/key' -out '$d/cert' >/dev/null 2>&1") == 0 or die "openssl: no certificate\n";
$m->start(<<"END");
events { }
http {
    client_header_timeout 1s;
    ssl_certificate $d/cert;
    ssl_certificate_key $d/key;
    server { listen 127.0.0.1:%port% ssl; server_name localhost; return 200 "\$ssl_protocol \$ssl_server_name\\n"; }
    server { listen 127.0.0.1:%port% ssl; server_name no.example; ssl_reject_handshake on; }
    server { listen 127.0.0.1:%port% ssl; server_name *.old.example; ssl_protocols TLSv1.2; return 200 "\$ssl_protocol\\n"; }
    server {
        listen 127.0.0.1:%port:page%  ssl;
        error_page 497 =200 /told;
        location /told { return 200 "use https\\n"; }
    }
}
END

sub s_client { return `printf '$_[1]' | timeout 10 openssl s_client -connect $to $_[0] 2>&1` }

sub get { return $m->request('/', tls => { SSL_hostname => $_[0] }, host => $_[0])->body }

is(get('localhost'), "TLSv1.3 localhost\n", 'a name');
is(get('other'), "TLSv1.3 other\n", 'an unknown name is met by the default server');
is(get('a.old.example'), "TLSv1.2\n", 'a wildcard, and its protocols');
is(get('b.OLD.example'), "TLSv1.2\n", '... whatever the case of letters');
like(s_client('-servername no.example', ''), qr/unrecognized name/, 'a name that is refused');
like(s_client('-servername a.old.example -tls1_3', ''), qr/alert protocol version/, 'no version in common');

my $plain = $m->http_get('/');
is($plain->status, 400, 'plain HTTP');
like($plain->body, qr/The plain HTTP request was sent to HTTPS port/, '... is told so');
is($m->request('/', port => $m->port('page'))->body, "use https\n", '... as error_page 497 wants it');

my %garbage = (
    'a record of nothing' => "\x16\x03\x01\x00\x00", 'a record too long' => "\x16\x03\x01\xff\xff" . 'x' x 100,
    'a broken hello' => "\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03", 'an alert first' => "\x15\x03\x01\x00\x02\x02\x28",
    'SSLv2' => "\x80\x2e\x01\x00\x02" . "\0" x 43, 'binary' => join('', map { chr } 128 .. 255),
    'extensions that lie' => "\x16\x03\x01\x00\x33\x01\x00\x00\x2f\x03\x03" . 'r' x 32 . "\0\0\x02\x13\x01\x01\0\x00\x04\0\0\xff\xff",
);
for my $name (sort keys %garbage) {
    my $c = $m->connect;
    $c->send($garbage{$name});
    unlike($c->rest, qr/ 200 /, "$name: no answer but an alert");
}

my $half = $m->connect;
$half->send("\x16\x03\x01\x02\x00\x01\x00");
my $silent = $m->connect;
for my $gone (1 .. 3) {
    my $c = $m->connect;
    $c->send("\x16\x03\x01\x02\x00\x01\x00" . 'x' x $gone);
    close $c->socket;
}
is($half->rest, '', 'half a greeting: closed in time');
is($silent->rest, '', 'no greeting: closed in time');
ok($m->wait_for_log(qr/client timed out.*while SSL handshaking/), '... the log tells');
ok($m->wait_for_log(qr/peer closed connection in SSL handshake.*while SSL handshaking/), 'so it does of who left');

# The client reads its command where that comes alone, which takes patience on a busy machine.
my $again = '';
for my $pause (0.3, 1, 3) {
    $again = `(printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n'; sleep $pause; echo R; sleep $pause) | timeout 20 \\
        openssl s_client -connect $to -tls1_2 -servername a.old.example 2>&1`;
    last if $again =~ /RENEGOTIATING/;
}
like($again, qr/RENEGOTIATING.*no renegotiation/s, 'nobody renegotiates');
is(get('localhost'), "TLSv1.3 localhost\n", 'all that did not hurt');
$m->finish;
