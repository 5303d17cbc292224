# limit_rate.t - limit_rate and limit_rate_after, written, by variables and by `set`; the sizes that are none
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Time::HiRes qw(time);

my $m = Miwi->new;
$m->write_file('html/file', 'x' x 170_000);
$m->start(<<'END');
events { }
http {
    keepalive_timeout 0;
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /rate { limit_rate 100k; alias html/file; }
        location /after { limit_rate 40k; limit_rate_after 100k; alias html/file; }
        location /unsent { limit_rate 40k; limit_rate_after 100k; sendfile on; alias html/file; }
        location /variable { limit_rate $arg_rate; limit_rate_after $arg_after; alias html/file; }
        location /set { set $limit_rate 100k; alias html/file; }
        location /off { limit_rate 100k; set $limit_rate 0; alias html/file; }
    }
}
END

# All are asked at once; for each: how long it took and how much had come after 0.3 seconds.
my %asked;
my $began = time;
for my $uri (qw(/rate /after /unsent /variable?rate=100k /variable?rate=40k&after=100k /set /off /variable?rate=x
        /variable?rate=)) {
    $asked{$uri} = { c => $m->connect };
    $asked{$uri}{c}->send_request('GET', $uri, headers => []);
}
while (grep { !defined $asked{$_}{took} } keys %asked) {
    for my $one (grep { !defined $_->{took} } values %asked) {
        my $socket = $one->{c}->socket;
        $socket->blocking(0);
        my $n = sysread $socket, $one->{got}, 65536, length($one->{got} // '');
        my $took = time - $began;
        $one->{early} = length $one->{got} if $n && $took < 0.3;
        $one->{took} = $took if defined $n && $n == 0;
    }
    select undef, undef, undef, 0.005;
}

for my $uri (sort keys %asked) {
    my $one = $asked{$uri};
    is(length($one->{got} =~ s/.*?\r\n\r\n//sr), 170_000, "$uri: all of it");
    if ($uri =~ /rate=(x?)$|off/) {
        cmp_ok($one->{took}, '<', 0.4, 'not limited');
    } elsif ($uri =~ /after|unsent/) {          # 140 KB at once, then 26 KB more
        cmp_ok($one->{early}, '>', 100_000, 'much at once');
        cmp_ok($one->{took}, '>', 0.4, 'then it is limited');
        cmp_ok($one->{took}, '<', 1.5, 'and does not pay for what was free');
    } else {                                    # 100 KB at once, then 66 KB more
        cmp_ok($one->{early}, '<', 140_000, 'not much at once');
        cmp_ok($one->{took}, '>', 0.5, 'limited');
        cmp_ok($one->{took}, '<', 1.5, 'by no more than was said');
    }
}
my ($code, $said) = $m->check('events { } http { limit_rate ten; }');
like($said, qr/"limit_rate" directive invalid value|invalid value/, 'no size');
$m->finish;
