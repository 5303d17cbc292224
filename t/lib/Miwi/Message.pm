# Message.pm - a request or a response as a test reads it
#
# raw is every byte of it, head the part before the body, body what it means (chunks undone).  Framing is read strictly: what
# is cut short has `cut`.
# SPDX-License-Identifier: Apache-2.0
package Miwi::Message;

use strict;
use warnings;

use overload '""' => sub { $_[0]{raw} }, bool => sub { 1 }, fallback => 1;

my %reasons = (200 => 'OK', 204 => 'No Content', 301 => 'Moved Permanently', 302 => 'Found', 304 => 'Not Modified',
    400 => 'Bad Request', 403 => 'Forbidden', 404 => 'Not Found', 500 => 'Internal Server Error', 502 => 'Bad Gateway',
    503 => 'Service Unavailable');

sub reason { $reasons{ $_[0] } || 'Whatever' }

# status of a response; method and uri of a request
sub status { $_[0]{status} || 0 }
sub method { $_[0]{method} }
sub uri { $_[0]{uri} }
sub version { $_[0]{version} }
sub line { $_[0]{line} }
sub head { $_[0]{head} }
sub body { $_[0]{body} }
sub raw { $_[0]{raw} }
sub cut { $_[0]{cut} }
sub interim { @{ $_[0]{interim} || [] } }

# All values of a header, by its name in any case.
sub headers {
    my ($self, $name) = @_;
    return map { $_->[1] } grep { lc $_->[0] eq lc $name } @{ $self->{fields} };
}

# The first one, or undef.
sub header {
    my ($value) = headers(@_);
    return $value;
}

sub trailer {
    my ($self, $name) = @_;
    my ($field) = grep { lc $_->[0] eq lc $name } @{ $self->{trailers} || [] };
    return $field && $field->[1];
}

sub names { map { $_->[0] } @{ $_[0]{fields} } }

sub nothing {
    my ($class, $c) = @_;
    my $raw = $c->take(length $c->{got});
    return bless { raw => $raw, head => '', body => $raw, line => '', fields => [], cut => 1 }, $class;
}

sub fields_of {
    return [ map { /^([^:]*):[ \t]*(.*?)[ \t]*$/ ? [ $1, $2 ] : [ $_, '' ] } split /\r?\n/, $_[0] ];
}

# The head that comes next on the connection; undef when none does.
sub read_head {
    my ($class, $c) = @_;
    my $head = $c->read_until(qr/\r?\n\r?\n/) // return;
    my ($line, $rest) = split /\r?\n/, $head, 2;
    my $self = bless { raw => $head, head => $head, body => '', line => $line, fields => fields_of($rest) }, $class;

    if ($line =~ m{^HTTP/(\d\.\d) (\d{3})}) {
        @$self{qw(version status)} = ($1, $2);
    } elsif ($line =~ m{^(\S+) (\S+)(?: HTTP/(\d\.\d))?$}) {
        @$self{qw(method uri version)} = ($1, $2, $3 // '0.9');
    }
    return $self;
}

# otherwise: what there is when the head says no length: 'none', 'to the end' (of the connection), 'none by default'
sub read_body {
    my ($self, $c, $otherwise) = @_;
    my $length = $self->header('Content-Length');
    my $body   = '';

    return if $otherwise eq 'none';
    if (($self->header('Transfer-Encoding') // '') =~ /chunked/i) {
        return $self->read_chunks($c);
    } elsif (defined $length) {
        $body = $c->read($length);
        $self->{cut} = 1 if length $body < $length;
    } elsif ($otherwise eq 'to the end') {
        $body = $c->rest;
        $self->{cut} = 1 if $c->timed_out || $c->was_reset;
    }
    $self->{body} = $body;
    $self->{raw} .= $body;
}

sub read_chunks {
    my ($self, $c) = @_;
    my $cut = sub { $self->{cut} = 1; return };

    while (1) {
        my $line = $c->read_until(qr/\r\n/) // return $cut->();
        $self->{raw} .= $line;
        my ($size) = $line =~ /^([0-9A-Fa-f]+)/ or return $cut->();
        $size = hex $size;
        last if $size == 0;
        my $data = $c->read($size + 2);
        $self->{raw}  .= $data;
        $self->{body} .= substr $data, 0, $size;
        return $cut->() if length $data < $size + 2 || substr($data, $size) ne "\r\n";
    }
    my $trailers = '';
    while (1) {
        my $line = $c->read_until(qr/\r\n/) // return $cut->();
        $self->{raw} .= $line;
        last if $line eq "\r\n";
        $trailers .= $line;
    }
    $self->{trailers} = fields_of($trailers);
}

1;
