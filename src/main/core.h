/* core.h - what the directives outside of all blocks, and those of `events`, say about the processes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_CORE_H
#define MW_MAIN_CORE_H

#include <sys/types.h>

#include "conf/bind.h"

typedef struct mw_cpus { uint64_t bits[16]; } mw_cpus;      /* a set of processors, 1,024 at most */
/* automatic: masks[0] or all */
typedef struct mw_affinity { mw_cpus *masks; unsigned n; bool automatic; } mw_affinity;
typedef struct mw_user { mw_str name; uid_t uid; gid_t gid; bool written; } mw_user;
typedef struct mw_thread_pool { mw_str name; uint32_t threads, waiting; } mw_thread_pool;
typedef struct mw_limit { uint64_t value; bool written; } mw_limit;

typedef enum mw_debug_points { MW_DEBUG_NONE, MW_DEBUG_STOP, MW_DEBUG_ABORT } mw_debug_points;

typedef struct mw_main_conf {
    bool        daemon, master_process, pcre_jit, ssl_object_cache_inheritable;
    uint32_t    workers;
    mw_limit    rlimit_core, rlimit_nofile;
    int64_t     priority;
    mw_affinity affinity;
    mw_user     user;
    mw_msec     shutdown_timeout, timer_resolution;
    mw_str      pid, lock_file, working_directory;
    mw_array    env;                        /* mw_str: NAME or NAME=value */
    mw_array    pools;                      /* mw_thread_pool */
    mw_enum     debug_points;
    const mw_sinks *errors;
} mw_main_conf;

typedef struct mw_events_conf {
    uint32_t connections, epoll_events, aio_requests;
    mw_str   use;
    bool     multi_accept, accept_mutex;
    mw_msec  accept_mutex_delay;
    mw_array debug;                         /* mw_cidr: debug_connection */
} mw_events_conf;

extern const mw_module mw_main_module, mw_events_module;

/* The processors of this machine that this process may use. */
unsigned mw_cpus_usable(mw_cpus *set);
static inline bool mw_cpus_has(const mw_cpus *set, unsigned i) { return (set->bits[i / 64] >> (i % 64) & 1) != 0; }

/* Which processors worker `number` gets; NULL: no affinity was written. Automatic: the number-th one of the mask. */
const mw_cpus *mw_affinity_of(const mw_affinity *a, unsigned number, mw_cpus *room);

/* affinity.c: setters */
mw_setter mw_set_affinity, mw_set_workers;

#endif
