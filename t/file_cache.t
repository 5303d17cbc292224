# file_cache.t - open_file_cache and its kin: whatever they say, a file that changed is served as it is now
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/a', 'one');
$m->start(<<'END');
events { }
http {
    log_format short "$uri";
    server {
        listen 127.0.0.1:%port%;
        root html;
        open_file_cache max=10 inactive=60s;
        open_file_cache_valid 60s;
        open_file_cache_min_uses 1;
        open_file_cache_errors on;
        open_file_cache_events off;
        location /off/ { alias %dir%/html/; open_file_cache off; }
        location /log { open_log_file_cache max=2 inactive=60s valid=1s min_uses=1; access_log logs/$arg_to.log short; return 200; }
    }
}
END

sub is_now { my ($uri, $text, $name) = @_; ok($m->wait_for(sub { $m->http_get($uri)->body =~ $text }, 2), $name) }
for my $at ('/', '/off/') {
    $m->write_file('html/a', 'one');
    is_now("${at}a", qr/^one$/, "$at: a file");
    $m->write_file('html/a', 'two, longer');
    is_now("${at}a", qr/^two, longer$/, 'written anew');
    is($m->http_get("${at}new")->status, 404, 'a file that is not there, remembered');
    $m->write_file('html/new', 'here');
    is_now("${at}new", qr/^here$/, 'until it is');
    rename $m->path('html/new'), $m->path('html/a');
    is_now("${at}a", qr/^here$/, 'another one in its place');
    unlink $m->path('html/a');
    ok($m->wait_for(sub { $m->http_get("${at}a")->status == 404 }, 2), 'and gone');
    is($m->http_get("${at}new")->status, 404, 'under its old name too');
}

# logs with variables in their names
sub has { my ($file, $count) = @_; $m->wait_for(sub { ($m->read_file("logs/$file") =~ tr/\n//) == $count }) }
$m->http_get("/log?to=x$_") for 1 .. 4, 1 .. 4;
ok(has("x$_.log", 2), "log $_, of more than are kept open") for 1 .. 4;
rename $m->path('logs/x4.log'), $m->path('logs/x4.old');
sleep 1;
select undef, undef, undef, 0.3;
$m->http_get('/log?to=x4');
ok(has('x4.log', 1), 'looked at again after `valid`, written to where the name leads now');
ok(has('x4.old', 2), 'and not to what was there before');

for my $bad ('open_file_cache max=0', 'open_file_cache inactive=1s max=x', 'open_file_cache valid=1s', 'open_log_file_cache',
    'open_log_file_cache max=x', 'open_log_file_cache big', 'open_file_cache_valid') {
    my ($code, $said) = $m->check("events { }\nhttp { server { $bad; } }\n");
    is($code, 1, "$bad is refused");
}

$m->finish;
