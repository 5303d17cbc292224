# cli.t - the command line: nginx's options, words, streams and exit codes, and what we have beyond them
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use JSON::PP;
use Miwi;

my $m = Miwi->new;
my $dir = $m->dir;
my @conf = ('-p', "$dir/", '-c', 'miwi.conf', '-e', 'logs/error.log');

sub runs {
    my ($name, $args, $code, $out, $err) = @_;
    my @got = $m->run(@$args);
    is($got[0], $code, "$name: exit code");
    like($got[1], $out, "$name: standard output");
    like($got[2], $err, "$name: standard error");
    return @got;
}

my $nothing = qr/^\z/;
my $version = qr{^nginx version: nginx/1\.31\.5 \(miwidothttp-\S+\)\n};
runs('-v', ['-v'], 0, $nothing, qr/$version\z/);
runs('-V', ['-V'], 0, $nothing, qr/${version}built by .*\n(?:.*\n)*configure arguments: .*--with-threads/);
for my $help ('-h', '-?', '-vh') {
    runs($help, [$help], 0, $nothing, qr/${version}Usage: miwidothttp \[-\?hvVtTq\] \[-s signal\] \[-p prefix\]\n/);
}
runs('an option that is none', ['-z'], 1, $nothing, qr/^miwidothttp: invalid option: "z"\n\z/);
runs('a word', ['foo'], 1, $nothing, qr/^miwidothttp: invalid option: "foo"\n\z/);
runs('-s x', ['-s', 'x'], 1, $nothing, qr/^miwidothttp: invalid option: "-s x"\n\z/);
for my $case ([s => 'parameter'], [g => 'parameter'], [c => 'file name'], [e => 'file name'], [p => 'directory name']) {
    runs("-$case->[0] alone", ["-$case->[0]"], 1, $nothing, qr/^miwidothttp: option "-$case->[0]" requires $case->[1]\n\z/);
}

# -t and -T
$m->write_file('more.conf', "# more\nworker_processes 1;\n");
$m->configure("pid miwi.pid;\nerror_log logs/error.log;\ninclude more.conf;\nevents { }\n");
my $ok = qr{^miwidothttp: the configuration file $dir/miwi.conf syntax is ok
miwidothttp: configuration file $dir/miwi.conf test is successful\n\z};
runs('-t', ['-t', @conf], 0, $nothing, $ok);
runs('-tq', ['-tq', @conf], 0, $nothing, $nothing);
runs('-qtp joined', ["-qtp$dir/", '-cmiwi.conf', '-elogs/error.log'], 0, $nothing, $nothing);
my (undef, $dump) = runs('-T', ['-T', @conf], 0, qr{^# configuration file $dir/miwi.conf:\n}, $ok);
is($dump, "# configuration file $dir/miwi.conf:\n" . $m->read_file('miwi.conf') . "\n"
    . "# configuration file $dir/more.conf:\n" . $m->read_file('more.conf') . "\n", '-T: the exact bytes');
runs('-T=yaml', ['-q', '-T=yaml', @conf], 0, qr/^worker_processes: 1$/m, $nothing);
ok(!-e "$dir/miwi.pid", '-t leaves no pid file');

sub refused {
    my ($text, $said) = @_;
    $m->write_file('bad.conf', $text);
    my ($code, undef, $err) = $m->run('-t', '-p', "$dir/", '-c', 'bad.conf', '-e', 'logs/bad.log');
    is($code, 1, "refused: $text");
    like($err, qr/^miwidothttp: \[emerg\] \Q$said\E/m, $said);
    like($err, qr{^miwidothttp: configuration file $dir/bad.conf test failed\n\z}m, 'test failed');
}

refused('events { use poll; }', "invalid event type \"poll\" in $dir/bad.conf:1");
refused('daemon on;', 'no "events" section in configuration');
refused('events { } events { }', "\"events\" directive is duplicate in $dir/bad.conf:1");
refused('worker_processes x; events { }', "\"worker_processes\" directive invalid value in $dir/bad.conf:1");
refused('worker_cpu_affinity 01 12; events { }', "invalid character \"2\" in \"worker_cpu_affinity\" in $dir/bad.conf:1");
refused('thread_pool a threads=2; thread_pool a threads=2; events { }', "duplicate thread pool \"a\" in $dir/bad.conf:1");
refused('thread_pool a threads=x; events { }', "invalid threads value \"threads=x\" in $dir/bad.conf:1");
refused('debug_points what; events { }', "invalid value \"what\" in $dir/bad.conf:1");
refused("events { }\nstream { }", "\"stream\" is not in this build in $dir/bad.conf:2");
refused('events { worker_connections 0; }', '0 worker_connections are not enough for 0 listening sockets');
refused('events { } error_log /nonexistent/x.log;', 'open() "/nonexistent/x.log" failed (2: No such file or directory)');
refused('user nosuchuser; events { }', "getpwnam(\"nosuchuser\") failed in $dir/bad.conf:1") if $> == 0;
like($m->read_file('logs/bad.log'), qr/ \[emerg\] \d+#\d+: invalid event type "poll" in \S+bad.conf:1\n/, 'in the log of -e');

my ($code, $said) = $m->check("load_module modules/ngx_http_stub_status_module.so;\n"
    . "load_module modules/ngx_http_perl_module.so;\nevents { }\n");
is($code, 0, 'load_module is no error');
like($said, qr/\[notice\] module "http_stub_status_module" is built in/, 'one that is here');
like($said, qr/\[warn\] module "http_perl_module" is not in this build/, 'one that is not');

# a name that does not resolve: a warning, unless that is to be as in nginx; wherever the word stands
my $names = 'http { %s server { listen 127.0.0.1:8080; access_log off; location / { proxy_pass http://name.invalid; } } %s }';
for my $case (['', '', 0, 'warn'], ['resolver_strict on;', '', 1, 'emerg'], ['', 'resolver_strict on;', 1, 'emerg'],
              ['resolver_strict off;', '', 0, 'warn']) {
    my ($before, $behind, $rc, $level) = @$case;
    ($code, $said) = $m->check("events { }\n" . sprintf($names, $before, $behind));
    is($code, $rc, "a name that does not resolve: $before$behind");
    like($said, qr/\[$level\] host not found in upstream "name\.invalid" in \S+:\d+$/m, $level);
}

# -g, -e
runs('-g', ['-t', @conf, '-g', 'nonsense on;'], 1, $nothing, qr/\[emerg\] unknown directive "nonsense" in command line\n/);
runs('-g again', ['-t', @conf, '-g', 'worker_processes 2;'], 1, $nothing, qr/"worker_processes" directive is duplicate in \S+more.conf:2/);
runs('-e in vain', ['-t', '-p', "$dir/", '-c', 'miwi.conf', '-e', '/nonexistent/e.log'], 0, $nothing,
    qr/^miwidothttp: \[alert\] could not open error log file: open\(\) "\/nonexistent\/e.log" failed \(2: /);
runs('no file', ['-t', '-p', "$dir/", '-c', 'none.conf', '-e', 'logs/e'], 1, $nothing,
    qr{\[emerg\] open\(\) "$dir/none.conf" failed \(2: No such file or directory\)});

# -s without a server
runs('-s, no pid file', [@conf, '-s', 'stop'], 1, $nothing,
    qr{^miwidothttp: \[error\] open\(\) "$dir/miwi.pid" failed \(2: No such file or directory\)\n\z});
$m->write_file('miwi.pid', "abc\n");
runs('-s, no number', [@conf, '-s', 'stop'], 1, $nothing, qr{\[error\] invalid PID number "abc" in "$dir/miwi.pid"\n\z});
$m->write_file('miwi.pid', "999999999\n");
runs('-s, no process', [@conf, '-s', 'reload'], 1, $nothing, qr/\[alert\] kill\(999999999, 1\) failed \(3: No such process\)\n\z/);
like($m->error_log, qr/\[notice\] \d+#\d+: signal process started\n/, 'signal process started');

# what nginx has not
my (undef, $json) = runs('--directives', ['--directives'], 0, qr/^\[/, $nothing);
my ($row) = grep { $_->{name} eq 'worker_processes' } @{ JSON::PP::decode_json($json) };
is($row->{default}, '1', 'a row of the table');

$m->configure(<<'END');
events { }
http {
    server { listen 127.0.0.1:%port%; server_name one.example; location /a/ { return 404; } }
    server { listen 127.0.0.1:%port%; server_name two.example;
        location ~ \.txt$ { root html; } }
}
END
my $port = $m->port;
runs('--route', [@conf, '--route', "GET http://two.example:$port/x/../b.txt"], 0,
    qr{^GET /b.txt for "two.example" at 127.0.0.1:$port\nserver   two.example   $dir/miwi.conf:4\n(?:  .*\n)+location .*   $dir/miwi.conf:5\n}, $nothing);
runs('--route -H', [@conf, '--route', "GET http://127.0.0.1:$port/a/", '-H', 'Host: one.example'], 0,
    qr{^server   one.example   $dir/miwi.conf:3\n(?:  .*\n)+location /a/ }m, $nothing);
runs('--route with every stop', [@conf, '--route', "GET http://one.example:$port/a/"], 0,
    qr{^location /a/   $dir/miwi.conf:3\n  in    rewrite         $dir/miwi.conf:3\n(?:        .*\n)+  head  }m, $nothing);
$m->write_file('route.conf', "events { }\nhttp {\nadd_header X y;\nserver {\nlisten 127.0.0.1:$port;\n"
    . "location / {\nallow all;\n\ndeny all;\n} } }\n");
my @trace = ('-p', "$dir/", '-c', 'route.conf', '-e', 'logs/route.log', '--route', "http://127.0.0.1:$port/");
my (undef, $way) = runs('--route', [@trace], 0, qr{^  in    access          $dir/route.conf:7,9\n}m, $nothing);
like($way, qr{^        headers         $dir/route.conf:3\n}m, 'what is inherited stands where it was written');
ok(!-e "$dir/logs/route.log", 'no trace is left');
runs('--route elsewhere', [@conf, '--route', 'GET http://two.example:1/'], 1, $nothing, qr/no server listens on port 1\n/);
runs('--route of nothing', [@conf, '--route', 'nothing'], 1, $nothing, qr/is not a request/);

# called through a link named nginx
symlink $m->binary, "$dir/nginx";
my @said = split /\n/, qx{$dir/nginx -t -p $dir/ -c miwi.conf -e logs/error.log 2>&1};
is($said[-1], "nginx: configuration file $dir/miwi.conf test is successful", 'as nginx');
like(qx{$dir/nginx -h 2>&1}, qr/^Usage: nginx \[.*out of configuration file\n\n\z/ms, 'help as nginx');
unlike(qx{$dir/nginx -h 2>&1}, qr/--route/, 'no more than nginx');

unlink $m->path('miwi.pid');
$m->finish(allow => qr/kill\(999999999|nonsense|directive is duplicate|host not found/);
