# upstream_sticky.t - sticky cookie, route and learn, drain, least_time (nginx-tests: upstream_sticky*.t, upstream_least_time.t)
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Miwi;

my $m = Miwi->new;

sub named {
    my ($name) = @_;
    return sub {
        my ($c) = @_;
        while (my $r = $c->request) {
            select undef, undef, undef, 0.3 if $r->uri =~ /slow/ && $name eq 'one';
            return if $r->uri =~ /drop/ && $name eq 'one';
            $c->answer(200, $name, 'Set-Cookie' => "sid=$name");
        }
    };
}
$m->backend($_ => named($_)) for qw(one two);
$m->start(<<'END');
worker_processes 2;
events { }
http {
    upstream cookie { server %one%; server %two% route=b; sticky cookie srv expires=1h domain=.e.com path=/ httponly secure
        samesite=lax; }
    upstream other { server %one%; sticky cookie srv samesite=$arg_s domain=$arg_d expires=max; }
    upstream route { zone route 64k; server %one% route=a; server %two% route=b; sticky route $arg_r $cookie_r; }
    upstream drained { server %one% route=a drain; server %two% route=b; sticky route $arg_r; }
    upstream lone { server %one% route=a drain; sticky route $arg_r; }
    upstream spare { server %one% route=a; server %two% route=b backup; sticky route $arg_r; }
    upstream learn { zone learn 64k; server %one%; server %two%; sticky learn create=$upstream_cookie_sid
        lookup=$cookie_sid zone=sessions:64k timeout=1s; }
    upstream early { zone early 64k; server %one%; server %two%; sticky learn create=$cookie_sid lookup=$cookie_sid
        zone=early_sessions:64k header; }
    upstream short { zone short 64k; server %one%; server %two%; sticky learn create=$cookie_sid lookup=$cookie_sid
        zone=short_sessions:64k timeout=1s; }
    upstream time { zone time 64k; least_time last_byte; server %one%; server %two%; }
    upstream header { zone header 64k; least_time header inflight; server %one%; server %two%; }
    server {
        listen 127.0.0.1:%port%;
        location ~ ^/(\w+) { proxy_pass http://$1; }
    }
}
END

sub asked { my ($uri, @headers) = @_; return $m->http_get($uri, @headers)->body; }
sub all { my ($n, @ask) = @_; my %seen; $seen{ asked(@ask) }++ for 1 .. $n; return join ' ', sort keys %seen; }
my ($one) = map { "127.0.0.1:$_" } $m->fill_in('%one%') =~ /(\d+)$/;

my ($set) = grep { /srv=b;/ } map { $m->http_get('/cookie')->headers('Set-Cookie') } 1 .. 12;
like($set, qr/^srv=b; expires=\w{3}, \d\d-\w{3}-\d\d [\d:]{8} GMT; max-age=3600; domain=\.e\.com; httponly; secure; samesite=lax; path=\/$/,
    'all attributes, as nginx orders them');
is(all(6, '/cookie', Cookie => 'a=b; srv=b'), 'two', 'the route of the cookie');
is(all(6, '/cookie', Cookie => 'srv=' . md5_hex($one)), 'one', 'the MD5 of the address');
is(all(8, '/cookie', Cookie => 'srv=unknown'), 'one two', 'an unknown one');
like($m->http_get('/cookie/drop', Cookie => 'srv=' . md5_hex($one))->header('Set-Cookie'), qr/^srv=b;/,
    'another one where that one fails');
my $forever = 'expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000';
my $mine = 'srv=' . md5_hex($one);
is(($m->http_get('/other')->headers('Set-Cookie'))[0], "$mine; $forever", 'empty variables, expires=max');
is(($m->http_get('/other?s=None&d=x')->headers('Set-Cookie'))[0], "$mine; $forever; domain=x; samesite=none", 'variables');
is(($m->http_get('/other?s=q')->headers('Set-Cookie'))[0], "$mine; $forever; samesite=strict", 'what is no word of it');

is(all(6, '/route?r=a'), 'one', 'route a');
is(all(6, '/route', Cookie => 'r=b'), 'two', 'route b, of the second variable');
is(all(8, '/route?r='), 'one two', 'no route');
is(all(6, '/drained'), 'two', 'drain: nobody new');
is(all(6, '/drained?r=a'), 'one', 'drain: who is bound');
is($m->http_get('/lone')->status, 502, 'a lone one that drains');
is(asked('/lone?r=a'), 'one', 'and who is bound to it');
is(all(4, '/spare?r=b'), 'one', 'a backup is not reached while others live');
is(asked('/spare/drop?r=b'), 'two', 'but then');

all(8, '/learn');
is(all(6, '/learn', Cookie => 'sid=one'), 'one', 'a session that was learned');
is(all(6, '/learn', Cookie => 'sid=two'), 'two', 'another one');
is(all(8, '/learn', Cookie => 'sid=three'), 'one two', 'an unknown one');
my @before = map { asked('/short', Cookie => "sid=$_") } 1 .. 10;
is_deeply([ map { asked('/short', Cookie => "sid=$_") } 1 .. 10 ], \@before, 'ten sessions');
select undef, undef, undef, 1.2;
asked('/short');        # so that it is the other one's turn
isnt("@{[ map { asked('/short', Cookie => \"sid=$_\") } 1 .. 10 ]}", "@before", 'after their time');
my $first = asked('/early', Cookie => 'sid=mine');
is(all(8, '/early', Cookie => 'sid=mine'), $first, 'a session that the client begins');

my @seen = map { asked('/time/slow') } 1 .. 10;
cmp_ok(scalar(grep { $_ eq 'two' } @seen), '>=', 7, "least_time last_byte: @seen");
@seen = map { asked('/header/slow') } 1 .. 10;
cmp_ok(scalar(grep { $_ eq 'two' } @seen), '>=', 7, "least_time header: @seen");

$m->finish;
