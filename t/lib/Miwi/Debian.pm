# Debian.pm - a machine with Debian's nginx configuration, for one test: /etc/nginx as the packages bring it
#
#   use Miwi::Debian;                   # enters a mount and network namespace of its own, or skips the file
#   my $m = Miwi::Debian->new;          # a Miwi whose program is called nginx
#   $m->begin;                          # /var/www/html, /var/log/nginx, /run, ports 80 and 443 are there, and are ours
#
# Nothing outside is touched: the folders are bound over those of the machine in the namespace only.  The files of
# nginx-common must be as the package has them (by the sums that dpkg keeps), and are copied with their links.
# SPDX-License-Identifier: Apache-2.0
package Miwi::Debian;

use strict;
use warnings;

use parent -norequire, 'Miwi';

use Digest::MD5;
use Test::More;

use Miwi;

my %folders = (
    '/etc/nginx' => 'etc', '/var/log/nginx' => 'log', '/run' => 'run', '/var/www' => 'www', '/var/lib/nginx' => 'lib',
);

sub import {
    my ($class, @needed) = @_;

    Miwi->import;
    Test::More->export_to_level(1, $class);
    return if $ENV{MIWI_NAMESPACE};
    plan(skip_all => 'needs root, for a namespace with ports 80 and 443') if $> != 0;
    Miwi->need(qw(unshare ip mount), @needed);
    plan(skip_all => 'needs the package nginx-common') unless -e '/etc/nginx/nginx.conf' && -x '/usr/bin/dpkg-query';
    plan(skip_all => 'needs a system that allows namespaces') if system('unshare --mount --net true 2>/dev/null') != 0;
    my @lib = map { "-I$_" } grep { !ref } @INC;
    local $ENV{MIWI_NAMESPACE} = 1;
    exec 'unshare', '--mount', '--net', '--propagation', 'private', '--', $^X, @lib, $0;
    die "unshare: $!\n";
}

# The files of /etc/nginx that are not what the packages brought.
sub changed_files {
    my @changed;

    for (`dpkg-query -W -f '\${Conffiles}\n' nginx-common`) {
        my ($path, $sum) = m{^ (/etc/nginx/\S+) ([0-9a-f]{32})} or next;
        open my $file, '<:raw', $path or do { push @changed, $path; next };
        push @changed, $path if Digest::MD5->new->addfile($file)->hexdigest ne $sum;
    }
    return @changed;
}

sub run_or_die {
    my (@command) = @_;
    system(@command) == 0 or die "@command: failed\n";
}

sub new {
    my ($class, %with) = @_;
    my $self = Miwi::new($class, %with);
    my @changed = changed_files();

    plan(skip_all => "files of nginx-common were changed on this machine: @changed") if @changed;
    run_or_die(qw(ip link set lo up));
    run_or_die('cp', '-a', '/etc/nginx', $self->path('etc'));
    mkdir $self->path($_) for qw(log run www lib prefix prefix/logs sbin);
    for my $at (sort keys %folders) {
        -d $at or die "there is no $at to put ours in its place\n";
        run_or_die('mount', '--bind', $self->path($folders{$at}), $at);
    }
    symlink '/usr/share/nginx/modules', $self->path('prefix/modules');
    symlink $self->{binary}, $self->path('sbin/nginx') or die "symlink: $!\n";
    $self->{binary} = $self->path('sbin/nginx');
    symlink 'run/nginx.pid', $self->path('miwi.pid');       # so that stop() and finish() find them
    symlink '../log/error.log', $self->path('logs/error.log');
    return $self;
}

# The program with the configuration of the machine: (exit code, standard output, standard error).
sub nginx {
    my ($self, @args) = @_;
    return $self->run('-p', $self->path('prefix') . '/', '-c', '/etc/nginx/nginx.conf', @args);
}

# Starts it as Debian's init script does: in the background.
sub begin {
    my ($self) = @_;
    my ($code, $out, $err) = $self->nginx('-g', 'daemon on; master_process on;');

    die "it did not start: $out$err" . $self->error_log if $code != 0;
    $self->wait_for(sub { $self->pid }) or die "there is no /run/nginx.pid\n";
    return $self;
}

# Debian's second site: t/site/app.conf, with its certificate and the application of t/site/app.js behind it.
sub add_application {
    my ($self) = @_;

    $self->certificate('app.test');
    run_or_die('mv', $self->path('app.test.crt'), $self->path('app.test.key'), '/etc/nginx/');
    run_or_die(qw(cp t/site/app.conf /etc/nginx/sites-available/app));
    symlink '/etc/nginx/sites-available/app', '/etc/nginx/sites-enabled/app' or die "symlink: $!\n";
    $self->spawn('logs/app', 'node', 't/site/app.js', 3000);
    $self->wait_for(sub { $self->read_file('logs/app') =~ /ready/ }, 10) or die $self->read_file('logs/app');
}

1;
