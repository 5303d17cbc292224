/* limit.c - unit test of zones of records by key: found, added, cut, full.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/limit.c"

#include "house.h"

typedef struct thing { mw_limit_record record; uint64_t n; } thing;

static mw_rc make_table(mw_zone *z, void *root) { return mw_limit_table_make(z, root); }

START_TEST(records)
{
    static const mw_zone_kind kind = { "test", 1, sizeof(mw_limit_table), make_table, NULL, NULL };
    mw_zone          z = { .name = MW_STR_C("z"), .size = 65536, .kind = &kind, .fd = -1 };
    mw_limit_table  *t;
    mw_limit_record *x, *first;
    unsigned         n = 0;

    ck_assert_int_eq(mw_zone_open(&z), MW_OK);
    t = mw_zone_root(&z);
    ck_assert_ptr_null(mw_limit_find(t, MW_STR("a")));
    first = mw_limit_add(&z, t, MW_STR("a"), sizeof(thing));
    ck_assert_ptr_eq(mw_limit_find(t, MW_STR("a")), first);
    do {
        x = mw_limit_add(&z, t, mw_arena_fmt(arena, "key %u", n++), sizeof(thing));
    } while (x != NULL);
    ck_assert_uint_gt(n, 100);
    ck_assert_ptr_eq(mw_limit_find(t, MW_STR("a")), first);
    ck_assert_ptr_nonnull(mw_limit_find(t, MW_STR("key 99")));
    mw_limit_cut(&z, t, first);
    ck_assert_ptr_null(mw_limit_find(t, MW_STR("a")));
    ck_assert_ptr_nonnull(mw_limit_add(&z, t, MW_STR("b"), sizeof(thing)));
    mw_zone_close(&z);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/limit");

    CASE(s, records);
    return s;
}

#include "run.h"
