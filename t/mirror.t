# mirror.t - mirror, empty_gif, random_index: copies of requests, a pixel, any file of a directory
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

my $m = Miwi->new;
$m->write_file("html/some/$_.html", $_) for qw(a b c .hidden);
mkdir $m->path('html/none');
my $echo = sub {
    my $c = shift;
    while (my $r = $c->request) {
        $m->append_file('seen', "$r->{method} $r->{uri} " . ($r->{body} // '') . "\n");
        $c->answer(200, 'answer');
    }
};
$m->backend(app => $echo);
$m->backend(slow => sub { my $c = shift; my $r = $c->request or return; sleep 1; $m->append_file('seen', "late $r->{uri}\n");
    $c->answer(200, ''); });
$m->start(<<'END');
events { }
http {
    server {
        listen 127.0.0.1:%port%;
        location / { mirror /copy; proxy_pass http://%app%; location /off { mirror off; proxy_pass http://%app%; } }
        location /bare { mirror /copy; mirror_request_body off; proxy_pass http://%app%; }
        location /two { mirror /copy; mirror /dead; proxy_pass http://%app%; }
        location = /slow { internal; proxy_pass http://%slow%$request_uri; }
        location /late2 { mirror /slow; try_files /some/a.html =500; }
        location = /copy { internal; proxy_pass http://%app%/copy$request_uri; }
        location = /dead { internal; proxy_pass http://127.0.0.1:%port:closed%; }
        location = /gif { empty_gif; }
        location /some/ { random_index on; }
        location /none/ { random_index on; }
        location /missing/ { random_index on; }
    }
}
END

sub seen { my $line = shift; $m->wait_for(sub { ("\n" . $m->read_file('seen')) =~ /\n\Q$line\E\n/ }) }
is($m->http_get('/x?1')->body, 'answer', 'the answer is the first one');
ok(seen('GET /copy/x?1 '), 'the copy came too');
is($m->http_post('/post', 'body')->status, 200, 'a body');
ok(seen('POST /copy/post body'), 'is copied');
ok(seen('POST /post body'), 'and sent on');
is($m->http_post('/bare', 'body')->status, 200, 'mirror_request_body off');
ok(seen('POST /copy/bare '), 'the copy is without');
is($m->http_get('/two')->status, 200, 'two copies, of which one cannot be sent');
ok(seen('GET /copy/two '), 'the other can');
is($m->http_get('/off')->status, 200, 'off');
my $c = $m->connect;
$c->send_request(GET => '/late2');
is($c->response->body, 'a', 'a slow mirror does not delay the answer');
$c->send_request(GET => '/late2/again');
is($c->response->body, 'a', 'nor the next request');
$c->close;
ok(seen('late /late2'), 'the slow one comes in the end') for 1;
unlike($m->read_file('seen'), qr{/copy/off}, 'nothing was copied where it is off');

my $r = $m->http_get('/gif');
is($r->status, 200, 'empty_gif');
is($r->header('Content-Type'), 'image/gif', 'is a GIF');
is(length $r->body, 43, 'of 43 bytes');
is($r->header('Last-Modified'), 'Mon, 28 Sep 1970 06:00:00 GMT', 'Last-Modified');
is($m->http_post('/gif', 'x')->status, 405, 'no POST');

my %got;
$got{ $m->http_get('/some/')->body }++ for 1 .. 60;
is(join(' ', sort keys %got), 'a b c', 'random_index finds all, but hidden ones');
is($m->http_get('/none/')->status, 403, 'an empty directory');
is($m->http_get('/missing/')->status, 404, 'none');

$m->finish;
