# upstream_conf.t - what is wrong in an upstream block is said as nginx says it
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;

sub said {
    my ($upstream) = @_;
    my ($code, $text) = $m->check("events { }\nhttp { upstream u { $upstream } server { } }\n");
    return $text =~ /\[(?:emerg|warn)\] (?:\d+#\d+: )?(.*?) in \S+:2$/m ? "$1" : "$code: $text";
}

my $s = 'server 127.0.0.1;';
my @wrong = (
    [ "hash;", 'invalid number of arguments in "hash" directive' ],
    [ "hash \$no_such_variable; $s", 'unknown "no_such_variable" variable' ],
    [ "hash a sometimes; $s", 'invalid parameter "sometimes"' ],
    [ "ip_hash a; $s", 'invalid number of arguments in "ip_hash" directive' ],
    [ "least_conn a; $s", 'invalid number of arguments in "least_conn" directive' ],
    [ "random three; $s", 'invalid parameter "three"' ],
    [ "random two best; $s", 'invalid parameter "best"' ],
    [ "ip_hash; $s server 127.0.0.2 backup;", 'balancing method does not support parameter "backup"' ],
    [ "hash a; $s server 127.0.0.2 backup;", 'balancing method does not support parameter "backup"' ],
    [ "random; $s server 127.0.0.2 backup;", 'balancing method does not support parameter "backup"' ],
    [ "least_conn; ip_hash; $s", 'load balancing method redefined' ],
    [ "ip_hash; ip_hash; $s", 'load balancing method redefined' ],
);
is(said($_->[0]), $_->[1], $_->[0]) for @wrong;
like(said("least_conn; $s server 127.0.0.2 backup;"), qr/^0: /, 'least_conn knows backups');

$m->finish;
