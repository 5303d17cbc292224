/* index.c - tests of the intrusive hash table: many come, half go, the rest is found.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/index.c"

#include <check.h>
#include <stdbool.h>

enum { MANY = 3000 };

typedef struct thing { unsigned number; mw_node node; } thing;

static bool found(const mw_index *ix, const thing *t, uint64_t hash)
{
    unsigned n = 0;

    for (mw_node *node = mw_index_first(ix, hash); node != NULL; node = mw_index_next(node))
        n += MW_NODE_OWNER(node, thing, node) == t;
    ck_assert_uint_le(n, 1);
    return n == 1;
}

START_TEST(all_are_found_and_no_others)
{
    static thing things[MANY];
    mw_index     ix = { 0 };

    ck_assert_ptr_null(mw_index_first(&ix, 7));
    for (unsigned i = 0; i < MANY; i++)
        mw_index_add(&ix, &things[i].node, i % 1000 * 64);      /* three of each hash, few slots used */
    ck_assert_uint_eq(ix.n, MANY);
    for (unsigned i = 0; i < MANY; i += 2)
        mw_index_cut(&ix, &things[i].node);
    ck_assert_uint_eq(ix.n, MANY / 2);
    for (unsigned i = 0; i < MANY; i++)
        ck_assert(found(&ix, &things[i], i % 1000 * 64) == (i % 2 == 1));
    mw_index_free(&ix);
    ck_assert_uint_eq(ix.room, 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/index");
    TCase *c = tcase_create("index");

    tcase_add_test(c, all_are_found_and_no_others);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
