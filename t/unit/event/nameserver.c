/* nameserver.c - tests of one server's sockets: what the resolver's tests do not reach.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/nameserver.c"

#include <check.h>
#include <poll.h>

static const mw_sinks quiet = { .most = MW_LOG_EMERG };
static const mw_log   log_ = { .sinks = &quiet };
static mw_loop       *loop;
static mw_addr        addr;
static mw_nameserver *server;
static unsigned       messages, deafs;
static char           last[70000];
static size_t         last_len;

static void heard(mw_nameserver *s, mw_str packet, bool tcp)
{
    ck_assert(tcp && s == server);
    messages++;
    last_len = packet.len;
    if (packet.len > 0)
        memcpy(last, packet.at, packet.len);
}

static void deaf(mw_nameserver *s)
{
    ck_assert_ptr_eq(s, server);
    deafs++;
}

/* Somebody who listens, or whom nobody is: a free port of this machine. */
static int bind_any(int type)
{
    mw_sockaddr to;
    socklen_t   len;
    int         fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    ck_assert(mw_addr_parse(MW_STR("127.0.0.1"), 0, &addr));
    len = mw_addr_to_system(&addr, &to);
    ck_assert_int_eq(bind(fd, &to.any, len), 0);
    ck_assert(mw_sock_local(fd, &addr, NULL));
    mw_nameserver_init(server, loop, &addr, &log_);
    server->heard = heard;
    server->deaf = deaf;
    return fd;
}

static void set_up(void)
{
    loop = mw_loop_new(&mw_epoll);
    server = mw_alloc(sizeof *server);
    messages = deafs = 0;
}

static void tear_down(void)
{
    mw_nameserver_close(server);
    mw_loop_free(loop);
    mw_free(server);
}

static void turns(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        mw_loop_turn(loop, 2);
}

START_TEST(a_deaf_server_is_told_once)
{
    close(bind_any(SOCK_DGRAM));
    mw_nameserver_send(server, MW_STR("one"), false);
    turns(3);
    ck_assert_uint_eq(deafs, 1);
    ck_assert_int_eq(server->udp.fd, -1);
    mw_nameserver_send(server, MW_STR("two"), false);
    mw_nameserver_send(server, MW_STR("three"), false);     /* hears of the one before it */
    turns(3);
    ck_assert_uint_eq(deafs, 2);
}
END_TEST

START_TEST(a_refused_connection_is_forgotten)
{
    close(bind_any(SOCK_STREAM));
    mw_nameserver_send(server, MW_STR("one"), true);
    turns(3);
    ck_assert_int_eq(server->tcp.fd, -1);
    ck_assert_ptr_null(server->in);
    ck_assert_uint_eq(server->out_len, 0);
}
END_TEST

START_TEST(messages_come_in_any_pieces)
{
    static char bytes[2 + 65535 + 4];
    int         door = bind_any(SOCK_STREAM), fd;
    size_t      sent = 0;

    ck_assert_int_eq(listen(door, 1), 0);
    mw_nameserver_send(server, MW_STR("one"), true);
    mw_nameserver_send(server, MW_STR("two"), true);
    turns(2);
    fd = accept(door, NULL, NULL);
    ck_assert_int_eq(recv(fd, bytes, sizeof bytes, 0), 10);
    ck_assert(memcmp(bytes, "\0\3one\0\3two", 10) == 0);
    memset(bytes, 'x', sizeof bytes);
    /* as long as there may be, and two of nothing behind it */
    bytes[0] = bytes[1] = (char)0xff;
    memset(&bytes[2 + 65535], 0, 4);
    while (sent < sizeof bytes) {
        ssize_t n = send(fd, &bytes[sent], sizeof bytes - sent < 30001 ? sizeof bytes - sent : 30001, 0);

        sent += n > 0 ? (size_t)n : 0;
        turns(1);
    }
    turns(2);
    ck_assert_uint_eq(messages, 3);
    ck_assert_uint_eq(last_len, 0);
    ck_assert_int_eq(last[65534], 'x');
    mw_wheel_turn(&loop->wheel, loop->clock.now + IDLE_MS + 1);
    ck_assert_int_eq(server->tcp.fd, -1);
    ck_assert_int_eq(recv(fd, bytes, 1, 0), 0);
    close(fd);
    close(door);
}
END_TEST

START_TEST(what_does_not_fit_is_lost)
{
    static const char packet[500];
    int               door = bind_any(SOCK_STREAM);

    ck_assert_int_eq(listen(door, 1), 0);
    for (unsigned i = 0; i < 100; i++)
        mw_nameserver_send(server, (mw_str){ packet, sizeof packet }, true);
    ck_assert_uint_le(server->out_len, OUT_ROOM);
    ck_assert_uint_eq(server->out_len % 502, 0);
    close(door);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/nameserver");
    TCase *c = tcase_create("nameserver");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_deaf_server_is_told_once);
    tcase_add_test(c, a_refused_connection_is_forgotten);
    tcase_add_test(c, messages_come_in_any_pieces);
    tcase_add_test(c, what_does_not_fit_is_lost);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
