# addition.t - answers to other requests stand before and behind a body
#
# Cf. nginx's addition.t, addition_buffered.t.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/a.html', 'A' x 100_000);
$m->write_file('html/foot.html', 'foot');
$m->backend(app => sub { my $c = shift; my $r = $c->request; select undef, undef, undef, 0.1; $c->answer(200, "app$r->{uri}", 'Content-Type' => 'text/html') });
$m->start(<<'END');
events { }
http {
    types { text/html html; }
    default_type text/html;
    server {
        listen 127.0.0.1:%port%;
        root html;
        add_before_body /before;
        add_after_body /after;
        location /both { return 200 body; }
        location /one { add_after_body ""; return 200 body; }
        location /none { add_before_body ""; add_after_body ""; return 200 body; }
        location /other { default_type text/css; return 200 body; }
        location /css { default_type text/css; addition_types text/css; return 200 body; }
        location /202 { return 202 body; }
        location /files/ { alias html/; add_after_body /foot.html; }
        location /slow { add_before_body /app/x; add_after_body /app/y; proxy_pass http://%app%; }
        location /app/ { proxy_pass http://%app%; }
        location /lost { add_after_body /nothing; return 200 body; }
        location /self { add_before_body ""; add_after_body /self; return 200 self; }
        location /sub { sub_filter y Y; sub_filter_once off; return 200 body; }
        location /before { return 200 [; }
        location /after { return 200 ]; }
    }
}
END

sub body { $m->http_get(@_)->body }

is(body('/both'), '[body]', 'before and behind');
is(body('/one'), '[body', 'none behind');
is(body('/none'), 'body', 'neither');
is(body('/other'), 'body', 'another type');
is(body('/css'), '[body]', 'a type that is named');
is(body('/202'), 'body', 'not 200');
is(body('/files/a.html'), '[' . 'A' x 100_000 . 'foot', 'a file behind a file');
is(body('/slow'), 'app/app/xapp/slowapp/app/y', 'what takes its time');
like(body('/lost'), qr/^\[body<html>.*404 Not Found/s, 'what is not there');
is(body('/self'), 'selfself', 'a body behind itself, once');
is(body('/sub'), '[bodY]', 'filters behind it see the whole');
my $r = $m->http_get('/files/a.html');
is($r->header($_), undef, "no $_") for qw(Content-Length Accept-Ranges);
like($r->header('ETag'), qr{^W/}, 'a weak tag');
is($m->http_head('/both')->status, 200, 'HEAD');
is(body('/both', 'Accept-Encoding' => 'gzip'), '[body]', 'again');

my ($code, $said) = $m->check('events { } http { add_before_body; add_after_body a b; addition_types; }');
is(() = $said =~ /invalid number of arguments/g, 3, 'bad rows');

$m->finish;
