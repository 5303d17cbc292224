# fresh_sending.t - what is being sent is one file from its beginning to its end, or is broken off
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use Miwi::Fresh;

my $m = Miwi->new(seconds => 90);
my $f = Miwi::Fresh->new($m);
my $huge = 24_000_000;          # more than the system takes from us at once
my $tail = 4096 * 250;          # of a page that is cut in two the rest is zeroed, also where it is on its way

# The client has the beginning of it and reads no further.
sub begin {
    my ($way) = @_;
    unlink $f->file('huge');
    $f->write('huge', 'a' x $huge);
    my $c = $m->connect;
    $c->send("GET $way/huge HTTP/1.0\r\n\r\n");
    return ($c, $c->read(100_000));
}
sub body_of { my ($c, $first) = @_; return ($first . $c->rest) =~ s/^.*?\r\n\r\n//sr }

my @stays = (
    ['replaced', sub { $f->replace('huge', 'b' x $huge) }],
    ['deleted', sub { unlink $f->file('huge') }],
    ['given another mode', sub { chmod 0600, $f->file('huge') }],
);
my @breaks = (
    ['overwritten', sub { $f->overwrite('huge', 'b' x $tail, $huge - $tail) }],
    ['overwritten, its time set back', sub {
        my @was = $f->times('huge');
        $f->overwrite('huge', 'b' x $tail, $huge - $tail);
        utime @was, $f->file('huge');
    }],
    ['truncated', sub { truncate $f->file('huge'), $tail }],
);

$f->write('huge', 'a');
$m->start($Miwi::Fresh::conf);
for my $way (@Miwi::Fresh::ways) {
    for my $case (@stays) {
        my ($c, $first) = begin($way);
        $case->[1]->();
        my $got = body_of($c, $first);
        is(length $got, $huge, "$way: $case->[0] while it is sent: to the end");
        is($got =~ tr/a//, $huge, "$way: $case->[0]: all of it as it was");
        is($f->letter("$way/huge"), 'b', "$way: the next one is new") if $case->[0] eq 'replaced';
    }
    for my $case (@breaks) {
        my ($c, $first) = begin($way);
        $case->[1]->();
        my $got = body_of($c, $first);
        cmp_ok(length $got, '<', $huge, "$way: $case->[0] while it is sent: broken off");
        is($got =~ tr/a//, length $got, "$way: $case->[0]: nothing new behind the old");
    }
}
like($m->error_log, qr/\[error\] .*the file was changed while it was sent/, 'said so');
$m->finish;
