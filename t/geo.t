# geo.t - geo: networks and ranges, proxies, files, delete, defaults, volatile
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('nets.conf', "10.1.0.0/16 included;\n2001:db8:1::/48 \"six \$in\";\n");
$m->write_file('ranges.conf', join '', map { "1.$_.0.0-1.$_.255.255 r$_;\n" } 0 .. 255);
$m->start(<<'END');
events { }
http {
    geo $arg_a $net { default world; 10.0.0.0/8 ten; 10.1.2.0/24 deep; 10.1.2.3 host; 192.168.1.0/24 home; include nets.conf;
        delete 192.168.1.0/24; 2001:db8::/32 doc; ::1 loop; 0.0.0.0/1 low; }
    geo $arg_a $none { 10.0.0.0/8 ten; }
    geo $arg_a $range { ranges; default world; 10.0.0.0-10.0.0.255 first; 10.0.1.0-10.0.1.0 one; 10.0.0.16-10.0.0.31 inner;
        include ranges.conf; delete 1.7.0.0-1.7.255.255; 255.255.255.255-255.255.255.255 nobody; }
    geo $peer { default far; 127.0.0.1 near; }
    geo $one { proxy 127.0.0.1; default far; 10.0.0.0/8 ten; 20.0.0.0/8 twenty; 127.0.0.0/8 near; 2001:db8::/32 six; }
    geo $all { proxy_recursive; proxy 127.0.0.1; proxy 20.0.0.0/8; proxy 2001:db8::/32; default far; 10.0.0.0/8 ten;
        20.0.0.0/8 twenty; 127.0.0.0/8 near; }
    geo $a $once { default 0; 10.0.0.0/8 ten; }
    geo $a $fresh { volatile; default 0; 10.0.0.0/8 ten; }
    server {
        listen 127.0.0.1:%port%;
        location / { return 200 "$net|$none|$range|$peer|$one|$all"; }
        location /volatile { set $a 10.0.0.1; set $b "$once,$fresh"; set $a 11.0.0.1; return 200 "$b $once,$fresh"; }
    }
}
END

my @names = qw(net none range peer one all);
sub gives {
    my ($address, $forwarded, %want) = @_;
    my %got;
    @got{@names} = split /\|/, $m->http_get("/?a=$address", $forwarded ? ('X-Forwarded-For' => $forwarded) : ())->body, -1;
    is($got{$_}, $want{$_}, "$address" . ($forwarded // '') . ": $_") for sort keys %want;
}

gives('10.9.9.9', undef, net => 'ten', none => 'ten', range => 'world', peer => 'near', one => 'near', all => 'near');
gives('10.1.2.4', undef, net => 'deep');
gives('10.1.2.3', undef, net => 'host');
gives('10.1.9.9', undef, net => 'included');
gives('192.168.1.1', undef, net => 'world', none => '');
gives('5.5.5.5', undef, net => 'low');
gives('200.5.5.5', undef, net => 'world');
gives('2001:db8::5', undef, net => 'doc', range => 'nobody');
gives('2001:db8:1::5', undef, net => 'six $in');
gives('::1', undef, net => 'loop');
gives('::ffff:10.1.2.3', undef, net => 'host');
gives('nonsense', undef, net => 'world', range => 'nobody');
gives('', undef, net => 'world');
gives('10.0.0.0', undef, range => 'first');
gives('10.0.0.16', undef, range => 'inner');
gives('10.0.0.31', undef, range => 'inner');
gives('10.0.0.32', undef, range => 'first');
gives('10.0.1.0', undef, range => 'one');
gives('10.0.1.1', undef, range => 'world');
gives('1.200.3.4', undef, range => 'r200');
gives('1.7.3.4', undef, range => 'world');
gives('x', '10.0.0.1', one => 'ten', all => 'ten');
gives('x', '10.0.0.1, 20.0.0.1', one => 'twenty', all => 'ten');
gives('x', '10.0.0.1, 30.0.0.1, 20.0.0.1', all => 'far');
gives('x', '10.0.0.1, 2001:db8::7, 20.0.0.1', all => 'ten');
gives('x', '2001:db8::7', one => 'six');
gives('x', 'nonsense', one => 'near', all => 'near');
gives('x', '10.0.0.1, nonsense', one => 'near');
is($m->http_get('/volatile')->body, 'ten,ten ten,0', 'volatile is asked anew, all else once');

my %bad = (
    'geo $x { a b; }' => 'invalid network "a"',
    'geo $x { 10.0.0.0/33 b; }' => 'invalid network "10.0.0.0/33"',
    'geo $x { default 1; ranges; }' => 'the "ranges" directive must be the first directive inside "geo" block',
    'geo $x { ranges; 10.0.0.5-10.0.0.1 b; }' => 'invalid range "10.0.0.5-10.0.0.1"',
    'geo $x { ranges; 10.0.0.0/8 b; }' => 'invalid range "10.0.0.0/8"',
    'geo $x { ranges; 10.0.0.0-10.0.0.9 b; 10.0.0.5-10.0.0.15 c; }' => 'overlaps',
    'geo $x { proxy x; }' => 'invalid network "x"',
    'geo $x { 10.0.0.1; }' => 'invalid number of the geo parameters',
    'geo x { }' => 'invalid variable name "x"',
);
for my $text (sort keys %bad) {
    my ($code, $said) = $m->check("events { }\nhttp { $text server { listen 127.0.0.1:8080; } }\n");
    is($code, 1, $text);
    like($said, qr/\Q$bad{$text}\E/, $bad{$text});
}
my ($code, $said) = $m->check("events { }\nhttp { geo \$x { 10.0.0.1/8 a; 10.0.0.0/8 b; delete 11.0.0.0/8; } }\n");
is($code, 0, 'what is odd and no fault');
like($said, qr/\[warn\] $_/, $_) for 'low address bits of 10\.0\.0\.1\/8 are meaningless',
    'duplicate network "10\.0\.0\.0\/8", value: "b", old value: "a"', 'no network "11\.0\.0\.0\/8" to delete';

$m->finish;
