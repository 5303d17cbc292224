# shipped.t - the configurations that come with the program: they are good, their examples too, and YAML says the same
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Miwi;

Miwi->need('openssl');
my $m = Miwi->new;
my $dir = $m->dir;

sub tested {
    my ($file, @more) = @_;
    my ($code, $out, $err) = $m->run('-t', @more, '-p', "$dir/", '-c', $file, '-e', 'logs/error.log');
    is($code, 0, "$file is good") or diag($err);
    unlike($err, qr/\[warn\]|\[emerg\]/, "$file: and nothing is said of it");
    return $out;
}

sub slurp {
    open my $file, '<', $_[0] or die "$_[0]: $!\n";
    local $/;
    return <$file>;
}

for my $file (glob('conf/*_params'), glob('conf/*-*'), qw(conf/mime.types conf/fastcgi.conf)) {
    $m->write_file($file =~ s{^conf/}{}r, slurp($file));
}
my $text = slurp('conf/miwidothttp.conf');
$m->write_file('miwidothttp.conf', $text);
$m->write_file('miwidothttp.yaml', slurp('conf/miwidothttp.yaml'));
my $tree = tested('miwidothttp.conf', '-T=yaml');
cmp_ok(length $tree, '>', 300, 'a tree');
is(tested('miwidothttp.yaml', '-T=yaml'), $tree, 'the YAML twin is the same tree');

# The examples: what is commented out and ends as a directive does.
(my $examples = $text) =~ s/^( *)# (?=[^#\n]*[;{}]\n)/$1/mg;
isnt($examples, $text, 'there are examples');
like($examples, qr/^ +$_\b/m, "an example of $_") for qw(ssl_certificate proxy_pass map);
$m->write_file('examples.conf', $examples);
my ($command) = $text =~ /^ *# (openssl req .*\n.*)\n/m or die "no command for a certificate\n";
$command =~ s/\n *# */ /;
is(system("cd $dir && $command 2>/dev/null"), 0, 'the command for a certificate works');
like(`openssl x509 -noout -text -in $dir/localhost.pem`, qr/id-ecPublicKey/, 'its key is ECDSA');
tested('examples.conf');

# What a FastCGI configuration includes is what nginx's names are; the character maps are read as nginx reads them.
for my $name (qw(fastcgi_params scgi_params uwsgi_params)) {
    my ($word) = $name =~ /^(\w+)s$/;
    my @names = slurp("conf/$name") =~ /^$word\s+(\w+)\s+\S+(?: if_not_empty)?;$/mg;
    my %there = map { $_ => 1 } @names;
    is_deeply([grep { !$there{$_} } qw(QUERY_STRING REQUEST_METHOD CONTENT_TYPE CONTENT_LENGTH REQUEST_URI DOCUMENT_ROOT
        SERVER_PROTOCOL REMOTE_ADDR REMOTE_PORT SERVER_PORT SERVER_NAME)], [], "$name has them all");
}
for my $name (qw(koi-utf koi-win win-utf)) {
    my %seen;
    my $map = slurp("conf/$name");
    like($map, qr/^charset_map\s+[\w-]+\s+[\w-]+\s*\{\n/m, "$name: a map");
    my @pairs = $map =~ /^ +([0-9A-F]{2}) +[0-9A-F]+ *;/mg;
    cmp_ok(@pairs, '>', 60, "$name: bytes");
    is_deeply([grep { $seen{$_}++ } @pairs], [], "$name: each once");
}

$m->finish;
