/* limit_conn.c - unit test of limit_conn: what is held, what the dead held, counting anew, bad rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/limit_conn.c"

#include "house.h"

static mw_zone       z;
static mw_limit_zone named;
static limit         two;

static void open_zone(void)
{
    z = (mw_zone){ .name = MW_STR_C("z"), .size = 65536, .kind = &conn_zone, .fd = -1 };
    ck_assert_int_eq(mw_zone_open(&z), MW_OK);
    named = (mw_limit_zone){ .zone = &z };
    two = (limit){ &named, 2 };
}

START_TEST(counts)
{
    uint64_t seed;
    holder  *a, *b;
    held     x;

    open_zone();
    a = take(&two, MW_STR("k"), 1, &seed);
    b = take(&two, MW_STR("k"), 2, &seed);
    ck_assert(a != NULL && b != NULL);
    ck_assert_ptr_null(take(&two, MW_STR("k"), 1, &seed));
    ck_assert_ptr_nonnull(take(&two, MW_STR("other"), 1, &seed));
    x = (held){ &z, a, seed, NULL };
    give(&x);
    a = take(&two, MW_STR("k"), 1, &seed);
    ck_assert_ptr_nonnull(a);
    x = (held){ &z, a, seed + 1, NULL };        /* of another life of the zone: nothing is given */
    give(&x);
    ck_assert_ptr_null(take(&two, MW_STR("k"), 1, &seed));
    mw_zone_close(&z);
}
END_TEST

START_TEST(of_the_dead)
{
    root    *all;
    uint64_t seed;

    open_zone();
    all = mw_zone_root(&z);
    ck_assert_ptr_nonnull(take(&two, MW_STR("k"), 3, &seed));
    ck_assert_ptr_nonnull(take(&two, MW_STR("k"), 3, &seed));
    left(&z, all, 4);
    ck_assert_ptr_null(take(&two, MW_STR("k"), 1, &seed));
    left(&z, all, 3);
    ck_assert_ptr_null(mw_limit_find(&all->table, MW_STR("k")));
    ck_assert_ptr_nonnull(take(&two, MW_STR("k"), 1, &seed));
    mw_zone_close(&z);
}
END_TEST

START_TEST(mended)
{
    root    *all;
    uint64_t seed;
    counted *x;

    open_zone();
    all = mw_zone_root(&z);
    ck_assert_ptr_nonnull(take(&two, MW_STR("k"), 3, &seed));
    ck_assert_ptr_nonnull(take(&two, MW_STR("k"), 4, &seed));
    x = (counted *)(void *)mw_limit_find(&all->table, MW_STR("k"));
    x->n = 77;
    ck_assert_ptr_nonnull(mw_limit_add(&z, &all->table, MW_STR("nobody"), sizeof(counted)));
    mend(&z, all);
    ck_assert_uint_eq(x->n, 2);
    ck_assert_ptr_null(mw_limit_find(&all->table, MW_STR("nobody")));
    mw_zone_close(&z);
}
END_TEST

static void bad(const char *text)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { %s }", text))), 1);
}

START_TEST(no_zone) { bad("limit_conn one 1;"); } END_TEST
START_TEST(none) { bad("limit_conn_zone $uri zone=a:1m; limit_conn a 0;"); } END_TEST
START_TEST(too_many) { bad("limit_conn_zone $uri zone=a:1m; limit_conn a 65536;"); } END_TEST
START_TEST(twice) { bad("limit_conn_zone $uri zone=a:1m; limit_conn a 1; limit_conn a 2;"); } END_TEST
START_TEST(no_size) { bad("limit_conn_zone $uri a;"); } END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/limit_conn");

    CASE(s, counts);
    CASE(s, of_the_dead);
    CASE(s, mended);
    CASE(s, no_zone);
    CASE(s, none);
    CASE(s, too_many);
    CASE(s, twice);
    CASE(s, no_size);
    return s;
}

#include "run.h"
