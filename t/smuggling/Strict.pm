# Strict.pm - reads requests as RFC 9112 has them and dies at anything else: what may come out of a proxy
# SPDX-License-Identifier: Apache-2.0
package Strict;

use strict;
use warnings;

my $token = qr/[!#\$%&'*+.^_`|~0-9A-Za-z-]+/;

# All requests of a connection's bytes: a list of { method, uri, fields => [ [ name, value ] ], body, cut }.  `cut`: the
# bytes ended in the middle of its body.
sub requests {
    my ($bytes) = @_;
    my @all;

    while (length $bytes) {
        my $r = head(\$bytes);
        body($r, \$bytes);
        push @all, $r;
        die "bytes behind a request that was cut\n" if $r->{cut} && length $bytes;
    }
    return @all;
}

sub head {
    my ($bytes) = @_;

    $$bytes =~ s{\A($token) (/[^\x00-\x20\x7f#]*) HTTP/1\.[01]\r\n}{}
        or die "no request line: " . shown($$bytes) . "\n";
    my $r = { method => $1, uri => $2, fields => [], body => '' };
    # RFC 9110 5.5: other controls than CR, LF and NUL may be handed on
    while ($$bytes =~ s{\A($token):[ \t]*([^\r\n\0]*?)[ \t]*\r\n}{}) {
        push @{ $r->{fields} }, [ $1, $2 ];
    }
    $$bytes =~ s{\A\r\n}{} or die "no field of $r->{uri}: " . shown($$bytes) . "\n";
    my @hosts = values_of($r, 'host');
    die "hosts of $r->{uri}: @hosts\n" if @hosts != 1 || $hosts[0] !~ m{\A(?:[\w.~%-]*|\[[0-9a-fA-F:.]+\])(?::\d*)?\z};
    return $r;
}

sub values_of {
    my ($r, $name) = @_;
    return map { $_->[1] } grep { lc $_->[0] eq $name } @{ $r->{fields} };
}

sub body {
    my ($r, $bytes) = @_;
    my @lengths = values_of($r, 'content-length');
    my @codings = values_of($r, 'transfer-encoding');

    die "lengths of $r->{uri}: @lengths, @codings\n" if @lengths + @codings > 1;
    if (@codings) {
        die "coding of $r->{uri}: @codings\n" if lc $codings[0] ne 'chunked';
        chunks($r, $bytes);
    } elsif (@lengths) {
        die "length of $r->{uri}: @lengths\n" if $lengths[0] !~ /\A\d{1,18}\z/;
        $r->{cut} = length $$bytes < $lengths[0];
        $r->{body} = substr $$bytes, 0, $lengths[0], '';
    }
}

sub chunks {
    my ($r, $bytes) = @_;

    while ($$bytes =~ s/\A([0-9a-fA-F]{1,15})\r\n//) {
        my $size = hex $1;
        if ($size == 0) {
            $$bytes =~ s/\A\r\n// or die "no end of chunks of $r->{uri}: " . shown($$bytes) . "\n";
            return;
        }
        $r->{body} .= substr $$bytes, 0, $size, '';
        last if $$bytes eq '';
        $$bytes =~ s/\A\r\n// or die "no end of a chunk of $r->{uri}: " . shown($$bytes) . "\n";
    }
    die "no chunk of $r->{uri}: " . shown($$bytes) . "\n" if $$bytes ne '';
    $r->{cut} = 1;
}

sub shown {
    my ($bytes) = @_;
    return (substr $bytes, 0, 80) =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ger;
}

1;
