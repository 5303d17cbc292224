# locations.t - which server and which location; error pages; internal, limit_except, satisfy
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/e.html', "sorry\n");
$m->start(<<'END');
events { }
http {
    server { listen 127.0.0.1:%port%; server_name _; return 200 "default\n"; }
    server { listen 127.0.0.1:%port%; server_name exact.org www.exact.org; return 200 "exact\n"; }
    server { listen 127.0.0.1:%port%; server_name *.wild.org; return 200 "front\n"; }
    server { listen 127.0.0.1:%port%; server_name wild.*; return 200 "back\n"; }
    server { listen 127.0.0.1:%port%; server_name .dot.org; return 200 "dot\n"; }
    server { listen 127.0.0.1:%port%; server_name ~^(?<who>\w+)\.re\.org$; return 200 "re $who\n"; }
    server { listen 127.0.0.1:%port%; server_name ""; return 200 "nameless\n"; }
    server {
        listen 127.0.0.1:%port%;
        server_name l;
        root html;
        location / { return 200 "root\n"; }
        location = /exact { return 200 "=\n"; }
        location /pre { return 200 "pre\n"; }
        location ^~ /pre/no { return 200 "noregex\n"; }
        location ~ \.php$ { return 200 "regex\n"; }
        location ~* \.GIF$ { return 200 "fold\n"; }
        location /outer/ {
            return 200 "outer\n";
            location /outer/in { return 200 "inner\n"; }
            location ~ \.php$ { return 200 "inner regex\n"; }
        }
        location /hidden { internal; return 200 "hidden\n"; }
        location /page { error_page 404 /e.html; return 404; }
        location = /e.html { }
        location /as { error_page 404 =200 /e.html; return 404; }
        location /named { error_page 404 = @named; return 404; }
        location @named { return 202 "named $uri\n"; }
        location /url { error_page 404 http://example.org/x; return 404; }
        location /viahidden { error_page 403 = /hidden; return 403; }
        location /except { limit_except GET { deny all; } }
        location /deny { deny all; }
        location /any { satisfy any; allow 127.0.0.1; deny all; error_page 404 = @named; }
    }
}
END

sub at { $m->http_get('/', Host => $_[0])->body }
is(at('other'), "default\n", 'the default server');
is(at('EXACT.org'), "exact\n", 'a name, in any case');
is(at('www.exact.org:80'), "exact\n", 'with a port');
is(at('exact.org.'), "exact\n", 'with a dot at its end');
is(at('a.wild.org'), "front\n", 'a wildcard in front');
is(at('a.b.wild.org'), "front\n", 'over several labels');
is(at('wild.com'), "back\n", 'a wildcard behind');
is(at('dot.org'), "dot\n", 'a dot, itself');
is(at('x.dot.org'), "dot\n", 'a dot, below');
is(at('me.re.org'), "re me\n", 'an expression with a capture');
is((split /\r\n\r\n/, $m->http("GET / HTTP/1.0\r\n\r\n"))[1], "nameless\n", 'no name at all');

sub in { $m->http_get($_[0], Host => 'l')->body }
is(in('/x'), "root\n", 'prefix');
is(in('/exact'), "=\n", 'exact');
is(in('/exact/'), "root\n", 'only exact');
is(in('/prefix'), "pre\n", 'a longer prefix');
is(in('/pre/x.php'), "regex\n", 'an expression over a prefix');
is(in('/pre/no/x.php'), "noregex\n", 'but not over ^~');
is(in('/x.gif'), "fold\n", 'any case');
is(in('/outer/x'), "outer\n", 'around');
is(in('/outer/in/x'), "inner\n", 'nested');
is(in('/outer/x.php'), "inner regex\n", 'the inner expression');
is(in('/a/../exact'), "=\n", 'normalised');
is(in('//exact'), "=\n", 'slashes merged');
is($m->http_get('/hidden', Host => 'l')->status, 404, 'internal');
is(in('/viahidden'), "hidden\n", 'internal, from inside');

my $r = $m->http_get('/page', Host => 'l');
is($r->status . $r->body, "404sorry\n", 'error page');
is($m->http_get('/as', Host => 'l')->status, 200, 'with another status');
$r = $m->http_get('/named', Host => 'l');
is($r->status . $r->body, "202named /named\n", 'a named location says the status');
is($m->http_get('/url', Host => 'l')->header('Location'), 'http://example.org/x', 'a URL');
is($m->http_post('/except', '', Host => 'l')->status, 403, 'limit_except');
is($m->http_get('/except', Host => 'l')->status, 404, 'but GET');
is($m->http_get('/deny', Host => 'l')->status, 403, 'deny');
is($m->http_get('/any', Host => 'l')->status, 202, 'satisfy any');
is($m->http_get('/none', Host => 'l')->body, "root\n", 'a last one');

$m->finish;
