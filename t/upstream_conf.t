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
    [ "least_time foo; $s", 'invalid value "foo"' ],
    [ "least_time header foo; $s", 'invalid parameter "foo"' ],
    [ "server 127.0.0.1 route=;", 'route is empty' ],
    [ 'server 127.0.0.1 route=' . 'r' x 33 . ';', 'route is longer than 32' ],
    map({ [ "sticky $_->[0]; $s", $_->[1] ] }
        [ 'foo bar', 'unknown parameter "foo"' ],
        [ 'cookie', 'invalid number of arguments in "sticky" directive' ],
        [ 'cookie ""', '"sticky" directive empty cookie name' ],
        [ 'cookie a foo=bar', 'unknown parameter "foo=bar"' ],
        [ 'cookie a secure secure', '"sticky" directive parameter "secure" is duplicate' ],
        [ 'cookie a domain=a domain=b', '"sticky" directive parameter "domain" is duplicate' ],
        [ 'cookie a domain=', '"sticky" directive no value for "domain"' ],
        [ 'cookie a path=', '"sticky" directive no value for "path"' ],
        [ 'cookie a samesite=foo', '"sticky" directive invalid "samesite" parameter value' ],
        [ 'cookie a expires=foo', '"sticky" directive invalid "expires" parameter value' ],
        [ 'cookie a; sticky route $uri', '"sticky" directive is duplicate' ],
        [ 'route a', 'invalid variable name "a"' ],
        [ 'route $', 'invalid variable name "$"' ],
        [ 'route $no_such', 'unknown "no_such" variable' ],
        [ 'learn lookup=$uri zone=a:1m', '"sticky" directive "create" parameter is not specified' ],
        [ 'learn create=$uri zone=a:1m', '"sticky" directive "lookup" parameter is not specified' ],
        [ 'learn create=$uri lookup=$uri', '"sticky" directive "zone" parameter is not specified' ],
        [ 'learn create= lookup=$uri zone=a:1m', '"sticky" directive missing variable in the "create" parameter' ],
        [ 'learn create=$uri lookup=uri zone=a:1m', '"sticky" directive missing variable in the "lookup" parameter' ],
        [ 'learn create=$uri lookup=$uri zone=a', '"sticky" directive zone size is not specified' ],
        [ 'learn create=$uri lookup=$uri zone=:1m', '"sticky" directive zone name is not specified' ],
        [ 'learn create=$uri lookup=$uri zone=a:x', '"sticky" directive invalid zone size' ],
        [ 'learn create=$uri lookup=$uri zone=a:31k', '"sticky" directive zone is too small' ],
        [ 'learn create=$uri lookup=$uri zone=a:1m zone=b:1m', '"sticky" directive duplicate zone' ],
        [ 'learn create=$uri lookup=$uri zone=a:1m timeout=0', '"sticky" directive invalid timeout' ],
        [ 'learn create=$uri lookup=$uri zone=a:1m sync', 'unknown parameter "sync"' ]),
);
is(said($_->[0]), $_->[1], $_->[0]) for @wrong;
like(said("least_conn; $s server 127.0.0.2 backup;"), qr/^0: /, 'least_conn knows backups');

$m->finish;
