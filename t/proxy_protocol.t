# proxy_protocol.t - listen ... proxy_protocol: both versions, their variables and TLVs, and what is no header
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::SSL;
use Miwi;

my $m = Miwi->new;
$m->certificate('own');
$m->start(<<'END');
worker_processes 1;
events { }
http {
    client_header_timeout 700ms;
    server {
        listen 127.0.0.1:%port% proxy_protocol;
        location / {
            return 200 "$proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_addr:$proxy_protocol_server_port\n";
        }
        location /peer { return 200 "$remote_addr\n"; }
        location /tlv {
            return 200 "$proxy_protocol_tlv_alpn $proxy_protocol_tlv_0x01 $proxy_protocol_tlv_authority $proxy_protocol_tlv_ssl_verify $proxy_protocol_tlv_ssl_version $proxy_protocol_tlv_ssl_0x22 <$proxy_protocol_tlv_0x99>\n";
        }
    }
    server {
        listen 127.0.0.1:%port:tls% ssl proxy_protocol;
        ssl_certificate own.crt;
        ssl_certificate_key own.key;
        location / { return 200 "$proxy_protocol_addr $ssl_protocol\n"; }
    }
}
END

sub ask { my ($head, $uri) = @_; $m->http($head . "GET $uri HTTP/1.0\r\n\r\n") }
sub tlv { pack 'Cn/a*', @_ }

# The signature, PROXY over TCP by IPv4 (or the family given), addresses, then what follows.
sub v2 {
    my ($more, $command, $family) = @_;
    my $from = "\x01\x02\x03\x04" . "\x05\x06\x07\x08" . pack 'nn', 1000, 2000;
    return "\r\n\r\n\0\r\nQUIT\n" . pack('CCn/a*', $command // 0x21, $family // 0x11, $from . ($more // ''));
}

like(ask("PROXY TCP4 1.2.3.4 5.6.7.8 1000 2000\r\n", '/'), qr/^1\.2\.3\.4:1000 5\.6\.7\.8:2000$/m, 'version 1');
like(ask("PROXY TCP6 ::1 ::2 1 2\r\n", '/'), qr/^::1:1 ::2:2$/m, 'of IPv6');
like(ask("PROXY TCP4 1.2.3.4 5.6.7.8 1000 2000\r\n", '/peer'), qr/^127\.0\.0\.1$/m, 'the peer stays who it is');
like(ask("PROXY UNKNOWN what ever\r\n", '/'), qr/^: :$/m, 'unknown');
like(ask(v2(), '/'), qr/^1\.2\.3\.4:1000 5\.6\.7\.8:2000$/m, 'version 2');
like(ask(v2(undef, 0x20), '/'), qr/^: :$/m, 'LOCAL');

my $ssl = tlv(0x20, pack('CN', 1, 255) . tlv(0x21, 'TLSv1.2') . tlv(0x22, 'example.com'));
like(ask(v2(tlv(1, 'h2') . tlv(2, 'name') . $ssl), '/tlv'), qr/^h2 h2 name 255 TLSv1\.2 example\.com <>$/m, 'TLVs');
like(ask(v2(pack 'Cn', 1, 500), '/tlv'), qr/^ {6}<>$/m, 'a TLV longer than the header harms nobody');

my %broken = (
    'no header'        => '', 'cut short' => "PROXY TCP4 1.2.3.4\r\n", 'other family' => "PROXY TCP5 1 2 3 4\r\n",
    'no address'       => "PROXY TCP4 a.b.c.d 5.6.7.8 1 2\r\n", 'port too big' => "PROXY TCP4 1.2.3.4 5.6.7.8 70000 2\r\n",
    'no end'           => 'PROXY TCP4 ' . '1' x 200 . "\r\n", 'other version' => v2(undef, 0x31),
);
is(ask($broken{$_}, '/'), '', "$_: closed") for sort keys %broken;
my $began = time;
is($m->http('PROXY TCP4'), '', 'half a header: closed');
cmp_ok(time - $began, '<', 4, 'in time');
$m->wait_for_log(qr/broken header/);

my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $m->port('tls')) or die "$!";
print $c "PROXY TCP4 1.2.3.4 5.6.7.8 1000 2000\r\n";
IO::Socket::SSL->start_SSL($c, SSL_verify_mode => 0) or die "TLS: $IO::Socket::SSL::SSL_ERROR";
print $c "GET / HTTP/1.0\r\n\r\n";
like(join('', <$c>), qr/^1\.2\.3\.4 TLSv1\.3$/m, 'in front of a handshake');

$m->finish;
