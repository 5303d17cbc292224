/* counter.c - tests of the counters in shared memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/counter.c"

#include <check.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(counts_over_processes)
{
    mw_counters *c = mw_counters_open();
    pid_t        children[4];
    int          i, k, status;

    ck_assert_ptr_nonnull(c);
    for (i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            mw_counter_row *row = mw_counters_claim(c, getpid());

            for (k = 0; k < 1000; k++)
                mw_count_add(row, MW_COUNT_REQUESTS, 1);
            mw_count_add(row, MW_COUNT_ACTIVE, 3);
            mw_count_add(row, MW_COUNT_ACTIVE, -1);
            _exit(0);
        }
    }
    for (i = 0; i < 4; i++)
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
    ck_assert_uint_eq(mw_counters_sum(c, MW_COUNT_REQUESTS), 4000);
    ck_assert_uint_eq(mw_counters_sum(c, MW_COUNT_ACTIVE), 8);
    mw_counters_bury(c, children[2]);
    mw_counters_bury(c, 999999);                /* nobody */
    ck_assert_uint_eq(mw_counters_sum(c, MW_COUNT_REQUESTS), 4000);
    ck_assert_uint_eq(mw_counters_sum(c, MW_COUNT_ACTIVE), 6);
}
END_TEST

START_TEST(rows_are_found_again)
{
    mw_counters    *c = mw_counters_open();
    mw_counter_row *one = mw_counters_claim(c, 11), *two = mw_counters_claim(c, 12);
    int             i;

    ck_assert(one == &c->slots[1].row && two == &c->slots[2].row);
    ck_assert_uint_ge((uintptr_t)two - (uintptr_t)one, 128);
    mw_count_add(one, MW_COUNT_ACCEPTED, 5);
    mw_counters_bury(c, 11);
    ck_assert(mw_counters_claim(c, 13) == one);
    ck_assert_uint_eq(atomic_load(&one->value[MW_COUNT_ACCEPTED]), 0);
    for (i = 3; i < MW_SLOTS; i++)
        ck_assert_ptr_nonnull(mw_counters_claim(c, 1000 + i));
    ck_assert_ptr_null(mw_counters_claim(c, 5000));
    ck_assert_uint_eq(mw_counters_sum(c, MW_COUNT_ACCEPTED), 5);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/counter");
    TCase *t = tcase_create("counter");

    tcase_add_test(t, counts_over_processes);
    tcase_add_test(t, rows_are_found_again);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
