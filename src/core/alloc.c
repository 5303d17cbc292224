/* alloc.c - malloc that cannot fail for small things, and may fail for big ones.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.h"

#include <stdlib.h>

#include "core/must.h"

static void *must_have(void *memory)
{
    MW_MUST(memory != NULL);
    return memory;
}

static size_t some(size_t n) { return n > 0 ? n : 1; }      /* malloc(0) may answer NULL, as if failed */

void *mw_alloc(size_t n) { return must_have(calloc(1, some(n))); }

void *mw_alloc_raw(size_t n) { return must_have(malloc(some(n))); }

void *mw_alloc_try(size_t n) { return malloc(some(n)); }

void *mw_alloc_grow(void *p, size_t n) { return must_have(realloc(p, some(n))); }

void mw_free(void *p) { free(p); }

/* Only glibc has it, and needs it: what was freed between two blocks in use stays with the process otherwise. */
extern int malloc_trim(size_t keep) __attribute__((weak));

void mw_alloc_trim(void)
{
    if (malloc_trim != NULL)
        (void)malloc_trim(0);
}
