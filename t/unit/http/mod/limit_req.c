/* limit_req.c - unit test of limit_req: rates, what leaks, bad rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/limit_req.c"

#include "house.h"

START_TEST(rates)
{
    mw_limit_zone z;

    ck_assert(read_rate(MW_STR("5r/s"), &z) && z.requests == 5 && z.per_ms == 1000);
    ck_assert(read_rate(MW_STR("30r/m"), &z) && z.per_ms == 60000);
    ck_assert(read_rate(MW_STR("7r/h"), &z) && z.per_ms == 3600000);
    ck_assert(read_rate(MW_STR("1r/d"), &z) && z.per_ms == 86400000);
    ck_assert(read_rate(MW_STR("2"), &z) && z.requests == 2 && z.per_ms == 1000);
    ck_assert(!read_rate(MW_STR("0r/s"), &z));
    ck_assert(!read_rate(MW_STR("r/s"), &z));
    ck_assert(!read_rate(MW_STR("5r/w"), &z));
    ck_assert(!read_rate(MW_STR("-1r/s"), &z));
    ck_assert(!read_rate(MW_STR("99999999999999999999r/s"), &z));
}
END_TEST

START_TEST(leaks)
{
    mw_limit_zone z = { .requests = 2, .per_ms = 1000 };
    bucket        x = { .last_ms = 1000, .excess = 0 };

    ck_assert_uint_eq(filled(&z, &x, 1000), ONE);
    ck_assert_uint_eq(filled(&z, &x, 1250), ONE / 2);
    ck_assert_uint_eq(filled(&z, &x, 1500), 0);
    ck_assert_uint_eq(filled(&z, &x, 900), ONE);            /* the clock went back */
    ck_assert_uint_eq(filled(&z, &x, UINT64_MAX), 0);
    ck_assert_uint_eq(time_for(&z, ONE), 500);
    z = (mw_limit_zone){ .requests = 1, .per_ms = DAY_MS };
    ck_assert_uint_eq(time_for(&z, ONE), DAY_MS);
    ck_assert_uint_eq(filled(&z, &x, 1000 + DAY_MS / 2), ONE / 2);
    ck_assert_uint_eq(filled(&z, &x, 1000 + DAY_MS), 0);
}
END_TEST

static void bad(const char *text)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { %s }", text))), 1);
}

START_TEST(no_zone) { bad("limit_req zone=one;"); } END_TEST
START_TEST(no_name) { bad("limit_req burst=1;"); } END_TEST
START_TEST(no_size) { bad("limit_req_zone $uri zone=one rate=1r/s;"); } END_TEST
START_TEST(too_small) { bad("limit_req_zone $uri zone=one:4k rate=1r/s;"); } END_TEST
START_TEST(bad_rate) { bad("limit_req_zone $uri zone=one:1m rate=fast;"); } END_TEST
START_TEST(twice) { bad("limit_req_zone $uri zone=a:1m rate=1r/s; limit_req_zone $uri zone=a:1m rate=1r/s;"); } END_TEST
START_TEST(same) { bad("limit_req_zone $uri zone=a:1m rate=1r/s; limit_req zone=a; limit_req zone=a;"); } END_TEST
START_TEST(bad_burst) { bad("limit_req_zone $uri zone=a:1m rate=1r/s; limit_req zone=a burst=x;"); } END_TEST
START_TEST(bad_delay) { bad("limit_req_zone $uri zone=a:1m rate=1r/s; limit_req zone=a delay=0;"); } END_TEST
START_TEST(bad_status) { bad("limit_req_status 200;"); } END_TEST
START_TEST(bad_level) { bad("limit_req_log_level alert;"); } END_TEST
START_TEST(other_use) { bad("limit_req_zone $uri zone=a:1m rate=1r/s; limit_conn_zone $uri zone=a:1m;"); } END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/limit_req");

    CASE(s, rates);
    CASE(s, leaks);
    CASE(s, no_zone);
    CASE(s, no_name);
    CASE(s, no_size);
    CASE(s, too_small);
    CASE(s, bad_rate);
    CASE(s, twice);
    CASE(s, same);
    CASE(s, bad_burst);
    CASE(s, bad_delay);
    CASE(s, bad_status);
    CASE(s, bad_level);
    CASE(s, other_use);
    return s;
}

#include "run.h"
