/* loop.h - a turn: poll, events, timers, bells; then the late bells, with which all that was gathered is sent.
 *
 * Everything that wakes anybody is a bell: an asker's, a puller's, a client's leaving.  A bell may ring too often,
 * never too seldom; rung twice it is queued once.  First in, first out, and a turn is bounded: at most MW_LOOP_WAKES,
 * then it polls again without waiting.  A bell that rings late while late ones are heard belongs to the next turn.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_LOOP_H
#define MW_EVENT_LOOP_H

#include <stddef.h>

#include "core/clock.h"
#include "core/list.h"
#include "event/poll.h"
#include "event/timer.h"

typedef struct mw_loop mw_loop;
typedef struct mw_bell mw_bell;
typedef void mw_wake(void *owner);

struct mw_bell {
    mw_loop  *loop;
    mw_wake  *wake;             /* called from the loop, never from inside the ringing; NULL: deaf */
    void     *owner;
    mw_bell  *ready, **queued;  /* its place in a queue; queued NULL: not rung */
};

typedef struct mw_queue { mw_bell *first, **tail; } mw_queue;

struct mw_loop {
    mw_clock            clock;          /* read once per turn */
    mw_queue            ready;          /* bells, this turn */
    mw_queue            late;           /* bells for the end of the turn: flush what was gathered */
    mw_queue            last;           /* the late ones that are being heard now */
    mw_wheel            wheel;
    const mw_poll_kind *kind;
    mw_poll            *poll;
    mw_list             graves;         /* memory that events of this batch may still name: freed at the turn's end */
    struct mw_worker   *worker;         /* whose loop it is; NULL in the master */
    uint64_t            turns;
    bool                stop;
};
enum { MW_LOOP_WAKES = 1024 };          /* in one turn */

typedef struct mw_grave { mw_list link; void (*bury)(struct mw_grave *); } mw_grave;

mw_loop *mw_loop_new(const mw_poll_kind *kind);     /* NULL: errno */
void     mw_loop_free(mw_loop *l);
void     mw_loop_run(mw_loop *l);                   /* until mw_loop_stop */
void     mw_loop_turn(mw_loop *l, int most_ms);     /* one turn, waiting at most so long (-1: for ever) */
void     mw_loop_stop(mw_loop *l);
static inline uint64_t mw_loop_now(const mw_loop *l) { return l->clock.now; }   /* ms, monotonic, cached per turn */
mw_rc    mw_loop_watch(mw_loop *l, mw_watch *w, bool listening);     /* MW_ERR: errno */
void     mw_loop_unwatch(mw_loop *l, mw_watch *w, bool closing);    /* closing: the caller closes the descriptor next */
void     mw_loop_bury(mw_loop *l, mw_grave *g);     /* g->bury(g) at the turn's end */

void mw_bell_init(mw_bell *b, mw_loop *l, mw_wake *wake, void *owner);
void mw_bell_ring(mw_bell *b);          /* NULL and deaf bells are fine */
void mw_bell_ring_late(mw_bell *b);     /* heard at the end of the turn */
void mw_bell_mute(mw_bell *b);          /* takes back what has rung and was not heard */

#endif
