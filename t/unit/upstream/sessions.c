/* sessions.c - unit test of learned sessions: found, moved, over, and the oldest gone when there is no room.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/sessions.c"

#include "house.h"

static mw_zone zone;

static void open_zone(void)
{
    house("");
    zone = (mw_zone){ .name = MW_STR("s"), .size = 32768, .kind = &mw_sessions_zone, .fd = -1 };
    ck_assert_int_eq(mw_zone_open(&zone), MW_OK);
}

static const char *route_of(const char *key, uint64_t now)
{
    mw_out o = mw_arena_pen(arena, MW_ROUTE_MOST + 1);

    return mw_sessions_find(&zone, mw_str_of(key), now, &o) ? mw_arena_z(arena, mw_out_done(&o)) : "none";
}

START_TEST(set_and_found)
{
    open_zone();
    ck_assert_str_eq(route_of("x", 1), "none");
    mw_sessions_set(&zone, MW_STR("x"), MW_STR("a"), 1, 100);
    mw_sessions_set(&zone, MW_STR("y"), MW_STR("b"), 1, 100);
    ck_assert_str_eq(route_of("x", 100), "a");
    ck_assert_str_eq(route_of("y", 100), "b");
    ck_assert_str_eq(route_of("x", 101), "none");
    mw_sessions_set(&zone, MW_STR("x"), MW_STR("c"), 50, 100);
    ck_assert_str_eq(route_of("x", 149), "c");
    mw_zone_close(&zone);
}
END_TEST

START_TEST(prolonged_only_by_its_own)
{
    open_zone();
    mw_sessions_set(&zone, MW_STR("x"), MW_STR("a"), 1, 100);
    mw_sessions_prolong(&zone, MW_STR("x"), MW_STR("b"), 50, 100);
    ck_assert_str_eq(route_of("x", 120), "none");
    mw_sessions_prolong(&zone, MW_STR("x"), MW_STR("a"), 50, 100);
    ck_assert_str_eq(route_of("x", 120), "a");
    mw_sessions_prolong(&zone, MW_STR("x"), MW_STR("a"), 200, 100);
    ck_assert_str_eq(route_of("x", 201), "none");
    mw_zone_close(&zone);
}
END_TEST

START_TEST(the_oldest_make_way)
{
    open_zone();
    for (unsigned i = 0; i < 5000; i++)
        mw_sessions_set(&zone, mw_arena_fmt(arena, "s%u", i), MW_STR("a"), 1, 100);
    ck_assert_str_eq(route_of("s0", 2), "none");
    ck_assert_str_eq(route_of("s4999", 2), "a");
    ck_assert_str_eq(route_of("s4950", 2), "a");
    for (unsigned i = 0; i < 5000; i++)                 /* all are over */
        mw_sessions_set(&zone, mw_arena_fmt(arena, "t%u", i), MW_STR("b"), 200, 100);
    ck_assert_str_eq(route_of("t4999", 201), "b");
    mw_zone_close(&zone);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/sessions");

    CASE(s, set_and_found);
    CASE(s, prolonged_only_by_its_own);
    CASE(s, the_oldest_make_way);
    return s;
}

#include "run.h"
