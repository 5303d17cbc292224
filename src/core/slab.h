/* slab.h - an allocator inside a piece of shared memory: pages, and within them equal pieces; offsets, no pointers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_SLAB_H
#define MW_CORE_SLAB_H

#include <stddef.h>

typedef struct mw_slab mw_slab;             /* lies at the start of the piece it divides */

mw_slab *mw_slab_make(void *piece, size_t size);        /* size: all of it, a multiple of 4096 */
void    *mw_slab_take(mw_slab *s, size_t n);            /* zeroed; NULL: full */
void     mw_slab_give(mw_slab *s, void *p);             /* NULL is fine */
size_t   mw_slab_pages_free(const mw_slab *s);

#endif
