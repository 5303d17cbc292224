# realip.t - who the client is: fields, lists, the PROXY protocol; access, limits and logs go by it
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->start(<<'END');
events { }
http {
    log_format who '$remote_addr $realip_remote_addr $request_uri';
    access_log logs/access.log who;
    set_real_ip_from localhost;
    set_real_ip_from 127.0.0.0/8;
    set_real_ip_from unix:;
    server {
        listen 127.0.0.1:%port%;
        listen unix:%dir%/sock;
        root html;
        location /plain { try_files /none =204; add_header X-IP $remote_addr:$remote_port always; }
        location /any2 { real_ip_header X-Client; try_files /none =204; add_header X-IP $remote_addr always; }
        location /deny { deny 192.0.2.7; try_files /none =204; }
    }
    server {
        listen 127.0.0.1:%port:proxy% proxy_protocol;
        real_ip_header proxy_protocol;
        return 200 "$remote_addr $remote_port $realip_remote_addr";
    }
    server {
        listen 127.0.0.1:%port:far%;
        set_real_ip_from 10.0.0.1;
        return 200 "$remote_addr";
    }
}
END

sub ip { $m->http_get($_[0], @_[1 .. $#_])->header('X-IP') }
is(ip('/plain', 'X-Real-IP' => '192.0.2.1'), '192.0.2.1:', 'X-Real-IP');
is(ip('/plain', 'X-Real-IP' => '192.0.2.1:99'), '192.0.2.1:99', 'with a port');
is(ip('/plain', 'X-Real-IP' => '[2001:db8::5]:7'), '2001:db8::5:7', 'IPv6 with a port');
like(ip('/plain', 'X-Real-IP' => 'no address'), qr/^127\.0\.0\.1:/, 'junk is nobody');
is(ip('/any2', 'X-Client' => '192.0.2.2'), '192.0.2.2', 'a field of any name');
is($m->http_get('/deny', 'X-Real-IP' => '192.0.2.7')->status, 403, 'deny goes by it');
is($m->http_get('/deny', 'X-Real-IP' => '192.0.2.8')->status, 204, 'so does not to deny');
is($m->request('/', port => $m->port('far'), headers => ['X-Real-IP' => '192.0.2.7'])->body, '127.0.0.1', 'not from anybody');

my $c = $m->connect(port => $m->port('proxy'));
$c->send("PROXY TCP4 192.0.2.9 192.0.2.10 1234 80\r\nGET / HTTP/1.0\r\n\r\n");
is($c->response->body, '192.0.2.9 1234 127.0.0.1', 'the PROXY protocol');
ok($m->wait_for(sub { $m->read_file('logs/access.log') =~ m{^192\.0\.2\.7 127\.0\.0\.1 /deny$}m }), 'the log goes by it');

$m->finish;
