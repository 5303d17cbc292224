# logs.t - access logs: formats, escapes, conditions, buffers; the error log's line
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file('html/a.txt', "hello\n");
$m->start(<<'END');
events { }
http {
    log_format short '$request_method $uri $status $body_bytes_sent $arg_x';
    log_format json escape=json '{"ua":"$http_user_agent","none":"$arg_none"}';
    log_format none escape=none '[$http_user_agent]';
    map $status $loud { default 1; 200 0; }
    server {
        listen 127.0.0.1:%port%;
        root html;
        access_log logs/combined.log;
        location / { access_log logs/short.log short; access_log logs/loud.log short if=$loud; }
        location /json { access_log logs/json.log json; access_log logs/none.log none; return 200; }
        location /off { access_log off; return 200; }
        location /buffer { access_log logs/buffer.log short buffer=64k flush=200ms; return 200; }
        location /var { access_log logs/var-$arg_x.log short; return 200; }
        location /combined { return 200 "x"; }
    }
}
END

$m->http_get('/a.txt');
$m->http_get('/none?x=1');
$m->http_get('/json', 'User-Agent' => "a\"b\\c\x01\xff");
$m->http_get('/off');
$m->http_get('/buffer?x=2');
$m->http_get('/var?x=3');
$m->http_get('/combined', 'User-Agent' => "q\"\xe4", Referer => 'there');
$m->http("BROKEN\r\n\r\n");

sub has { my ($file, $line) = @_; $m->wait_for(sub { -e $m->dir . "/$file" && $m->read_file($file) =~ $line }) }
ok(has('logs/short.log', qr/^GET \/a.txt 200 6 -$/m), 'a line');
ok(has('logs/short.log', qr/^GET \/none 404 \d+ 1$/m), 'of an error too');
ok(has('logs/loud.log', qr/^GET \/none 404/), 'if=');
unlike($m->read_file('logs/loud.log'), qr/a\.txt/, 'only if');
ok(has('logs/json.log', qr/^\{"ua":"a\\"b\\\\c\\u0001\xff","none":""\}$/m), 'json');
ok(has('logs/none.log', qr/^\[a"b\\c\x01\xff\]$/m), 'not escaped');
ok(has('logs/buffer.log', qr/^GET \/buffer 200 0 2$/m), 'buffered, flushed in time');
ok(has('logs/var-3.log', qr/^GET \/var 200 0 3$/m), 'a variable in the name');
ok(has('logs/combined.log', qr/^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [-+]\d{4}\] "GET \/combined HTTP\/1\.1" 200 1 "there" "q\\x22\\xE4"$/m),
   'combined, escaped');
ok(has('logs/combined.log', qr/"BROKEN" 400 /), 'what could not be understood');
unlike($m->read_file('logs/combined.log'), qr/\/off/, 'off');
like($m->error_log, qr/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*\d+ open\(\) "\S+\/html\/none" failed \(2: No such file or directory\), client: 127\.0\.0\.1, server: , request: "GET \/none\?x=1 HTTP\/1\.1", host: "\S+"$/m,
     'the error log');

$m->finish;
