# split.t - split_clients: each of many keys gets what nginx gives it
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->start(<<'END');
events { }
http {
    split_clients "$arg_k" $half { 50% a; * b; }
    split_clients "$arg_k-$arg_s" $fine { 0.01% q; 0.5% w; 33.33% e; 12.5% r; 5% t; }
    split_clients $arg_k $odd { 99.99% y; * z; }
    split_clients $arg_k $all { * "all of them"; }
    server { listen 127.0.0.1:%port%; location / { return 200 "$half$fine$odd"; } location /all { return 200 $all; } }
}
END

# what nginx 1.31.5 answers for the keys key1-7, key2-14, ...
my @nginx = qw(
    by aey bey by by ary by by by bry bey bty bey ay ay ay by ay by by ay aey ay bey bey ay ary ay ay aty by ay bry
    ay bry ay by by aey aey by by bry ay ay by by bty aey ay by ay by by by ary ary bey ay bey bey bey by bey bry by
    by by ay bey bey by by aey by bty bey by ay ay aey ay ay bry ary bwy ay ay by aey aey bry ay ay by bry ay ay by
    bey bey by aey aey aey ay ary bey ary aey ay bey ay ary aty by bey bry ay bey ay ay aey ay by ay ay by by bry ay
    aey ay bey by ay bey ay ay aey ay bry aey bty by bey bey by bey by by bry bty bey ay ay bey bey ay by bry aey ay
    ay ary by bey bey ay ay bey ay ay by by by bey by bry bey aty bry by aey aey aey ay aey bry by bry aey by ay bey
    by by by ay ay ay by ay ay by bey ay by by awy bry by bey by ary aey bey bey bry by bey bey by aey bey by aey bey
    aey by ay bey bey bey ay bey ay ay aty by bey ay bey by by bry ay bty ay ary by ay ay aey ary bey bry ay by bey
    aey bey by bey aey ary bey by ary by ay by aey bey by ay by aey ay bey ay aey by bry bey ary aey ay ay bwy ay aey
    ay ay bey by ay ay bey by
);
my ($c, @here) = ($m->connect);
for my $i (1 .. @nginx) {
    $c->send("GET /?k=key$i&s=" . $i * 7 . " HTTP/1.1\r\nHost: a\r\n\r\n");
    push @here, $c->response->body;
}
cmp_ok(scalar(@nginx), '>=', 300, 'many keys');
is("@here", "@nginx", 'and the same choice for each');
is($m->http_get('/all?k=1')->body, 'all of them', 'all to one');

for my $bad ([ '101% a;', 'percent total is greater than 100%' ], [ '60% a; 40.01% b;', 'percent total is greater than 100%' ],
    [ '0% a;', 'invalid percent value "0%"' ], [ '1.234% a;', 'invalid percent value "1.234%"' ],
    [ 'x% a;', 'invalid percent value "x%"' ], [ '5 a;', 'invalid percent value "5"' ]) {
    my ($code, $said) = $m->check("events { }\nhttp { split_clients \$uri \$x { $bad->[0] } }\n");
    like($said, qr/\[emerg\] \Q$bad->[1]\E/, $bad->[0]);
}

$m->finish;
