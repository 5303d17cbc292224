# variables.t - the variables that nginx's documentation lists for ngx_http_core_module, each with its value
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Sys::Hostname qw(hostname);

my $m = Miwi->new;
$m->write_file('html/file.txt', "a file\n");
$m->backend(app => sub { my ($c) = @_; while ($c->request) { $c->answer(200, 'x') } });
my @names = qw(arg_name args binary_remote_addr connection connection_requests connection_time content_length content_type
    cookie_name document_root document_uri host hostname http_x_field https is_args is_request_port limit_rate msec
    nginx_version pid pipe proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port
    proxy_protocol_tlv_alpn query_string realpath_root remote_addr remote_port remote_user request request_body_file
    request_completion request_filename request_id request_length request_method request_port request_time request_uri scheme
    server_addr server_name server_port server_protocol tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd tcpinfo_rcv_space
    time_iso8601 time_local uri);
my $all  = join '\n', map { "$_=\$$_" } @names;
my $last = join ' ', map { "$_=\$$_" } qw(status bytes_sent body_bytes_sent request_completion sent_http_x_own
    sent_http_content_type sent_http_content_length sent_http_location sent_http_connection sent_trailer_x_t request_length);
my $conf = <<'END';
events { }
http {
    log_format last escape=none 'LAST';
    server {
        listen 127.0.0.1:%port%;
        server_name first.test second.test;
        root html;
        location /all { set $limit_rate 1m; return 200 'ALL'; }
        location /body { client_body_in_single_buffer on; proxy_set_header X-Body $request_body; proxy_pass http://%app%;
            add_header X-Body "$request_body"; }
        location /file.txt { access_log logs/last.log last; add_header X-Own own; add_trailer X-T tail; }
        location /moved { access_log logs/last.log last; return 301 /there; }
        location /missing { access_log logs/last.log last; }
        location /realpath { root %dir%/link; add_header X-Real $realpath_root; add_header X-Root $document_root; try_files /file.txt =404; }
    }
    server { listen 127.0.0.1:%port:pp% proxy_protocol; location / { return 200 'ALL'; } }
}
END
$conf =~ s/ALL/$all/g;
$conf =~ s/LAST/$last/;
symlink 'html', $m->path('link');
$m->start($conf);

sub answer_to {
    my ($raw, %with) = @_;
    my ($head, $body) = split /\r\n\r\n/, $m->http($raw, %with), 2;
    return map { /^(\w+)=(.*)$/s ? ($1 => $2) : () } split /\n/, $body;
}

my $me = $m->connect;
my $port = $m->port;
my $raw = "GET /a%6cl/./?name=v&b=%20 HTTP/1.1\r\nHost: Second.Test:99\r\nX-Field: 1\r\nX-Field: 2\r\nCookie: a=b; name=c\r\n"
    . "Content-Type: t/p\r\nAuthorization: Basic dXNlcjpzZWNyZXQ=\r\nConnection: close\r\n\r\n";
my %is = answer_to($raw);
my %want = (
    arg_name => 'v', args => 'name=v&b=%20', query_string => 'name=v&b=%20', binary_remote_addr => "\x7f\0\0\1", connection_requests => 1,
    content_length => '', content_type => 't/p', cookie_name => 'c', document_root => $m->path('html'), document_uri => '/all/',
    uri => '/all/', host => 'second.test', hostname => lc hostname(), http_x_field => '1, 2', https => '', is_args => '?',
    is_request_port => ':', request_port => 99, limit_rate => 1048576, nginx_version => '1.31.5', pipe => '.',
    (map { ("proxy_protocol_$_" => '') } qw(addr port server_addr server_port tlv_alpn)), realpath_root => $m->path('html'),
    remote_addr => '127.0.0.1', remote_user => 'user', request => 'GET /a%6cl/./?name=v&b=%20 HTTP/1.1', request_body_file => '',
    request_completion => '', request_filename => $m->path('html') . '/all/', request_length => length $raw, request_method => 'GET',
    request_uri => '/a%6cl/./?name=v&b=%20', scheme => 'http', server_addr => '127.0.0.1', server_name => 'first.test',
    server_port => $port, server_protocol => 'HTTP/1.1',
);
is($is{$_}, $want{$_}, "\$$_") for sort keys %want;
my %like = (
    connection => qr/^\d+$/, connection_time => qr/^\d+\.\d{3}$/, msec => qr/^\d{10}\.\d{3}$/, pid => qr/^\d+$/, remote_port => qr/^\d+$/,
    request_id => qr/^[0-9a-f]{32}$/, request_time => qr/^0\.\d{3}$/, (map { ("tcpinfo_$_" => qr/^\d+$/) } qw(rtt rttvar snd_cwnd rcv_space)),
    time_iso8601 => qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/, time_local => qr/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [-+]\d{4}$/,
);
like($is{$_}, $like{$_}, "\$$_") for sort keys %like;
is(join(',', sort grep { !exists $want{$_} && !exists $like{$_} } @names), '', 'none was forgotten');
ok((grep { $_ == $is{pid} } $m->workers), '$pid is that of the worker');

# over PROXY protocol, with one TLV (ALPN)
my $tlv = pack 'Cn/a', 1, 'h9';
my $pp = "\r\n\r\n\0\r\nQUIT\n\x21\x11" . pack('n', 12 + length $tlv) . pack('C8nn', 192, 0, 2, 1, 192, 0, 2, 2, 1234, 443) . $tlv;
%is = answer_to("${pp}GET /?x HTTP/1.0\r\n\r\n", port => $m->port('pp'));
is(join(' ', map { $is{"proxy_protocol_$_"} } qw(addr port server_addr server_port tlv_alpn)), '192.0.2.1 1234 192.0.2.2 443 h9',
    '$proxy_protocol_*');
is("$is{server_protocol} $is{is_request_port}$is{request_port} $is{host}", 'HTTP/1.0  ', 'without a Host field');

# of the body
my $r = $m->http_post('/body', 'the body');
is($r->header('X-Body'), 'the body', '$request_body');

# when all is over
$m->http_get('/file.txt');
$m->http_get('/moved');
$m->http_get('/missing');
$m->wait_for(sub { ($m->read_file('logs/last.log') =~ tr/\n//) == 3 });
my ($file, $moved, $missing) = split /\n/, $m->read_file('logs/last.log');
like($file, qr/^status=200 bytes_sent=\d{3} body_bytes_sent=\d+ request_completion=OK sent_http_x_own=own sent_http_content_type=text\/plain /, 'a file');
like($file, qr/sent_http_connection=close sent_trailer_x_t=tail request_length=\d\d$/, 'its trailer');
like($moved, qr{status=301 .*sent_http_location=http://localhost:\d+/there }, '$sent_http_location is what was sent');
like($missing, qr/^status=404 /, 'an error');
$r = $m->http_get('/realpath');
is($r->header('X-Root'), $m->path('link'), '$document_root with a link in it');
is($r->header('X-Real'), $m->path('html'), '$realpath_root without');

$m->finish;
