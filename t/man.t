# man.t - the manual is the one that the program's table makes, and tells all that the program knows
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use File::Temp;
use JSON::PP ();
use Test::More;

my $binary = $ENV{MIWI_BINARY} || 'objs/miwidothttp';
my $page = 'man/miwidothttp.conf.5';

sub text_of {
    my ($path) = @_;

    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return <$file>;
}

sub output_of {
    my (@command) = @_;

    open my $pipe, '-|', @command or die "$command[0]: $!\n";
    local $/;
    my $text = <$pipe>;
    close $pipe;
    is($?, 0, "@command");
    return $text;
}

my $rows = JSON::PP->new->decode(output_of($binary, '--directives'));
cmp_ok(@$rows, '>', 100, 'directives');
is_deeply([map { $_->{name} } grep { $_->{help} !~ /\S/ } @$rows], [], 'each has a help');
is_deeply([map { $_->{name} } grep { $_->{help} =~ m{\n} } @$rows], [], 'one line');
is_deeply([map { $_->{name} } grep { !@{$_->{contexts}} } @$rows], [], 'each may stand somewhere');

my %seen;
for my $row (@$rows) {
    $seen{"$row->{name} in $_"}++ for @{$row->{contexts}};
}
is_deeply([sort grep { $seen{$_} > 1 } keys %seen], [], 'none is two things in one context');

ok(output_of('man/make', $binary) eq text_of($page), "$page is what `make man` makes");

# A table that is another one makes another page.
my $temp = File::Temp->newdir('miwi-man-XXXXXX', TMPDIR => 1);
open my $file, '>', "$temp/program" or die $!;
print {$file} <<'END';
#!/bin/sh
cat <<'JSON'
[{"name": ".x_y", "module": "odd_one", "contexts": ["main", "if in location"], "arguments": {"least": 1, "most": null},
  "block": true, "repeat": true, "default": "\"a\\b\"", "help": ".is this - odd?"},
 {"name": "z_temp_path", "module": "odd_one", "contexts": ["http"], "arguments": {"least": 0, "most": 4},
  "block": false, "repeat": false, "default": "/tmp/z", "help": "folder"}]
JSON
END
close $file;
chmod 0755, "$temp/program";
my $made = output_of('man/make', "$temp/program");
my ($part) = $made =~ /^\.\\" BEGIN directives[^\n]*\n(.*)^\.\\" END directives$/ms;
is($part, <<'END', 'rows to text');
.Ss "\&Odd one"
.Bl -tag -width 4n
.It Ic "\&.x_y" Ar argument Ar ... Li {...}
\&.is this \- odd?
.br
Default:
.Li "\&\(dqa\eb\(dq" .
In: main, if in location; may be repeated.
.It Ic "\&z_temp_path" Op Ar argument ...
Folder.
.br
Default: chosen when the program was built.
In: http.
.El
END

# The other page: all that -h tells.
my $help = `$binary -h 2>&1`;
my $manual = text_of('man/miwidothttp.8');
my @options = $help =~ /^ +(-[^ :]+)/mg;
cmp_ok(@options, '>=', 11, 'options');
for my $option (map { split /,/ } @options) {
    my ($flag, $value) = $option =~ /^-(.*?)(=.*|)$/;
    like($manual, qr/Fl \\?-?\Q$flag\E(?: Ns Li )?\Q$value\E(?![-\w])/, "$option is told");
}

SKIP: {
    skip 'needs groff', 2 unless grep { -x "$_/groff" } split /:/, $ENV{PATH};
    for my $name ($page, 'man/miwidothttp.8') {
        is(`groff -mdoc -Tascii -ww -z $name 2>&1`, '', "$name: groff has nothing to say");
    }
}

done_testing();
