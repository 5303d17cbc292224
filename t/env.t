# env.t - ${env:NAME} and ${env:NAME:-default} in any argument, in nginx's language and in YAML
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$ENV{MIWI_T_HOST} = '127.0.0.1';
$ENV{MIWI_T_PORT} = $m->port;
$ENV{MIWI_T_TEXT} = 'it is; {here} "now"';
$ENV{MIWI_T_FILE} = 'inner';
delete $ENV{MIWI_T_NONE};
$m->write_file('html/x', "a file\n");
$m->write_file('inner.conf', "location /inner { return 200 'included'; }\n");
$m->start(<<'END');
worker_processes ${env:MIWI_T_WORKERS:-1};
events { }
http {
    server {
        listen ${env:MIWI_T_HOST}:${env:MIWI_T_PORT};
        root ${env:MIWI_T_NONE:-html};
        include ${env:MIWI_T_FILE}.conf;
        location /text { return 200 "${env:MIWI_T_TEXT}, $request_method"; }
        location /${env:MIWI_T_FILE}/er { return 200 "deeper"; }
    }
}
END

is($m->http_get('/text')->body, 'it is; {here} "now", GET', 'a value is text, whatever is in it');
is($m->http_get('/x')->body, "a file\n", 'a default');
is($m->http_get('/inner')->body, 'included', 'in the name of an included file');
is($m->http_get('/inner/er')->body, 'deeper', 'in the name of a block');

my $server = "events { }\nhttp {\n    server {\n        listen 127.0.0.1:8080;\n        %s\n    }\n}\n";
my ($code, $said) = $m->check(sprintf $server, 'root ${env:MIWI_T_NONE};');
is($code, 1, 'what is not set and has no default is an error');
like($said, qr{^miwidothttp: \[emerg\] environment variable "MIWI_T_NONE" is not set in \S+/check\.conf:5$}m, 'with its place');
like($said, qr{\^ set it, or say what to take then: \$\{env:MIWI_T_NONE:-\.\.\.\}}, 'and the way out');
($code, $said) = $m->check(sprintf $server, 'root "${env:MIWI_T_NONE";');
like($said, qr{\[emerg\] "\$\{env:" without a closing bracket in \S+/check\.conf:5$}m, 'a bracket is missing');
($code, $said) = $m->check(sprintf $server, 'root ${env:MIWI T};');
is($code, 1, 'not a name');

($code, $said) = $m->check("events: {}\nhttp:\n  server:\n    listen: 127.0.0.1:8080\n    root: '\${env:MIWI_T_NONE}'\n",
    'check.yaml');
is($code, 1, 'in YAML as well');
like($said, qr{"MIWI_T_NONE" is not set in \S+/check\.yaml:5$}m, 'with its place');
($code, $said) = $m->check("events: {}\nhttp:\n  server:\n    listen: '127.0.0.1:\${env:MIWI_T_PORT}'\n", 'check.yaml');
is($code, 0, 'and set');

$m->finish;
