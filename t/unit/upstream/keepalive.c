/* keepalive.c - unit test of idle connections to peers: who gets which, how many stay, and when they are closed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/keepalive.c"

#include <sys/socket.h>

#include "house.h"

static const mw_conn_use busy = { .name = "busy" };
static const mw_group   *g;
static mw_addr           a, b;
static int               far;       /* the other end of the connection made last */

static void group(const char *more)
{
    house_of(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { access_log off; upstream u { server 127.0.0.1; "
                                            "server 127.0.0.2; %s } server { } }", more)));
    g = mw_group_named(&worker, MW_STR("u"), 80);
    ck_assert_ptr_nonnull(g);
    a = g->peers[0].addr;
    b = g->peers[1].addr;
}

static mw_conn *connection(const mw_addr *peer)
{
    int      fds[2];
    mw_conn *c;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    far = fds[1];
    c = mw_conn_new(worker.loop, fds[0], peer, &busy, NULL, &worker.log);
    ck_assert_ptr_nonnull(c);
    c->since = mw_loop_now(worker.loop);
    return c;
}

static void give(const mw_addr *peer, const char *key, mw_conn *c)
{
    mw_keep_give(&worker, g, peer, mw_str_of(key), c);
}

static mw_conn *take(const mw_addr *peer, const char *key) { return mw_keep_take(&worker, g, peer, mw_str_of(key)); }

static unsigned count(void) { return mw_group_state_of(&worker, g)->nidle; }

START_TEST(by_peer_and_key)
{
    mw_conn *one, *two, *other;

    group("keepalive 4;");
    one = connection(&a);
    two = connection(&a);
    other = connection(&b);
    give(&a, "", one);
    give(&a, "", two);
    give(&b, "name", other);
    ck_assert_uint_eq(count(), 3);
    ck_assert_ptr_null(take(&b, ""));
    ck_assert_ptr_null(take(&b, "another"));
    ck_assert_ptr_null(take(&a, "name"));
    ck_assert_ptr_eq(take(&b, "name"), other);
    ck_assert_ptr_eq(take(&a, ""), two);            /* the newest first */
    ck_assert_ptr_eq(take(&a, ""), one);
    ck_assert_ptr_null(take(&a, ""));
    ck_assert_uint_eq(count(), 0);
    mw_conn_close(one);
    mw_conn_close(two);
    mw_conn_close(other);
}
END_TEST

START_TEST(the_oldest_makes_room)
{
    mw_conn *c[3];

    group("keepalive 2;");
    for (unsigned i = 0; i < 3; i++)
        give(&a, "", c[i] = connection(&a));
    ck_assert_uint_eq(count(), 2);
    ck_assert_int_eq(c[0]->watch.fd, -1);           /* closed, not yet buried */
    ck_assert_ptr_eq(take(&a, ""), c[2]);
    mw_conn_close(c[2]);
    mw_keep_close_all(&worker);
    ck_assert_uint_eq(count(), 0);
    ck_assert_int_eq(c[1]->watch.fd, -1);
}
END_TEST

/* One that spoke, or whose peer went, is nobody's any more. */
static void say(int fd) { ck_assert_int_eq(write(fd, "x", 1), 1); }

static void leave(int fd) { close(fd); }

static void (*const deeds[])(int fd) = { say, leave };

START_TEST(it_must_be_silent)
{
    group("keepalive 4;");
    give(&a, "", connection(&a));
    mw_loop_turn(worker.loop, 0);
    ck_assert_uint_eq(count(), 1);
    deeds[_i](far);
    mw_loop_turn(worker.loop, 0);
    ck_assert_uint_eq(count(), 0);
    ck_assert_ptr_null(take(&a, ""));
}
END_TEST

START_TEST(it_is_not_kept_forever)
{
    mw_conn *c;

    group("keepalive 4; keepalive_requests 3; keepalive_time 10s; keepalive_timeout 5ms;");
    give(&a, "", c = connection(&a));
    for (unsigned i = 0; i < 20 && count() > 0; i++)
        mw_loop_turn(worker.loop, 10);
    ck_assert_uint_eq(count(), 0);                  /* its time */

    c = connection(&a);
    c->requests = 3;
    give(&a, "", c);
    ck_assert_uint_eq(count(), 0);                  /* its requests */
    c = connection(&a);
    c->since -= 10000;
    give(&a, "", c);
    ck_assert_uint_eq(count(), 0);                  /* its age */
    worker.leaving = true;
    give(&a, "", connection(&a));
    ck_assert_uint_eq(count(), 0);                  /* our age */
    worker.leaving = false;
}
END_TEST

START_TEST(none_are_wanted)
{
    mw_conn *c;

    group("keepalive 0;");
    give(&a, "", c = connection(&a));
    ck_assert_uint_eq(count(), 0);
    ck_assert_int_eq(c->watch.fd, -1);
    g = mw_group_made(arena, MW_STR("made"), &a, 1);        /* for one request: nothing is kept of it */
    give(&a, "", c = connection(&a));
    ck_assert_int_eq(c->watch.fd, -1);
    ck_assert_ptr_null(take(&a, ""));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/keepalive");
    TCase *silent = tcase_create("silent");

    CASE(s, by_peer_and_key);
    CASE(s, the_oldest_makes_room);
    CASE(s, it_is_not_kept_forever);
    CASE(s, none_are_wanted);
    tcase_add_checked_fixture(silent, begin, finish);
    tcase_add_loop_test(silent, it_must_be_silent, 0, sizeof deeds / sizeof *deeds);
    suite_add_tcase(s, silent);
    return s;
}

#include "run.h"
