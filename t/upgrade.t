# upgrade.t - a new program takes over the sockets of a running one, and gives them back
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
my $conf = <<'END';
worker_processes 2;
events { }
http {
    server { listen 127.0.0.1:%port%; listen unix:%dir%/u.sock; return 200 "pid $pid\n"; }
    server { listen 127.0.0.1:%port:own% reuseport; return 200 "own\n"; }
}
END
my $by_unix = sub { $m->http("GET / HTTP/1.0\r\n\r\n", to => $m->path('u.sock')) };
sub serves {
    my ($what) = @_;
    like($m->http_get('/')->body, qr/^pid \d+\n$/, "$what: it serves");
    like($by_unix->(), qr/pid \d+\n$/, "$what: by its unix socket");
    is($m->request('/', port => $m->port('own'))->body, "own\n", "$what: by each worker's own socket") for 1 .. 4;
}
my $oldbin = sub { $m->read_file('miwi.pid.oldbin') =~ s/\n//r };

# start() waits with a process of ours for its parent: the new program must not be ended as ours is
$m->start($conf);
my $old = $m->pid;
serves('old');

sub upgraded {
    $m->signal(USR2 => $old);
    ok($m->wait_for(sub { ($m->pid // $old) != $old && $oldbin->() eq $old && $m->workers }), 'USR2: two masters');
    return $m->pid;
}
my $new = upgraded();
like($m->error_log, qr/\[notice\] $old#$old: changing binary\n.*\[notice\] $old#$old: start new binary process $new\n/, 'said so');
like($m->error_log, qr/\[notice\] $new#$new: using inherited sockets from "(?:\d+;)+"\n/, 'and which sockets');
serves('both');

# called off: the new one ends, the old one has its pid file again
$m->signal(WINCH => $old);
ok($m->wait_for(sub { !grep { $_ != $new } $m->workers($old) }), 'WINCH to the old one: its workers go');
serves('new alone');
$m->signal(TERM => $new);
ok($m->wait_for(sub { ($m->pid // 0) == $old && !-e $m->path('miwi.pid.oldbin') }), 'TERM to the new one: the old one is back');
ok($m->wait_for(sub { $m->workers($old) == 2 }), 'with workers');
like($m->error_log, qr/\[notice\] $old#$old: new binary process $new exited with code 0\n/, 'said so');
serves('old again');

# called off before its end: HUP starts workers without reading anything
$new = upgraded();
$m->signal(WINCH => $old);
ok($m->wait_for(sub { !grep { $_ != $new } $m->workers($old) }), 'no workers');
$m->signal(HUP => $old);
ok($m->wait_for(sub { $m->workers($old) == 3 }), 'HUP: workers again');
$m->signal(QUIT => $new);
ok($m->wait_for(sub { ($m->pid // 0) == $old }), 'the new one went');
serves('old for the third time');
ok($m->wait_for(sub { -e $m->path('miwi.pid.state') }), 'whoever asks for a reload can wait for it again');
is(scalar(() = $m->error_log =~ /\]\ $old#$old: reconfiguring/g), 0, 'nothing was read anew');

# carried through
$new = upgraded();
$m->signal(QUIT => $old);
ok($m->wait_for(sub { waitpid($old, 1) == $old }), 'QUIT to the old one: it ends');
is($m->pid, $new, 'the pid file is the new one\'s');
ok(!-e $m->path('miwi.pid.oldbin'), 'nothing is left of the old one');
serves('new');
ok($m->reload($conf =~ s/"pid /"again pid /r), 'it reloads');
like($m->http_get('/')->body, qr/^again/, 'and serves by it');
$m->{pid} = $new;

# a program that is none
ok($m->stop, 'stop');
ok(!-e $m->path('u.sock'), 'its unix socket\'s name is gone');

# from nginx
SKIP: {
    my ($nginx) = grep { -x } '/usr/sbin/nginx';
    skip 'there is no nginx', 8 unless $nginx;
    symlink $nginx, $m->path('program');
    $m->configure("worker_processes 1; events { }\nhttp { access_log off; server { listen 127.0.0.1:%port%;"
        . " listen unix:%dir%/u.sock; return 200 \"\$nginx_version\\n\"; } }\n");
    $m->write_file('miwi.conf', $m->read_file('miwi.conf') =~ s/daemon off;/daemon on;/r);
    my $run = join ' ', $m->path('program'), '-p', $m->dir . '/', '-c', 'miwi.conf', '-e', 'logs/error.log';
    is(system("$run </dev/null >/dev/null 2>&1"), 0, 'nginx starts');
    ok($m->wait_for(sub { $m->pid && kill 0, $m->pid }), 'nginx runs');
    $old = $m->pid;
    my $theirs = $m->http_get('/')->body;
    unlink $m->path('program');
    symlink $m->binary, $m->path('program');
    $new = upgraded();
    ok($m->wait_for(sub { $m->workers($new) }), 'we run');
    $m->signal(QUIT => $old);
    ok($m->wait_for(sub { !kill 0, $old }), 'nginx ends');
    is($m->http_get('/')->body, "1.31.5\n", 'we serve');
    isnt($theirs, "1.31.5\n", 'as nginx did');
    like($by_unix->(), qr/1\.31\.5\n$/, 'by its unix socket too');
}
$m->finish;
