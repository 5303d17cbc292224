/* nap.c - tests of the op of a timer, in virtual time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/nap.c"

#include <check.h>

static mw_loop *l;
static mw_asker who;
static unsigned woken;

static void wake(void *owner)
{
    (void)owner;
    woken++;
}

static void setup(void)
{
    l = mw_loop_new(&mw_epoll);
    mw_asker_init(&who, l, wake, NULL);
    woken = 0;
}

static void teardown(void) { mw_loop_free(l); }

static void pass(uint64_t ms)           /* the wheel goes ahead of the clock, which the loop then finds in the past */
{
    mw_wheel_turn(&l->wheel, l->wheel.now + ms);
    mw_loop_turn(l, 0);
}

START_TEST(sleeps_so_long)
{
    mw_nap nap = { 0 };

    ck_assert_int_eq(mw_nap_for(&who, &nap, 500000), MW_AGAIN);
    ck_assert_int_eq(mw_nap_for(&who, &nap, 500000), MW_AGAIN);
    pass(499000);
    ck_assert_uint_eq(woken, 0);
    pass(1000);
    ck_assert_uint_eq(woken, 1);
    ck_assert_int_eq(mw_nap_for(&who, &nap, 500000), MW_OK);
}
END_TEST

START_TEST(does_not_sleep_at_all)
{
    mw_nap nap = { 0 };

    ck_assert_int_eq(mw_nap_for(&who, &nap, 0), MW_OK);
    ck_assert_int_eq(mw_nap_for(&who, &nap, 0), MW_OK);
    ck_assert_ptr_null(who.pending);
}
END_TEST

START_TEST(the_loser_is_cancelled)
{
    mw_nap quick = { 0 }, slow = { 0 };

    ck_assert_int_eq(mw_nap_for(&who, &quick, 1000), MW_AGAIN);
    ck_assert_int_eq(mw_nap_for(&who, &slow, 100000), MW_AGAIN);
    pass(2000);
    ck_assert_int_eq(mw_nap_for(&who, &quick, 1000), MW_OK);
    ck_assert_int_eq(mw_nap_for(&who, &slow, 100000), MW_AGAIN);
    mw_asker_cancel(&who);
    ck_assert(!mw_timer_is_set(&slow.timer));
    pass(200000);
    ck_assert_uint_eq(woken, 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/nap");
    TCase *t = tcase_create("nap");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, sleeps_so_long);
    tcase_add_test(t, does_not_sleep_at_all);
    tcase_add_test(t, the_loser_is_cancelled);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
