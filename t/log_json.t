# log_json.t - the format `json` of access logs: an object in each line, whatever clients send
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use JSON::PP ();
use Miwi;

my $m = Miwi->new;
$m->backend(app => sub { my ($c) = @_; while ($c->request) { $c->answer(200, 'from there') } });
$m->start(<<'END');
events { }
http {
    access_log logs/json.log json;
    large_client_header_buffers 4 64k;
    server {
        listen 127.0.0.1:%port%;
        server_name own.test;
        location / { return 200 "text"; }
        location /app { proxy_pass http://%app%; }
        location /own { access_log logs/combined.log; return 200; }
    }
}
END

sub lines {
    my ($n) = @_;
    $m->wait_for(sub { $m->read_file('logs/json.log') =~ tr/\n// >= $n });
    return map { JSON::PP->new->utf8->decode($_) } split /\n/, $m->read_file('logs/json.log');
}

$m->http_get('/x?y=%22z', Referer => 'http://there/');
my ($one) = lines(1);
is(join('|', map { $one->{$_} } qw(method uri protocol status body_bytes_sent remote_addr host server_name scheme referer)),
    'GET|/x?y=%22z|HTTP/1.1|200|4|127.0.0.1|localhost|own.test|http|http://there/', 'what was asked and answered');
is(join('|', map { defined $one->{$_} ? 1 : 0 } qw(remote_user user_agent upstream_addr upstream_status)), '0|0|0|0',
    'null is what is not there');
like($one->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/, 'time');
like($m->read_file('logs/json.log'), qr/"status":200,"body_bytes_sent":4,.*"request_time":\d\.\d{3},/, 'numbers are bare');

$m->http_get('/app');
my (undef, $two) = lines(2);
like("$two->{upstream_addr} $two->{upstream_status}", qr/^127\.0\.0\.1:\d+ 200$/, 'of the upstream');

my @bad = ("q\"\\\t\x01\x02\x1f", "\xff\xfe\x80", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x7f\xc2\x85", "\xe2\x80\xa8",
    "\x01" x 50_000, "\xff" x 50_000, '{"a":1}', "\xf0\x9f\x98\x80" x 2000);
$m->http_get('/bad', 'User-Agent' => $_, Referer => $_) for @bad;
$m->http("GET /raw\xff\xc3\"\\<> HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
$m->http("BROKEN\r\n\r\n");
$m->http("\x16\x03\x01\x02\r\n\r\n");
$m->http("GET /09\r\n");
my @all = eval { lines(2 + @bad + 4) };
is($@, '', 'every line is JSON');
is(scalar(@all), 2 + @bad + 4, 'and each request has one');
is($all[2]{user_agent}, "q\"\\\t\x01\x02\x1f", 'control bytes');
is($all[3]{user_agent}, "\x{fffd}" x 3, 'what is no UTF-8');
is(length $all[9]{user_agent}, 4096, 'the longest of texts');
is($all[11]{user_agent}, '{"a":1}', 'text stays text');

# who has a format of that name keeps it
$m->reload(<<'END');
events { }
http {
    log_format json escape=json '{"mine":"$uri"}';
    access_log logs/own.log json;
    server { listen 127.0.0.1:%port%; return 200; }
}
END
$m->http_get('/x');
ok($m->wait_for(sub { $m->read_file('logs/own.log') eq qq({"mine":"/x"}\n) }), 'a log_format of that name');
my ($code, $said) = $m->check("events { }\nhttp { access_log logs/x.log jsn; server { } }\n");
like($said, qr/unknown log format "jsn"/, 'and no other name');

$m->finish;
