# tls_depth.t - who signed whom: verify depth of clients and upstreams, authorities not told, revoked upstreams, our key
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl", "IO::Socket::SSL");

my $m = Miwi->new;
my $d = $m->dir;

sub openssl { system("cd '$d' && openssl $_[0] >logs/openssl 2>&1") == 0 or die $m->read_file('logs/openssl') }

my $ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
$m->write_file('ca.ext', "basicConstraints=critical,CA:TRUE\n");
openssl("req -x509 -days 9 $ec -subj /CN=$_ -keyout $_.key -out $_.crt") for qw(localhost root);
for my $pair ([ middle => 'root', 'ca.ext' ], [ low => 'middle', 'ca.ext' ], [ leaf => 'low' ], [ near => 'root' ],
    [ gone => 'root' ]) {
    my ($name, $by, $extensions) = @$pair;
    openssl("req -new $ec -subj /CN=$name -keyout $name.key -out $name.csr");
    openssl("x509 -req -days 9 -in $name.csr -CA $by.crt -CAkey $by.key -set_serial 0x" . unpack('H*', $name)
        . ($extensions ? " -extfile $extensions" : '') . " -out $name.crt");
}
openssl('ec -in near.key -aes128 -passout pass:open-it -out locked.key');
$m->write_file('words', "open-it\n");
$m->write_file('all.crt', join '', map { $m->read_file("$_.crt") } qw(leaf low middle));
$m->write_file('ca.conf', "[ca]\ndefault_ca=d\n[d]\ndatabase=$d/index\ndefault_md=sha256\ndefault_crl_days=9\n");
$m->write_file('index', '');
openssl('ca -config ca.conf -keyfile root.key -cert root.crt -revoke gone.crt');
openssl('ca -config ca.conf -keyfile root.key -cert root.crt -gencrl -out crl.pem');

sub server {
    my ($port, $text) = @_;
    return "server { listen 127.0.0.1:%port:$port% ssl; keepalive_timeout 0; ssl_certificate localhost.crt; "
        . "ssl_certificate_key localhost.key; $text return 200 "
        . "\"\$ssl_client_verify|\$ssl_client_s_dn|\$ssl_client_i_dn|\$ssl_cipher|\$ssl_protocol\\n\"; }\n";
}

sub app { return "server { listen 127.0.0.1:%port:$_[0]% ssl; ssl_certificate $_[1].crt; ssl_certificate_key "
    . ($_[2] || $_[1]) . ".key; return 200 \"$_[0]\\n\"; }\n" }
my $verify = 'proxy_ssl_verify on; proxy_ssl_trusted_certificate root.crt; proxy_ssl_session_reuse off;';
my %locations = (
    '/deep3' => "proxy_pass https://127.0.0.1:%port:deep%; $verify proxy_ssl_verify_depth 3; proxy_ssl_name leaf;",
    '/deep1' => "proxy_pass https://127.0.0.1:%port:deep%; $verify proxy_ssl_verify_depth 1; proxy_ssl_name leaf;",
    '/near' => "proxy_pass https://127.0.0.1:%port:near%; $verify proxy_ssl_name near; proxy_ssl_crl crl.pem;",
    '/gone' => "proxy_pass https://127.0.0.1:%port:gone%; $verify proxy_ssl_name gone; proxy_ssl_crl crl.pem;",
    '/still' => "proxy_pass https://127.0.0.1:%port:gone%; $verify proxy_ssl_name gone;",
    '/locked' => "proxy_pass https://127.0.0.1:%port:depth3%; proxy_ssl_certificate near.crt; "
        . 'proxy_ssl_certificate_key locked.key; proxy_ssl_password_file words;',
    '/cipher' => 'proxy_pass https://127.0.0.1:%port:depth3%; proxy_ssl_protocols TLSv1.2; '
        . 'proxy_ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256;',
    '/command' => 'proxy_pass https://127.0.0.1:%port:depth3%; '
        . 'proxy_ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256;',
);
my $front = join '', map { "location $_ { $locations{$_} }\n" } sort keys %locations;
$m->start(join '', "events { }\nhttp {\n",
    (map { server("depth$_", "ssl_verify_client optional; ssl_client_certificate root.crt; ssl_verify_depth $_;") } 1, 3),
    server(quiet => 'ssl_verify_client optional; ssl_trusted_certificate root.crt; ssl_verify_depth 3;'),
    app(deep => 'all', 'leaf'), app(near => 'near'), app(gone => 'gone'),
    "server { listen 127.0.0.1:%port%;\n$front }\n}\n");

sub ask {
    my ($port, $who, $chain) = @_;
    return $m->request('/', port => $m->port($port),
        tls => { SSL_cert_file => "$d/" . ($chain || $who) . '.crt', SSL_key_file => "$d/$who.key" });
}

like(ask(depth1 => 'near')->body, qr/^SUCCESS\|CN=near\|CN=root\|/, 'a client signed by whom we know');
like(ask(depth3 => 'leaf', 'all')->body, qr/^SUCCESS\|CN=leaf\|CN=low\|/, 'one with two more between');
is(ask(depth1 => 'leaf', 'all')->status, 400, '... which is too far for another server');
like(ask(quiet => 'leaf', 'all')->body, qr/^SUCCESS\|/, 'known, but not announced');

sub announced {
    my $to = '127.0.0.1:' . $m->port($_[0]);
    return `timeout 10 openssl s_client -connect $to </dev/null 2>&1` =~ /Acceptable client certificate CA names\n(.*CN ?= ?root)/;
}
ok(announced('depth1'), 'ssl_client_certificate is told to clients');
ok(!announced('quiet'), '... ssl_trusted_certificate is not');

sub get { return $m->http_get($_[0]) }

is(get('/deep3')->body, "deep\n", 'an upstream with two more between');
is(get('/deep1')->status, 502, '... which is too far for another location');
ok($m->wait_for_log(qr/upstream SSL certificate verify error: \(22:certificate chain too long\)/), '... the log tells');
is(get('/near')->body, "near\n", 'one that is not revoked');
is(get('/gone')->status, 502, 'one that is');
ok($m->wait_for_log(qr/upstream SSL certificate verify error: \(23:certificate revoked\)/), '... the log tells');
is(get('/still')->body, "gone\n", '... where nobody looks it is let in');
like(get('/locked')->body, qr/^SUCCESS\|CN=near\|/, 'our key opened by proxy_ssl_password_file');
like(get('/cipher')->body, qr/\|ECDHE-ECDSA-AES128-GCM-SHA256\|TLSv1\.2$/, 'proxy_ssl_ciphers');
like(get('/command')->body, qr/\|TLS_CHACHA20_POLY1305_SHA256\|TLSv1\.3$/, 'proxy_ssl_conf_command');

my $to = 'server { location / { proxy_pass https://127.0.0.1:1; ';
for my $bad ([ 'proxy_ssl_verify on', 'no proxy_ssl_trusted_certificate for proxy_ssl_verify' ],
    [ 'proxy_ssl_certificate near.crt; proxy_ssl_certificate_key locked.key; proxy_ssl_password_file none', 'open() "' ],
    [ 'proxy_ssl_conf_command A b', 'SSL_CONF_cmd("A", "b") failed' ], [ 'proxy_ssl_ciphers NONE', '("NONE") failed' ],
    [ 'proxy_ssl_certificate near.crt', 'no "proxy_ssl_certificate_key" is defined' ],
    [ 'proxy_ssl_verify on; proxy_ssl_trusted_certificate root.crt; proxy_ssl_crl none', 'cannot load CRL "' ]) {
    my ($code, $said) = $m->check("events { }\nhttp { $to $bad->[0]; } } }\n");
    is($code, 1, "$bad->[0] is refused");
    like($said, qr/\Q$bad->[1]\E/, '... in these words');
}
$m->finish;
