# directives.t - the table has what nginx documents, in the contexts and with the numbers of arguments that nginx takes
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use JSON::PP;
use Miwi;

my $m = Miwi->new;
my ($code, $json) = $m->run('--directives');
is($code, 0, '--directives');

my %ours;       # {name}{context} is the row
for my $row (@{ JSON::PP->new->decode($json) }) {
    for my $context (@{ $row->{contexts} }) {
        ok(!$ours{$row->{name}}{$context}, "$row->{name} stands twice in $context") if $ours{$row->{name}}{$context};
        $ours{$row->{name}}{$context} = $row;
    }
}

sub fits {
    my ($row, $numbers) = @_;
    my ($least, $most) = $numbers =~ /^(\d+)(?:-(\d+)|\+)?$/ or die "t/conf/directives: $numbers\n";
    $most = $numbers =~ /\+$/ ? undef : $most // $least;
    my $their = join '-', $least, $most // 'any';
    my $our = join '-', $row->{arguments}{least}, $row->{arguments}{most} // 'any';
    return $their eq $our ? '' : "takes $our arguments, not $their";
}

# What nginx's row says and ours does not; and the contexts that only we have.
sub faults {
    my ($name, $contexts, $numbers, $block) = @_;
    my @faults;
    for my $context (@$contexts) {
        my $row = $ours{$name}{$context};
        push @faults, "not in $context" if !$row;
        push @faults, grep { $_ } fits($row, $numbers) if $row;
        push @faults, 'has ' . ($block ? 'no' : 'a') . ' block' if $row && $block != !!$row->{block};
    }
    return @faults;
}

my (%documented, $module, $n);
open my $list, '<', 't/conf/directives' or die "t/conf/directives: $!\n";
while (<$list>) {
    chomp;
    next if /^#/ || !length;
    if (/^\[(\w+)\]$/) {
        $module = $1;
        next;
    }
    my ($name, $contexts, $numbers, $mark) = split / \| /;
    my @contexts = split /, /, $contexts;
    $documented{$name}{$_} = 1 for @contexts;
    $n++;
    if (($mark // '') eq 'later') {
        ok(!grep({ $ours{$name}{$_} } @contexts), "$module: $name is still not there: if it is, take away its mark");
        next;
    }
    is(join('; ', faults($name, \@contexts, $numbers, ($mark // '') eq 'block')), '', "$module: $name");
}
cmp_ok($n, '>', 250, 'the whole list was read');

# Where nginx knows a directive, we take it in no other place.
for my $name (sort keys %documented) {
    my @more = grep { !$documented{$name}{$_} && !/^(?:stream|mail)/ } sort keys %{ $ours{$name} };
    is("@more", '', "$name: no other contexts");
}

# The table is what the binder goes by: a row, a number too many, a place too far.
$m->write_file('table.conf', "events { }\nhttp { absolute_redirect on off; server { multi_accept on; } }\n");
(undef, undef, my $said) = $m->run('-t', '-p', $m->dir . '/', '-c', 'table.conf', '-e', 'logs/error.log');
like($said, qr/invalid number of arguments in "absolute_redirect" directive in \S+:2$/m, 'numbers are minded');
like($said, qr/"multi_accept" directive is not allowed here in \S+:2$/m, 'places are minded');

$m->finish(allow => qr/invalid number|not allowed here/);
