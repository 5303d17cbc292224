# Fresh.pm - files of one letter, changed under a running server, and how soon each way of sending them shows it
# SPDX-License-Identifier: Apache-2.0
package Miwi::Fresh;

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep time);

our @ways = ('', qw(/kept /off /sent /threads /links));
our $conf = <<'END';
worker_processes 1;
events { }
thread_pool slow threads=1;
http {
    server {
        listen 127.0.0.1:%port%;
        root html;
        location /kept/ { alias html/; open_file_cache max=100 inactive=1h; open_file_cache_valid 1h;
            open_file_cache_min_uses 1; open_file_cache_errors on; }
        location /off/ { alias html/; open_file_cache off; }
        location /sent/ { alias html/; sendfile on; sendfile_max_chunk 64k; }
        location /threads/ { alias html/; aio threads=slow; }
        location /links/ { alias html/; disable_symlinks if_not_owner; }
    }
}
END

sub new { my ($class, $m) = @_; return bless { m => $m }, $class }

# The letter of the file that this is, whole; its size stands in the ETag, too.  '?': a mix.  Or the status.
sub letter {
    my ($self, $uri) = @_;
    my $r = $self->{m}->http_get($uri);
    return $r->status if $r->status != 200;
    my $body = $r->body;
    my $size = ($r->header('etag') // '') =~ /-([0-9a-f]+)"$/ ? hex $1 : -1;
    my $first = substr $body, 0, 1;
    return length $body == $size && $r->header('content-length') == $size && $body eq $first x $size ? $first : '?';
}

# For all ways and these names: it was `before`, it is `after` within a second of the act, and it is nothing else.
sub becomes {
    my ($self, $what, $before, $after, $act, @names) = @_;
    my @all = map { my $way = $_; map { "$way/$_" } @names } @ways;
    my ($first, $bad) = (1, '');

    for my $uri (@all) {
        my %was = map { $self->letter($uri) => 1 } 1, 2;
        is(join('', keys %was), $before, "$what: $uri before");
    }
    $act->($_) for @names;
    my ($until, %left) = (time + 1, map { $_ => 1 } @all);
    while (%left && ($first || time < $until)) {
        $first = 0;
        sleep 0.02;
        $first = 1 if time >= $until;       # the last look is at the full second
        for my $uri (keys %left) {
            my @got = map { $self->letter($uri) } 1, 2;
            $bad .= " $uri: $_" for grep { $_ ne $before && $_ ne $after && $_ ne '404' } @got;
            delete $left{$uri} unless grep { $_ ne $after } @got;
        }
        last if $first;
    }
    is(join(' ', sort keys %left), '', "$what: new everywhere");
    is($bad, '', "$what: nothing else meanwhile");
}

sub write { my ($self, $name, $text) = @_; return $self->{m}->write_file("html/$name", $text) }
sub file { my ($self, $name) = @_; return $self->{m}->path("html/$name") }

sub replace {
    my ($self, $name, $text, @times) = @_;
    $self->write("$name.new", $text);
    utime @times, $self->file("$name.new") if @times;
    rename $self->file("$name.new"), $self->file($name) or die "$name: $!\n";
}

# Writes into it from there on, and leaves its length alone.
sub overwrite {
    my ($self, $name, $text, $from) = @_;
    open my $f, '+<:raw', $self->file($name) or die "$name: $!\n";
    sysseek $f, $from // 0, 0;
    syswrite $f, $text;
    close $f;
}

sub times { my ($self, $name) = @_; return (stat $self->file($name))[8, 9] }

1;
