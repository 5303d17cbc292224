# chromium.t - a browser shows the two sites of Debian's nginx.conf, and keeps its WebSocket over reloads
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi::Debian qw(node openssl chromium chromedriver);
use Miwi::Browser;

my $m = Miwi::Debian->new(seconds => 120);
$m->write_file('www/html/index.html', <<'END');
<!DOCTYPE html>
<html>
<head><title>first</title><link rel="stylesheet" href="style.css"></head>
<body><h1 id="greeting">the first site</h1><script src="script.js"></script></body>
</html>
END
$m->write_file('www/html/style.css', "h1 { color: rgb(1, 2, 3); }\n");
$m->write_file('www/html/script.js', "document.body.dataset.script = 'ran';\n");
$m->add_application;
$m->begin;

my $b = Miwi::Browser->open($m, hosts => 'MAP app.test 127.0.0.1');
diag('Chromium ' . $b->version);

# --- the first site ----------------------------------------------------------------------------------------------

$b->go('http://localhost/');
is($b->run('return document.title'), 'first', 'the first site is shown');
is($b->run("return getComputedStyle(document.getElementById('greeting')).color"), 'rgb(1, 2, 3)', 'with its style');
is($b->run('return document.body.dataset.script'), 'ran', 'and its script');
like($b->picture, qr/^\x89PNG/, 'one can see it');

# --- the second --------------------------------------------------------------------------------------------------

sub said { $b->run("return Array.from(document.querySelectorAll('#said li')).map(e => e.textContent).join('|')") }
sub state { $b->run("return document.getElementById('state').textContent") }

sub says {
    my ($what) = @_;
    return $m->wait_for(sub { said() eq $what }, 10);
}

$b->go('http://app.test/');
is($b->run('return location.href'), 'https://app.test/', 'the second site is shown over TLS');
ok(says('hello 1'), 'its WebSocket is open') or diag(said());
$b->run('tell("before")');
ok(says('hello 1|echo 1: before'), 'and answers') or diag(said());
my @old = $m->workers;

for my $n (1 .. 3) {
    $m->write_file('etc/conf.d/generation.conf', "add_header X-Generation $n;\n");
    is(($m->nginx('-s', 'reload'))[0], 0, "reload $n");
    is($b->run("return fetch('/api').then(r => r.headers.get('X-Generation'))"), $n, 'what the page asks for is new');
}
$b->run('tell("after")');
ok(says('hello 1|echo 1: before|echo 1: after'), 'the same WebSocket answers after three reloads') or diag(said());
is(state(), 'open', 'and the browser never saw it close');
ok(grep({ kill 0, $_ } @old), 'an old worker holds it');

$b->go('https://app.test/');
ok(says('hello 2'), 'the page loaded again has a new one');
ok($m->wait_for(sub { !grep { kill 0, $_ } @old }, 10), 'and the old workers are gone');
like($m->read_file('log/access.log'), qr{"GET /ws HTTP/1\.1" 101 \d+ "-" "Mozilla/[^"]*Chrome/}, 'so says the log');
$b->close;
$m->finish;
