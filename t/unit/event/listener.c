/* listener.c - tests of listening sockets; nobody sleeps between two tries to bind.
 * SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

static int no_sleep(const struct timespec *t, struct timespec *left);
#define nanosleep no_sleep
#include "event/listener.c"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>

static mw_loop    *l;
static char        lines[8192];
static mw_ring     ring = { .at = lines, .size = sizeof lines };
static mw_sink     sink = { .level = MW_LOG_NOTICE, .ring = &ring };
static mw_sinks    sinks = { .first = &sink, .most = MW_LOG_NOTICE };
static mw_log      log_ = { .sinks = &sinks };
static mw_listener door;
static mw_addr     here;
static unsigned    taken, slept;
static bool        pauses;
static const mw_listen_options plain = { .backlog = -1, .rcvbuf = -1, .sndbuf = -1, .fastopen = -1, .setfib = -1,
                                         .keepalive = -1, .ipv6only = 1 };

static int no_sleep(const struct timespec *t, struct timespec *left)
{
    ck_assert_int_eq(t->tv_nsec, 500000000);
    ck_assert_ptr_null(left);
    slept++;
    return 0;
}

static void accepted(mw_listener *from, int fd, const mw_addr *peer)
{
    ck_assert_ptr_eq(from, &door);
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    ck_assert_int_eq(peer->family, here.family);
    close(fd);
    taken++;
    if (pauses)
        mw_listener_pause(from);
}

static void setup(void)
{
    int fd;

    ck_assert(mw_addr_ip(MW_STR("127.0.0.1"), &here));
    fd = mw_listen_open(&here, SOCK_STREAM, &plain, &log_);
    ck_assert_int_ge(fd, 0);
    ck_assert(mw_sock_local(fd, &here, NULL));
    l = mw_loop_new(&mw_epoll);
    door = (mw_listener){ .addr = here, .accepted = accepted, .log = &log_ };
    ck_assert_int_eq(mw_listener_start(&door, l, fd), MW_OK);
    taken = slept = 0;
    pauses = false;
}

static void teardown(void)
{
    mw_listener_stop(&door, true);
    mw_listener_stop(&door, true);
    mw_loop_free(l);
}

static void knock(unsigned n)
{
    mw_sockaddr s;
    socklen_t   len = mw_addr_to_system(&here, &s);

    while (n-- > 0) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_eq(connect(fd, &s.any, len), 0);
        close(fd);                      /* accepted all the same */
    }
}

static int option(int fd, int level, int name)
{
    int       value = -1;
    socklen_t len = sizeof value;

    ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

START_TEST(takes_more_while_there_are_more)
{
    static const unsigned sums[] = { 1, 3, 7, 15, 31, 40 };

    knock(40);
    for (unsigned i = 0; i < 6; i++) {
        mw_loop_turn(l, 1000);
        ck_assert_uint_eq(taken, sums[i]);
    }
    ck_assert_uint_eq(door.share, 9);
    mw_loop_turn(l, 0);
    knock(1);
    mw_loop_turn(l, 1000);
    ck_assert_uint_eq(door.share, 1);
}
END_TEST

START_TEST(takes_all_at_once_when_asked_to)
{
    door.many = true;
    knock(40);
    mw_loop_turn(l, 1000);
    ck_assert_uint_eq(taken, 40);
}
END_TEST

START_TEST(looks_away_until_resumed)
{
    pauses = true;
    knock(3);
    mw_loop_turn(l, 1000);
    ck_assert_uint_eq(taken, 1);
    mw_loop_turn(l, 0);
    ck_assert_uint_eq(taken, 1);
    pauses = false;
    mw_listener_resume(&door);
    mw_listener_resume(&door);
    mw_loop_turn(l, 1000);
    mw_loop_turn(l, 1000);
    ck_assert_uint_eq(taken, 3);
}
END_TEST

START_TEST(drains_what_waits)
{
    mw_listener_pause(&door);
    knock(30);
    mw_listener_drain(&door);
    ck_assert_uint_eq(taken, 30);
    ck_assert(door.paused);
}
END_TEST

START_TEST(out_of_descriptors_it_waits_half_a_second)
{
    struct rlimit limit, few;

    knock(2);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = (struct rlimit){ 1, limit.rlim_max };
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    mw_loop_turn(l, 1000);
    mw_loop_turn(l, 0);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_eq(taken, 0);
    ck_assert_ptr_nonnull(strstr(lines, "[crit]"));
    ck_assert_ptr_nonnull(strstr(lines, "accept4() failed (24: Too many open files)"));
    ck_assert_ptr_nonnull(strstr(lines, "no descriptor is left of 1, connections wait: raise worker_rlimit_nofile"));
    ck_assert(!door.watching);
    mw_wheel_turn(&l->wheel, mw_loop_now(l) + 499);
    ck_assert(!door.watching);
    mw_wheel_turn(&l->wheel, mw_loop_now(l) + 501);
    ck_assert(door.watching);
    mw_loop_turn(l, 1000);
    ck_assert_uint_eq(taken, 1);
}
END_TEST

START_TEST(a_busy_address_is_tried_five_times)
{
    ck_assert_int_eq(mw_listen_open(&here, SOCK_STREAM, &plain, &log_), -1);
    ck_assert_int_eq(errno, EADDRINUSE);
    ck_assert_uint_eq(slept, 4);
    ck_assert_ptr_nonnull(strstr(lines, "[emerg]"));
    ck_assert_ptr_nonnull(strstr(lines, "bind() to 127.0.0.1:"));
    ck_assert_ptr_nonnull(strstr(lines, " failed (98: Address already in use)"));
    ck_assert_ptr_nonnull(strstr(lines, "try again to bind() after 500ms"));
    ck_assert_ptr_nonnull(strstr(lines, "still could not bind()"));
}
END_TEST

START_TEST(an_address_not_ours_is_tried_once)
{
    mw_addr a;

    ck_assert(mw_addr_ip(MW_STR("192.0.2.77"), &a));
    ck_assert_int_eq(mw_listen_open(&a, SOCK_STREAM, &plain, &log_), -1);
    ck_assert_int_eq(errno, EADDRNOTAVAIL);
    ck_assert_uint_eq(slept, 0);
}
END_TEST

START_TEST(sets_what_was_asked_for)
{
    mw_listen_options o = plain;
    mw_addr           a, bound;
    int               one, two;

    o.reuseport = o.deferred = o.multipath = 1;
    o.keepalive = 1;
    o.keepidle = 33;
    o.keepcnt = 4;
    o.fastopen = 5;
    o.rcvbuf = 20000;
    ck_assert(mw_addr_ip(MW_STR("::"), &a));
    one = mw_listen_open(&a, SOCK_STREAM, &o, &log_);
    ck_assert_int_ge(one, 0);
    ck_assert_int_eq(option(one, SOL_SOCKET, SO_REUSEADDR), 1);
    ck_assert_int_eq(option(one, SOL_SOCKET, SO_KEEPALIVE), 1);
    ck_assert_int_eq(option(one, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    ck_assert_int_ge(option(one, SOL_SOCKET, SO_RCVBUF), 20000);
    ck_assert_int_eq(option(one, IPPROTO_TCP, TCP_KEEPIDLE), 33);
    ck_assert_int_eq(option(one, IPPROTO_TCP, TCP_KEEPCNT), 4);
    ck_assert(mw_sock_local(one, &bound, NULL));
    o.multipath = 0;
    two = mw_listen_open(&bound, SOCK_STREAM, &o, &log_);       /* reuseport: beside the first one */
    ck_assert_int_ge(two, 0);
    ck_assert_int_gt(option(two, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
    ck_assert_int_eq(option(two, IPPROTO_TCP, TCP_FASTOPEN), 5);
    o.deferred = 0;
    o.keepcnt = 6;
    mw_listen_options_renew(two, &bound, &o, &log_);
    ck_assert_int_eq(option(two, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
    ck_assert_int_eq(option(two, IPPROTO_TCP, TCP_KEEPCNT), 6);
    close(one);
    close(two);
}
END_TEST

START_TEST(a_unix_socket_is_for_everybody)
{
    char        name[] = "/tmp/mw-unit-sock-XXXXXX";
    mw_addr     a = { .family = MW_UNIX };
    struct stat st;
    mode_t      mask = umask(077);
    int         fd = mkstemp(name);

    close(fd);
    unlink(name);
    a.path = mw_str_of(name);
    fd = mw_listen_open(&a, SOCK_STREAM, &plain, &log_);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(stat(name, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0666);
    ck_assert_uint_eq(umask(mask), 077);
    close(fd);
    unlink(name);
}
END_TEST

START_TEST(datagrams_are_only_bound)
{
    mw_listen_options o = plain;
    mw_addr           a;
    int               fd;

    o.sndbuf = 30000;
    ck_assert(mw_addr_ip(MW_STR("127.0.0.1"), &a));
    fd = mw_listen_open(&a, SOCK_DGRAM, &o, &log_);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(option(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
    mw_listen_options_renew(fd, &a, &o, &log_);
    ck_assert_str_eq(lines, "");
    close(fd);
}
END_TEST

START_TEST(too_long_a_path_is_refused)
{
    static const char path[] = "/tmp/01234567890123456789012345678901234567890123456789"
                               "01234567890123456789012345678901234567890123456789012345678901234567890123456789";
    mw_addr           a = { .family = MW_UNIX, .path = mw_str_of(path) };

    ck_assert_int_eq(mw_listen_open(&a, SOCK_STREAM, &plain, &log_), -1);
    ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/listener");
    TCase *t = tcase_create("listener");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, takes_more_while_there_are_more);
    tcase_add_test(t, takes_all_at_once_when_asked_to);
    tcase_add_test(t, looks_away_until_resumed);
    tcase_add_test(t, drains_what_waits);
    tcase_add_test(t, out_of_descriptors_it_waits_half_a_second);
    tcase_add_test(t, a_busy_address_is_tried_five_times);
    tcase_add_test(t, an_address_not_ours_is_tried_once);
    tcase_add_test(t, sets_what_was_asked_for);
    tcase_add_test(t, a_unix_socket_is_for_everybody);
    tcase_add_test(t, datagrams_are_only_bound);
    tcase_add_test(t, too_long_a_path_is_refused);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
