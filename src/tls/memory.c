/* memory.c - the library's memory: buffers of a record lie apart from what a connection keeps.
 *
 * A handshake and each read take buffers of 16 to 22 KB for a moment.  Taken from the heap, they lie between objects
 * that stay, and leave holes there which an idle connection pays for.  So they come from a row of slots: address space
 * that costs what is touched, the last one given back is the next one taken, and few are kept warm.  All else, and what
 * finds no slot, is the heap's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "core/pool.h"
#include "tls/room.h"

enum { LEAST = 12 * 1024, SLOT = 24 * 1024, SLOTS = 2048, WARM = 16 };

typedef struct stack { uint16_t n, of[SLOTS]; } stack;

/* Rule 21 broken: there is one heap, too.  Only the loop's thread takes large buffers. */
static char  *row;
static stack  warm, cold;       /* free slots: whose pages are there, and whose are not */
static size_t touched;          /* slots from here on were never taken */

/* The heap answers the library as the library asks for it: NULL when there is none. */
static void *heap_take(size_t n) { return malloc(n); }                     /* lint: memory - the library's */
static void *heap_resize(void *p, size_t n) { return realloc(p, n); }      /* lint: memory - the library's */
static void heap_give(void *p) { free(p); }                                /* lint: memory - the library's */

static bool is_slot(const void *p)
{
    return row != NULL && (uintptr_t)p >= (uintptr_t)row && (uintptr_t)p < (uintptr_t)row + (size_t)SLOT * SLOTS;
}

static void *take(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    if (n < LEAST || n > SLOT || row == NULL)
        return n == 0 ? NULL : heap_take(n);
    if (warm.n > 0)
        return &row[(size_t)warm.of[--warm.n] * SLOT];
    if (cold.n > 0)
        return &row[(size_t)cold.of[--cold.n] * SLOT];
    return touched < SLOTS ? &row[touched++ * SLOT] : heap_take(n);
}

static void give(void *p, const char *file, int line)
{
    size_t i;
    stack *to = &warm;

    (void)file, (void)line;
    if (!is_slot(p)) {
        heap_give(p);
        return;
    }
    i = ((uintptr_t)p - (uintptr_t)row) / SLOT;
    if (warm.n >= WARM) {
        (void)madvise(p, SLOT, MADV_DONTNEED);
        to = &cold;
    }
    to->of[to->n++] = (uint16_t)i;
}

static void *resize(void *p, size_t n, const char *file, int line)
{
    void *bigger;

    if (p == NULL || n == 0) {
        give(p, file, line);
        return take(n, file, line);
    }
    if (!is_slot(p))            /* how long it was is not known: it stays the heap's */
        return heap_resize(p, n);
    if (n <= SLOT)
        return p;
    bigger = heap_take(n);
    if (bigger != NULL) {
        memcpy(bigger, p, SLOT);
        give(p, file, line);
    }
    return bigger;
}

void mw_tls_memory_ready(void)
{
    size_t all = (size_t)SLOT * SLOTS;
    void  *at;

    if (row != NULL || !MW_POOLS_KEEP || CRYPTO_set_mem_functions(take, resize, give) != 1)
        return;
    at = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return;
    (void)madvise(at, all, MADV_NOHUGEPAGE);
    row = at;
}
