/* worker.h - the process that serves.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_WORKER_H
#define MW_MAIN_WORKER_H

#include "core/counter.h"
#include "main/cycle.h"

typedef struct mw_birth {       /* what a worker is born with */
    mw_cycle    *cycle;
    unsigned     number, slot;
    int          channel;       /* to the master; -1: there is none, master_process off */
    mw_counters *counters;
    /* without a master: told when it serves, and asked for the next generation */
    void       (*serves)(void *owner);
    bool       (*reload)(void *owner);      /* SIGHUP; true: end in peace, somebody takes our place */
    void        *owner;
} mw_birth;

enum { MW_EXIT_FATAL = 2 };     /* a worker that could not begin: another one could not either */

int mw_worker_run(const mw_birth *birth);       /* the whole life; what the process is to exit with */

#endif
