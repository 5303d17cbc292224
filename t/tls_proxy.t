# tls_proxy.t - TLS to upstreams: names, what is verified, our certificate (also by a variable, kept), sessions
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl", "IO::Socket::SSL");

my $m = Miwi->new;
my $d = $m->dir;

for my $name (qw(app ann ben)) {
    system("openssl req -x509 -nodes -days 9 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=$name.example "
        . "-addext subjectAltName=DNS:$name.example -keyout '$d/$name.key' -out '$d/$name.crt' >/dev/null 2>&1") == 0
        or die "openssl: no certificate\n";
}
my $port = Miwi::free_port();
$m->backend(rude => sub {           # closes without close_notify
    my $c = shift;

    $c->request;
    $c->send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it\n");
    $c->socket->close(SSL_no_shutdown => 1);
}, tls => { SSL_cert_file => "$d/app.crt", SSL_key_file => "$d/app.key" });
$m->start(<<"END");
events { }
http {
    server {
        listen 127.0.0.1:$port ssl;
        ssl_certificate $d/app.crt;
        ssl_certificate_key $d/app.key;
        ssl_verify_client optional_no_ca;
        keepalive_timeout 0;
        return 200 "\$ssl_server_name|\$ssl_client_s_dn|\$ssl_session_reused|\$ssl_protocol\\n";
    }
    server {
        listen 127.0.0.1:%port%;
        proxy_ssl_session_reuse off;
        location /rude { proxy_pass https://%rude%; }
        location /plain { proxy_pass https://127.0.0.1:$port; }
        location /sni { proxy_pass https://127.0.0.1:$port; proxy_ssl_server_name on; proxy_ssl_name app.example; }
        location /old { proxy_pass https://127.0.0.1:$port; proxy_ssl_protocols TLSv1.2; }
        location /again { proxy_pass https://127.0.0.1:$port; proxy_ssl_session_reuse on; }
        location /verify {
            proxy_pass https://127.0.0.1:$port;
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate $d/app.crt;
            proxy_ssl_name \$arg_name;
        }
        location /stranger {
            proxy_pass https://127.0.0.1:$port;
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate $d/ann.crt;
            proxy_ssl_name app.example;
        }
        location /own {
            proxy_pass https://127.0.0.1:$port;
            proxy_ssl_certificate $d/ann.crt;
            proxy_ssl_certificate_key $d/ann.key;
        }
        location /by/ {
            proxy_pass https://127.0.0.1:$port;
            proxy_ssl_certificate $d/\$arg_who.crt;
            proxy_ssl_certificate_key $d/\$arg_who.key;
            location /by/kept {
                proxy_pass https://127.0.0.1:$port;
                proxy_ssl_certificate_cache max=4 valid=1h inactive=1h;
            }
        }
    }
}
END

sub get { return $m->http_get($_[0])->body }

is(get('/plain'), "||.|TLSv1.3\n", 'no name, no certificate');
my $rude = $m->http("GET /rude HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
like($rude, qr/\r\n\r\na\r\nall of it\n\r\n0\r\n\r\n$/, 'an answer that ends with the connection, and nothing said');
is(get('/sni'), "app.example||.|TLSv1.3\n", 'a name');
is(get('/old'), "||.|TLSv1.2\n", 'a version');
is(get('/again'), "||.|TLSv1.3\n", 'the first session');
is(get('/again'), "||r|TLSv1.3\n", '... is resumed');
is($m->http_get('/verify?name=app.example')->status, 200, 'verified');
is($m->http_get('/verify?name=other.example')->status, 502, 'another name is not');
is($m->http_get('/stranger')->status, 502, 'neither is whom we do not know');
like($m->error_log, qr/upstream SSL certificate does not match "other\.example"/, '... the log tells the one');
like($m->error_log, qr/upstream SSL certificate verify error: \(18:/, '... and the other');
is(get('/own'), "|CN=ann.example|.|TLSv1.3\n", 'our certificate');
is(get('/by/?who=ben'), "|CN=ben.example|.|TLSv1.3\n", '... by a variable');
is($m->http_get('/by/?who=none')->status, 502, '... that is not there');
is(get('/by/kept?who=ben'), "|CN=ben.example|.|TLSv1.3\n", '... to be kept');

unlink "$d/ben.crt", "$d/ben.key";
is($m->http_get('/by/?who=ben')->status, 502, 'the files are gone');
is(get('/by/kept?who=ben'), "|CN=ben.example|.|TLSv1.3\n", '... what was kept is used');

for my $bad ([ 'max=0', 'invalid parameter "max=0"' ], [ 'max=2 inactive=x', 'invalid parameter "inactive=x"' ],
    [ 'valid=3s', '"proxy_ssl_certificate_cache" must have the "max" parameter' ]) {
    my ($code, $said) = $m->check("events { }\nhttp { proxy_ssl_certificate_cache $bad->[0]; }\n");
    is($code, 1, "$bad->[0] is refused");
    like($said, qr/\Q$bad->[1]\E in /, '... in these words');
}
my ($code) = $m->check("events { }\nhttp { server { location / { proxy_pass https://127.0.0.1:1; "
    . "proxy_ssl_trusted_certificate $d/none; } } }\n");
is($code, 0, 'authorities that nobody needs are not read');
$m->finish;
