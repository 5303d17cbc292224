# map.t - map: names, wildcards, patterns with captures, defaults, files, complex sources and values, volatile
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('more.map', "included yes;\n\"with space\" spaced;\n~^inc(\\d)\$ \"no \$1\";\n");
$m->write_file('glob1.map', "one 1;\n");
$m->write_file('glob2.map', "two 2;\n");
$m->start(<<'END');
events { }
http {
    map $arg_x $plain { default other; a 1; A1 2; "" empty; \default escaped; \~tilde tilde; "sp ace" spaced; }
    map $arg_x $nothing { a 1; }
    map $arg_x $name { hostnames; default none; example.com exact; *.example.com below; .dot.org dot; mail.* mail;
        ~^re(?<num>\d+)\.net$ "re $num"; }
    map $arg_x $re { default no; ~^a(.)c$ "<$1>"; ~*^B(?<it>.)d$ "[$it]"; exact over; ~exact never; ~^x first; ~^xy second; }
    map $arg_x $files { default 0; include more.map; include glob*.map; }
    map "$arg_x:$arg_y" $both { default "$arg_x and $arg_y"; a:b ab; "~^(.):(.)$" "$2$1"; }
    map $both $second { default d; ab "got $both"; }
    map $arg_x $target { a $plain; b $name; default $uri$is_args$args; }
    map $n $once { default "$n"; }
    map $n $fresh { volatile; default "$n"; }
    map $arg_x $self { default $arg_x; }
    server {
        listen 127.0.0.1:%port%;
        location / { return 200 "$plain|$nothing|$name|$re|$files|$both|$second|$target|$self"; }
        location /volatile { set $n 1; set $a "$once$fresh"; set $n 2; return 200 "$a $once$fresh"; }
        location /if { if ($plain = 1) { return 201 "in if"; } return 200 "out"; }
    }
}
END

my @names = qw(plain nothing name re files both second target self);
sub gives {
    my ($args, %want) = @_;
    my %got;
    @got{@names} = split /\|/, $m->http_get("/?$args")->body, -1;
    is($got{$_}, $want{$_}, "$args: $_") for sort keys %want;
}

gives('x=a&y=b', plain => 1, nothing => 1, name => 'none', re => 'no', both => 'ab', second => 'got ab', target => 1);
gives('x=A', plain => 1, both => 'A and ', second => 'd');
gives('x=A1', plain => 2);
gives('x=', plain => 'empty', nothing => '', self => '');
gives('x=default', plain => 'escaped', files => 0);
gives('x=other', plain => 'other', target => '/?x=other');
gives('x=example.com', name => 'exact');
gives('x=EXAMPLE.COM', name => 'exact');
gives('x=example.com.', name => 'exact');
gives('x=a.b.example.com', name => 'below');
gives('x=dot.org', name => 'dot');
gives('x=w.dot.org', name => 'dot');
gives('x=mail.anything.at', name => 'mail');
gives('x=re12.net', name => 're 12');
gives('x=abc', re => '<b>');
gives('x=bXd', re => '[X]');
gives('x=exact', re => 'over');
gives('x=xyz', re => 'first');
gives('x=included', files => 'yes');
gives('x=inc7', files => 'no 7');
gives('x=two', files => 2);
gives('x=p&y=q', both => 'qp');
gives('x=b&y=long', both => 'b and long', target => 'none');
is($m->http_get('/volatile')->body, '11 12', 'volatile is asked anew, all else once');
is($m->http_get('/if?x=a')->status, 201, 'in an if');

my %bad = (
    'map $x { }' => 'invalid number of arguments in "map" directive',
    'map $uri x { }' => 'invalid variable name "x"',
    'map $uri $x { a; }' => 'invalid number of the map parameters',
    'map $uri $x { a 1; A 2; }' => 'conflicting parameter "A"',
    'map $uri $x { default 1; default 2; }' => 'duplicate default map parameter',
    'map $uri $x { ~( 1; }' => 'pcre2_compile() failed',
    'map $uri $x { hostnames; a..b 1; }' => 'invalid hostname or wildcard "a..b"',
    'map $uri $x { a $nope; }' => 'unknown "nope" variable',
    'map $uri $x { include none.map; }' => 'open()',
    'map $uri $host { }' => 'the duplicate "host" variable',
);
for my $text (sort keys %bad) {
    my ($code, $said) = $m->check("events { }\nhttp { $text server { listen 127.0.0.1:8080; return 200 \"\$x\"; } }\n");
    is($code, 1, $text);
    like($said, qr/\Q$bad{$text}\E/, $bad{$text});
}

$m->finish;
