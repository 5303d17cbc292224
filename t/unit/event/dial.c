/* dial.c - tests of connecting as an op, on the loopback.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/dial.c"

#include <check.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "core/pool.h"

static mw_loop *l;
static mw_asker who;
static char     lines[4096];
static mw_ring  ring = { .at = lines, .size = sizeof lines };
static mw_sink  sink = { .level = MW_LOG_NOTICE, .ring = &ring };
static mw_sinks sinks = { .first = &sink, .most = MW_LOG_NOTICE };
static mw_log   log_ = { .sinks = &sinks, .doing = "connecting to upstream" };
static mw_addr  here;
static int      listening;
static unsigned woken;

static void wake(void *owner)
{
    (void)owner;
    woken++;
}

static int listen_at(mw_addr *a, int backlog)
{
    mw_sockaddr s;
    socklen_t   len = mw_addr_to_system(a, &s);
    int         fd = mw_sock_open(a, SOCK_STREAM);

    ck_assert_int_eq(bind(fd, &s.any, len), 0);
    if (backlog > 0)
        ck_assert_int_eq(listen(fd, backlog), 0);
    if (a->family != MW_UNIX)
        ck_assert(mw_sock_local(fd, a, NULL));
    return fd;
}

static void setup(void)
{
    ck_assert(mw_addr_ip(MW_STR("127.0.0.1"), &here));
    listening = listen_at(&here, 5);
    l = mw_loop_new(&mw_epoll);
    mw_asker_init(&who, l, wake, NULL);
    woken = 0;
}

static void teardown(void)
{
    mw_loop_turn(l, 0);
    mw_loop_free(l);
    mw_pools_drain();
    close(listening);
}

static mw_rc finish(mw_dial *d, const mw_addr *to, const mw_dial_how *how)
{
    for (unsigned i = 0; i < 50; i++) {
        mw_rc rc = mw_dial_to(&who, d, to, how, &log_);

        if (rc != MW_AGAIN)
            return rc;
        mw_loop_turn(l, 100);
    }
    return MW_AGAIN;
}

START_TEST(connects)
{
    mw_dial   d = { 0 };
    mw_addr   peer;
    int       on = 0;
    socklen_t len = sizeof on;

    ck_assert_int_eq(mw_dial_to(&who, &d, &here, NULL, &log_), MW_AGAIN);
    ck_assert(!mw_conn_writable(d.conn));
    ck_assert_int_eq(finish(&d, &here, NULL), MW_OK);
    ck_assert_uint_eq(woken, 1);
    ck_assert_ptr_null(d.conn->use);
    ck_assert(mw_conn_writable(d.conn));
    peer = mw_addr_from_endpoint(&d.conn->peer);
    ck_assert(mw_addr_eq(&peer, &here));
    ck_assert_int_eq(getsockopt(d.conn->watch.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
    ck_assert_int_eq(on, 1);
    ck_assert_int_eq(mw_dial_to(&who, &d, &here, NULL, &log_), MW_OK);          /* remembered */
    ck_assert_str_eq(lines, "");
    mw_conn_close(d.conn);
}
END_TEST

START_TEST(a_closed_port_refuses)
{
    mw_addr closed = { 0 };
    mw_dial d = { 0 };
    int     fd;

    ck_assert(mw_addr_ip(MW_STR("127.0.0.1"), &closed));
    fd = listen_at(&closed, 0);         /* bound, so nobody else's */
    ck_assert_int_eq(finish(&d, &closed, NULL), MW_ERR);
    ck_assert_int_eq(d.err, ECONNREFUSED);
    ck_assert_ptr_null(d.conn);
    ck_assert_ptr_nonnull(strstr(lines, "[error]"));
    ck_assert_ptr_nonnull(strstr(lines, "connect() failed (111: Connection refused) while connecting to upstream"));
    ck_assert_int_eq(mw_dial_to(&who, &d, &closed, NULL, &log_), MW_ERR);
    close(fd);
}
END_TEST

START_TEST(unix_answers_at_once)
{
    char    path[] = "/tmp/mw-unit-sock-XXXXXX";
    mw_addr a = { .family = MW_UNIX };
    mw_dial d[8];
    mw_rc   rc = MW_OK;
    int     fd = mkstemp(path), n;

    close(fd);
    unlink(path);
    a.path = mw_str_of(path);
    fd = listen_at(&a, 1);
    for (n = 0; n < 8 && rc == MW_OK; n++) {
        d[n] = (mw_dial){ 0 };
        rc = mw_dial_to(&who, &d[n], &a, NULL, &log_);
    }
    ck_assert_int_gt(n, 1);
    ck_assert_int_eq(rc, MW_ERR);       /* the queue is full */
    ck_assert_int_eq(d[n - 1].err, EAGAIN);
    ck_assert_ptr_nonnull(strstr(lines, "connect() to unix:/tmp/mw-unit-sock-"));
    ck_assert_ptr_nonnull(strstr(lines, "failed (11: Resource temporarily unavailable) while connecting to upstream"));
    while (--n > 0)
        mw_conn_close(d[n - 1].conn);
    close(fd);
    unlink(path);
    d[0] = (mw_dial){ 0 };
    ck_assert_int_eq(mw_dial_to(&who, &d[0], &a, NULL, &log_), MW_ERR);
    ck_assert_int_eq(d[0].err, ENOENT);
    ck_assert_ptr_nonnull(strstr(lines, "[crit]"));
    ck_assert_uint_eq(woken, 0);
}
END_TEST

START_TEST(cancelling_closes)
{
    mw_dial d = { 0 };
    int     fd;

    ck_assert_int_eq(mw_dial_to(&who, &d, &here, NULL, &log_), MW_AGAIN);
    fd = d.conn->watch.fd;
    mw_asker_cancel(&who);
    ck_assert_ptr_null(d.conn);
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
    mw_loop_turn(l, 10);
    ck_assert_uint_eq(woken, 0);
}
END_TEST

START_TEST(is_seen_as_it_was_told_to)
{
    mw_addr     from, seen;
    mw_dial_how how = { .bind = &from, .keepalive = true, .rcvbuf = 10000, .sndbuf = 10000 };
    mw_dial     d = { 0 };

    ck_assert(mw_addr_ip(MW_STR("127.0.0.5"), &from));
    ck_assert_int_eq(finish(&d, &here, &how), MW_OK);
    ck_assert(mw_conn_local(d.conn, &seen, NULL));
    ck_assert(mw_addr_ip_eq(&seen, &from));
    mw_conn_close(d.conn);

    d = (mw_dial){ 0 };
    ck_assert(mw_addr_ip(MW_STR("192.0.2.77"), &from));
    ck_assert_int_eq(mw_dial_to(&who, &d, &here, &how, &log_), MW_ERR);
    ck_assert_int_eq(d.err, EADDRNOTAVAIL);
    ck_assert_ptr_nonnull(strstr(lines, "bind(192.0.2.77:0) failed (99: Cannot assign requested address)"));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/dial");
    TCase *t = tcase_create("dial");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, connects);
    tcase_add_test(t, a_closed_port_refuses);
    tcase_add_test(t, unix_answers_at_once);
    tcase_add_test(t, cancelling_closes);
    tcase_add_test(t, is_seen_as_it_was_told_to);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
