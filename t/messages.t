# messages.t - what is said of a configuration is what nginx says: t/conf/messages, with an exit code to it
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $dir = $m->dir;
my %around = (
    main   => '%s',
    http   => 'events{} http{access_log off; %s}',
    server => 'events{} http{access_log off; server{listen 127.0.0.1:8991; %s}}',
);

open my $list, '<', 't/conf/messages' or die "t/conf/messages: $!\n";
my @lines = grep { !/^#/ } <$list>;
chomp @lines;
cmp_ok(@lines, '>', 400, 'the whole list was read');

while (my ($case, $wanted) = splice @lines, 0, 2) {
    my ($where, $text) = $case =~ /^(\w+): ?(.*)$/ or die "t/conf/messages: $case\n";
    $wanted =~ s/^ {4}// or die "t/conf/messages: $wanted\n";
    $wanted =~ s/\bFILE\b/$dir\/case.conf/;
    $wanted =~ s/\bDIR\b/$dir/;
    $m->write_file('case.conf', 'pid miwi.pid; error_log logs/case.log; ' . sprintf($around{$where}, $text));
    my ($code, undef, $said) = $m->run('-t', '-p', "$dir/", '-c', 'case.conf', '-e', 'logs/case.log');
    $said =~ s/^miwidothttp: \[warn\] location "[^"]*" can never match: .*\n//gm;      # advice.t: nginx has none
    my ($first) = $said =~ /^miwidothttp: (\[(?:emerg|warn)\] .*)$/m;
    is($first // 'ok', $wanted, $case);
    is($code, $wanted =~ /^\[emerg\]/ ? 1 : 0, 'exit code');
}

# What nginx does not do: all faults of a run, each with its line, a caret, and the nearest name.
$m->write_file('case.conf', "events { }\nhttp {\n    sendfile on;\n    sendfil off;\n    server {\n        rot /x;\n    }\n}\n");
my ($code, undef, $said) = $m->run('-t', '-p', "$dir/", '-c', 'case.conf', '-e', 'logs/case.log');
is($code, 1, 'two faults');
is($said, <<"END", 'both are told, and what may have been meant');
miwidothttp: [emerg] unknown directive "sendfil" in $dir/case.conf:4
  4 |     sendfil off;
    |     ^ did you mean "sendfile"?
miwidothttp: [emerg] unknown directive "rot" in $dir/case.conf:6
  6 |         rot /x;
    |         ^ did you mean "root"?
miwidothttp: configuration file $dir/case.conf test failed
END

$m->finish;
