# tls_certs.t - certificates: two kinds on one server, chains, text, locked keys, and names that have variables
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl", "IO::Socket::SSL");

my $m = Miwi->new;
my $d = $m->dir;

sub openssl { system("cd '$d' && openssl $_[0] >logs/openssl 2>&1") == 0 or die $m->read_file('logs/openssl') }

my $ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
openssl("req -x509 -days 9 $ec -subj /CN=$_ -keyout $_.key -out $_.crt") for qw(ecdsa root a.example b.example);
openssl('req -x509 -days 9 -newkey rsa:2048 -nodes -subj /CN=rsa -keyout rsa.key -out rsa.crt');
openssl("req -new $ec -subj /CN=leaf -keyout leaf.key -out leaf.csr");
openssl('x509 -req -days 9 -in leaf.csr -CA root.crt -CAkey root.key -set_serial 1 -out leaf.crt');
openssl('ec -in leaf.key -aes128 -passout pass:open-it -out locked.key');
$m->write_file('chain.crt', join '', map { $m->read_file($_) } qw(leaf.crt root.crt));
$m->write_file('words', "wrong\nopen-it\n");
$m->write_file('broken.crt', "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
my ($crt, $key) = map { $m->read_file($_) } qw(a.example.crt a.example.key);

sub server {
    my ($port, @more) = @_;
    return "server { listen 127.0.0.1:%port:$port% ssl; @more return 200 \"\$ssl_server_name\\n\"; }\n";
}
my @servers = (
    server(two => "ssl_certificate ecdsa.crt; ssl_certificate_key ecdsa.key;",
        "ssl_certificate rsa.crt; ssl_certificate_key rsa.key;"),
    server(chain => "ssl_certificate chain.crt; ssl_certificate_key locked.key; ssl_password_file words;"),
    server(text => "ssl_certificate \"data:$crt\"; ssl_certificate_key \"data:$key\";"),
    server(by => "ssl_certificate \$ssl_server_name.crt; ssl_certificate_key \$ssl_server_name.key;"),
    server(kept => "ssl_certificate $d/\$ssl_server_name.crt; ssl_certificate_key $d/\$ssl_server_name.key;",
        "ssl_certificate_cache max=10 valid=1h inactive=1h;"),
    server(textby => "ssl_certificate data:\$crt; ssl_certificate_key data:\$key;"),
    server(locked => "ssl_certificate \$leaf.crt; ssl_certificate_key \$locked.key; ssl_password_file words;"),
);
my $conf = join '', "events { }\nhttp {\n", "map a \$leaf { default leaf; }\nmap a \$locked { default locked; }\n",
    "map \$ssl_server_name \$crt { a.example '$crt'; }\nmap \$ssl_server_name \$key { a.example '$key'; }\n", @servers, "}\n";
$m->start($conf);

sub s_client {
    my ($port, @options) = @_;
    my $to = '127.0.0.1:' . $m->port($port);
    return `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 10 openssl s_client -ign_eof -connect $to @options 2>&1`;
}

sub subject { return s_client(@_) =~ /^subject=(?:CN = |CN=)(.*)$/m ? $1 : 'none' }

for my $version (qw(-tls1_2 -tls1_3)) {
    is(subject(two => $version, '-sigalgs ecdsa_secp256r1_sha256'), 'ecdsa', "$version: who wants ECDSA");
    is(subject(two => $version, '-sigalgs rsa_pss_rsae_sha256:rsa_pkcs1_sha256'), 'rsa', "$version: who wants RSA");
}
my $shown = s_client(chain => '-showcerts -CAfile ' . "$d/root.crt");
is(scalar(() = $shown =~ /BEGIN CERTIFICATE/g), 2, 'a chain is sent whole');
like($shown, qr/Verify return code: 0 \(ok\)/, '... and leads to its root');
is(subject('text'), 'a.example', 'a certificate as text');

is(subject(by => '-servername a.example'), 'a.example', 'a name with variables, relative to the configuration');
is(subject(by => '-servername b.example'), 'b.example', '... another one');
is(subject(by => '-servername none.example'), 'none', '... no such file: no handshake');
is(subject(by => '-servername broken'), 'none', '... no certificate in it');
is(subject(by => '-noservername'), 'none', '... no name');
ok($m->wait_for_log(qr/\[error\] .*cannot load certificate "\Q$d\E\/none\.example\.crt": BIO_new_file\(\) failed/),
    'the log tells which');
ok($m->wait_for_log(qr/cannot load certificate "\Q$d\E\/broken\.crt": PEM_read_bio_X509_AUX\(\) failed/), '... and why');
is(subject(textby => '-servername a.example'), 'a.example', 'text of a variable');
is(subject(textby => '-servername b.example'), 'none', '... that is empty');
is(subject('locked'), 'leaf', 'a locked key of a variable');

is(subject(kept => "-servername $_.example"), "$_.example", "$_: read and kept") for qw(a b);
my $b = $m->read_file('b.example.crt');
unlink map { "$d/$_" } qw(a.example.crt a.example.key b.example.crt);
is(subject(by => '-servername a.example'), 'none', 'the files are gone');
is(subject(kept => '-servername a.example'), 'a.example', '... what was kept is used');
ok($m->reload, 'a reload');
is(subject(kept => '-servername a.example'), 'none', '... forgets it');
is(subject(by => '-servername b.example'), 'none', 'a key alone is not enough');
$m->write_file('b.example.crt', $b);
is(subject(by => '-servername b.example'), 'b.example', '... back again');

for my $bad (
    [ 'ssl_certificate none.crt; ssl_certificate_key rsa.key', 'cannot load certificate "' ],
    [ 'ssl_certificate rsa.crt; ssl_certificate_key none.key', 'cannot load certificate key "' ],
    [ 'ssl_certificate ecdsa.crt; ssl_certificate_key root.key', 'SSL_CTX_use_PrivateKey("' ],
    [ 'ssl_certificate leaf.crt; ssl_certificate_key locked.key; ssl_password_file none', 'open() "' ],
    [ 'ssl_certificate rsa.crt', 'no "ssl_certificate_key" is defined' ],
    [ 'ssl_certificate data:x; ssl_certificate_key data:y', 'cannot load certificate "data:x": PEM_read_bio' ],
) {
    my ($code, $said) = $m->check("events { }\nhttp { server { listen 127.0.0.1:1 ssl; $bad->[0]; } }\n");
    is($code, 1, "$bad->[0] is refused");
    like($said, qr/\Q$bad->[1]\E/, '... in these words');
}
$m->finish;
