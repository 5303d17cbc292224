# post_action.t - a request goes on to another place when its answer is sent
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/file', 'f' x 100_000);
$m->backend(app => sub {
    my ($c) = @_;
    while (my $r = $c->request) {
        $m->append_file('seen', $r->method . ' ' . $r->uri . ' ' . ($r->header('X-Was') // '') . "\n");
        select undef, undef, undef, 0.3 if $r->uri =~ /slow/;
        $c->answer(200, 'done');
    }
});
$m->start(<<'END');
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /file { post_action /after?a=b; }
        location /named { post_action @named; return 200 "named"; }
        location /off { post_action off; return 200 "off"; }
        location /var { post_action $arg_to; return 200 "var"; }
        location /loop { post_action /loop; proxy_pass http://%app%; }
        location /none { post_action /missing; return 200 "none"; }
        location = /after { internal; proxy_set_header X-Was "$request_uri"; proxy_pass http://%app%; }
        location /slow { proxy_pass http://%app%; }
        location @named { proxy_set_header X-Was $uri; proxy_pass http://%app%; }
    }
}
END

sub seen { my ($line) = @_; $m->wait_for(sub { $m->read_file('seen') =~ /^\Q$line\E$/m }) }
is(length $m->http_get('/file')->body, 100_000, 'the answer is that of the request');
ok(seen('GET /after?a=b /file'), 'the action is run behind it');
is($m->http_get('/named')->body, 'named', 'of a named location');
ok(seen('GET /named /named'), 'which is run');
is($m->http_get('/var?to=/slow')->body, 'var', 'of a variable');
ok(seen('GET /slow '), 'which is run');
is($m->http_get('/var')->body, 'var', 'and when that is empty');
is($m->http_get('/off')->body, 'off', 'off');
is($m->http_get('/loop')->body, 'done', 'an action that has itself for an action');
is($m->http_get('/none')->body, 'none', 'an action that fails');

my $c = $m->connect;
$c->send("GET /var?to=/slow2 HTTP/1.1\r\nHost: a\r\n\r\nGET /off HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
like($c->rest, qr/var(?=HTTP).*off$/s, 'the next request of the connection is answered');
ok(seen('GET /slow2 '), 'and the action of the first is run');
select undef, undef, undef, 0.2;
my $seen = $m->read_file('seen');
is(scalar(() = $seen =~ /loop/g), 2, 'once and no more');

$m->finish;
