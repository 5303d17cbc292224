/* epoll.c - tests of the poller over socketpairs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/epoll.c"

#include <check.h>
#include <string.h>
#include <sys/socket.h>

#include "core/list.h"

typedef struct ear { mw_watch watch; int far; unsigned ready, told, order; mw_watch *forgets; } ear;

static mw_poll *p;
static ear      ears[3];
static unsigned order;

static void hear(mw_watch *w, unsigned ready)
{
    ear *e = MW_OWNER(w, ear, watch);

    e->ready |= ready;
    e->told++;
    e->order = ++order;
    if (e->forgets != NULL)
        mw_epoll.forget(p, e->forgets);
}

static void setup(void)
{
    p = mw_epoll.open();
    ck_assert_ptr_nonnull(p);
    order = 0;
    for (unsigned i = 0; i < 3; i++) {
        int fds[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        ears[i] = (ear){ .watch = { .fd = fds[0], .event = hear }, .far = fds[1] };
    }
}

static void teardown(void)
{
    for (unsigned i = 0; i < 3; i++) {
        close(ears[i].watch.fd);
        close(ears[i].far);
    }
    mw_epoll.close(p);
}

static int turn(int ms)
{
    int n = mw_epoll.wait(p, ms);

    mw_epoll.tell(p);
    return n;
}

START_TEST(tells_edges_once)
{
    ear *e = &ears[0];

    ck_assert_int_eq(mw_epoll.add(p, &e->watch, false), MW_OK);
    ck_assert_int_eq(turn(1000), 1);
    ck_assert_uint_eq(e->ready, MW_WRITE);
    ck_assert_int_eq(turn(0), 0);
    ck_assert_int_eq(write(e->far, "x", 1), 1);
    ck_assert_int_eq(turn(1000), 1);
    ck_assert_uint_eq(e->ready, MW_READ | MW_WRITE);
    ck_assert_int_eq(turn(0), 0);       /* an edge: nobody read, and it is not told again */
    shutdown(e->far, SHUT_WR);
    ck_assert_int_eq(turn(1000), 1);
    ck_assert_uint_eq(e->ready, MW_READ | MW_WRITE | MW_HUP);
}
END_TEST

START_TEST(tells_levels_until_they_are_gone)
{
    ear *e = &ears[0];

    ck_assert_int_eq(mw_epoll.add(p, &e->watch, true), MW_OK);
    ck_assert_int_eq(turn(0), 0);
    ck_assert_int_eq(write(e->far, "x", 1), 1);
    ck_assert_int_eq(turn(1000), 1);
    ck_assert_int_eq(turn(1000), 1);
    ck_assert_uint_eq(e->ready, MW_READ);
    mw_epoll.drop(p, &e->watch);
    ck_assert_int_eq(turn(0), 0);
}
END_TEST

START_TEST(broken_is_told_to_everybody)
{
    ear *e = &ears[0];

    ck_assert_int_eq(mw_epoll.add(p, &e->watch, false), MW_OK);
    close(e->far);
    ck_assert_int_eq(turn(1000), 1);
    ck_assert_uint_eq(e->ready, MW_READ | MW_WRITE | MW_HUP);
    e->far = dup(e->watch.fd);
}
END_TEST

START_TEST(the_forgotten_are_not_told)
{
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(mw_epoll.add(p, &ears[i].watch, false), MW_OK);
    ears[0].forgets = ears[2].forgets = &ears[1].watch;         /* whichever comes first of its neighbours */
    ears[1].forgets = NULL;
    ck_assert_int_eq(mw_epoll.wait(p, 1000), 3);
    ck_assert(p->batch[1].data.ptr == &ears[1].watch);
    mw_epoll.tell(p);
    ck_assert_uint_eq(ears[1].told, 0);
    ck_assert_uint_eq(ears[0].told + ears[2].told, 2);
}
END_TEST

START_TEST(the_first_are_told_first)
{
    ears[2].watch.first = true;
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(mw_epoll.add(p, &ears[i].watch, false), MW_OK);
    ck_assert_int_eq(turn(1000), 3);
    ck_assert_uint_eq(ears[2].order, 1);
    ck_assert_uint_eq(ears[2].told, 1);

    ck_assert_int_eq(turn(0), 0);
    p->n = BATCH;                       /* as if the batch had been full of what nobody wants any more */
    memset(p->batch, 0, sizeof p->batch);
    mw_epoll.tell(p);
    ck_assert_uint_eq(ears[2].told, 2);

    ears[2].forgets = &ears[2].watch;   /* leaves while it is told */
    p->n = BATCH;
    mw_epoll.tell(p);
    ck_assert_uint_eq(p->firsts, 0);
}
END_TEST

START_TEST(refuses_what_cannot_be_watched)
{
    mw_watch w = { .fd = -1, .event = hear };

    ck_assert_int_eq(mw_epoll.add(p, &w, false), MW_ERR);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/epoll");
    TCase *t = tcase_create("poll");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, tells_edges_once);
    tcase_add_test(t, tells_levels_until_they_are_gone);
    tcase_add_test(t, broken_is_told_to_everybody);
    tcase_add_test(t, the_forgotten_are_not_told);
    tcase_add_test(t, the_first_are_told_first);
    tcase_add_test(t, refuses_what_cannot_be_watched);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
