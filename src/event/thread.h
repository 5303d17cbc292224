/* thread.h - blocking work as an op, in a pool of threads.
 *
 * A job is its own counted object with copies of what it needs: it outlives the op that waits for it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_THREAD_H
#define MW_EVENT_THREAD_H

#include "core/buf.h"
#include "event/op.h"

typedef struct mw_threads mw_threads;       /* one pool; threads start with the first job */
mw_threads *mw_threads_new(mw_loop *l, unsigned threads, unsigned most_waiting);
void        mw_threads_free(mw_threads *t);     /* waits for the jobs at hand */

typedef struct mw_named_threads { mw_str name; mw_threads *threads; } mw_named_threads;
/* NULL: there is no pool of that name; pools ends with one without threads */
mw_threads *mw_threads_named(const mw_named_threads *pools, mw_str name);

typedef struct mw_pread {       /* reads a part of a file into a block; zeroed before the first asking */
    mw_op     op;
    mw_block *block;            /* OK: the caller's count; bytes in block->data[0 .. got-1] */
    size_t    got;
    int       err;
    void     *job;
} mw_pread;
mw_rc mw_thread_pread(mw_asker *who, mw_pread *p, mw_threads *t, mw_file *f, uint64_t from, uint32_t size);

/* Anything else that takes long: work_on(data) in a thread.  data is on the heap and handed over.  OK: it came back to
 * `data`, and is the caller's; ERR: nobody took it, it still is.  Cancelled: drop(data), when nobody works on it. */
typedef struct mw_call { mw_op op; void *data; void *job; } mw_call;        /* zeroed before the first asking */
mw_rc mw_thread_call(mw_asker *who, mw_call *c, mw_threads *t, void (*work_on)(void *), void (*drop)(void *),
                     void *data);

#endif
