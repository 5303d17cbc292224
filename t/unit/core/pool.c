/* pool.c - tests of free lists.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.c"

#include <check.h>
#include <signal.h>
#include <string.h>

START_TEST(keeps_so_many_and_no_more)
{
    mw_pool p = MW_POOL(48, 2);
    void   *object[3];

    for (unsigned i = 0; i < 3; i++) {
        object[i] = mw_pool_take(&p);
        memset(object[i], 'x', 48);
    }
    for (unsigned i = 0; i < 3; i++)
        mw_pool_give(&p, object[i]);
    ck_assert_uint_eq(p.kept, MW_POOLS_KEEP ? 2 : 0);
    mw_pool_drain(&p);
    ck_assert_uint_eq(p.kept, 0);
    ck_assert_ptr_null(p.free);
    mw_pool_give(&p, mw_pool_take(&p));         /* still of use */
    mw_pool_drain(&p);
}
END_TEST

START_TEST(all_pools_are_drained)
{
    static mw_pool p = MW_POOL(48, 2), q = MW_POOL(96, 2);

    for (unsigned i = 0; i < 3; i++) {
        mw_pool_give(&p, mw_pool_take(&p));
        mw_pool_give(&q, mw_pool_take(&q));
        ck_assert_uint_eq(p.kept + q.kept, MW_POOLS_KEEP ? 2 : 0);
        mw_pools_drain();
        mw_pools_drain();
        ck_assert_uint_eq(p.kept + q.kept, 0);
    }
}
END_TEST

START_TEST(gives_the_last_first)
{
    mw_pool p = MW_POOL(sizeof(void *), 8);
    void   *a = mw_pool_take(&p), *b = mw_pool_take(&p);

    ck_assert_ptr_ne(a, b);
    mw_pool_give(&p, a);
    mw_pool_give(&p, b);
    if (MW_POOLS_KEEP) {
        ck_assert_ptr_eq(mw_pool_take(&p), b);
        ck_assert_ptr_eq(mw_pool_take(&p), a);
        mw_pool_give(&p, a);
        mw_pool_give(&p, b);
    }
    mw_pool_drain(&p);
}
END_TEST

START_TEST(an_object_holds_a_pointer)
{
    mw_pool p = MW_POOL(sizeof(void *) - 1, 8);

    (void)mw_pool_take(&p);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/pool");
    TCase *t = tcase_create("pool");

    tcase_add_test(t, keeps_so_many_and_no_more);
    tcase_add_test(t, all_pools_are_drained);
    tcase_add_test(t, gives_the_last_first);
    tcase_add_test_raise_signal(t, an_object_holds_a_pointer, SIGABRT);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
