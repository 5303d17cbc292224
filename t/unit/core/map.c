/* map.c - tests of the hash map, against an array.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/map.c"

#include <check.h>

#include "core/random.h"

static mw_arena *a;

static void setup(void) { a = mw_arena_new(4096); }
static void teardown(void) { mw_arena_free(a); }

static int things[2000];

START_TEST(plain)
{
    mw_map *m = mw_map_new(a, false), *folded = mw_map_new(a, true);

    ck_assert_ptr_null(mw_map_get(m, MW_STR("a")));
    ck_assert_ptr_null(mw_map_cut(m, MW_STR("a")));
    mw_map_set(m, MW_STR("a"), &things[1]);
    mw_map_set(m, MW_STR(""), &things[2]);
    mw_map_set(m, MW_STR("a"), &things[3]);
    ck_assert_uint_eq(mw_map_size(m), 2);
    ck_assert_ptr_eq(mw_map_get(m, MW_STR("a")), &things[3]);
    ck_assert_ptr_eq(mw_map_get(m, (mw_str){ NULL, 0 }), &things[2]);
    ck_assert_ptr_null(mw_map_get(m, MW_STR("A")));
    ck_assert_ptr_eq(mw_map_cut(m, MW_STR("a")), &things[3]);
    ck_assert_ptr_null(mw_map_get(m, MW_STR("a")));
    ck_assert_ptr_null(mw_map_cut(m, MW_STR("a")));
    ck_assert_uint_eq(mw_map_size(m), 1);
    mw_map_set(folded, MW_STR("Content-Type"), &things[4]);
    ck_assert_ptr_eq(mw_map_get(folded, MW_STR("cONTENT-tYPE")), &things[4]);
    mw_map_set(folded, MW_STR("CONTENT-TYPE"), &things[5]);
    ck_assert_uint_eq(mw_map_size(folded), 1);
}
END_TEST

START_TEST(walks_in_order_while_things_are_cut)
{
    mw_map *m = mw_map_new(a, false);
    mw_str  key;
    void   *value;
    size_t  at = 0, n = 0;

    for (unsigned i = 0; i < 100; i++)
        mw_map_set(m, mw_arena_fmt(a, "key %u", i), &things[i]);
    while (mw_map_next(m, &at, &key, &value)) {
        ck_assert_ptr_eq(value, &things[n]);
        ck_assert_ptr_eq(mw_map_cut(m, key), value);
        n++;
    }
    ck_assert_uint_eq(n, 100);
    ck_assert_uint_eq(mw_map_size(m), 0);
    at = 0;
    ck_assert(!mw_map_next(m, &at, &key, &value));
}
END_TEST

START_TEST(as_an_array_would)
{
    enum { KEYS = 2000, ACTS = 60000 };
    static mw_str key[KEYS];
    static void  *there[KEYS];
    mw_map       *m = mw_map_new(a, true);
    size_t        live = 0;

    for (unsigned i = 0; i < KEYS; i++)
        key[i] = mw_arena_fmt(a, "Key-%u-%u", i, i * i);
    for (unsigned n = 0; n < ACTS; n++) {
        size_t i = (size_t)mw_random_below(n % 20000 < 5000 ? 50 : KEYS);

        if (mw_random_u64() % 2 == 0) {
            live += there[i] == NULL;
            there[i] = &things[mw_random_below(KEYS)];
            mw_map_set(m, key[i], there[i]);
        } else {
            live -= there[i] != NULL;
            ck_assert_ptr_eq(mw_map_cut(m, key[i]), there[i]);
            there[i] = NULL;
        }
        ck_assert_uint_eq(mw_map_size(m), live);
        i = (size_t)mw_random_below(KEYS);
        ck_assert_ptr_eq(mw_map_get(m, key[i]), there[i]);
    }
    for (unsigned i = 0; i < KEYS; i++)
        ck_assert_ptr_eq(mw_map_get(m, key[i]), there[i]);
}
END_TEST

START_TEST(coming_and_going_costs_no_memory)
{
    mw_map *m = mw_map_new(a, false);
    mw_str  key[4] = { MW_STR("a"), MW_STR("b"), MW_STR("c"), MW_STR("d") };
    size_t  bytes;

    mw_map_set(m, key[0], things);
    bytes = mw_arena_bytes(a);
    for (unsigned i = 1; i < 10000; i++) {
        mw_map_set(m, key[i % 4], things);
        ck_assert_ptr_eq(mw_map_cut(m, key[(i - 1) % 4]), things);
    }
    ck_assert_uint_eq(mw_arena_bytes(a), bytes);
    ck_assert_uint_eq(mw_map_size(m), 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/map");
    TCase *t = tcase_create("map");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, plain);
    tcase_add_test(t, walks_in_order_while_things_are_cut);
    tcase_add_test(t, as_an_array_would);
    tcase_add_test(t, coming_and_going_costs_no_memory);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
