# upstream_choice.t - which server a group picks: for a thousand keys and addresses the same that an nginx beside it does
#
# Nobody listens where the servers are, so $upstream_addr tells the first choice and, where a refusal is passed on, all
# that follow.
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use List::Util qw(uniq);
use Miwi;

my $nginx = delete $ENV{NGINX} // '/usr/sbin/nginx';     # to both programs that name means inherited sockets
plan(skip_all => "needs nginx: there is no $nginx") unless -x $nginx;

my $m = Miwi->new(seconds => 120);
my $servers = join ' ', map { "server 127.0.0.$_->[0]:%port:closed% weight=$_->[1] max_fails=0;" }
    [ 1, 3 ], [ 2, 1 ], [ 3, 7 ], [ 4, 2 ], [ 5, 5 ];
my %groups = (
    hash        => "hash \$arg_key; $servers",
    consistent  => "hash \$arg_key consistent; $servers",
    ip_hash     => "ip_hash; $servers",
    down        => "hash \$arg_key; $servers server 127.0.0.9:%port:closed% weight=5 down;",
    names       => "hash k\$arg_key consistent; server 127.0.0.1 max_fails=0; server unix:/tmp/nobody max_fails=0;"
        . " server localhost:1 weight=4 max_fails=0;",
    empty       => "hash \$arg_nothing; $servers",
    ring        => "hash \$arg_nothing consistent; $servers",
    least_conn  => "least_conn; $servers",
    backup      => "least_conn; server 127.0.0.1:%port:closed% max_fails=0; server 127.0.0.2:%port:closed% max_fails=0;"
        . " server 127.0.0.3:%port:closed% backup max_fails=0;",
);
my $conf = <<'END';
worker_processes 1;
events { }
http {
    log_format choice $upstream_addr;
    access_log logs/choice.log choice;
    keepalive_requests 10000;
    GROUPS
    server {
        listen 127.0.0.1:%port%;
        location / { return 404; }
        PLACES
    }
}
END
my $places = join "\n", map { "location /$_/ { proxy_pass http://$_; proxy_next_upstream off; } "
        . "location /all_$_/ { proxy_pass http://$_; }" } keys %groups;
$conf =~ s/GROUPS/join "\n", map { "upstream $_ { $groups{$_} }" } keys %groups/e;
$conf =~ s/PLACES/$places/;
$m->start($conf);

my %ports = (here => $m->port, there => Miwi::free_port());
(my $other = $conf) =~ s/%port%/$ports{there}/;
my $user = $> == 0 ? 'user root; ' : '';
mkdir $m->path("nginx$_") for '', qw(/logs /temp);
$m->write_file('nginx/nginx.conf', $m->fill_in("daemon off; pid $m->{dir}/nginx/pid; ${user}error_log stderr; "
    . $other =~ s/http \{/"http { " . join '', map { "${_}_temp_path temp\/$_; " } qw(client_body proxy fastcgi uwsgi scgi)/er));
$m->spawn('nginx/stderr', $nginx, '-p', "$m->{dir}/nginx/", '-c', "$m->{dir}/nginx/nginx.conf", '-e', 'stderr');
ok($m->wait_for(sub { -s $m->path('nginx/pid') }, 10), 'nginx runs beside') or diag($m->read_file('nginx/stderr'));

my %read = (here => 0, there => 0);
sub chosen {    # the lines that were logged since the last time, when there are as many
    my ($who, $n) = @_;
    my $file = $who eq 'here' ? 'logs/choice.log' : 'nginx/logs/choice.log';
    my @lines;
    $m->wait_for(sub { (@lines = split /\n/, $m->read_file($file)) >= $read{$who} + $n }, 10);
    my @new = @lines[ $read{$who} .. $#lines ];
    $read{$who} = @lines;
    return \@new;
}

sub ask {
    my ($who, @paths) = @_;
    my $c = $m->connect(port => $ports{$who});
    for (@paths) {
        $c->send_request(GET => $_);
        $c->response;
    }
    return chosen($who, scalar @paths);
}

sub same {
    my ($name, $what, $least, @paths) = @_;
    my ($here, $there) = map { ask($_, @paths) } qw(here there);
    is(scalar @$here, scalar @paths, "$name: all were logged");
    is_deeply($here, $there, "$name: $what");
    cmp_ok(scalar uniq(@$here), '>=', $least, "$name: more than one was picked");
}

same('hash', '1,000 keys', 5, map { "/hash/?key=$_" } 1 .. 1000);
same('consistent', '1,000 keys', 5, map { "/consistent/?key=/a/$_.jpg" } 1 .. 1000);
same('hash', 'what follows a refusal', 50, map { "/all_hash/?key=x$_" } 1 .. 300);
same('consistent', 'what follows a refusal', 50, map { "/all_consistent/?key=$_" } 1 .. 300);
same('down', 'one that is down', 5, map { "/all_down/?key=$_" } 1 .. 300);
same('names', 'names, no port, a socket', 3, map { "/names/?key=$_" } 1 .. 300);
same('empty', 'an empty key', 5, ('/empty/') x 36);
same('ring', 'an empty key on the ring', 5, ('/ring/') x 36);
same('least_conn', 'turns by weight', 5, ('/least_conn/') x 36);
same('backup', 'and the backup behind all', 2, ('/all_backup/') x 6);

my @from = map { join '.', 127, $_ * 7 % 250, $_ % 256, 1 + $_ % 200 } 1 .. 1000;
my %by;
for my $who (qw(here there)) {
    $m->request('/ip_hash/', port => $ports{$who}, from => $_) for @from;
    $by{$who} = chosen($who, 1000);
}
is_deeply($by{here}, $by{there}, 'ip_hash: 1,000 addresses');
is(scalar uniq(@{ $by{here} }), 5, 'ip_hash: all servers were picked');
same('ip_hash', 'what follows a refusal', 1, '/all_ip_hash/');

$m->finish;
