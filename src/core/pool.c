/* pool.c - free lists of equal objects.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.h"

#include "core/alloc.h"
#include "core/must.h"

typedef struct idle { struct idle *next; } idle;        /* what a free object is */

/* Rule 21 broken: of the process, as the pools themselves. */
static mw_pool *pools;

void *mw_pool_take(mw_pool *p)
{
    idle *first = p->free;

    if (first == NULL) {
        MW_MUST(p->size >= sizeof(idle));
        return mw_alloc_raw(p->size);
    }
    p->free = first->next;
    p->kept--;
    return first;
}

void mw_pool_give(mw_pool *p, void *object)
{
    idle *first = object;

    if (!MW_POOLS_KEEP || p->kept >= p->keep) {
        mw_free(object);
        return;
    }
    if (!p->known) {
        p->known = true;
        p->next = pools;
        pools = p;
    }
    first->next = p->free;
    p->free = first;
    p->kept++;
}

void mw_pool_drain(mw_pool *p)
{
    for (idle *at = p->free, *next; at != NULL; at = next) {
        next = at->next;
        mw_free(at);
    }
    p->free = NULL;
    p->kept = 0;
}

void mw_pools_drain(void)
{
    for (mw_pool *p; (p = pools) != NULL;) {
        pools = p->next;
        p->known = false;
        mw_pool_drain(p);
    }
}
