# Site.pm - what t/compare.t serves: files that are old and equal, and an application that behaves in every way
# SPDX-License-Identifier: Apache-2.0
package Site;

use strict;
use warnings;

my $old = 1_000_000_000;    # so that dates are the same, and not of today

sub write {
    my ($m) = @_;
    my $file = sub {
        my ($name, $text) = @_;
        my $path = $m->write_file("html/$name", $text);
        utime $old, $old, $path;
    };

    $file->('index.html', "<p>home</p>\n");
    $file->('a.txt', "hello, world\n");
    $file->('big.txt', join '', map { sprintf "%07d\n", $_ } 1 .. 4000);
    $file->('empty.txt', '');
    $file->('noext', "no extension\n");
    $file->('with space.txt', "space\n");
    $file->('100%.txt', "percent\n");
    $file->('q?.txt', "question\n");
    $file->("\xc3\xbc.txt", "umlaut\n");
    $file->('sub/other.htm', "other\n");
    $file->('sub/a.png', "not a picture\n");
    $file->('sub/index.html', "sub index\n");
    $file->('bare/x', "x\n");
    $file->('UPPER.TXT', "upper\n");
    $file->('err/404.html', "our own 404\n");
    $file->('err/teapot.html', "teapot\n");
    $file->('int/x.txt', "internal\n");
    $file->('ep/post.html', "post\n");
    $file->('.hidden', "hidden\n");
    $file->("list/$_", "$_\n") for 'a.txt', 'b & c.txt', '<tag>.txt', 'z' x 60, "\xc3\xa4\xc3\xb6.txt", '.dot',
        'UP', 'q?q', 'p%q', 'co:lon';
    $file->('list/k.bin', 'k' x 70_000);
    $file->('list/dir/x', 'x');
    $file->('gz/big.html', "<p>text that is repeated</p>\n" x 200);
    $file->('gz/big.txt', "text that is repeated\n" x 200);
    $file->('gz/small.html', "<p>small</p>\n");
    $file->('gz/big.png', 'png' x 500);
    $file->('gz/pre.html', 'x' x 500);
    mkdir $m->path('html/forbidden');
    mkdir $m->path('temp');
    utime $old, $old, $m->path('html/list/dir'), $m->path('html/list');
}

# --- the application --------------------------------------------------------------------------------------------

sub by_name { return sort { lc($a =~ s/:.*//sr) cmp lc($b =~ s/:.*//sr) } @_ }

sub echo {
    my ($c, $r) = @_;
    my @fields = map { "$_->[0]: $_->[1]" } @{ $r->{fields} };
    $c->answer(200, join("\n", $r->line, by_name(@fields), '', $r->body), 'Content-Type', 'text/plain');
}

sub then_close { my ($raw) = @_; return sub { $_[0]->send($raw); 'close' } }

my $ok  = "HTTP/1.1 200 OK\r\n";
my %raw = (
    chunked  => "${ok}Transfer-Encoding: chunked\r\nX-C: 1\r\n\r\n3\r\nabc\r\n4;e=1\r\ndefg\r\n"
              . "0\r\nX-Trailer: t\r\n\r\n",
    close    => "${ok}Connection: close\r\n\r\nuntil the end",
    http10   => "HTTP/1.0 200 Fine\r\nX-V: 10\r\n\r\nold",
    garbage  => "what is this?\r\n\r\n",
    badhead  => "${ok}X A: 1\r\nContent-Length: 1\r\n\r\nx",
    twolen   => "${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    badlen   => "${ok}Content-Length: 1x\r\n\r\nxy",
    bothlen  => "${ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    short    => "${ok}Content-Length: 10\r\n\r\nshort",
    long     => "${ok}Content-Length: 3\r\n\r\ntoo long",
    bigchunk => "${ok}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
    badchunk => "${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    hints    => "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}Content-Length: 2\r\n\r\nok",
    s204     => "HTTP/1.1 204 No Content\r\nX-N: 1\r\n\r\n",
    s304     => "HTTP/1.1 304 Not Modified\r\nETag: \"t\"\r\n\r\n",
    reason   => "HTTP/1.1 200 Very Fine Indeed\r\nContent-Length: 0\r\n\r\n",
    s999     => "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    fold     => "${ok}X-F: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    nul      => "${ok}X-F: a\0b\r\nContent-Length: 0\r\n\r\n",
);

my %app = (
    echo     => \&echo,
    headers  => sub { $_[0]->answer(200, 'h', 'X-Secret' => 1, 'X-Open' => 2, Server => 'app', 'Set-Cookie' => 'a=1',
        'Set-Cookie' => 'b=2', Date => 'Thu, 01 Jan 1998 00:00:00 GMT', 'X-Accel-Limit-Rate' => 0, 'X-Pad' => '1 ',
        'Keep-Alive' => 'x', 'Content-Language' => 'de', 'WWW-Authenticate' => 'Basic', Vary => 'X') },
    accel    => sub { $_[0]->answer(200, 'body', 'X-Accel-Redirect' => '/int/x.txt', 'X-Accel-Expires' => 1,
        'X-Own' => 1, 'Set-Cookie' => 'kept=1') },
    redirect => sub { my ($c, $r) = @_; my ($to) = $r->uri =~ /to=(.*)/; $c->answer(302, '', Location => $to,
        Refresh => "5; url=$to") },
    cookie   => sub { $_[0]->answer(200, 'c', 'Set-Cookie' => 'a=b; domain=up.test; path=/app/x; HttpOnly') },
    status   => sub { my ($c, $r) = @_; my ($s) = $r->uri =~ /s=(\d+)/; $c->answer($s, "status $s\n") },
    modified => sub { my ($c, $r) = @_; my ($s) = $r->uri =~ /s=(\d+)/; $c->answer($s, "status $s\n",
        'Last-Modified' => 'Thu, 01 Jan 1998 00:00:00 GMT', ETag => '"t"') },
    text     => sub { $_[0]->answer(200, 'text from the application ' x 50, 'Content-Type' => 'text/plain',
        ETag => '"t"', 'Last-Modified' => 'Thu, 01 Jan 1998 00:00:00 GMT') },
    map { my $raw = $raw{$_}; $_ => sub { $_[0]->send($raw) } } keys %raw,
);
$app{$_} = then_close($raw{$_}) 
    for qw(close http10 garbage badhead twolen badlen bothlen short long bigchunk badchunk fold nul);
$app{nothing} = then_close('');
$app{upgrade} = sub {
    my ($c) = @_;
    $c->send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n");
    $c->send('<' . $c->read(4) . '>');
    return 'close';
};

# One connection; /NAME of the request says what is done.
sub application {
    my ($c) = @_;

    while (my $r = $c->request) {
        my ($what) = ($r->uri // '') =~ m{^/(\w+)};
        my $does = $app{ $what // '' } || sub { $_[0]->answer(404, "application: what is that?\n") };
        last if ($does->($c, $r) // '') eq 'close';
        last if lc($r->header('Connection') // '') eq 'close' || ($r->version // '') ne '1.1';
    }
}

1;
