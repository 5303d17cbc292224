# compare.t - the same configuration and requests through Debian's nginx and through this server
#
# Statuses, headers and bodies must be the same, or the difference stands in docs/COMPATIBILITY.md, and then it must
# still be there.  NGINX names another nginx to compare with.  In t/compare/ are the requests, the configuration
# (site.conf), and what is served and asked behind it (Site.pm).
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use lib 't/compare';

use Miwi;
use POSIX ();
use Miwi::Talk;
use Site;

my $nginx = delete $ENV{NGINX} // '/usr/sbin/nginx';     # to both programs that name means inherited sockets
plan(skip_all => "needs nginx: there is no $nginx") unless -x $nginx;
my ($version) = `$nginx -v 2>&1` =~ m{nginx/([\d.]+)};

my $here = Miwi->new(seconds => 120);
my %there;      # the port of nginx for each port of ours

Site::write($here);
$here->backend(app => \&Site::application);

# --- both servers -----------------------------------------------------------------------------------------------

my $conf = $here->read_file("$ENV{PWD}/t/compare/site.conf");
$conf =~ s/^ *include rewrite\.conf;\n/$here->read_file("$ENV{PWD}\/t\/compare\/rewrite.conf")/me;
$here->write_file('extra.conf', '');
$here->write_file('nginx/extra.conf', join '', map { "${_}_temp_path $here->{dir}/temp/$_;\n" } qw(fastcgi scgi uwsgi));
$here->start($conf);

sub start_nginx {
    my %ours = map { $_ => $here->port($_) } keys %{ $here->{ports} };
    my $user = $> == 0 ? 'user root; ' : '';

    for my $name (grep { $_ ne 'nobody' } keys %ours) {
        $there{ $ours{$name} } = $here->{ports}{$name} = Miwi::free_port();
    }
    $here->write_file('nginx/nginx.conf', $here->fill_in("daemon off; pid $here->{dir}/nginx/pid; ${user}error_log "
        . "$here->{dir}/nginx/error.log info; $conf"));
    $here->{ports} = \%ours;
    $here->spawn('nginx/stderr', $nginx, '-p', "$here->{dir}/nginx/", '-c', "$here->{dir}/nginx/nginx.conf", '-e',
        'stderr');
    $here->wait_for(sub { -s $here->path('nginx/pid') }, 10)
        or die "nginx did not start:\n" . $here->read_file('nginx/stderr');
}

start_nginx();

# --- the requests -----------------------------------------------------------------------------------------------

# To the port of the name behind an @ at the end of a request's name.
sub port_of { $_[0] =~ /@(\w+)$/ ? $here->port($1) : $here->port }

sub ask_both {
    my ($all) = @_;
    my %by_port;

    push @{ $by_port{ port_of($_->{name}) } }, $_ for @$all;
    for my $port (keys %by_port) {
        my @group = @{ $by_port{$port} };
        my @bytes = map { $_->{bytes} } @group;
        my @here  = Miwi::Talk::talk($port, \@bytes);
        my @there = Miwi::Talk::talk($there{$port}, \@bytes);
        @{ $group[$_] }{qw(here there)} = (plain($here[$_]), plain($there[$_])) for 0 .. $#group;
    }
}

my $ours  = join '|', map { $here->port($_) } '', qw(small ka0 rw);
my $theirs = join '|', map { $there{$_} } split /\|/, $ours;

# What may differ is made the same: dates, versions, ports, tags, borders, compressed bytes.
sub plain {
    my ($answer) = @_;
    my $text = $answer->{got};

    $text =~ s/\r\n\r\n\K(?:[0-9a-f]+\r\n)?\x1f\x8b.*/gunzipped($&)/es;
    $text =~ s/^(Expires: )(.*GMT)(?=\r$)/$1 . expiry($2)/gem;
    $text =~ s/^Date: (?!Thu, 01 Jan 1998).*\r$/Date: now\r/gm;
    $text =~ s{nginx/[\d.]+}{nginx/V}g;
    $text =~ s/(?<![\d])(?:$ours|$theirs)(?!\d)/PORT/g;
    $text =~ s/^(ETag: (?:W\/)?)"[0-9a-f]+-[0-9a-f]+"/$1"tag"/gm;
    if ($text =~ /boundary=(\S+)/) {
        my $border = $1;
        $text =~ s/\Q$border/BORDER/g;
    }
    $text =~ s{^(HTTP/1\.[^\n]*\n)(.*?)(?=\r\n\r\n)}{$1 . join "\r\n", by_name(split /\r\n/, $2)}gems;
    $text .= $answer->{ended} ? '' : "[open]\n";
    return $text;
}

# The order of fields of different names means nothing (RFC 9110 5.3).
sub by_name { return sort { lc($a =~ s/:.*//sr) cmp lc($b =~ s/:.*//sr) } @_ }

sub expiry {
    my ($date) = @_;
    require HTTP::Tiny;
    my $seconds = HTTP::Tiny->_parse_http_date($date);
    return $date if $seconds < 1_100_000_000 || $seconds > 2_100_000_000;
    return 'now ' . POSIX::floor(($seconds - time) / 60 + 0.5) * 60;       # both are asked within half a minute
}

sub gunzipped {
    my ($body) = @_;
    require IO::Uncompress::Gunzip;
    if ($body =~ /^[0-9a-f]+\r\n\x1f\x8b/) {
        my $whole = '';
        while ($body =~ s/^([0-9a-f]+)\r\n//) {
            my $n = hex $1 or last;
            $whole .= substr $body, 0, $n, '';
            $body =~ s/^\r\n//;
        }
        $body = $whole;
    }
    IO::Uncompress::Gunzip::gunzip(\$body, \my $text) or return "not gzip\n";
    return "[gzip]$text";
}

# --- what may differ --------------------------------------------------------------------------------------------

# From docs/COMPATIBILITY.md: name => statuses of nginx and of this server, as far as it is said of that nginx.
sub allowed {
    my %may;

    for (split /\n/, $here->read_file("$ENV{PWD}/docs/COMPATIBILITY.md")) {
        my ($names, $when, $statuses) = /^\| `compare: ([^`]+)` \| ([^|]+?) \| ([^|]+?) \| .+ \|$/ or next;
        my ($before) = $when =~ /^before ([\d.]+)$/;

        $before || $when eq 'all' or die "docs/COMPATIBILITY.md: which nginx is \"$when\"?\n";
        next if $before && eval "v$version ge v$before";
        $may{$_} = $statuses for split /, /, $names;
    }
    return %may;
}

# The statuses in what came: "200 200"; "-" when there is none.
sub statuses { join(' ', $_[0] =~ m{^HTTP/1\.1 (\d+)}gm) || '-' }

my @all = Miwi::Talk::read_file('t/compare/requests', sub { $here->fill_in($_[0]) });
my %may = allowed();
diag("compared with nginx/$version");
cmp_ok(scalar @all, '>=', 200, 'at least 200 requests');
ask_both(\@all);
for my $one (@all) {
    my $said = delete $may{ $one->{name} };

    if (defined $said) {
        isnt($one->{here}, $one->{there}, "$one->{name} still differs");
        is(statuses($one->{there}) . ' / ' . statuses($one->{here}), $said, "$one->{name} differs as is told");
    } else {
        is($one->{here}, $one->{there}, $one->{name});
    }
}
is(join(' ', sort keys %may), '', 'no difference is told of a request that is not sent');
$here->finish;
