# init.t - the init script: start, status, reload, configtest, rotate, upgrade, stop, and its exit codes
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $dir = $m->dir;
my $script = "$dir/miwi-test";
my $root = $> == 0 ? 'user root; ' : '';

# The script has the paths of a build in it; here they are those of a program that is told where it lives.
$m->write_file('program', qq{#!/bin/sh\nexec "@{[ $m->binary ]}" -p "$dir/" -c init.conf -e logs/error.log "\$@"\n});
chmod 0755, "$dir/program";
open my $template, '<', 'conf/miwidothttp.init' or die "conf/miwidothttp.init: $!\n";
my $text = do { local $/; <$template> };
$text =~ s/\@NAME\@/miwi-test/g;
$text =~ s/\@SBIN_PATH\@/$dir\/program/g;
$text =~ s/\@PID_PATH\@/$dir\/init.pid/g;
unlike($text, qr/\@[A-Z_]+\@/, 'all is filled in');
$m->write_file('miwi-test', $text);

sub init {
    my ($word, $rc) = @_;
    my $said = qx{sh $script $word 2>&1 </dev/null};
    is($? >> 8, $rc, "$word: $rc") or diag($said);
    return $said;
}

sub pid { my $text = eval { $m->read_file('init.pid') } // ''; $text =~ /^(\d+)/ ? $1 : 0 }

my $port = $m->port;
sub configure { $m->write_file('init.conf', "${root}pid init.pid;\nevents { }\nhttp { access_log logs/access.log;\n"
    . "server { listen 127.0.0.1:$port; location / { return 200 '$_[0]'; } }\n}\n") }

configure('one');
like(init('status', 3), qr/is not running/, 'status before');
init('stop', 0);
init('start', 0);
my $first = pid();
ok($first, 'there is a pid file when start comes back');
is($m->http_get('/')->body, 'one', 'it serves');
init('start', 0);
is(pid(), $first, 'started twice it is the same server');
like(init('status', 0), qr/is running, pid $first$/, 'status');

configure('two');
init('reload', 0);
is($m->http_get('/')->body, 'two', 'reloaded when reload comes back');
like(init('configtest', 0), qr/test is successful/, 'configtest');

rename "$dir/logs/access.log", "$dir/logs/access.1" or die "access.log: $!\n";
init('rotate', 0);
ok($m->wait_for(sub { -e "$dir/logs/access.log" }), 'the log is a new file');

init('upgrade', 0);
ok($m->wait_for(sub { !kill 0, $first }), 'the old master is gone');
isnt(pid(), $first, 'a new one is there');
is($m->http_get('/')->body, 'two', 'and serves');

my $second = pid();
$m->write_file('init.conf', "nonsense;\n");
like(init('configtest', 1), qr/unknown directive "nonsense"/, 'configtest of a bad one');
init('reload', 1);
init('restart', 1);
is(pid(), $second, 'a bad configuration stops nothing');
is($m->http_get('/')->body, 'two', 'it goes on');

configure('three');
init('restart', 0);
isnt(pid(), $second, 'restarted');
is($m->http_get('/')->body, 'three', 'with the new configuration');
init('stop', 0);
ok(!-e "$dir/init.pid", 'no pid file is left');
init('status', 3);
init('nonsense', 2);

$m->finish(allow => qr/nonsense/);
