/* signals.c - unit test of signals as events: who sent which, and what is left when they are no longer heard.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/signals.c"

#include <check.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "event/poll.h"

static mw_loop   *loop;
static mw_signals signals;
static int        came[16];
static pid_t      from;
static unsigned   n;

static void remember(mw_signals *s, int number, pid_t who)
{
    ck_assert_ptr_eq(s, &signals);
    came[n++] = number;
    from = who;
}

static void setup(void)
{
    loop = mw_loop_new(&mw_epoll);
    signals = (mw_signals){ .came = remember };
    n = 0;
    ck_assert_int_eq(mw_signals_begin(&signals, loop), MW_OK);
}

static void teardown(void)
{
    mw_signals_leave(&signals);
    mw_signals_restore();
    mw_loop_free(loop);
}

START_TEST(are_heard)
{
    ck_assert(kill(getpid(), SIGHUP) == 0 && kill(getpid(), SIGUSR1) == 0);
    mw_loop_turn(loop, 100);
    ck_assert_uint_eq(n, 2);
    ck_assert(came[0] + came[1] == SIGHUP + SIGUSR1 && from == getpid());
    mw_loop_turn(loop, 0);
    ck_assert_uint_eq(n, 2);
}
END_TEST

START_TEST(of_children)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    mw_loop_turn(loop, 1000);
    ck_assert(n == 1 && came[0] == SIGCHLD && from == child);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

/* What a child that runs another program has: nothing blocked. */
START_TEST(are_restored)
{
    pid_t child = fork();
    int   status;

    if (child == 0) {
        mw_signals_leave(&signals);
        ck_assert_int_eq(signals.watch.fd, -1);
        mw_signals_restore();
        (void)kill(getpid(), SIGUSR2);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR2);
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(mw_signals_name(SIGQUIT), "SIGQUIT");
    ck_assert_str_eq(mw_signals_name(SIGWINCH), "SIGWINCH");
    ck_assert_str_eq(mw_signals_name(12345), "SIG?");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/signals");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, are_heard);
    tcase_add_test(c, of_children);
    tcase_add_test(c, are_restored);
    tcase_add_test(c, names);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
