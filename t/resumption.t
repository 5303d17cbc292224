# resumption.t - a ticket of TLS 1.3 resumes, and so does the one that the resumed connection was given
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl");

my $m = Miwi->new;
my $folder = $m->dir;
$m->write_file('html/page', "here\n");
system("openssl req -x509 -nodes -days 30 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost "
    . "-keyout '$folder/key' -out '$folder/cert' >/dev/null 2>&1") == 0 or die "openssl: no certificate\n";
$m->start(<<"END");
events { }
http {
    server {
        listen 127.0.0.1:%port% ssl;
        ssl_certificate $folder/cert;
        ssl_certificate_key $folder/key;
        root html;
    }
}
END

sub connection {
    my ($version, $options) = @_;
    my $to = '127.0.0.1:' . $m->port;
    return `printf 'GET /page HTTP/1.0\\r\\n\\r\\n' | timeout 10 openssl s_client -$version -ign_eof -connect $to $options 2>&1`;
}

for my $version (qw(tls1_3 tls1_2)) {
    my $name = "$folder/$version";
    like(connection($version, "-sess_out $name.1"), qr/^New, TLSv1.*^here$/ms, "$version: a full handshake");
    for my $i (1 .. 3) {
        my ($from, $to) = map { "$name.$_" } $version eq 'tls1_2' ? (1, 'same') : ($i, $i + 1);    # 1.2 keeps its ticket
        like(connection($version, "-sess_in $from -sess_out $to"), qr/^Reused, TLSv1.*^here$/ms,
            "$version: resumed once more");
    }
}

$m->write_file("bad", "-----BEGIN SSL SESSION PARAMETERS-----\nAAAA\n-----END SSL SESSION PARAMETERS-----\n");
unlike(connection('tls1_3', "-sess_in $folder/bad"), qr/^Reused/m, 'no session out of nonsense');
like(connection('tls1_3', ''), qr/^New, .*^here$/ms, 'no session: a full handshake');
$m->finish;
