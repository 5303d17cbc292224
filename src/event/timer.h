/* timer.h - a hierarchical wheel of timers; a timer lives in what it times.
 *
 * Setting, moving and stopping are O(1); moving later is an assignment, the wheel is touched when the old time comes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_TIMER_H
#define MW_EVENT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"

struct mw_loop;

typedef struct mw_timer {
    mw_list   link;             /* next NULL: not in the wheel */
    uint64_t  due;              /* ms, monotonic; 0: not set */
    uint64_t  slot;             /* the time under which it lies in the wheel */
    void    (*wake)(void *owner);       /* from the loop; the timer is no longer set then */
    void     *owner;
} mw_timer;

enum { MW_WHEEL_BITS = 6, MW_WHEEL_LEVELS = 7 };    /* 1 ms a slot at the first level; 2^42 ms in all */
typedef struct mw_wheel {
    uint64_t now;                                       /* up to which all has been woken */
    uint64_t used[MW_WHEEL_LEVELS];                     /* a bit for each slot that is not empty */
    mw_list  slots[MW_WHEEL_LEVELS][1 << MW_WHEEL_BITS];
} mw_wheel;

void mw_timer_init(mw_timer *t, void (*wake)(void *), void *owner);
void mw_timer_set(struct mw_loop *l, mw_timer *t, uint64_t due);    /* due: mw_loop_now() + ms; also when it is set */
void mw_timer_stop(struct mw_loop *l, mw_timer *t);                 /* also when not set; a must before memory goes */
static inline bool mw_timer_is_set(const mw_timer *t) { return t->due != 0; }

void     mw_wheel_init(mw_wheel *w, uint64_t now);
void     mw_wheel_turn(mw_wheel *w, uint64_t now);      /* wakes all that is due */
uint64_t mw_wheel_next(const mw_wheel *w);              /* before which nothing is due; UINT64_MAX: none set */

#endif
