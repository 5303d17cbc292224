/* sock.c - tests of the socket calls.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/sock.c"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static mw_addr at(const char *text)
{
    mw_addr a = { 0 };

    ck_assert(mw_addr_parse(mw_str_of(text), 0, &a));
    return a;
}

START_TEST(opens_what_the_address_asks_for)
{
    static const struct { const char *text; int domain; } cases[] = {
        { "127.0.0.1:1", AF_INET }, { "[::1]:1", AF_INET6 }, { "unix:/x", AF_UNIX },
    };
    mw_addr   a = at(cases[_i].text);
    int       fd = mw_sock_open(&a, SOCK_STREAM), domain = 0;
    socklen_t len = sizeof domain;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len), 0);
    ck_assert_int_eq(domain, cases[_i].domain);
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    ck_assert(mw_sock_nodelay(fd) == (domain != AF_UNIX));
    ck_assert_int_eq(mw_sock_error(fd), 0);
    close(fd);
    ck_assert_int_eq(mw_sock_error(fd), EBADF);
}
END_TEST

START_TEST(nowhere_cannot_be_opened)
{
    mw_addr a = { 0 };

    ck_assert_int_eq(mw_sock_open(&a, SOCK_STREAM), -1);
}
END_TEST

START_TEST(tells_both_ends)
{
    mw_addr     a = at("127.0.0.1"), local, peer;
    mw_sockaddr s;
    socklen_t   len = mw_addr_to_system(&a, &s);
    int         one = mw_sock_open(&a, SOCK_DGRAM), two = mw_sock_open(&a, SOCK_DGRAM);

    ck_assert_int_eq(bind(one, &s.any, len), 0);
    ck_assert(mw_sock_local(one, &local, NULL));
    ck_assert_uint_ne(local.port, 0);
    ck_assert(!mw_sock_peer(one, &peer, NULL));
    len = mw_addr_to_system(&local, &s);
    ck_assert_int_eq(connect(two, &s.any, len), 0);
    ck_assert(mw_sock_peer(two, &peer, NULL));
    ck_assert(mw_addr_eq(&peer, &local));
    close(one);
    close(two);
}
END_TEST

START_TEST(keeps_a_path_only_in_an_arena)
{
    char        name[] = "/tmp/mw-unit-sock-XXXXXX";
    mw_arena   *arena = mw_arena_new(2048);
    mw_addr     a = { .family = MW_UNIX }, local;
    mw_sockaddr s;
    socklen_t   len;
    int         fd = mkstemp(name);

    close(fd);
    unlink(name);
    a.path = mw_str_of(name);
    fd = mw_sock_open(&a, SOCK_STREAM);
    len = mw_addr_to_system(&a, &s);
    ck_assert_int_eq(bind(fd, &s.any, len), 0);
    ck_assert(mw_sock_local(fd, &local, NULL));
    ck_assert_int_eq(local.family, MW_UNIX);
    ck_assert_uint_eq(local.path.len, 0);
    ck_assert(mw_sock_local(fd, &local, arena));
    ck_assert(mw_str_eq(local.path, a.path));
    close(fd);
    unlink(name);
    mw_arena_free(arena);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/sock");
    TCase *t = tcase_create("sock");

    tcase_add_loop_test(t, opens_what_the_address_asks_for, 0, 3);
    tcase_add_test(t, nowhere_cannot_be_opened);
    tcase_add_test(t, tells_both_ends);
    tcase_add_test(t, keeps_a_path_only_in_an_arena);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
