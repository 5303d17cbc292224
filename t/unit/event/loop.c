/* loop.c - tests of the turn, with a poller that only counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/loop.c"

#include <check.h>

static int  waited;                     /* the timeout poll was last called with */
static char heard[64];
static unsigned heard_n;

static mw_poll *fake_open(void) { return mw_alloc(1); }
static mw_rc fake_add(mw_poll *p, mw_watch *w, bool listening) { return (void)p, (void)w, listening ? MW_ERR : MW_OK; }
static void fake_drop(mw_poll *p, mw_watch *w) { (void)p, (void)w; }
static void fake_tell(mw_poll *p) { (void)p; }
static void fake_close(mw_poll *p) { mw_free(p); }

static int fake_wait(mw_poll *p, int timeout_ms)
{
    (void)p;
    waited = timeout_ms;
    errno = EINTR;
    return -1;
}

static const mw_poll_kind fake = {
    .name = "fake", .open = fake_open, .add = fake_add, .drop = fake_drop, .wait = fake_wait, .tell = fake_tell,
    .forget = fake_drop, .close = fake_close,
};

typedef struct ringer { mw_bell bell; char name; mw_bell *also, *also_late, *mutes; } ringer;

static void hear(void *owner)
{
    ringer *r = owner;

    if (heard_n < sizeof heard - 1)
        heard[heard_n] = r->name;
    heard_n++;
    mw_bell_ring(r->also);
    mw_bell_ring_late(r->also_late);
    if (r->mutes != NULL)
        mw_bell_mute(r->mutes);
}

static mw_loop *l;
static ringer   a, b, c, d;

static void setup(void)
{
    l = mw_loop_new(&fake);
    ck_assert_ptr_nonnull(l);
    memset(heard, 0, sizeof heard);
    heard_n = 0;
    a = (ringer){ .name = 'a' };
    b = (ringer){ .name = 'b' };
    c = (ringer){ .name = 'c' };
    d = (ringer){ .name = 'd' };
    mw_bell_init(&a.bell, l, hear, &a);
    mw_bell_init(&b.bell, l, hear, &b);
    mw_bell_init(&c.bell, l, hear, &c);
    mw_bell_init(&d.bell, l, hear, &d);
}

static void teardown(void) { mw_loop_free(l); }

START_TEST(bells_are_heard_in_order_and_once)
{
    mw_bell deaf;

    mw_bell_init(&deaf, l, NULL, NULL);
    mw_bell_ring(NULL);
    mw_bell_ring(&deaf);
    mw_bell_ring(&b.bell);
    mw_bell_ring(&a.bell);
    mw_bell_ring(&b.bell);
    mw_bell_ring(&c.bell);
    mw_loop_turn(l, -1);
    ck_assert_int_eq(waited, 0);        /* somebody waits to be heard: poll does not */
    ck_assert_str_eq(heard, "bac");
    mw_loop_turn(l, 17);
    ck_assert_int_eq(waited, 17);
    ck_assert_uint_eq(heard_n, 3);
}
END_TEST

START_TEST(muted_ones_are_not_heard)
{
    mw_bell *all[] = { &a.bell, &b.bell, &c.bell };

    for (unsigned i = 0; i < 3; i++) {          /* first, middle and last; then the queue still works */
        heard_n = 0;
        memset(heard, 0, sizeof heard);
        for (unsigned k = 0; k < 3; k++)
            mw_bell_ring(all[k]);
        mw_bell_mute(all[i]);
        mw_bell_mute(all[i]);
        mw_bell_ring(&d.bell);
        mw_loop_turn(l, 0);
        ck_assert_str_eq(heard, i == 0 ? "bcd" : i == 1 ? "acd" : "abd");
    }
    a.mutes = &b.bell;                  /* while the queue is heard */
    mw_bell_ring(&a.bell);
    mw_bell_ring(&b.bell);
    mw_loop_turn(l, 0);
    ck_assert_str_eq(heard, "abda");
}
END_TEST

START_TEST(late_ones_come_last_and_once_a_turn)
{
    mw_bell_ring_late(&a.bell);
    mw_bell_ring_late(&b.bell);
    mw_bell_ring(&c.bell);
    c.also = &d.bell;                   /* rung while others are heard: still before the late ones */
    a.also_late = &a.bell;              /* rings itself again: next turn */
    a.also = &c.bell;
    mw_loop_turn(l, -1);
    ck_assert_str_eq(heard, "cdab");
    a.also_late = a.also = NULL;
    c.also = NULL;
    mw_loop_turn(l, -1);
    ck_assert_int_eq(waited, 0);
    ck_assert_str_eq(heard, "cdabca");
    mw_loop_turn(l, 5);
    ck_assert_int_eq(waited, 5);
}
END_TEST

START_TEST(late_ones_can_be_muted)
{
    mw_bell_ring_late(&a.bell);
    mw_bell_ring_late(&b.bell);
    mw_bell_ring_late(&c.bell);
    mw_bell_mute(&c.bell);              /* the last one of the late */
    a.mutes = &b.bell;                  /* the last one of those being heard */
    mw_loop_turn(l, 0);
    ck_assert_str_eq(heard, "a");
    mw_bell_ring_late(&d.bell);
    mw_bell_ring_late(&b.bell);
    mw_loop_turn(l, 0);
    ck_assert_str_eq(heard, "adb");
}
END_TEST

START_TEST(a_turn_is_bounded)
{
    a.also = &a.bell;
    mw_bell_ring(&a.bell);
    mw_bell_ring_late(&b.bell);
    mw_loop_turn(l, -1);
    ck_assert_uint_eq(heard_n, MW_LOOP_WAKES + 1);      /* b too */
    mw_loop_turn(l, -1);
    ck_assert_int_eq(waited, 0);
    mw_bell_mute(&a.bell);
}
END_TEST

typedef struct tomb { mw_grave grave; bool buried; } tomb;

static void bury(mw_grave *g)
{
    tomb *t = MW_OWNER(g, tomb, grave);

    t->buried = true;
}

static void see_unburied(void *owner)
{
    tomb *t = owner;

    ck_assert(!t->buried);
}

START_TEST(the_dead_are_buried_after_the_last_bell)
{
    tomb    t = { .grave = { .bury = bury } };
    mw_bell bell;

    mw_bell_init(&bell, l, see_unburied, &t);
    mw_loop_bury(l, &t.grave);
    mw_bell_ring_late(&bell);
    mw_loop_turn(l, 0);
    ck_assert(t.buried);
}
END_TEST

static void nothing(void *owner) { (void)owner; }

START_TEST(poll_waits_for_the_next_timer)
{
    mw_timer t;

    mw_timer_init(&t, nothing, NULL);
    mw_loop_turn(l, -1);
    ck_assert_int_eq(waited, -1);
    mw_timer_set(l, &t, mw_loop_now(l) + 60000);
    ck_assert_int_gt(patience(l, -1), 0);
    ck_assert_int_le(patience(l, -1), 60000);
    ck_assert_int_eq(patience(l, 0), 0);
    mw_timer_set(l, &t, UINT64_MAX);
    ck_assert_int_le(patience(l, -1), INT_MAX);
    ck_assert_int_gt(patience(l, -1), 0);
    mw_timer_stop(l, &t);
}
END_TEST

static void stop(void *owner) { mw_loop_stop(owner); }

START_TEST(runs_until_it_is_stopped)
{
    mw_bell  bell;
    uint64_t before = l->turns;

    mw_bell_init(&bell, l, stop, l);
    mw_bell_ring(&bell);
    mw_loop_run(l);
    ck_assert_uint_eq(l->turns, before + 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/loop");
    TCase *t = tcase_create("turn");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, bells_are_heard_in_order_and_once);
    tcase_add_test(t, muted_ones_are_not_heard);
    tcase_add_test(t, late_ones_come_last_and_once_a_turn);
    tcase_add_test(t, late_ones_can_be_muted);
    tcase_add_test(t, a_turn_is_bounded);
    tcase_add_test(t, the_dead_are_buried_after_the_last_bell);
    tcase_add_test(t, poll_waits_for_the_next_timer);
    tcase_add_test(t, runs_until_it_is_stopped);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
