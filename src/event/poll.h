/* poll.h - what a poller must offer.  One registration in the life of a descriptor, edge triggered.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_POLL_H
#define MW_EVENT_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"

enum { MW_READ = 1, MW_WRITE = 2, MW_HUP = 4 };     /* MW_HUP: the peer closed or it broke; reading tells which */

typedef struct mw_watch mw_watch;
struct mw_watch {               /* embedded in what is watched; lives until the end of the turn that dropped it */
    int   fd;
    bool  first;                /* its events are told before all others of the same batch (inotify) */
    void (*event)(mw_watch *w, unsigned ready);     /* ready: MW_READ, MW_WRITE, MW_HUP */
};

typedef struct mw_poll mw_poll;             /* the poller's own */
typedef struct mw_poll_kind {
    const char *name;                                               /* "epoll": the word of `use` */
    mw_poll  *(*open)(void);                                    /* NULL: errno */
    mw_rc     (*add)(mw_poll *p, mw_watch *w, bool listening);  /* listening: level triggered, reading only */
    void      (*drop)(mw_poll *p, mw_watch *w);                 /* not needed when the descriptor is closed anyway */
    int       (*wait)(mw_poll *p, int timeout_ms);              /* gathers a batch; how many events; -1: errno, EINTR */
    void      (*tell)(mw_poll *p);                              /* the batch, to its watches; the first ones first */
    void      (*forget)(mw_poll *p, mw_watch *w);               /* untold events of this batch will not be told */
    void      (*close)(mw_poll *p);
} mw_poll_kind;

extern const mw_poll_kind mw_epoll, mw_kqueue;      /* the one that the system has */

#endif
