# configure.t - configure's options, what it writes of them, and what it says; what make installs of it
# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;

use Cwd qw(getcwd);
use File::Path qw(make_path);
use File::Temp;
use Test::More;

delete @ENV{qw(MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL CC)};     # of the make that runs us
my $home = getcwd();
my $temp = File::Temp->newdir('miwi-configure-XXXXXX', TMPDIR => 1);

system('cp', '-r', 'configure', 'Makefile.in', grep({ -d } qw(conf man)), "$temp") == 0 or die "cp: $?\n";
chdir $temp or die "$temp: $!\n";

sub configure {
    my ($args) = @_;
    my $said = `./configure $args 2>&1 </dev/null`;
    return ($? >> 8, $said);
}

sub text_of {
    open my $file, '<', $_[0] or return '';
    local $/;
    return <$file>;
}

sub value { (text_of('objs/config.h') =~ /^#define $_[0] +"(.*)"$/m)[0] }

my ($code, $said) = configure('--with-bogus_module');
is($code, 1, 'unknown option');
is($said, qq{./configure: error: invalid option "--with-bogus_module"\n}, 'as nginx words it');
($code, $said) = configure('--without-bogus');
is($code, 1, 'unknown --without');
ok(!-e 'Makefile', 'nothing was written');

($code, $said) = configure('--help');
is($code, 0, 'help');
like($said, qr/^  --$_\b/m, "help on $_")
    for qw(prefix=PATH sbin-path conf-path error-log-path http-log-path pid-path lock-path user group build builddir
    with-cc with-cc-opt with-ld-opt with-debug http-scgi-temp-path install-deps);

($code, $said) = configure('');
is($code, 0, 'no option');
is(value('MW_PREFIX'), '/usr/local/miwidothttp/', 'prefix');
is(value('MW_CONF_PATH'), 'conf/miwidothttp.conf', 'configuration, relative to the prefix');
is(value('MW_CONFIGURE'), '', 'arguments');
is(value('MW_NGINX_VERSION'), '1.31.5', 'version of nginx');
like(value('MW_COMPILER'), qr/^(?:gcc|clang) \d+\.\d+/, 'compiler');

# Debian's own options for nginx
($code, $said) = configure(q{--with-cc-opt='-g -O2 -fPIC' --with-ld-opt='-Wl,-z,now -fPIC' --prefix=/usr/share/nginx
    --sbin-path=/usr/sbin/nginx --conf-path=/etc/nginx/nginx.conf --http-log-path=/var/log/nginx/access.log
    --error-log-path=stderr --lock-path=/var/lock/nginx.lock --pid-path=/run/nginx.pid
    --modules-path=/usr/lib/nginx/modules --http-client-body-temp-path=/var/lib/nginx/body
    --http-proxy-temp-path=/var/lib/nginx/proxy --with-compat --with-debug --with-pcre-jit --with-http_ssl_module
    --with-threads --with-http_perl_module=dynamic --without-http_gzip_module --with-stream=dynamic --user=www-data
    --build='a "quoted" $name'} =~ s/\n */ /gr);
is($code, 0, "Debian's options for nginx");
is(value('MW_SBIN_PATH'), '/usr/sbin/nginx', 'sbin-path');
is(value('MW_ERROR_LOG_PATH'), 'stderr', 'error-log-path');
is(value('MW_CLIENT_BODY_TEMP_PATH'), '/var/lib/nginx/body', 'temp path');
is(value('MW_SCGI_TEMP_PATH'), 'scgi_temp', 'temp path not given');
is(value('MW_USER') . ':' . value('MW_GROUP'), 'www-data:www-data', 'the group is the user');
is(value('MW_BUILD'), 'a \"quoted\" $name', 'build, quoted for C');
like(value('MW_CONFIGURE'), qr{^--with-cc-opt='-g -O2 -fPIC' .* --build='a \\"quoted\\" \$name'$}, 'arguments, quoted');
like(text_of('Makefile'), qr/^CFLAGS .* -g -O2 -fPIC$/m, 'with-cc-opt');
like($said, qr/note: --with-http_perl_module=dynamic: means nothing here/, 'a note on what means nothing');
like($said, qr/note: --without-http_gzip_module: means nothing/, 'a note on --without');
unlike($said, qr/note: --with-http_ssl_module/, 'no note on what is there');

my $before = (stat 'objs/config.h')[9];
utime $before - 100, $before - 100, 'objs/config.h';
configure(text_of('Makefile') =~ m{^\t\./configure (.*)$}m ? $1 =~ s/\$\$/\$/gr : 'none');
is((stat 'objs/config.h')[9], $before - 100, 'the same again touches nothing');

# what is missing is named, all of it at once
($code, $said) = do { local $ENV{PKG_CONFIG} = 'no-such-program'; configure('') };
is($code, 1, 'without pkg-config');
like($said, qr/^    $_ .*Debian: \S+ +Fedora: \S+ +Alpine: \S+$/m, "$_ and its packages")
    for qw(pkg-config openssl libpcre2-8 zlib libbrotlienc libzstd yaml-0\.1);

# install: a program that is none, so that nothing is built
configure('--prefix=/usr/local/miwi --builddir=out');
make_path("$temp/out", "$temp/none");
system('touch out/miwidothttp && chmod 755 out/miwidothttp');
my $make = "make SRC=none DESTDIR=$temp/root -o out/miwidothttp";
like(`$make install 2>&1`, qr{^installed \S+/usr/local/miwi/sbin/miwidothttp$}m, 'install');
ok(-x 'root/usr/local/miwi/sbin/miwidothttp', 'the program');
ok(-d 'root/usr/local/miwi/logs', 'a folder for logs');
SKIP: {
    skip 'there is no configuration yet', 3 unless -f 'conf/miwidothttp.conf';
    ok(-f 'root/usr/local/miwi/conf/miwidothttp.conf', 'the configuration');
    system('echo mine > root/usr/local/miwi/conf/miwidothttp.conf');
    `$make install 2>&1`;
    is(text_of('root/usr/local/miwi/conf/miwidothttp.conf'), "mine\n", 'mine is kept');
    ok(-s 'root/usr/local/miwi/conf/miwidothttp.conf.default', 'the new one is beside it');
}
`$make uninstall 2>&1`;
ok(!-e 'root/usr/local/miwi/sbin/miwidothttp', 'uninstall');

# installed as Debian would have it, for a package
configure('--prefix=/usr/share/miwi --sbin-path=/usr/sbin/miwi --conf-path=/etc/miwi/miwi.conf --pid-path=/run/miwi.pid '
    . '--error-log-path=/var/log/miwi/error.log --http-log-path=/var/log/miwi/access.log --builddir=out');
system('rm -rf root');
$said = `$make install 2>&1`;
is($? >> 8, 0, 'installed for a package') or diag($said);
ok(-f "root$_", $_) for qw(/usr/sbin/miwi /etc/miwi/miwi.conf /etc/miwi/mime.types /etc/miwi/fastcgi_params /etc/miwi/koi-win
    /usr/share/miwi/html/index.html /usr/share/man/man8/miwidothttp.8 /usr/share/man/man5/miwidothttp.conf.5
    /etc/init.d/miwi /lib/systemd/system/miwi.service /etc/logrotate.d/miwi);
ok(-d 'root/var/log/miwi', 'a folder for logs');
ok(!-e 'root/run', 'none for /run');
for my $file (qw(/etc/init.d/miwi /lib/systemd/system/miwi.service /etc/logrotate.d/miwi)) {
    my $text = text_of("root$file");
    unlike($text, qr/\@[A-Z_]+\@/, "$file: all paths are filled in");
    like($text, qr{/usr/sbin/miwi\b}, "$file: with the program's");
}
my $unit = text_of('root/lib/systemd/system/miwi.service');
like($unit, qr/^$_$/m, "unit: $_") for qw(Type=notify NoNewPrivileges=yes), qr{ExecReload=/usr/sbin/miwi -s reload};
SKIP: {
    my ($analyze) = grep { -x } map { "$_/systemd-analyze" } split /:/, $ENV{PATH};
    skip 'needs systemd-analyze', 1 if !$analyze;
    (my $here = $unit) =~ s{/usr/sbin/miwi}{/bin/true}g;        # it looks whether the program is there
    open my $file, '>', "$temp/miwi.service" or die $!;
    print {$file} $here;
    close $file;
    my $said = `systemd-analyze verify --man=no $temp/miwi.service 2>&1`;
    is(join('', grep { /miwi/ } split /^/, $said), '', 'systemd-analyze has nothing to say');
}
`$make uninstall 2>&1`;
is(`find root -name '*miwi*' -type f ! -path '*/etc/miwi/*'`, '', 'uninstall takes all but the configuration');

chdir $home;
done_testing();
