/* lock.c - tests of the lock between processes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/lock.c"

#include <check.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct shared { mw_lock lock; unsigned long count; } shared;

static shared *make_shared(void)
{
    shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert(s != MAP_FAILED);
    mw_lock_init(&s->lock);
    return s;
}

static int status_of(pid_t child)
{
    int status;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

START_TEST(keeps_others_out)
{
    shared  *s = make_shared();
    pid_t    children[4];
    unsigned i, k;

    for (i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        for (k = 0; k < 20000; k++) {
            if (!mw_lock_take(&s->lock))
                _exit(1);
            s->count++;
            mw_lock_give(&s->lock);
        }
        _exit(0);
    }
    for (i = 0; i < 4; i++)
        ck_assert_int_eq(status_of(children[i]), 0);
    ck_assert_uint_eq(s->count, 80000);
}
END_TEST

START_TEST(tells_of_the_dead)
{
    shared *s = make_shared();
    bool    died = false;
    int     round;
    pid_t   child;

    for (round = 0; round < 4; round++) {
        child = fork();
        if (child == 0) {
            (void)mw_lock_take(&s->lock);
            raise(SIGKILL);
        }
        ck_assert(WIFSIGNALED(status_of(child)));
        if (round % 2 == 0)
            ck_assert(!mw_lock_take(&s->lock));
        else
            ck_assert(mw_lock_try(&s->lock, &died) && died);
        mw_lock_give(&s->lock);
        ck_assert(mw_lock_take(&s->lock));          /* told once */
        mw_lock_give(&s->lock);
    }
}
END_TEST

START_TEST(tries)
{
    shared *s = make_shared();
    bool    died = true;
    pid_t   child;

    ck_assert(mw_lock_try(&s->lock, &died) && !died);
    child = fork();
    if (child == 0)
        _exit(mw_lock_try(&s->lock, &died) ? 1 : 0);
    ck_assert_int_eq(status_of(child), 0);
    mw_lock_give(&s->lock);
    ck_assert(mw_lock_take(&s->lock));
}
END_TEST

START_TEST(taking_twice_stops)
{
    shared *s = make_shared();

    (void)mw_lock_take(&s->lock);
    (void)mw_lock_take(&s->lock);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/lock");
    TCase *t = tcase_create("lock");

    tcase_add_test(t, keeps_others_out);
    tcase_add_test(t, tells_of_the_dead);
    tcase_add_test(t, tries);
    tcase_add_test_raise_signal(t, taking_twice_stops, SIGABRT);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
