/* pool.h - free lists of equal objects: connections, bufs, blocks.  One per process and kind; not shared,
 * and no business of threads: only that of the loop takes and gives.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_POOL_H
#define MW_CORE_POOL_H

#include <stdbool.h>
#include <stddef.h>

/* Debug builds keep nothing, so that a sanitizer sees every object's own birth and death.  Rule 19 broken
 * here, so that it is nowhere else: who needs to know asks this constant. */
#ifdef MW_DEBUG         /* lint: if - see above */
enum { MW_POOLS_KEEP = 0 };
#else
enum { MW_POOLS_KEEP = 1 };
#endif

typedef struct mw_pool mw_pool;
struct mw_pool {
    void   *free;               /* linked through their first word */
    size_t  size;               /* of one object, at least a pointer */
    size_t  kept, keep;         /* how many lie free; how many may, beyond that they go back to the system */
    mw_pool *next;              /* of those that kept something */
    bool    known;              /* it is one of those */
};

#define MW_POOL(bytes, most)  { .size = (bytes), .keep = (most) }

void *mw_pool_take(mw_pool *p);             /* not zeroed, never NULL */
void  mw_pool_give(mw_pool *p, void *object);
void  mw_pool_drain(mw_pool *p);            /* gives all that lie free back to the system */
void  mw_pools_drain(void);                 /* the same for all pools of the process */

#endif
