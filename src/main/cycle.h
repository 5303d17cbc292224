/* cycle.h - a generation: one configuration and all that was opened for it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_CYCLE_H
#define MW_MAIN_CYCLE_H

#include "conf/bind.h"
#include "conf/front.h"
#include "main/core.h"

typedef struct mw_origin {      /* where configurations come from; of the process, never changes */
    mw_str prefix, conf;        /* absolute; prefix ends with '/' */
    mw_str globals;             /* -g */
    const mw_sinks *early;      /* error_log until there is one */
} mw_origin;

typedef struct mw_cycle {
    mw_list     all;            /* for who keeps several */
    mw_arena   *arena;
    mw_diag     diag;
    mw_reader   reader;
    mw_wants    wants;
    mw_node    *tree;           /* NULL: the main file could not be read */
    mw_level   *top;
    const void *http;           /* mw_gather of the http block, or NULL */
    const mw_main_conf   *main;
    const mw_events_conf *events;
    bool        has_events;
    unsigned    number;         /* 1, 2 ...: of the readings of this process */
    unsigned    users;          /* worker processes that live on it */
} mw_cycle;

typedef struct mw_inherited {   /* a descriptor that came with the program, over an upgrade */
    int      fd, type;
    mw_addr  addr;
    bool     taken;
} mw_inherited;
typedef struct mw_legacy { mw_inherited *sockets; unsigned n; int *zones; unsigned nzones; } mw_legacy;

/* never NULL; usable when diag.errors is 0 */
mw_cycle *mw_cycle_read(const mw_origin *from, mw_log *log, bool testing);
void      mw_cycle_say(const mw_cycle *c, mw_log *log);     /* what the reading found, to the log only */
mw_str    mw_cycle_why(const mw_cycle *c, mw_arena *a);     /* the first error as a line: [emerg] TEXT in FILE:LINE */
/* what can only be said when all is bound */
mw_rc     mw_cycle_verify(const mw_cycle *c, mw_log *log, bool testing);
/* Opens logs, folders, zones and sockets; what `old` has already is shared with it.  MW_ERR: said; free the cycle. */
mw_rc     mw_cycle_open(mw_cycle *c, const mw_cycle *old, mw_legacy *legacy, mw_log *log);
/* Closes what is not shared with `heir` (may be NULL).  unlink: unix sockets too, by name. */
void      mw_cycle_close_sockets(mw_cycle *c, const mw_cycle *heir, bool unlink);
void      mw_cycle_free(mw_cycle *c);                       /* its sockets were closed before */
/* All logs anew: SIGUSR1.  Run by root they become the workers', who may be asked to reopen them by a signal, too. */
void      mw_cycle_reopen(const mw_cycle *c, mw_log *log);

/* sockets.c */
mw_rc     mw_sockets_open(mw_cycle *c, const mw_cycle *old, mw_legacy *legacy, mw_log *log);
void      mw_sockets_inherit(mw_legacy *to, mw_arena *a, mw_str sockets, mw_str zones, mw_log *log);    /* "5;6;" */
void      mw_legacy_close(mw_legacy *l);                    /* what nobody took */

#endif
