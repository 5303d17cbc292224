/* master.h - the process that keeps the others.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_MASTER_H
#define MW_MAIN_MASTER_H

#include "main/cycle.h"

typedef struct mw_reign {       /* what a master begins with */
    mw_origin   origin;
    mw_cycle   *cycle;          /* open */
    bool        daemon;         /* we went to the background, or a program before us did */
    bool        successor;      /* a program before us handed on its sockets, */
    pid_t       parent;         /* this one; it may live yet */
    uint64_t    attempt;        /* reloads before this program began */
} mw_reign;

int mw_master_run(const mw_reign *reign);       /* the whole life; what the process is to exit with */
int mw_single_run(const mw_reign *reign);       /* master_process off: single.c */

#endif
