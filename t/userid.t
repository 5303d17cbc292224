# userid.t - userid over a connection: identifiers are unique, come back, and are logged
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/index.html', "x\n");
$m->start(<<'END');
worker_processes 2;
events { }
http {
    log_format ids '$uid_got $uid_set';
    access_log logs/ids.log ids;
    server {
        listen 127.0.0.1:%port%;
        root html;
        userid on;
        userid_name id;
        modern_browser gecko 1.0;
        location = /browser { userid off; return 200 "<$modern_browser$ancient_browser>"; }
    }
}
END

my %seen;
$seen{ $m->http_get('/')->header('Set-Cookie') =~ /^(id=[\w+\/]{22}==); path=\/$/ ? $1 : 'none' }++ for 1 .. 20;
is(scalar(keys %seen), 20, 'each client has its own');
my ($id) = keys %seen;
my $r = $m->http_get('/', Cookie => $id);
is($r->status, 200, 'with a cookie');
is($r->header('Set-Cookie'), undef, 'no other is set');
ok($m->wait_for(sub { $m->read_file('logs/ids.log') =~ /^id=[0-9A-F]{32} -$/m }), 'it is logged');
like($m->read_file('logs/ids.log'), qr/^- id=7F000001|^- id=0100007F/m, 'it begins with our address');
is($m->http_get('/browser', 'User-Agent' => 'Mozilla/5.0 (rv:0.9) Gecko/1')->body, '<1>', 'an old browser');

$m->finish;
