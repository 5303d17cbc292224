/* timer.c - a hierarchical wheel of timers.
 *
 * A timer that is due at T lies on the level of the highest group of six bits in which T differs from
 * `now`, in the slot which that group names.  So a slot of level n is nearer than any of level n + 1, and
 * finding the next one is looking at one bit map per level.  When the time reaches a slot, what lies in it
 * is woken or falls to a lower level.  Moving a timer later leaves it where it is; it is put anew when its
 * old slot comes (`due` is later than that time).  A bit of `used` may stay set for a slot that became
 * empty: it costs one look when its time comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/timer.h"

#include "event/loop.h"

enum { SLOTS = 1 << MW_WHEEL_BITS };
static const uint64_t slot_mask = SLOTS - 1;
static const uint64_t most = ((uint64_t)1 << (MW_WHEEL_BITS * MW_WHEEL_LEVELS)) - 1;

static unsigned shift_of(unsigned level) { return level * MW_WHEEL_BITS; }

static unsigned level_of(uint64_t now, uint64_t slot)
{
    uint64_t differs = now ^ slot;
    unsigned level = 0;

    while (level + 1 < MW_WHEEL_LEVELS && differs >> shift_of(level + 1) != 0)
        level++;
    return level;
}

static void put(mw_wheel *w, mw_timer *t)
{
    uint64_t slot = t->due > w->now ? t->due : w->now + 1;
    unsigned level, i;

    if (slot > most)
        slot = most;
    level = level_of(w->now, slot);
    i = (unsigned)(slot >> shift_of(level) & slot_mask);
    t->slot = slot;
    mw_list_add(&w->slots[level][i], &t->link);
    w->used[level] |= (uint64_t)1 << i;
}

static void take_out(mw_timer *t)
{
    mw_list_drop(&t->link);
    t->link.next = NULL;
}

/* The first used slot of a level that lies ahead of now; SLOTS: none. */
static unsigned next_slot(uint64_t used, uint64_t now, unsigned level)
{
    uint64_t at = now >> shift_of(level) & slot_mask;

    used &= ~(uint64_t)1 << at;         /* not those up to now's own */
    return used != 0 ? (unsigned)__builtin_ctzll(used) : SLOTS;
}

typedef struct place { uint64_t when; unsigned level, slot; } place;

/* The next used slot and when it begins; UINT64_MAX: none is used. */
static place look_ahead(const mw_wheel *w)
{
    for (unsigned level = 0; level < MW_WHEEL_LEVELS; level++) {
        unsigned above = shift_of(level + 1), slot = next_slot(w->used[level], w->now, level);

        if (slot < SLOTS)
            return (place){ (w->now >> above << above) | (uint64_t)slot << shift_of(level), level, slot };
    }
    return (place){ .when = UINT64_MAX };
}

static void empty_slot(mw_wheel *w, unsigned level, unsigned slot)
{
    mw_list *from = &w->slots[level][slot], all;

    w->used[level] &= ~((uint64_t)1 << slot);
    if (mw_list_empty(from))
        return;
    all = *from;                        /* a list of its own: waking may set timers anew */
    all.next->prev = all.prev->next = &all;
    mw_list_init(from);
    while (!mw_list_empty(&all)) {
        mw_timer *t = MW_OWNER(all.next, mw_timer, link);

        take_out(t);
        if (t->due > w->now) {
            put(w, t);
        } else if (t->due != 0) {
            t->due = 0;
            t->wake(t->owner);
        }
    }
}

void mw_timer_init(mw_timer *t, void (*wake)(void *), void *owner)
{
    *t = (mw_timer){ .wake = wake, .owner = owner };
}

void mw_timer_set(mw_loop *l, mw_timer *t, uint64_t due)
{
    t->due = due != 0 ? due : 1;
    if (t->link.next != NULL) {
        if (t->slot <= t->due)
            return;
        take_out(t);
    }
    put(&l->wheel, t);
}

void mw_timer_stop(mw_loop *l, mw_timer *t)
{
    (void)l;
    t->due = 0;
    if (t->link.next != NULL)
        take_out(t);
}

void mw_wheel_init(mw_wheel *w, uint64_t now)
{
    w->now = now;
    for (unsigned level = 0; level < MW_WHEEL_LEVELS; level++) {
        w->used[level] = 0;
        for (unsigned i = 0; i < SLOTS; i++)
            mw_list_init(&w->slots[level][i]);
    }
}

void mw_wheel_turn(mw_wheel *w, uint64_t now)
{
    while (w->now < now) {
        place next = look_ahead(w);

        if (next.when > now) {
            w->now = now;
            return;
        }
        w->now = next.when;
        empty_slot(w, next.level, next.slot);
    }
}

uint64_t mw_wheel_next(const mw_wheel *w)
{
    return look_ahead(w).when;
}
