/* children.h - the processes of a master: who was born, who is ready, who died and why.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_CHILDREN_H
#define MW_MAIN_CHILDREN_H

#include <sys/types.h>

#include "core/counter.h"
#include "event/channel.h"
#include "main/cycle.h"
#include "main/signals.h"

typedef struct mw_crew mw_crew;
typedef struct mw_child {       /* a worker, alive or about to be born again */
    mw_list    all;
    mw_crew   *crew;
    mw_cycle  *cycle;           /* counted in cycle->users while it lives */
    mw_channel channel;
    pid_t      pid;             /* 0: dead, waits for its next birth */
    unsigned   number, slot;
    bool       ready;           /* said so */
    bool       told;            /* to go: its end is no loss */
    unsigned   quick;           /* deaths in a row, soon after birth */
    uint64_t   born, again;     /* ms, monotonic; again: not before */
} mw_child;

struct mw_crew {
    mw_loop     *loop;
    mw_signals  *signals;       /* of the master; closed in children */
    mw_log      *log;
    mw_counters *counters;
    mw_list     *cycles;        /* all generations of the master; a child keeps its own */
    mw_list      children;      /* mw_child.all */
    mw_timer     births;        /* the next one that waits */
    void       (*ready)(mw_child *c);
    void        *owner;
    bool         slots[MW_SLOTS];
};

void mw_crew_begin(mw_crew *f);
void mw_crew_populate(mw_crew *f, mw_cycle *c);         /* all workers of a generation */
mw_child *mw_crew_find(mw_crew *f, pid_t pid);          /* NULL: none of them */
/* Says how it ended and takes it out: books mended, its slot free.  born_again: unless it was told to go, or cannot
 * live. */
void mw_crew_bury(mw_crew *f, mw_child *c, int status, bool born_again);
void mw_crew_tell(mw_crew *f, const mw_cycle *only, mw_order order);    /* only NULL: all of them */
void mw_crew_reopen(mw_crew *f);                        /* each gets its logs, opened anew */
unsigned mw_crew_count(const mw_crew *f, const mw_cycle *only);         /* those that live */
bool mw_crew_ready(const mw_crew *f, const mw_cycle *c);    /* all of that generation serve */
void mw_crew_forget(mw_crew *f, const mw_cycle *c);     /* no more births on it */
void mw_crew_kill(mw_crew *f, int number);              /* the last resort */
void mw_status_say(mw_log *log, const char *what, pid_t pid, int status);   /* "worker process 12 exited with code 0" */

#endif
