/* op.c - tests of ops and their askers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/op.c"

#include <check.h>

static mw_loop *l;
static mw_asker who;
static unsigned woken, stopped;
static mw_op   *order[4];

static void wake(void *owner)
{
    ck_assert_ptr_eq(owner, &who);
    woken++;
}

static void stop(mw_op *op) { order[stopped++] = op; }

static void setup(void)
{
    l = mw_loop_new(&mw_epoll);
    mw_asker_init(&who, l, wake, &who);
    woken = stopped = 0;
}

static void teardown(void) { mw_loop_free(l); }

START_TEST(an_end_is_remembered_and_rings_once)
{
    mw_op a = { 0 }, b = { 0 };

    mw_op_begin(&a, &who, stop);
    mw_op_begin(&b, &who, stop);
    mw_op_finish(&a, MW_OK);
    mw_op_finish(&b, MW_ERR);
    ck_assert_uint_eq(woken, 0);        /* never from inside the ending */
    mw_loop_turn(l, 0);
    ck_assert_uint_eq(woken, 1);
    ck_assert_int_eq(a.state, MW_OP_FINISHED);
    ck_assert_int_eq(a.rc, MW_OK);
    ck_assert_int_eq(b.rc, MW_ERR);
    ck_assert_ptr_null(who.pending);
    ck_assert_uint_eq(stopped, 0);
    mw_op_reset(&a);
    ck_assert_int_eq(a.state, MW_OP_IDLE);
}
END_TEST

START_TEST(cancelling_goes_newest_first_and_is_silent)
{
    mw_op op[4] = { { 0 } };

    for (unsigned i = 0; i < 4; i++)
        mw_op_begin(&op[i], &who, stop);
    mw_op_finish(&op[2], MW_OK);        /* from the middle */
    mw_asker_cancel(&who);
    mw_loop_turn(l, 0);
    ck_assert_uint_eq(woken, 0);
    ck_assert_uint_eq(stopped, 3);
    ck_assert_ptr_eq(order[0], &op[3]);
    ck_assert_ptr_eq(order[1], &op[1]);
    ck_assert_ptr_eq(order[2], &op[0]);
    ck_assert_int_eq(op[0].state, MW_OP_IDLE);
    ck_assert_int_eq(op[2].state, MW_OP_FINISHED);
}
END_TEST

START_TEST(known_at_once_rings_nothing)
{
    mw_op a = { 0 };

    ck_assert_int_eq(mw_op_answer(&a, MW_END), MW_END);
    ck_assert_int_eq(a.state, MW_OP_FINISHED);
    ck_assert_int_eq(a.rc, MW_END);
    mw_loop_turn(l, 0);
    ck_assert_uint_eq(woken, 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/op");
    TCase *t = tcase_create("op");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_end_is_remembered_and_rings_once);
    tcase_add_test(t, cancelling_goes_newest_first_and_is_silent);
    tcase_add_test(t, known_at_once_rings_nothing);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
