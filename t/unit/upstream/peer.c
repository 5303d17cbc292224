/* peer.c - unit test of a request's way through a group: who was tried, who is full, who is watched again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/peer.c"

#include "house.h"

static const mw_group *group(const char *servers)
{
    const mw_group *g;

    house_of(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { access_log off; upstream u { %s } server { } }",
                                            servers)));
    worker.loop->clock.now = 1000000;
    g = mw_group_named(&worker, MW_STR("u"), 80);
    ck_assert_ptr_nonnull(g);
    return g;
}

START_TEST(each_once_a_request)
{
    const mw_group *g = group("server 127.0.0.1; server 127.0.0.2; server 127.0.0.3 backup;");
    mw_try          t = { 0 };
    unsigned        seen = 0;

    mw_try_begin(&t, g, &worker, arena, NULL);
    ck_assert_uint_eq(t.tries, 3);
    while (mw_try_pick(&t) == MW_OK) {
        ck_assert_uint_eq(seen >> t.peer->number & 1, 0);
        seen |= 1U << t.peer->number;
        mw_try_done(&t, MW_PEER_DECLINED);
    }
    ck_assert_uint_eq(seen, 7);
    ck_assert_uint_eq(t.tries, 0);
}
END_TEST

START_TEST(full_ones_are_left_out)
{
    const mw_group *g = group("server 127.0.0.1 max_conns=1; server 127.0.0.2 max_conns=2;");
    mw_try          t[4];

    memset(t, 0, sizeof t);
    for (unsigned i = 0; i < 4; i++)
        mw_try_begin(&t[i], g, &worker, arena, NULL);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(mw_try_pick(&t[i]), MW_OK);
    ck_assert_int_eq(mw_try_pick(&t[3]), MW_ERR);
    ck_assert_ptr_null(t[3].peer);
    mw_try_done(&t[0], MW_PEER_FINE);
    ck_assert_int_eq(mw_try_pick(&t[3]), MW_OK);
    for (unsigned i = 1; i < 4; i++)
        mw_try_done(&t[i], MW_PEER_FINE);
}
END_TEST

START_TEST(a_lone_peer_never_fails)
{
    const mw_group *g = group("server 127.0.0.1;");

    for (unsigned i = 0; i < 5; i++) {
        mw_try t = { 0 };

        mw_try_begin(&t, g, &worker, arena, NULL);
        ck_assert_int_eq(mw_try_pick(&t), MW_OK);
        mw_try_done(&t, MW_PEER_FAILED);
    }
}
END_TEST

START_TEST(more_than_64)
{
    mw_out          o = mw_arena_pen(arena, 8192);
    const mw_group *g;
    mw_try          t = { 0 };
    unsigned        n = 0;

    for (unsigned i = 1; i <= 70; i++)
        mw_out_fmt(&o, "server 127.0.0.%u;", i);
    g = group(mw_arena_z(arena, mw_out_done(&o)));
    mw_try_begin(&t, g, &worker, arena, NULL);
    while (mw_try_pick(&t) == MW_OK && n < 100) {
        n++;
        mw_try_done(&t, MW_PEER_DECLINED);
    }
    ck_assert_uint_eq(n, 70);
}
END_TEST

START_TEST(made_for_one_request)
{
    mw_addr         addrs[2];
    const mw_group *g;
    mw_try          t = { 0 };

    (void)group("server 127.0.0.1;");
    ck_assert(mw_addr_parse(MW_STR("10.0.0.1:1"), 0, &addrs[0]) && mw_addr_parse(MW_STR("10.0.0.2:1"), 0, &addrs[1]));
    g = mw_group_made(arena, MW_STR("name"), addrs, 2);
    mw_try_begin(&t, g, &worker, arena, NULL);
    ck_assert_ptr_null(t.held);
    ck_assert_int_eq(mw_try_pick(&t), MW_OK);
    mw_try_done(&t, MW_PEER_FAILED);
    ck_assert_int_eq(mw_try_pick(&t), MW_OK);
    mw_try_done(&t, MW_PEER_FAILED);
    ck_assert_int_eq(mw_try_pick(&t), MW_ERR);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/peer");

    CASE(s, each_once_a_request);
    CASE(s, full_ones_are_left_out);
    CASE(s, a_lone_peer_never_fails);
    CASE(s, more_than_64);
    CASE(s, made_for_one_request);
    return s;
}

#include "run.h"
