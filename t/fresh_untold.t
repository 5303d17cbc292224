# fresh_untold.t - a file that changed is served new within a second also where the system tells nothing
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Fresh;

my $m = Miwi->new(seconds => 90);
my $f = Miwi::Fresh->new($m);
my $plain = \&Miwi::command;
my @before;
{
    no warnings 'redefine';
    *Miwi::command = sub { return (@before, $plain->(@_)) };
}

# No inotify is to be had.
SKIP: {
    my $limit = 'echo 0 >/proc/sys/user/max_inotify_instances';
    my @names = ('f1000', 'f200000');
    my $size = sub { $_[0] =~ /(\d+)/ && $1 };

    skip 'no user namespaces', 1 if system("unshare -Ur sh -c '$limit' 2>/dev/null") != 0;
    @before = ('unshare', '-Ur', 'sh', '-c', "$limit && exec \"\$@\"", 'sh');
    $f->write($_, 'a' x $size->($_)) for @names;
    $m->start($Miwi::Fresh::conf);
    $f->becomes('replaced', 'a', 'b', sub { $f->replace($_[0], 'b' x $size->($_[0])) }, @names);
    like($m->error_log, qr/inotify_init1\(\) failed \(24: .*\), files are looked at once a second|inotify_init1\(\) failed, files/,
        'no inotify');
    $f->becomes('rewritten, same size and time', 'b', 'c', sub {
        my @was = $f->times($_[0]);
        $f->overwrite($_[0], 'c' x $size->($_[0]));
        utime @was, $f->file($_[0]);
    }, @names);
    $f->becomes('deleted', 'c', 404, sub { unlink $f->file($_[0]) }, @names);
    $f->becomes('there again', 404, 'd', sub { $f->write($_[0], 'd' x $size->($_[0])) }, @names);
    $f->write("releases/$_/x", chr(96 + $_) x 900) for 1 .. 2;
    symlink 'releases/1', $f->file('current');
    $f->becomes('a link is replaced', 'a', 'b', sub {
        symlink 'releases/2', $f->file('next');
        rename $f->file('next'), $f->file('current');
    }, 'current/x');
    ok($m->stop, 'stop');
}

# Another folder is mounted over it: no event says so.
SKIP: {
    @before = qw(unshare -m --propagation private);
    skip 'no mounts', 1 if $> != 0 || system("@before true 2>/dev/null") != 0;
    $f->write('site/x', 'a' x 1000);
    $f->write('other/x', 'b' x 1000);
    $m->start($Miwi::Fresh::conf);
    my $in = 'nsenter -m -t ' . $m->pid;
    my ($from, $to) = map { $f->file($_) } qw(other site);
    $f->becomes('mounted over', 'a', 'b', sub { system "$in mount --bind $from $to" }, 'site/x');
    $f->becomes('written below', 'b', 'c', sub { $f->write('other/x', 'c' x 1000) }, 'site/x');
    $f->becomes('the mount is gone', 'c', 'a', sub { system "$in umount $to" }, 'site/x');
    ok($m->stop, 'stop');
}

# Written through another name of the file.
@before = ();
$f->write('one/x', 'a' x 1000);
mkdir $m->path('elsewhere');
link $f->file('one/x'), $m->path('elsewhere/x');
$m->start($Miwi::Fresh::conf);
$f->becomes('written by another name', 'a', 'b', sub { $m->write_file('elsewhere/x', 'b' x 1000) }, 'one/x');
$m->finish(allow => qr/initgroups/);
