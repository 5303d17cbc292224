/* loop.c - the turns of a process, and the bells that ring in them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/loop.h"

#include <errno.h>
#include <limits.h>

#include "core/alloc.h"
#include "core/must.h"

static void queue_init(mw_queue *q)
{
    q->first = NULL;
    q->tail = &q->first;
}

static void enqueue(mw_queue *q, mw_bell *b)
{
    b->ready = NULL;
    b->queued = q->tail;
    *b->queued = b;
    q->tail = &b->ready;
}

/* Out of whichever queue it stands in.  The last one of a queue is the one that its tail points into. */
static void dequeue(mw_loop *l, mw_bell *b)
{
    *b->queued = b->ready;
    if (b->ready != NULL)
        b->ready->queued = b->queued;
    else if (l->ready.tail == &b->ready)
        l->ready.tail = b->queued;
    else if (l->late.tail == &b->ready)
        l->late.tail = b->queued;
    else
        l->last.tail = b->queued;
    b->ready = NULL;
    b->queued = NULL;
}

static void hear_first(mw_loop *l, const mw_queue *q)
{
    mw_bell *b = q->first;

    dequeue(l, b);
    b->wake(b->owner);                  /* b may be gone after it */
}

static void hear_ready(mw_loop *l)
{
    for (unsigned n = 0; l->ready.first != NULL && n < MW_LOOP_WAKES; n++)
        hear_first(l, &l->ready);
}

/* Those that ring late while late ones are heard belong to the next turn: so this ends. */
static void hear_late(mw_loop *l)
{
    if (l->late.first == NULL)
        return;
    l->last = l->late;
    l->last.first->queued = &l->last.first;
    queue_init(&l->late);
    while (l->last.first != NULL)
        hear_first(l, &l->last);
}

static void bury_dead(mw_loop *l)
{
    while (!mw_list_empty(&l->graves)) {
        mw_grave *g = MW_OWNER(l->graves.next, mw_grave, link);

        mw_list_drop(&g->link);
        g->bury(g);
    }
}

/* How long poll may wait: not at all while bells are queued, and not beyond the next timer. */
static int patience(const mw_loop *l, int most_ms)
{
    uint64_t next, in;

    if (l->ready.first != NULL || l->late.first != NULL)
        return 0;
    next = mw_wheel_next(&l->wheel);
    if (next == UINT64_MAX)
        return most_ms;
    in = next > l->clock.now ? next - l->clock.now : 0;
    if (in > INT_MAX)
        in = INT_MAX;
    return most_ms >= 0 && in > (uint64_t)most_ms ? most_ms : (int)in;
}

mw_loop *mw_loop_new(const mw_poll_kind *kind)
{
    mw_loop *l = mw_alloc(sizeof *l);

    l->kind = kind;
    l->poll = kind->open();
    if (l->poll == NULL) {
        mw_free(l);
        return NULL;
    }
    mw_clock_read(&l->clock);
    mw_wheel_init(&l->wheel, l->clock.now);
    queue_init(&l->ready);
    queue_init(&l->late);
    queue_init(&l->last);
    mw_list_init(&l->graves);
    return l;
}

void mw_loop_free(mw_loop *l)
{
    if (l == NULL)
        return;
    bury_dead(l);
    l->kind->close(l->poll);
    mw_free(l);
}

void mw_loop_turn(mw_loop *l, int most_ms)
{
    int n = l->kind->wait(l->poll, patience(l, most_ms));

    MW_MUST(n >= 0 || errno == EINTR);
    mw_clock_read(&l->clock);
    if (n > 0)
        l->kind->tell(l->poll);
    mw_wheel_turn(&l->wheel, l->clock.now);
    hear_ready(l);
    hear_late(l);
    bury_dead(l);
    l->turns++;
}

void mw_loop_run(mw_loop *l)
{
    while (!l->stop)
        mw_loop_turn(l, -1);
    l->stop = false;
}

void mw_loop_stop(mw_loop *l) { l->stop = true; }

mw_rc mw_loop_watch(mw_loop *l, mw_watch *w, bool listening) { return l->kind->add(l->poll, w, listening); }

void mw_loop_unwatch(mw_loop *l, mw_watch *w, bool closing)
{
    l->kind->forget(l->poll, w);
    if (!closing)
        l->kind->drop(l->poll, w);
}

void mw_loop_bury(mw_loop *l, mw_grave *g) { mw_list_add(&l->graves, &g->link); }

void mw_bell_init(mw_bell *b, mw_loop *l, mw_wake *wake, void *owner)
{
    *b = (mw_bell){ .loop = l, .wake = wake, .owner = owner };
}

void mw_bell_ring(mw_bell *b)
{
    if (b != NULL && b->wake != NULL && b->queued == NULL)
        enqueue(&b->loop->ready, b);
}

void mw_bell_ring_late(mw_bell *b)
{
    if (b != NULL && b->wake != NULL && b->queued == NULL)
        enqueue(&b->loop->late, b);
}

void mw_bell_mute(mw_bell *b)
{
    if (b->queued != NULL)
        dequeue(b->loop, b);
}
