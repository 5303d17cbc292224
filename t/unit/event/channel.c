/* channel.c - tests of messages and descriptors over a socketpair.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/channel.c"

#include <check.h>
#include <fcntl.h>

static mw_loop   *l;
static mw_channel near;
static int        far;
static unsigned   heard_n, gone_n;
static mw_message last;
static bool       closes;

static void heard(mw_channel *c, const mw_message *m)
{
    ck_assert_ptr_eq(c, &near);
    last = *m;
    heard_n++;
    if (closes)
        mw_channel_close(c, l);
}

static void gone(mw_channel *c)
{
    gone_n++;
    mw_channel_close(c, l);
}

static void setup(void)
{
    int fds[2];

    l = mw_loop_new(&mw_epoll);
    ck_assert_int_eq(mw_channel_pair(fds), MW_OK);
    ck_assert(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
    ck_assert(fcntl(fds[1], F_GETFD) & FD_CLOEXEC);
    near = (mw_channel){ .heard = heard, .gone = gone };
    ck_assert_int_eq(mw_channel_listen(&near, l, fds[0]), MW_OK);
    far = fds[1];
    heard_n = gone_n = 0;
    closes = false;
}

static void teardown(void)
{
    if (far >= 0)
        close(far);
    mw_channel_close(&near, l);
    mw_loop_free(l);
}

START_TEST(messages_arrive_whole_and_in_order)
{
    for (uint32_t i = 1; i <= 40; i++) {
        mw_message m = { .order = MW_ORDER_READY, .slot = i, .pid = -5, .fd = -1 };

        ck_assert_int_eq(mw_channel_send(far, &m), MW_OK);
    }
    mw_loop_turn(l, 100);
    ck_assert_uint_eq(heard_n, AT_ONCE);        /* its share of one turn; level triggered: told again */
    mw_loop_turn(l, 100);
    mw_loop_turn(l, 100);
    ck_assert_uint_eq(heard_n, 40);
    ck_assert_uint_eq(last.slot, 40);
    ck_assert_uint_eq(last.order, MW_ORDER_READY);
    ck_assert_int_eq(last.pid, -5);
    ck_assert_int_eq(last.fd, -1);
}
END_TEST

START_TEST(descriptors_travel)
{
    int        pipes[2];
    char       c = 0;
    mw_message m = { .order = MW_ORDER_REOPEN };

    ck_assert_int_eq(pipe(pipes), 0);
    m.fd = pipes[1];
    ck_assert_int_eq(mw_channel_send(far, &m), MW_OK);
    close(pipes[1]);
    mw_loop_turn(l, 100);
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_int_ge(last.fd, 0);
    ck_assert(fcntl(last.fd, F_GETFD) & FD_CLOEXEC);
    ck_assert_int_eq(write(last.fd, "x", 1), 1);
    ck_assert_int_eq(read(pipes[0], &c, 1), 1);
    ck_assert_int_eq(c, 'x');
    close(last.fd);
    close(pipes[0]);
}
END_TEST

START_TEST(what_is_no_message_is_passed_over)
{
    char       junk[100] = "junk";
    mw_message m = { .order = MW_ORDER_QUIT, .fd = -1 };

    ck_assert_int_eq(send(far, junk, 3, 0), 3);
    ck_assert_int_eq(send(far, junk, sizeof junk, 0), sizeof junk);
    ck_assert_int_eq(mw_channel_send(far, &m), MW_OK);
    mw_loop_turn(l, 100);
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_uint_eq(last.order, MW_ORDER_QUIT);
}
END_TEST

START_TEST(the_end_is_told_after_the_last_message)
{
    mw_message m = { .order = MW_ORDER_QUIT, .fd = -1 };

    ck_assert_int_eq(mw_channel_send(far, &m), MW_OK);
    close(far);
    far = -1;
    mw_loop_turn(l, 100);
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_uint_eq(gone_n, 1);
    ck_assert_int_eq(near.watch.fd, -1);
}
END_TEST

START_TEST(may_be_closed_by_its_hearer)
{
    mw_message m = { .order = MW_ORDER_QUIT, .fd = -1 };

    closes = true;
    ck_assert_int_eq(mw_channel_send(far, &m), MW_OK);
    ck_assert_int_eq(mw_channel_send(far, &m), MW_OK);
    mw_loop_turn(l, 100);
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_int_eq(mw_channel_send(far, &m), MW_ERR);
}
END_TEST

START_TEST(a_full_one_says_so)
{
    mw_message m = { .order = MW_ORDER_READY, .fd = -1 };
    mw_rc      rc = MW_OK;

    for (unsigned i = 0; i < 1000000 && rc == MW_OK; i++)
        rc = mw_channel_send(far, &m);
    ck_assert_int_eq(rc, MW_AGAIN);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/channel");
    TCase *t = tcase_create("channel");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, messages_arrive_whole_and_in_order);
    tcase_add_test(t, descriptors_travel);
    tcase_add_test(t, what_is_no_message_is_passed_over);
    tcase_add_test(t, the_end_is_told_after_the_last_message);
    tcase_add_test(t, may_be_closed_by_its_hearer);
    tcase_add_test(t, a_full_one_says_so);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
