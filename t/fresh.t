# fresh.t - a file that changed is served new at once, where the system tells of changes
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Fresh;
use Time::HiRes qw(time);

my $m = Miwi->new(seconds => 90);
my $f = Miwi::Fresh->new($m);
my @sizes = (1000, 200_000);
my @names = map { "f$_" } @sizes;
sub size { return $_[0] =~ /(\d+)/ && $1 }

$f->write($_, 'a' x size($_)) for @names;
$m->start($Miwi::Fresh::conf);
unlike($m->error_log, qr/once a second/, 'there is inotify');

$f->becomes('replaced', 'a', 'b', sub { $f->replace($_[0], 'b' x size($_[0])) }, @names);
$f->becomes('written anew, longer', 'b', 'c', sub { $f->write($_[0], 'c' x (size($_[0]) + 1)) }, @names);
$f->becomes('rewritten, same size and time', 'c', 'd', sub {
    my @was = $f->times($_[0]);
    $f->overwrite($_[0], 'd' x (size($_[0]) + 1));
    utime @was, $f->file($_[0]);
}, @names);
$f->becomes('replaced, same size and time', 'd', 'e', sub { $f->replace($_[0], 'e' x (size($_[0]) + 1), $f->times($_[0])) },
    @names);
$f->becomes('truncated and filled', 'e', 'f', sub {
    truncate $f->file($_[0]), size($_[0]) - 500;
    $f->overwrite($_[0], 'f' x (size($_[0]) - 500));
}, @names);
is(length $m->http_get("/$_")->body, size($_) - 500, "and is shorter: $_") for @names;
$f->becomes('deleted', 'f', 404, sub { unlink $f->file($_[0]) }, @names);
$f->becomes('there again', 404, 'g', sub { $f->write($_[0], 'g' x size($_[0])) }, @names);

# A folder of releases behind a link.
$f->write("releases/$_/x", chr(96 + $_) x 900) for 1 .. 3;
symlink 'releases/1', $f->file('current');
$f->becomes('a link is taken away and made', 'a', 'b', sub {
    unlink $f->file('current');
    symlink 'releases/2', $f->file('current');
}, 'current/x');
$f->becomes('a link is replaced', 'b', 'c', sub {
    symlink $f->file('releases/3'), $f->file('next');
    rename $f->file('next'), $f->file('current');
}, 'current/x');
$f->becomes('the folder behind a link is another', 'c', 'a', sub {
    rename $f->file('releases/3'), $f->file('releases/old');
    rename $f->file('releases/1'), $f->file('releases/3');
}, 'current/x');

# Somebody replaces all the time: each answer is of one version.
my $writer = fork // die;
if ($writer == 0) {
    for (my $i = 0;; $i = ($i + 1) % 26) {
        $f->replace("f$_", chr(97 + $i) x ($_ + $i)) for @sizes;
        select undef, undef, undef, 0.001;
    }
}
my ($mixed, $n, %letters) = ('', 0);
my $until = time + 1.5;
while (time < $until) {
    for my $uri (map { my $way = $_; map { "$way/$_" } @names } @Miwi::Fresh::ways) {
        my $letter = $f->letter($uri);
        $letters{$letter}++;
        $mixed .= " $uri: $letter" unless $letter =~ /^[a-z]$/;
        $n++;
    }
}
is($mixed, '', "$n answers while it was replaced all the time");
cmp_ok(scalar keys %letters, '>', 5, 'many versions were seen');
kill 'KILL', $writer;
waitpid $writer, 0;
$m->finish;
