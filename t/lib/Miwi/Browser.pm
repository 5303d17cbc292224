# Browser.pm - a headless Chromium, led through chromedriver (W3C WebDriver)
#
#   my $b = Miwi::Browser->open($m, hosts => 'MAP app.test 127.0.0.1');
#   $b->go('http://app.test/');
#   is($b->run('return document.title'), 'application', 'its title');
# SPDX-License-Identifier: Apache-2.0
package Miwi::Browser;

use strict;
use warnings;

use JSON::PP ();
use MIME::Base64 ();

# hosts: what --host-resolver-rules takes.
sub open {
    my ($class, $m, %with) = @_;
    my $self = bless { m => $m, port => $m->port('chromedriver') }, $class;
    my @flags = ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--ignore-certificate-errors',
        '--user-data-dir=' . $m->path('browser'), $with{hosts} ? "--host-resolver-rules=$with{hosts}" : ());

    local $ENV{HOME} = $m->dir;
    $m->spawn('logs/chromedriver', 'chromedriver', "--port=$self->{port}");
    $m->wait_for(sub { eval { $self->ask('GET', '/status')->{ready} } }, 20) or die $m->read_file('logs/chromedriver');
    my $session = $self->ask('POST', '/session', { capabilities => { alwaysMatch => {
        acceptInsecureCerts => JSON::PP::true, 'goog:chromeOptions' => { args => \@flags } } } });
    $self->{session} = "/session/$session->{sessionId}";
    $self->{version} = $session->{capabilities}{browserVersion};
    return $self;
}

sub ask {
    my ($self, $method, $path, $body) = @_;
    my $m = $self->{m};
    my $c = Miwi::Connection->open(port => $self->{port}, timeout => 60);

    $c->send_request($method, $path, headers => [ Connection => 'close', 'Content-Type' => 'application/json' ],
        body => defined $body ? JSON::PP::encode_json($body) : undef);
    my $answer = JSON::PP::decode_json($c->response->body)->{value};
    die "browser: $path: $answer->{error}: $answer->{message}\n" if ref $answer eq 'HASH' && $answer->{error};
    return $answer;
}

sub version { $_[0]{version} }

sub go {
    my ($self, $url) = @_;
    $self->ask('POST', "$self->{session}/url", { url => $url });
}

# Runs a piece of JavaScript in the page; the answer is what it returns.
sub run {
    my ($self, $script, @args) = @_;
    return $self->ask('POST', "$self->{session}/execute/sync", { script => $script, args => \@args });
}

# The page as one sees it, a PNG.
sub picture {
    my ($self) = @_;
    return MIME::Base64::decode_base64($self->ask('GET', "$self->{session}/screenshot"));
}

sub close {
    my ($self) = @_;
    $self->ask('DELETE', $self->{session});
}

1;
