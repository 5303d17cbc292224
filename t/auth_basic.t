# auth_basic.t - auth_basic: kinds of passwords, realms, satisfy, auth_delay; slow ones in threads; broken files
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;
use MIME::Base64;
use Time::HiRes qw(time);

my $m = Miwi->new;
$m->write_file('html/index.html', "in\n");
$m->write_file('users', join "\n",
    '# comment:{PLAIN}x',
    'plain:{PLAIN}pw:a comment', "cr:{PLAIN}pw\r", 'empty:', 'apr1:$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.',
    'crypt:' . crypt('pw', 'sa'), 'md5:' . crypt('pw', '$1$salt$'),
    'sha256:' . crypt('pw', '$5$salt$'), 'sha512:' . crypt('pw', '$6$rounds=200000$salt$'),
    'bcrypt:' . crypt('pw', '$2b$06$abcdefghijklmnopqrstuu'), 'last:{PLAIN}pw');
$m->start(<<'END');
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        auth_basic_user_file users;
        location / { auth_basic "closed site"; location = /off { auth_basic off; return 204; } }
        location /var { auth_basic $arg_realm; auth_basic_user_file $arg_file; try_files /index.html =500; }
        location /any { satisfy any; deny all; auth_basic any; try_files /index.html =500; }
        location /allowed { satisfy any; allow 127.0.0.1; auth_basic any; try_files /index.html =500; }
        location /delay { auth_delay 300ms; auth_basic d; try_files /index.html =500; }
        location /anydelay { auth_delay 300ms; satisfy any; deny all; auth_basic d; try_files /index.html =500; }
        location /denied { auth_delay 5s; deny all; auth_basic d; }
        location /page { auth_basic p; error_page 401 = /said; }
        location = /said { return 200 "please"; }
    }
}
END

sub get { $m->http_get($_[0], @_ > 1 ? (Authorization => 'Basic ' . encode_base64("$_[1]:$_[2]", '')) : ()) }
my $r = get('/');
is($r->status, 401, 'nobody');
is($r->header('WWW-Authenticate'), 'Basic realm="closed site"', 'the challenge');
like($m->error_log, qr/\[info\] .*no user\/password was provided for basic authentication/, 'is logged');
for my $user (qw(plain cr crypt md5 sha256 sha512 bcrypt last)) {
    is(get('/', $user, 'pw')->status, 200, $user);
    is(get('/', $user, 'pW')->status, 401, "$user, wrong");
}
is(get('/', 'apr1', 'password')->status, 200, 'apr1');
like($m->error_log, qr/user "bcrypt": password mismatch/, 'a mismatch is logged');
is(get('/', 'nobody', 'pw')->status, 401, 'not there');
like($m->error_log, qr/user "nobody" was not found in "[^"]*users"/, 'and logged');
is(get('/', 'empty', '')->status, 401, 'an empty hash is none');
is(get('/', '# comment', 'x')->status, 401, 'a comment is no user');
is($m->http_get('/', Authorization => 'Basic ***')->status, 401, 'no base64');
is($m->http_get('/', Authorization => 'Basic ' . encode_base64('plain', ''))->status, 401, 'no colon');
is($m->http_get('/', Authorization => 'Bearer x')->status, 401, 'another scheme');
is(get('/off')->status, 204, 'off');
is(get('/var?realm=x&file=users', 'plain', 'pw')->status, 200, 'a file by variable');
is(get('/var?realm=x&file=none', 'plain', 'pw')->status, 403, 'that is not there');
is(get('/var?realm=x&file=', 'plain', 'pw')->status >= 400, 1, 'that is none');
is(get('/var?realm=off')->status, 200, 'off by variable');
is(get('/var?realm=my')->header('WWW-Authenticate'), 'Basic realm="my"', 'a realm by variable');
is(get('/any')->status, 401, 'satisfy any: neither');
is(get('/any', 'plain', 'pw')->status, 200, 'satisfy any: by password');
$r = get('/allowed');
is($r->status, 200, 'satisfy any: by address');
is($r->header('WWW-Authenticate'), undef, 'without a challenge');
is(get('/page')->body, 'please', 'error_page');

for my $where (qw(/delay /anydelay)) {
    my $began = time;
    is(get($where)->status, 401, "$where refuses");
    cmp_ok(time - $began, '>=', 0.29, 'later');
    is(get($where, 'plain', 'pw')->status, 200, 'and lets in');
}
my $began = time;
is(get('/denied')->status, 403, '403');
cmp_ok(time - $began, '<', 3, 'comes at once');

my @slow = map { my $c = $m->connect; $c->send("GET / HTTP/1.0\r\nAuthorization: Basic "
    . encode_base64('sha512:pw', '') . "\r\n\r\n"); $c } 1 .. 4;
$began = time;
is(get('/', 'plain', 'pw')->status, 200, 'others are served');
my $gone = shift @slow;
$gone->close;
is($_->response->status, 200, 'while it is checked') for @slow;

$m->finish;
