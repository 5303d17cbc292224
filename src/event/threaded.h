/* threaded.h - a file as a source whose bytes are read by a pool of threads, unless the system has them in memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_THREADED_H
#define MW_EVENT_THREADED_H

#include "event/source.h"
#include "event/thread.h"

/* from..upto-1 of the file, always as memory; takes a count of the file.  Where the pool's queue is full the bytes are
 * read by the caller.  A file that is shorter ends with MW_ERR. */
mw_source *mw_source_threaded(mw_arena *a, mw_loop *loop, mw_threads *pool, mw_file *f, uint64_t from, uint64_t upto);

#endif
