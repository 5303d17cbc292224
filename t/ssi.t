# ssi.t - server side includes: every command, includes side by side and one after another, stubs, errors
#
# Cf. nginx's ssi.t, ssi_if.t, ssi_waited.t, ssi_delayed.t, ssi_include_big.t.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes 'time';

my $m = Miwi->new;
my ($no, $n) = ('[an error occurred while processing the directive]', 0);
$m->backend(app => sub {
    my $c = shift;
    my $r = $c->request;
    select undef, undef, undef, 0.3 if $r->{uri} =~ /slow/;
    $c->answer($r->{uri} =~ /bad/ ? 500 : 200, $r->{uri} =~ /empty/ ? '' : "<$r->{uri}>");
});
$m->write_file('html/big.html', 'B' x 200_000);
$m->write_file('html/inner.html', '{<!--#echo var="arg_x" -->}');
$m->start(<<'END');
events { }
http {
    types { text/html html; text/css css; }
    log_format l '$uri';
    server {
        listen 127.0.0.1:%port%;
        root html;
        set $lit 'a"b<c>&';
        ssi on;
        location /app/ { proxy_pass http://%app%; ssi off; }
        location /silent/ { alias html/; ssi_silent_errors on; }
        location /short/ { alias html/; ssi_value_length 5; }
        location /off/ { alias html/; ssi off; }
        location /lm/ { alias html/; ssi_last_modified on; }
        location /room/ { ssi off; alias html/; subrequest_output_buffer_size 200k; }
        location /gone { return 204; }
        location /date { add_header X-Date $date_gmt; return 200; }
    }
}
END

sub page { my ($text, %how) = @_; $m->write_file("html/p$n.html", $text); $m->http_get(($how{at} // '') . "/p" . $n++ . '.html?' . ($how{args} // 'x=1&y=abc')) }
sub says { my ($text, $is, $name, %how) = @_; is(page($text, %how)->body, $is, $name) }

says('a<!--#echo var="arg_x" -->b', 'a1b', 'echo');
says('<!--#echo var="lit" --> <!--#echo var="LIT" encoding="none" --> <!--#echo var="lit" encoding="url" -->',
     'a&quot;b&lt;c&gt;&amp; a"b<c>& a%22b%3Cc%3E&', 'encodings');
says('<!--#echo var="none" --><!--#echo var="none" default="d" --><!--#echo var="none" default="" -->', '(none)d', 'defaults');
says('<!--#set var="v" value="$arg_x-${arg_y}" --><!--#echo var="v" -->', '1-abc', 'set');
says('<!--#if expr="$arg_x" -->T<!--#else -->F<!--#endif --><!--#if expr="$arg_z" -->T<!--#elif expr="$arg_x = 1" -->E<!--#else -->F<!--#endif -->',
     'TE', 'if, elif, else');
says('<!--#if expr="$arg_x != 1" -->T<!--#elif expr="$arg_z" -->E<!--#else -->F<!--#endif -->', 'F', '!=');
says('<!--#if expr="$arg_y = /(a)(?<rest>.*)/" --><!--#echo var="1" -->,<!--#echo var="rest" --><!--#endif -->', 'a,bc', 'a regular expression');
says('<!--#if expr="$arg_x" --><!--#if expr="$arg_z" -->1<!--#else -->2<!--#if expr="$arg_y" -->3<!--#endif --><!--#endif -->4<!--#endif -->',
     '234', 'one within another');
says('<!--#if expr="$arg_z" --><!--#bad --><!--#include virtual="/app/never" --><!--#set var="a" value="1" --><!--#endif --><!--#echo var="a" -->',
     '(none)', 'nothing is run where nothing is put out');
says('[<!--#include virtual="/inner.html?x=$arg_y" -->]', '[{abc}]', 'an include with arguments');
says('[<!--#include virtual="inner.html?x=5" -->][<!--#include file="/inn%65r.html?x=6" -->]', '[{5}][{6}]', 'beside it; escaped');
says('[<!--#include virtual="/big.html" -->|<!--#include virtual="/big.html" -->]', '[' . 'B' x 200_000 . '|' . 'B' x 200_000 . ']', 'large ones');
like(page('[<!--#include virtual="/nothing.html" -->]')->body, qr/^\[<html>.*404 Not Found.*\]$/s, 'what is not there');
says('<!--#block name="b" -->B<!--#echo var="arg_x" -->B<!--#endblock -->[<!--#include virtual="/gone" stub="b" -->'
     . '<!--#include virtual="/app/empty" stub="b" --><!--#include virtual="/nothing.html?x=9" stub="b" --><!--#include virtual="/inner.html?x=7" stub="b" -->]',
     '[B(none)BB<!--#echo var="arg_x" -->BB9B{7}]', 'stubs, worked on as what is included would be');
says('<!--#include virtual="/app/1" set="v" -->[<!--#echo var="v" encoding="none" -->]', '[</1>]' =~ s{/1}{/app/1}r, 'into a variable');
$m->write_file('html/large.html', '<!--#include virtual="/big.html" set="v" -->[<!--#echo var="v" -->]');
$m->write_file('html/larger.html', '<!--#include virtual="/room/big.html" set="v" --><!--#echo var="v" -->');
is(length $m->http_get('/larger.html')->body, 200_000, 'a variable, as large as the included place allows');
unlike($m->http("GET /large.html HTTP/1.0\r\n\r\n"), qr/\(none\)|BBB/, 'too large for one: the page breaks off');
says('<!--#config errmsg="E" timefmt="%Y" --><!--#bad --><!--#if expr="$date_gmt = /^20..$/" -->Y<!--#endif -->', 'EY', 'config');
says('a<!--#block name="b" -->never ended', 'a', 'a block without end');
says('a<!--#echo var="x', 'a', 'a command without end');
says('a<!--#echo var="arg_x" --', 'a', 'nor a whole one');
says('a<!-', 'a<!-', 'the beginning of none');
says("<!--#$_ -->|", "$no|", "bad: $_") for 'bad', 'echo', 'echo var=x', 'echo var="a" var="b"', 'echo x="y"', 'endif', 'else',
    'if expr="$a = /(/"', 'set var="a" value="$"', 'include', 'include virtual="../x"', 'include virtual="/a" file="b"',
    'include virtual="/a" wait="maybe"', 'include virtual="/a" stub="none"', 'include virtual="/a%zz"';
says('<!--#bad -->|', '|', 'silent errors', at => '/silent');
says('<!--#echo var="arg_xx" -->|', "$no|", 'too long a value', at => '/short');
says('<!--#echo var="arg_x" -->', '<!--#echo var="arg_x" -->', 'ssi off', at => '/off');
says(('x' x 65_533) . '<!--#echo var="arg_x" -->' . ('y' x 65_530) . '<!--#echo var="arg_x" -->', ('x' x 65_533) . '1' . ('y' x 65_530) . '1',
     'commands on the borders of buffers');
says('<!--#include virtual="/p' . $n . '.html" -->', $no, 'a page within itself ends');

my $since = time;
says('<!--#include virtual="/app/slow1" --><!--#include virtual="/app/slow2" --><!--#include virtual="/app/slow3" -->',
     '</app/slow1></app/slow2></app/slow3>', 'slow ones');
cmp_ok(time - $since, '<', 0.75, 'are asked side by side');
$since = time;
says('<!--#include virtual="/app/slow1" wait="yes" --><!--#include virtual="/app/slow2" -->', '</app/slow1></app/slow2>', 'with wait');
cmp_ok(time - $since, '>', 0.55, 'one after the other');

my $r = page('x');
is($r->header($_), undef, "no $_") for qw(Last-Modified ETag Accept-Ranges Content-Length);
$r = page('x', at => '/lm');
ok($r->header('Last-Modified'), 'ssi_last_modified');
like($r->header('ETag'), qr{^W/}, 'and a weak tag');
like($m->http_get('/date')->header('X-Date'), qr/^\w+day, \d\d-\w+-\d{4} \d\d:\d\d:\d\d GMT$/, '$date_gmt');
like($m->error_log, qr/$_/, "the log: $_") for 'invalid SSI command: "bad"', 'unsafe URI "/\.\./x" was detected', 'too big subrequest response';

my ($code, $said) = $m->check('events { } http { ssi maybe; ssi_value_length x; server { ssi_types; } }');
is(() = $said =~ /emerg/g, 3, 'bad rows');

$m->finish;
