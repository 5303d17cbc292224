# tls_client_cert.t - client certificates: who is let in, what is said of them, and who is told why not
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl", "IO::Socket::SSL");

my $m = Miwi->new;
my $d = $m->dir;

sub openssl { system("cd '$d' && openssl $_[0] >logs/openssl 2>&1") == 0 or die $m->read_file('logs/openssl') }

my $ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
openssl("req -x509 -days 9 $ec -subj /CN=$_ -keyout $_.key -out $_.crt") for qw(localhost stranger root);
for my $name (qw(alice bob)) {
    openssl("req -new $ec -subj '/O=Miwi/CN=$name' -keyout $name.key -out $name.csr");
    openssl("x509 -req -days 9 -in $name.csr -CA root.crt -CAkey root.key -set_serial 0x" . ($name eq 'bob' ? 'B0B' : 'A1')
        . " -out $name.crt");
}
$m->write_file('ca.conf', "[ca]\ndefault_ca=d\n[d]\ndatabase=$d/index\ndefault_md=sha256\ndefault_crl_days=9\n");
$m->write_file('index', '');
openssl('ca -config ca.conf -keyfile root.key -cert root.crt -revoke bob.crt');
openssl('ca -config ca.conf -keyfile root.key -cert root.crt -gencrl -out crl.pem');

my $servers = join '', map { <<"END" } qw(on optional optional_no_ca crl);
    server {
        listen 127.0.0.1:%port% ssl;
        server_name $_;
        ssl_verify_client @{[ $_ eq 'crl' ? "on; ssl_crl $d/crl.pem" : $_ ]};
        ssl_client_certificate $d/root.crt;
        add_header X-Verify \$ssl_client_verify always;
        add_header X-Who "\$ssl_client_s_dn \$ssl_client_serial" always;
        return 200 "in\\n";
    }
END
my $conf = <<"END";
events { }
http {
    ssl_certificate $d/localhost.crt;
    ssl_certificate_key $d/localhost.key;
    server { listen 127.0.0.1:%port% ssl; server_name open; return 200 "\$ssl_client_verify\\n"; }
$servers
}
END
$m->start($conf);

sub ask {
    my ($server, $who, $host) = @_;
    my %own = $who ? (SSL_cert_file => "$d/$who.crt", SSL_key_file => "$d/$who.key") : ();
    return $m->request('/', host => $host // $server, tls => { SSL_hostname => $server, %own });
}

for my $case (
    [ on => 'alice', 200, 'SUCCESS' ],          [ on => '', 400, 'NONE' ],
    [ on => 'stranger', 400, 'FAILED:' ],       [ optional => '', 200, 'NONE' ],
    [ optional => 'alice', 200, 'SUCCESS' ],    [ optional => 'stranger', 400, 'FAILED:' ],
    [ optional_no_ca => 'stranger', 200, 'FAILED:' ], [ crl => 'alice', 200, 'SUCCESS' ],
    [ crl => 'bob', 400, 'FAILED:certificate revoked' ],
) {
    my ($server, $who, $status, $verdict) = @$case;
    my $r = ask($server, $who);
    is($r->status, $status, "$server, " . ($who || 'nobody') . ": $status");
    like($r->header('X-Verify') // '', qr/^\Q$verdict\E/, "... $verdict");
}
is(ask('on', 'alice')->header('X-Who'), 'CN=alice,O=Miwi A1', 'name and serial number');
like(ask('on', '')->body, qr/No required SSL certificate was sent/, 'the page of 496');
like(ask('on', 'stranger')->body, qr/The SSL certificate error/, 'the page of 495');
is(ask('open', '')->body, "NONE\n", 'a server that does not ask');
is(ask('on', 'alice', 'open')->status, 421, 'a name that asks, a Host of another server: 421');
is(ask('open', '', 'on')->status, 400, 'a name that does not ask, a Host that does: not let in');

my ($code, $said) = $m->check("events { }\nhttp { server { listen 127.0.0.1:1 ssl; ssl_certificate $d/root.crt; "
    . "ssl_certificate_key $d/root.key; ssl_verify_client on; } }\n");
is($code, 1, 'nobody to trust: no configuration');
like($said, qr/no ssl_client_certificate or ssl_trusted_certificate for ssl_verify_client/, '... and why');
($code, $said) = $m->check("events { }\nhttp { server { listen 127.0.0.1:1 ssl; ssl_certificate $d/root.crt; "
    . "ssl_certificate_key $d/root.key; ssl_client_certificate $d/none; } }\n");
is($code, 0, 'authorities that nobody needs are not read');
$m->finish;
