/* timer.c - tests of the wheel, in virtual time: against a plain list, and at the edges.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/timer.c"

#include <check.h>

#include "event/loop.h"

enum { MANY = 400 };

typedef struct probe { mw_timer timer; uint64_t due, fired; unsigned times; mw_loop *loop; } probe;

static mw_loop loop;

static void fire(void *owner)
{
    probe *p = owner;

    ck_assert(!mw_timer_is_set(&p->timer));
    ck_assert_uint_ge(p->loop->wheel.now, p->due);
    p->fired = p->loop->wheel.now;
    p->times++;
    p->due = 0;
}

static void set(probe *p, uint64_t due)
{
    p->due = due;
    mw_timer_set(&loop, &p->timer, due);
}

static void start(uint64_t now) { mw_wheel_init(&loop.wheel, now); }

static void init(probe *p)
{
    *p = (probe){ .loop = &loop };
    mw_timer_init(&p->timer, fire, p);
}

static uint64_t seed = 88172645463325252u;

static uint64_t dice(void)              /* xorshift64 (Marsaglia 2003): the same numbers in every run */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

START_TEST(each_fires_at_its_time)
{
    static const uint64_t dues[] = { 1, 2, 63, 64, 65, 127, 128, 4095, 4096, 4097, 262143, 262144, 300000, 20000000 };
    static probe          p[sizeof dues / sizeof *dues];
    uint64_t              birth = 1000003;

    start(birth);
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++) {
        init(&p[i]);
        set(&p[i], birth + dues[i]);
    }
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++) {
        mw_wheel_turn(&loop.wheel, birth + dues[i] - 1);
        ck_assert_uint_eq(p[i].times, 0);
        ck_assert_uint_le(mw_wheel_next(&loop.wheel), birth + dues[i]);
        mw_wheel_turn(&loop.wheel, birth + dues[i]);
        ck_assert_uint_eq(p[i].times, 1);
        ck_assert_uint_eq(p[i].fired, birth + dues[i]);
    }
    ck_assert_uint_eq(mw_wheel_next(&loop.wheel), UINT64_MAX);
}
END_TEST

/* A thousand turns of setting, moving and stopping at random; nobody may fire early, late or twice. */
START_TEST(agrees_with_a_plain_list)
{
    static probe p[MANY];
    uint64_t     now = ((uint64_t)1 << 36) - 50000;     /* crosses 2^36 ms, two years after the boot */

    start(now);
    for (unsigned i = 0; i < MANY; i++)
        init(&p[i]);
    for (unsigned turn = 0; turn < 2000; turn++) {
        uint64_t before = now, earliest = UINT64_MAX;

        for (unsigned n = 0; n < 20; n++) {
            probe *one = &p[dice() % MANY];

            if (dice() % 4 == 0) {
                mw_timer_stop(&loop, &one->timer);
                one->due = 0;
            } else {
                set(one, now + 1 + dice() % ((uint64_t)1 << dice() % 24));
            }
        }
        for (unsigned i = 0; i < MANY; i++)
            if (p[i].due != 0 && p[i].due < earliest)
                earliest = p[i].due;
        ck_assert_uint_le(mw_wheel_next(&loop.wheel), earliest);

        now += dice() % ((uint64_t)1 << dice() % 14);
        mw_wheel_turn(&loop.wheel, now);
        for (unsigned i = 0; i < MANY; i++) {
            bool fine = (p[i].due == 0 || p[i].due > now) && (p[i].due != 0 || !mw_timer_is_set(&p[i].timer))
                && (p[i].fired <= before || p[i].fired <= now);

            if (!fine)                          /* an assertion for each would be a system call for each */
                ck_abort_msg("timer %u at %llu", i, (unsigned long long)now);
        }
    }
    for (unsigned i = 0; i < MANY; i++)
        mw_timer_stop(&loop, &p[i].timer);
    mw_wheel_turn(&loop.wheel, now + ((uint64_t)1 << 25));
    ck_assert_uint_eq(mw_wheel_next(&loop.wheel), UINT64_MAX);
}
END_TEST

START_TEST(moving_later_is_an_assignment)
{
    probe   p;
    mw_list where;

    start(500);
    init(&p);
    set(&p, 600);
    where = p.timer.link;
    set(&p, 90000);
    ck_assert_mem_eq(&where, &p.timer.link, sizeof where);
    ck_assert_uint_eq(mw_wheel_next(&loop.wheel), 576);         /* a look where it was; level 1 */
    mw_wheel_turn(&loop.wheel, 89999);
    ck_assert_uint_eq(p.times, 0);
    mw_wheel_turn(&loop.wheel, 90000);
    ck_assert_uint_eq(p.fired, 90000);

    set(&p, 200000);
    set(&p, 90007);                     /* and earlier again */
    mw_wheel_turn(&loop.wheel, 90007);
    ck_assert_uint_eq(p.fired, 90007);
    ck_assert_uint_eq(p.times, 2);
}
END_TEST

static probe *victim;

static void stop_other(void *owner)
{
    mw_timer_stop(&loop, &victim->timer);
    fire(owner);
}

static void set_again(void *owner)
{
    probe *p = owner;

    fire(owner);
    if (p->times < 3)
        set(p, loop.wheel.now);         /* overdue already: next millisecond */
}

START_TEST(timers_meddle_with_timers)
{
    probe a, b, c;

    start(7);
    init(&a);
    init(&b);
    init(&c);
    a.timer.wake = stop_other;
    c.timer.wake = set_again;
    victim = &b;
    set(&a, 70);
    set(&b, 70);
    set(&c, 70);
    mw_wheel_turn(&loop.wheel, 1000);
    ck_assert_uint_eq(a.times, 1);
    ck_assert_uint_eq(b.times, 0);
    ck_assert_uint_eq(c.times, 3);
    ck_assert_uint_eq(c.fired, 72);
    mw_timer_stop(&loop, &a.timer);     /* not set: fine */
}
END_TEST

START_TEST(forever_is_far_away)
{
    probe p;

    start(3);
    init(&p);
    set(&p, UINT64_MAX);
    mw_wheel_turn(&loop.wheel, (uint64_t)1 << 40);
    ck_assert_uint_eq(p.times, 0);
    mw_timer_stop(&loop, &p.timer);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/timer");
    TCase *t = tcase_create("wheel");

    tcase_add_test(t, each_fires_at_its_time);
    tcase_add_test(t, agrees_with_a_plain_list);
    tcase_add_test(t, moving_later_is_an_assignment);
    tcase_add_test(t, timers_meddle_with_timers);
    tcase_add_test(t, forever_is_far_away);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
