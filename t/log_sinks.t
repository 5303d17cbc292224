# log_sinks.t - where log lines can go beside files: gzip, syslog, standard error, memory; several places at once
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::UNIX;
use IO::Uncompress::Gunzip;
use Miwi;

my $m = Miwi->new;
my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "udp: $!\n";
my $unix = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $m->path('log.sock')) or die "unix: $!\n";
my $port = $udp->sockport;
$m->start(<<"END");
error_log logs/error.log error;
error_log logs/info.log info;
error_log stderr warn;
events { }
http {
    log_format short '\$request_uri \$status';
    access_log off;
    server {
        listen 127.0.0.1:%port%;
        location /gzip { access_log logs/access.gz short gzip flush=100ms; return 200; }
        location /gzip9 { access_log logs/nine.gz short gzip=9 buffer=4k; return 200; }
        location /udp { access_log syslog:server=127.0.0.1:$port,facility=local3,severity=warn,tag=mine short; return 200; }
        location /unix { access_log syslog:server=unix:%dir%/log.sock,nohostname short; return 200; }
        location /two { access_log syslog:server=127.0.0.1:$port short; access_log logs/two.log short; return 200; }
        location /gone { access_log syslog:server=unix:%dir%/nobody.sock short; return 200 "still\\n"; }
        location /error { error_log syslog:server=unix:%dir%/log.sock,nohostname,tag=err error; root html; }
        location /errors { error_log logs/here.log error; error_log stderr error; root html; }
        location /memory { error_log memory:16k error; root html; }
    }
}
END

sub next_of { my ($from) = @_; my $got = ''; my $in = ''; vec($in, fileno $from, 1) = 1; select $in, undef, undef, 5 and recv $from, $got, 4096, 0; $got }
sub unpacked {
    my ($name) = @_;
    my $text = '';
    IO::Uncompress::Gunzip::gunzip($m->path($name) => \$text, MultiStream => 1);
    return $text;
}
my $date = qr/\w{3} [ \d]\d \d\d:\d\d:\d\d/;

# gzip
$m->http_get("/gzip?$_") for 1 .. 3;
ok($m->wait_for(sub { (-s $m->path('logs/access.gz') // 0) && unpacked('logs/access.gz') =~ /\?3 / }), 'gzip, flushed in time');
$m->http_get('/gzip?4');
ok($m->wait_for(sub { unpacked('logs/access.gz') eq join '', map { "/gzip?$_ 200\n" } 1 .. 4 }), 'and again: all lines in order');
$m->http_get("/gzip9?$_") for 1 .. 400;
ok($m->wait_for(sub { -s $m->path('logs/nine.gz') }), 'written when the buffer is full');
like(unpacked('logs/nine.gz'), qr{\A(?:/gzip9\?\d+ 200\n)+\z}, 'in whole lines');
cmp_ok(-s $m->path('logs/nine.gz'), '<', length(unpacked('logs/nine.gz')) / 2, 'compressed');

# syslog: facility 19 (local3) and severity 4 (warning); by default 23 (local7) and 6 (info)
$m->http_get('/udp?x');
like(next_of($udp), qr{\A<156>$date \S+ mine: /udp\?x 200\z}, 'over UDP');
$m->http_get('/unix?x');
like(next_of($unix), qr{\A<190>$date nginx: /unix\?x 200\z}, 'over a unix socket');
$m->http_get('/two?x');
like(next_of($udp), qr{/two\?x 200\z}, 'to syslog');
ok($m->wait_for(sub { $m->read_file('logs/two.log') eq "/two?x 200\n" }), 'and a file');
is($m->http_get('/gone')->body, "still\n", 'nobody listens to syslog: it serves');
ok($m->wait_for_log(qr{\[alert\] \d+#\d+: connect\(\) failed \(2: [^)]*\) while logging to syslog, server: unix:\S+/nobody\.sock\n}),
    'and says so');
$m->http_get('/gone');
is(scalar(() = $m->error_log =~ /while logging to syslog/g), 1, 'once');
$m->http_get('/error?x');
like(next_of($unix), qr{\A<187>$date err: \d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*\d+ open\(\) "\S+/html/error" failed \(2: },
    'errors to syslog');
unlike($m->error_log, qr{html/error"}, 'and nowhere else');

# several, with their levels
$m->http_get('/errors?x');
like($m->read_file($_), qr/html\/errors" failed/, "an error in $_") for qw(logs/here.log logs/stderr);
unlike($m->error_log, qr/html\/errors"/, 'what is written in a location is alone');
my $c = $m->connect;
$c->send("GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n");
$c->close;
$m->http("nonsense\r\n\r\n");
ok($m->wait_for(sub { $m->read_file('logs/info.log') =~ /\[info\] .*client sent invalid/ }), 'info in its log');
unlike($m->error_log, qr/\[info\]/, 'not in the one for errors');
unlike($m->read_file('logs/stderr'), qr/\[info\]/, 'nor in standard error');

# memory: lines stand one behind the other there
$m->http_get("/memory/$_") for qw(first second);
my ($worker) = $m->workers;
my $found = 0;
open my $memory, '<:raw', "/proc/$worker/mem" or die "mem: $!\n";
for ($m->read_file("/proc/$worker/maps") =~ /^([0-9a-f]+-[0-9a-f]+) rw-p (?!.*\[stack\])/mg) {
    no warnings 'portable';
    my ($from, $upto) = map { hex } split /-/;
    next if $upto - $from > 1 << 28;            # not a sanitizer's own
    sysseek $memory, $from, 0 or next;
    sysread $memory, my $bytes, $upto - $from or next;
    $found++ if $bytes =~ m{\[error\] [^\n]*html/memory/first" failed [^\n]*\n[^\n]*\[error\] [^\n]*html/memory/second" failed [^\n]*\n};
}
ok($found, 'lines in memory');
unlike($m->read_file("logs/$_"), qr{html/memory}, "and not in $_") for qw(error.log info.log stderr);

# what cannot be
for my $case (['access_log syslog:server=127.0.0.1,facility=x', 'unknown syslog facility "x"'],
              ['access_log syslog:server=127.0.0.1,severity=x', 'unknown syslog severity "x"'],
              ['access_log syslog:server=127.0.0.1,tag=a-b', 'syslog "tag" only allows alphanumeric characters and underscore'],
              ['access_log syslog:tag=a', 'no syslog server specified'], ['access_log l combined gzip=10', 'invalid compression level "10"'],
              ['access_log l combined gzip=0', 'invalid compression level "0"'],
              ['error_log memory:1k', 'invalid buffer size "1k" defined by "memory:1k"'],
              ['error_log syslog:server=', 'no host in syslog server ""'], ['error_log l loud', 'invalid log level "loud"']) {
    my (undef, $said) = $m->check("events { }\nhttp { $case->[0]; }\n");
    like($said, qr/\[emerg\] \Q$case->[1]\E/, $case->[0]);
}
$m->finish(allow => qr/while logging to syslog|syslog/);
