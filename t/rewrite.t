# rewrite.t - rewrite, return, set, if and break
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/there.txt', "there\n");
$m->start(<<'END');
events { }
http {
    map $http_x_kind $kind { default plain; ~^v(?<digit>\d)$ "version $digit"; special Special; }
    server {
        listen 127.0.0.1:%port%;
        server_name localhost;
        root html;
        set $who server;
        if ($http_x_stop) { return 403 "stopped\n"; }
        rewrite ^/early/(.*)$ /late/$1;

        location /late/ { return 200 "late $uri $args\n"; }
        location /last/ { rewrite ^/last/(.*)$ /late/$1?a=1 last; return 500; }
        location /break/ { rewrite ^ /there.txt break; return 500; }
        location /drop/ { rewrite ^ /late/x? last; }
        location /moved/ { rewrite ^/moved/(.*)$ /new/$1 permanent; }
        location /found/ { rewrite ^ http://example.org$request_uri? redirect; }
        location /return/ { return 301 /elsewhere; }
        location /full/ { return https://example.org/x; }
        location /text/ { return 200 "a $who b"; }
        location /none/ { return 204; }
        location /bye/ { return 444; }
        location /cycle/ { rewrite ^ /cycle/x last; }
        location /if/ {
            set $n 1;
            if ($arg_a = b) { set $n 2; }
            if ($arg_a ~* ^C(.)$) { set $n "got $1"; }
            if (-f $document_root/there.txt) { set $n "$n file"; }
            if ($request_method = POST) { return 405; }
            return 200 "$n\n";
        }
        location /there {
            add_header X-In outer;
            if ($arg_in) { add_header X-In inner; }
        }
        location /map { return 200 "$kind\n"; }
        location /inside { internal; return 200 "inside\n"; }
        location /inwards/ { rewrite ^ /inside last; }
        location ~ ^/gone/(.*)$ { if ($arg_x ~ z) { set $n 1; } return 200 "[$1]\n"; }
        location /page { return 404 ""; }
        location /told/ { rewrite_log on; if ($uri ~ t(.)ld) { set $o $1; } rewrite ^/no /x; rewrite ^ /inside?$o last; }
        location /toldto/ { rewrite_log on; rewrite ^ /x? redirect; }
        location /warns { return 200 "[$unset1]\n"; set $unset1 1; }
        location /silent { uninitialized_variable_warn off; return 200 "[$unset2]\n"; set $unset2 1; }
        location /paged { error_page 302 = /inside; return 302 /where; }
        location /rate { limit_rate 100k; return 200 "$limit_rate\n"; }
        location /args { set $args "x=y"; return 200 "$args $is_args$args\n"; }
    }
}
END

sub body { $m->http_get(@_)->body }

is(body('/early/x'), "late /late/x \n", 'in a server');
is(body('/last/x?q=2'), "late /late/x a=1&q=2\n", 'last, arguments are joined');
is(body('/break/x'), "there\n", 'break');
is(body('/drop/x?q=2'), "late /late/x \n", 'arguments are dropped');
is($m->http_get('/moved/a%20b?q')->status, 301, 'permanent');
like($m->http_get('/moved/x?q')->header('Location'), qr{^http://[^/]+/new/x\?q$}, 'where it moved');
is($m->http_get('/found/x?q')->header('Location'), 'http://example.org/found/x?q', 'redirect to a full URL');
is($m->http_get('/found/x')->status, 302, 'redirect');
like($m->http_get('/return/')->header('Location'), qr{^http://[^/]+/elsewhere$}, 'return made absolute');
is($m->http_get('/full/')->header('Location'), 'https://example.org/x', 'return of a URL');
is(body('/text/'), 'a server b', 'text with a variable of the server');
is($m->http_get('/none/')->status, 204, 'no content');
is($m->http("GET /bye/ HTTP/1.1\r\nHost: a\r\n\r\n"), '', '444 closes without a word');
is($m->http_get('/cycle/')->status, 500, 'a cycle ends');
is($m->http_get('/x', 'X-Stop' => 1)->status, 403, 'if of a server');
is(body('/if/'), "1 file\n", 'no if');
is(body('/if/?a=b'), "2 file\n", 'if equal');
is(body('/if/?a=cd'), "got d file\n", 'if matches, with its capture');
is($m->http_post('/if/', '')->status, 405, 'return in an if');
is($m->http_get('/there.txt')->header('X-In'), 'outer', 'the location');
is($m->http_get('/there.txt?in=1')->header('X-In'), 'inner', 'the if is a place of its own');
is(body('/map'), "plain\n", 'map, default');
is(body('/map', 'X-Kind' => 'v7'), "version 7\n", 'map, expression');
is(body('/map', 'X-Kind' => 'SPECIAL'), "Special\n", 'map, any case');
is(body('/args?z=1'), "x=y ?x=y\n", 'set $args');

is(body('/inwards/'), "inside\n", 'rewritten, it is internal');
is($m->http_get('/inside')->status, 404, 'and otherwise not');
is(body('/gone/y'), "[]\n", 'an if that does not match leaves no captures');
is(body('/gone/y?x=z'), "[]\n", 'nor does one without groups');
like(body('/page'), qr/404 Not Found/, 'an empty text is the built-in page');
is(body('/rate'), "0\n", '$limit_rate is what was set, until the answer begins');
is($m->http_get('/paged')->header('Location') =~ s{^http://[^/]+}{}r, '/where', 'an error page keeps where it leads');
body($_) for qw(/told/ /toldto/ /warns /silent);
my $log = $m->error_log;
like($log, qr/\[notice\] .*$_, client: /, $_) for quotemeta('"t(.)ld" matches "/told/"'),
    quotemeta('"^/no" does not match "/told/"'), quotemeta('"^" matches "/told/"'),
    quotemeta('rewritten data: "/inside", args: "o"'), quotemeta('rewritten redirect: "/x"');
like($log, qr/\[warn\] .*using uninitialized "unset1" variable, client: /, 'a variable without a value');
unlike($log, qr/unset2/, 'unless that is not to be told');

my ($code, $said) = $m->check("events { }\nhttp { server { if (\$x = 1) { return 200; } } }\n");
is($code, 1, 'a variable nobody defines');
like($said, qr/unknown "x" variable/, 'is named');

$m->finish;
