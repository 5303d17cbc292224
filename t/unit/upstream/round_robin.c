/* round_robin.c - unit test of the smooth weighted round robin: shares, smoothness, backups, failures.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/round_robin.c"

#include "house.h"

/* Picks so many, one after the other, and says who it was: the last digit of the address. */
static const char *picks(unsigned n, mw_outcome how)
{
    const mw_group *g = mw_group_named(&worker, MW_STR("u"), 80);
    mw_out          o = mw_arena_pen(arena, n + 1);

    ck_assert_ptr_nonnull(g);
    for (unsigned i = 0; i < n; i++) {
        mw_try t = { 0 };

        mw_try_begin(&t, g, &worker, arena, NULL);
        if (mw_try_pick(&t) != MW_OK) {
            mw_out_char(&o, '-');
            continue;
        }
        mw_out_char(&o, (char)('0' + t.peer->addr.ip[3]));
        mw_try_done(&t, how);
    }
    return mw_arena_z(arena, mw_out_done(&o));
}

static void group(const char *servers)
{
    house_of(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { access_log off; upstream u { %s } server { } }",
                                            servers)));
    worker.loop->clock.now = 1000000;
}

START_TEST(in_turn)
{
    group("server 127.0.0.1; server 127.0.0.2; server 127.0.0.3;");
    ck_assert_str_eq(picks(6, MW_PEER_FINE), "123123");
}
END_TEST

START_TEST(weights_are_smooth)
{
    group("server 127.0.0.1 weight=5; server 127.0.0.2; server 127.0.0.3;");
    ck_assert_str_eq(picks(14, MW_PEER_FINE), "11213111121311");
}
END_TEST

START_TEST(down_and_backup)
{
    group("server 127.0.0.1 down; server 127.0.0.2; server 127.0.0.3 backup;");
    ck_assert_str_eq(picks(3, MW_PEER_FINE), "222");
    ck_assert_str_eq(picks(3, MW_PEER_FAILED), "23-");      /* one failure each: nobody is left */
    worker.loop->clock.now += 11000;
    ck_assert_str_eq(picks(2, MW_PEER_FINE), "22");         /* tried anew, and it does well */
}
END_TEST

START_TEST(failures_cost_weight)
{
    group("server 127.0.0.1 weight=10 max_fails=2 fail_timeout=1s; server 127.0.0.2 max_fails=0;");
    ck_assert_str_eq(picks(1, MW_PEER_FAILED), "1");
    ck_assert_ptr_nonnull(strchr(picks(6, MW_PEER_FINE), '2'));
    ck_assert_str_eq(picks(4, MW_PEER_FINE), "1111");       /* it recovers step by step */
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/round_robin");

    CASE(s, in_turn);
    CASE(s, weights_are_smooth);
    CASE(s, down_and_backup);
    CASE(s, failures_cost_weight);
    return s;
}

#include "run.h"
