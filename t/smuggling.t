# smuggling.t - requests that could be read in two ways are refused or made clean, and no upstream sees them otherwise
#
# Each request of t/smuggling/requests is sent to this server itself, through it to an upstream with its body read first,
# and the same with its body passed on as it comes.  The upstream writes down every byte it sees, and at the end all of
# them must be requests by RFC 9112 that were meant to be there.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use lib 't/smuggling';

use Miwi;
use Miwi::Talk;
use Strict;

my $m    = Miwi->new(seconds => 120);
my $seen = $m->write_file('seen', '');

# The bytes of each read, as hex behind the number of the connection.
$m->backend(app => sub {
    my ($c, $n) = @_;
    my ($all, $answered) = ('', 0);

    open my $book, '>>', $seen or die "$seen: $!\n";
    while ($c->fill) {
        my $bytes = $c->take(length $c->{got});
        syswrite $book, "$n " . unpack('H*', $bytes) . "\n";
        $all .= $bytes;
        my @whole = grep { !$_->{cut} } eval { Strict::requests($all) };
        for (; $answered < @whole; $answered++) {
            $c->send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" . ($whole[$answered]{method} eq 'HEAD' ? '' : 'app'));
        }
    }
});

$m->start(<<'END');
events { worker_connections 2048; }
http {
    keepalive_timeout 1s;
    client_header_timeout 1s;
    client_body_timeout 1s;
    lingering_timeout 1s;
    server {
        listen 127.0.0.1:%port%;
        server_name a.test;
        proxy_set_header Host $host;
        proxy_set_header X-Set yes;
        location /direct/ { return 200 "direct\n"; }
        location /whole/ { proxy_pass http://%app%; }
        location /stream/ { proxy_pass http://%app%; proxy_request_buffering off; }
        location / { proxy_pass http://%app%; }
    }
}
END

sub all_for {
    my ($way) = @_;
    my $name;

    return Miwi::Talk::read_file('t/smuggling/requests', sub {
        my ($text, $one) = @_;
        my $uri = "/$way/" . ($one->{name} =~ s{/\w+$}{}r);
        $text =~ s/%post%/POST %uri% HTTP\/1.1\\r\\nHost: a.test\\r\\n/g;
        $text =~ s/%get%/GET %uri% HTTP\/1.1\\r\\nHost: a.test\\r\\n/g;
        $text =~ s/%chunked%/Transfer-Encoding: chunked\\r\\n\\r\\n/g;
        $text =~ s/%smuggled%/GET \/smuggled HTTP\/1.1\\r\\nHost: a\\r\\n\\r\\n/g;
        return $text =~ s/%uri%/$uri/gr;
    });
}

# --- what the client gets ----------------------------------------------------------------------------------------

my %requests = map { $_ => [ all_for($_) ] } qw(direct whole stream);
cmp_ok(scalar @{ $requests{whole} }, '>=', 150, 'at least 150 requests');

for my $way (qw(direct whole stream)) {
    my @all     = @{ $requests{$way} };
    my @answers = Miwi::Talk::talk($m->port, [ map { $_->{bytes} } @all ]);

    for my $i (0 .. $#all) {
        my ($name, $want) = $all[$i]{name} =~ m{^(.*)/(\w+)$};
        my $got      = $answers[$i]{got};
        my @statuses = $got =~ m{^HTTP/1\.1 (\d+)}gm;

        if ($want eq 'pass') {
            my $fine = $name eq 'rl-09' ? $got =~ /^(?:direct|app)/ : ($statuses[0] // '') =~ /^(?:200|100)$/;
            ok($fine, "$way: $name is answered") or diag($got);
        } else {
            my $page = $want == 494 ? 400 : $want;
            my $told = join(' ', @statuses) || ($got =~ /<title>(\d+)/ ? $1 : '');    # HTTP/0.9 gets no head
            my $left = $all[$i]{bytes} =~ /<end>/ && $told eq '';       # who hung up is told nothing
            my $late = $way eq 'direct' && $name =~ /^(?:ch|cut)-/ && $told eq '200';  # answered before its body
            ok($left || $late || $told eq $page, "$way: $name is refused with $page, once") or diag("'$told': $got");
        }
        ok($answers[$i]{ended}, "$way: $name: and closed");
    }
}

# --- what the upstream saw ---------------------------------------------------------------------------------------

$m->stop;
my (%bytes, %met);
for (split /\n/, $m->read_file('seen')) {
    my ($n, $hex) = split / /;
    $bytes{$n} .= pack 'H*', $hex;
}
my @saw = map {
    my @requests = eval { Strict::requests($bytes{$_}) };
    is($@, '', "connection $_: requests by RFC 9112") if $@;
    @requests;
} sort { $a <=> $b } keys %bytes;
cmp_ok(scalar @saw, '>', 100, 'the upstream saw requests');

for my $r (@saw) {
    my ($way, $name) = $r->{uri} =~ m{^/(whole|stream)/([\w-]+)};
    my $where = defined $name ? "$way: $name" : $r->{uri};

    push @{ $met{$way}{$name} }, $r if defined $name;
    fail("the upstream saw $r->{method} $r->{uri}") unless defined $name;
    my @odd = grep { lc =~ /^(?:x-drop|te|keep-alive|proxy-connection|trailer|upgrade|http2-settings|\W.*|.*_.*)$/ }
        map { $_->[0] } @{ $r->{fields} };
    is("@odd", '', "$where: no fields of another hop") if @odd;
    is(join(' ', Strict::values_of($r, 'x-set')), 'yes', "$where: what is set stays set");
}

for my $way (qw(whole stream)) {
    for my $one (@{ $requests{$way} }) {
        my ($name, $want) = $one->{name} =~ m{^(.*)/(\w+)$};
        my @of = @{ $met{$way}{$name} || [] };

        if ($want eq 'pass') {
            ok(@of > 0 && !grep({ $_->{cut} } @of), "$way: $name came whole");
        } else {
            @of = grep { !$_->{cut} } @of;      # what was passed on as it came may have begun, but not ended
            is(scalar @of, 0, "$way: $name never came");
        }
    }
    my $host = sub { join ' ', map { Strict::values_of($_, 'host') } @{ $met{$way}{ $_[0] } || [] } };
    is($host->('abs-other'), 'b.test', "$way: the absolute form's host counts");
    is($host->('hop-named-host'), 'a.test', "$way: Host stays");
    like($_->{body}, qr{^GET /smuggled}, "$way: a body stays a body")
        for map { @{ $met{$way}{$_} || [ {} ] } } qw(cl-get cl-delete cl-connection cl-10 ch-inside);
    is($met{$way}{'cl-zeros'}[0]{body}, 'hello', "$way: zeros before a length");
    is(scalar @{ $met{$way}{'pipe-garbage'} || [] }, 1, "$way: garbage behind a request is no request");
}
$m->finish;
