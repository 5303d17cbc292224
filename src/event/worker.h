/* worker.h - what a worker process has: its loop and what all floors above share in it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_WORKER_H
#define MW_EVENT_WORKER_H

#include "core/counter.h"
#include "core/log.h"
#include "event/filecache.h"
#include "event/loop.h"

/* How long a kept connection is open yet after its worker left, or after its answer if that was later. */
enum { MW_LEAVING_MS = 300 };

typedef struct mw_leaver {      /* somebody who must be told when the worker drains */
    mw_list link;
    void  (*leave)(struct mw_leaver *);
} mw_leaver;

typedef struct mw_worker {
    mw_loop         *loop;
    mw_log           log;               /* the process' own: "12#12: text" */
    mw_arena        *arena;             /* of the process, for what modules start */
    unsigned         number;            /* 0 .. of this generation */
    mw_counters     *counters;
    mw_counter_row  *count;             /* its row */
    mw_filecache    *files;
    mw_list          idle;              /* mw_conn.idle: connections between requests, oldest first */
    mw_list          leavers;           /* mw_leaver.link */
    mw_list          listeners;         /* mw_listener.link */
    uint32_t         connections, most; /* in use; worker_connections */
    uint64_t         serial;            /* of the next connection; unique over the generation's workers */
    bool             leaving;           /* graceful: no keep-alive any more */
    void           (*freed)(struct mw_worker *);    /* a connection slot became free */
    const struct mw_level *conf;        /* the generation's main level */
    const struct mw_module *const *modules;
    void           **state;             /* by module number: what the module keeps in this process */
    struct mw_zone **zones;             /* of the generation; ends with NULL */
    unsigned         slot;              /* 1 .. MW_SLOTS - 1: of no other worker alive, of whatever generation */
    /* by name, with `default`; ends with one without threads.  Threads start with the first job */
    struct mw_named_threads *pools;
    /* mw_leaver.link: told before the logs are opened anew, to write what they hold */
    mw_list          reopeners;
    const mw_cidr   *debug;             /* debug_connection: whoever comes from there speaks at debug level */
    size_t           ndebug;
} mw_worker;

#endif
