/* alloc.h - malloc that cannot fail for small things, and may fail for big ones.  The only file that calls malloc.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_ALLOC_H
#define MW_CORE_ALLOC_H

#include <stddef.h>

void *mw_alloc(size_t n);               /* zeroed; the process stops when there is none; mw_free */
void *mw_alloc_raw(size_t n);           /* the same, not zeroed */
void *mw_alloc_try(size_t n);           /* not zeroed; NULL when there is none: for what a client sizes */
void *mw_alloc_grow(void *p, size_t n); /* realloc; stops the process when there is none */
void  mw_free(void *p);                 /* NULL is fine */
void  mw_alloc_trim(void);              /* gives whole free pages back to the system; takes a while after a rush */

#endif
