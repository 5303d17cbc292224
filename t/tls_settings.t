# tls_settings.t - what the ssl_* directives make of a connection, as its client sees it
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl", "IO::Socket::SSL");

my $m = Miwi->new;
my $d = $m->dir;
system("openssl req -x509 -nodes -days 9 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost "
    . "-keyout '$d/key' -out '$d/cert' >/dev/null 2>&1") == 0 or die "openssl: no certificate\n";
$m->write_file('html/large', 'x' x 100_000);

my %servers = (
    plain => '', old => 'ssl_protocols TLSv1.2;', new => 'ssl_protocols TLSv1.3;', holes => 'ssl_protocols TLSv1.1 TLSv1.3;',
    ciphers => 'ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-CHACHA20-POLY1305;',
    ours => 'ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; ssl_ciphers '
        . 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256;',
    theirs => 'ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256;',
    curve => 'ssl_ecdh_curve secp384r1:prime256v1;', small => 'ssl_buffer_size 1k;',
    command => 'ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256;', two => 'http2 on;',
    early => 'ssl_early_data on;',
);
my $told = join '|', map { "\$ssl_$_" } qw(protocol cipher curve server_name session_reused alpn_protocol);
my $all = join '', map { <<"END" } sort keys %servers;
    server {
        listen 127.0.0.1:%port:$_% ssl;
        $servers{$_}
        ssl_certificate $d/cert;
        ssl_certificate_key $d/key;
        root $d/html;
        location = / { return 200 "told $told \$scheme \$https\\n"; }
        location = /offered { return 200 "told \$ssl_ciphers|\$ssl_curves|\$ssl_sigalg\\n"; }
    }
END
$m->start("events { }\nhttp {\n$all\n}\n");

sub s_client {
    my ($port, $options, $uri) = @_;
    my $to = '127.0.0.1:' . $m->port($port);
    my $request = $uri && $uri eq 'nothing' ? '' : sprintf 'GET %s HTTP/1.0\\r\\n\\r\\n', $uri || '/';
    return `printf '$request' | timeout 10 openssl s_client -ign_eof -connect $to $options 2>&1`;
}

sub told { return s_client(@_) =~ /^told (.*)$/m ? $1 : 'nothing' }

like(told(plain => '-servername a.example'), qr/^TLSv1\.3\|TLS_AES_256_GCM_SHA384\|X25519\|a\.example\|\.\| https on$/,
    'as nothing is written');
like(told(plain => '-tls1_2 -noservername'), qr/^TLSv1\.2\|ECDHE-ECDSA-\S+\|X25519\|\|\.\| https on$/, 'TLS 1.2');
like(told(old => ''), qr/^TLSv1\.2/, 'ssl_protocols TLSv1.2');
like(s_client(old => '-tls1_3'), qr/alert protocol version/, '... and no other');
like(told(new => ''), qr/^TLSv1\.3/, 'ssl_protocols TLSv1.3');
like(s_client(new => '-tls1_2'), qr/alert protocol version/, '... and no other');
is(told(holes => '-tls1_2'), 'nothing', 'a hole is a hole');
like(told(ciphers => ''), qr/\|ECDHE-ECDSA-CHACHA20-POLY1305\|/, 'ssl_ciphers');
like(s_client(ciphers => '-cipher ECDHE-ECDSA-AES128-GCM-SHA256'), qr/alert handshake failure/, '... and no other');
my $both = '-cipher ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';
like(told(ours => $both), qr/AES256/, 'ssl_prefer_server_ciphers on');
like(told(theirs => $both), qr/AES128/, '... off');
like(told(curve => ''), qr/\|secp384r1\|/, 'ssl_ecdh_curve');
like(told(curve => '-curves P-256'), qr/\|prime256v1\|/, '... the second');
like(s_client(curve => '-curves X25519'), qr/alert handshake failure/, '... and no other');
like(told(command => ''), qr/TLS_CHACHA20_POLY1305_SHA256/, 'ssl_conf_command');
like(told(plain => '-ciphersuites TLS_AES_128_GCM_SHA256 -tls1_3 -curves P-384:P-256', '/offered'),
    qr/^TLS_AES_128_GCM_SHA256\S*\|secp384r1:prime256v1\|id-ecPublicKey$/, 'what a client offers');

like(told($_ => '-alpn h2,http/1.1'), qr/\|http\/1\.1 https/, "$_: ALPN picks http/1.1") for qw(plain two);
like(s_client(plain => '-alpn h2'), qr/alert no application protocol/, 'nothing in common: no handshake');
like(told(plain => '-alpn http/1.0,http/1.1'), qr/\|http\/1\.1 https/, 'what else is offered does not matter');

my %record;
for my $server (qw(small plain)) {
    my $c = $m->connect(port => $m->port($server), tls => 1);
    my ($most, $bytes) = (0, 0);

    $c->send("GET /large HTTP/1.0\r\n\r\n");
    while (my $n = $c->socket->sysread(my $part, 65536)) {
        $bytes += $n;
        $most = $n if $n > $most;
    }
    ok($bytes > 100_000, "$server: all of it came");
    $record{$server} = $most;
}
is($record{small}, 1024, 'ssl_buffer_size is the size of a record');
is($record{plain}, 16384, '... 16k');

$m->write_file('request', "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
s_client(early => "-tls1_3 -sess_out $d/session");
my $with_early = "-tls1_3 -sess_in $d/session -early_data $d/request";
my %sent = (early => scalar s_client(early => $with_early, 'nothing'), plain => scalar s_client(plain => $with_early));
like($sent{early}, qr/^Early data was accepted.*^told TLSv1\.3\S*\|r\|/ms, 'early data is taken, and answered');
like($sent{plain}, qr/^Early data was rejected/m, '... and refused where it is not on');
like($sent{plain}, qr/^told TLSv1\.3.*\|\.\|/m, '... what is said again is answered');

for my $bad ([ 'ssl_protocols TLSv2', 'invalid value "TLSv2"' ], [ 'ssl_ciphers NONE', 'SSL_CTX_set_cipher_list("NONE")' ],
    [ 'ssl_ecdh_curve none', 'curves_list("none")' ], [ 'ssl_conf_command A b', 'SSL_CONF_cmd("A", "b") failed' ],
    [ 'ssl_buffer_size x', 'invalid value' ], [ 'ssl_dhparam none', 'none"' ]) {
    my ($code, $said) = $m->check("events { }\nhttp { server { listen 127.0.0.1:1 ssl; ssl_certificate $d/cert; "
        . "ssl_certificate_key $d/key; $bad->[0]; } }\n");
    is($code, 1, "$bad->[0] is refused");
    like($said, qr/\Q$bad->[1]\E/, '... in these words');
}
$m->finish;
