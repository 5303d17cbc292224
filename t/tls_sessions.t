# tls_sessions.t - what is resumed: over workers, over a reload, in time; and ticket keys from files, one after the other
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need("openssl");

my $m = Miwi->new;
my $d = $m->dir;
system("openssl req -x509 -nodes -days 9 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost "
    . "-keyout '$d/key' -out '$d/cert' >/dev/null 2>&1") == 0 or die "openssl: no certificate\n";
$m->write_file($_->[0], join '', map { chr int rand 256 } 1 .. $_->[1]) for [ k1 => 80 ], [ k2 => 48 ], [ k3 => 80 ];

my %servers = (
    shared => 'ssl_session_cache shared:ids:1m; ssl_session_tickets off;',
    tickets => 'ssl_session_cache shared:keys:1m;', neither => 'ssl_session_tickets off;',
    off => 'ssl_session_cache off; ssl_session_tickets off;',
    brief => 'ssl_session_cache shared:brief:1m; ssl_session_tickets off; ssl_session_timeout 2s;',
);

sub conf {
    my (@keys) = @_;
    my %all = (%servers, files => join ' ', map { "ssl_session_ticket_key $d/$_;" } @keys);
    my $text = join '', map { "server { listen 127.0.0.1:%port:$_% ssl; $all{$_} return 200 "
        . "\"\$pid \$ssl_session_reused \$ssl_session_id\\n\"; }\n" } sort keys %all;
    return "worker_processes 2;\nevents { }\nhttp {\nssl_certificate $d/cert;\nssl_certificate_key $d/key;\n$text\n}\n";
}
$m->start(conf('k1'));

# The answer is (how it was met, "PID REUSED ID").
sub visit {
    my ($server, $version, $from, $into) = @_;
    my $to = '127.0.0.1:' . $m->port($server);
    my $options = join ' ', $from ? "-sess_in $d/$from" : '', $into ? "-sess_out $d/$into" : '';
    my $said = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 10 openssl s_client -$version -ign_eof -connect $to $options 2>&1`;
    my ($met) = $said =~ /^(New|Reused), TLSv1/m;
    my ($told) = $said =~ /^(\d+ [.r] \w*)$/m;
    return ($met // 'nothing', $told // 'nothing');
}

sub is_met {
    my ($how, $name, @visit) = @_;
    my ($met, $told) = visit(@visit);
    is($met, $how, $name);
    like($told, $how eq 'New' ? qr/^\d+ \. / : qr/^\d+ r /, '... and told so') or diag($told);
    return $told;
}

is_met(New => 'a brief one', 'brief', 'tls1_2', undef, 'brief');
is_met(Reused => '... is good', 'brief', 'tls1_2', 'brief');
my $over = time + 4;

is_met(New => 'an id: a full handshake', 'shared', 'tls1_2', undef, 'id');
my %pids;
for (1 .. 40) {
    my ($met, $told) = visit('shared', 'tls1_2', 'id');
    $pids{ $1 } += $met eq 'Reused' if $told =~ /^(\d+) r/;
    last if keys %pids == 2;
}
is(scalar(keys %pids), 2, 'both workers resume it');
is_met(New => 'a ticket', 'tickets', 'tls1_3', undef, 'ticket');
is_met(Reused => '... is good', 'tickets', 'tls1_3', 'ticket', 'ticket');
is_met(New => 'an id of TLS 1.3', 'shared', 'tls1_3', undef, 'id13');
is_met(Reused => '... is good', 'shared', 'tls1_3', 'id13');

for my $server (qw(neither off)) {
    is_met(New => "$server: nothing to come back with", $server, 'tls1_2', undef, 'nothing');
    is_met(New => '... and so it is', $server, 'tls1_2', 'nothing') if -s "$d/nothing";
}

is_met(New => 'a key from a file', 'files', 'tls1_3', undef, 'by1');
ok($m->reload(conf('k2', 'k1')), 'a new key, the old one behind it');
is_met(Reused => 'the old key still opens', 'files', 'tls1_3', 'by1', 'by2');
is_met(New => 'the new key seals', 'files', 'tls1_3', undef, 'new2');
is_met(Reused => 'ids outlive a reload', 'shared', 'tls1_2', 'id');
is_met(Reused => '... so do tickets of a shared cache', 'tickets', 'tls1_3', 'ticket');
ok($m->reload(conf('k2')), 'the old key is gone');
is_met(New => '... and opens nothing', 'files', 'tls1_3', 'by1');
is_met(Reused => '... what was renewed by the new one is good', 'files', 'tls1_3', 'by2');
ok($m->reload(conf('k3', 'k2')), 'a third key');
is_met(Reused => '... the second opens', 'files', 'tls1_3', 'new2');

sleep 1 while time < $over;
is_met(New => 'the brief one is over', 'brief', 'tls1_2', 'brief');

for my $bad ([ 'ssl_session_ticket_key cert', 'must be 48 or 80 bytes' ], [ 'ssl_session_ticket_key none', 'open() "' ],
    [ 'ssl_session_cache shared:a', 'invalid session cache "shared:a"' ],
    [ 'ssl_session_cache shared:a:1k', 'session cache "shared:a:1k" is too small' ],
    [ 'ssl_session_timeout x', 'invalid value' ]) {
    my ($code, $said) = $m->check("events { }\nhttp { server { listen 127.0.0.1:1 ssl; ssl_certificate $d/cert; "
        . "ssl_certificate_key $d/key; $bad->[0]; } }\n");
    is($code, 1, "$bad->[0] is refused");
    like($said, qr/\Q$bad->[1]\E/, '... in these words');
}
$m->finish;
