# flv.t - films in FLV from where the client wants to see them
#
# Cf. nginx's range_flv.t.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $film = "FLV\x01\x05\0\0\0\x09\0\0\0\0" . join '', map { sprintf 'X%03dXXXXXX', $_ } 0 .. 9999;
$m->write_file('html/a.flv', $film);
$m->start(<<'END');
events { }
http {
    types { video/x-flv flv; }
    server {
        listen 127.0.0.1:%port%;
        root html;
        location ~ \.flv$ { flv; }
        location ^~ /off/ { alias html/; }
    }
}
END

my $r = $m->http_get('/a.flv?start=50013');
ok($r->body eq substr($film, 0, 13) . substr($film, 50013), 'a header, and the rest of the film');
is($r->header('Content-Length'), length($film) - 50000, 'its length');
is($r->header('Content-Type'), 'video/x-flv', 'its type');
$r = $m->http_get('/a.flv?start=50013', Range => 'bytes=10-22');
is($r->status, 206, 'a range of that');
is($r->body, substr($film, 10, 3) . substr($film, 50013, 10), 'its bytes');
ok($m->http_get('/a.flv')->body eq $film, 'no start');
ok($m->http_get('/a.flv?start=99999999')->body eq $film, 'behind the end');
is(length $m->http_get('/off/a.flv?start=50013')->body, length $film, 'without flv');
is(length $m->http_get('/a.flv?start=nonsense')->body, length $film, 'no number');
is($m->http_get('/none.flv?start=1')->status, 404, 'no film');

my ($code, $said) = $m->check('events { } http { flv; server { location / { flv on; } } }');
like($said, qr/"flv" directive is not allowed here/, 'not there');
like($said, qr/invalid number of arguments in "flv"/, 'no arguments');

$m->finish;
