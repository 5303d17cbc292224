/* slab.c - an allocator inside a piece of shared memory: pages, and within them equal pieces; no pointers.
 *
 * The piece begins with our struct and a table with one row per page; the pages follow.  What is at most half a
 * page comes from a page divided into pieces of 8, 16 ... 2,048 bytes, whose row holds a bit per piece that is
 * taken; pages with room left form a list per class.  Larger things get pages in a row.  Free pages lie in runs,
 * whose first and last row tell their length, so that a run that comes back finds its neighbours; runs are listed
 * by the power of two of their length.  Rows are written when their page is first used: a large zone costs memory
 * only where it is used.
 * Giving back what was not taken is found out, and stops the process.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/slab.h"

#include <stdint.h>
#include <string.h>

#include "core/must.h"

enum { PAGE = 4096, SHIFT_LEAST = 3, SHIFT_MOST = 11, CLASSES = SHIFT_MOST - SHIFT_LEAST + 1, BINS = 32 };
enum { WORDS = PAGE >> SHIFT_LEAST >> 6 };              /* of bits, for the smallest pieces */

#define NONE  UINT32_MAX

typedef enum page_kind { PAGE_FREE, PAGE_BIG, PAGE_INSIDE, PAGE_PIECES } page_kind;

typedef struct page {
    uint32_t next, prev;        /* in the list of its bin or class */
    uint32_t run;               /* pages of the free run that begins or ends here, or of the big thing */
    uint16_t used;              /* pieces taken */
    uint8_t  kind;              /* a page_kind */
    uint8_t  shift;             /* of a piece's size */
    uint64_t taken[WORDS];
} page;

struct mw_slab {
    uint64_t pages_at;          /* offset of the first page */
    uint32_t pages, pages_free;
    uint32_t bins[BINS];        /* first free run of 2^i .. 2^(i+1)-1 pages */
    uint32_t classes[CLASSES];  /* first page with a free piece */
    page     table[];
};

static unsigned log2_floor(uint32_t n)         /* n > 0 */
{
    return 31 - (unsigned)__builtin_clz(n);
}

static char *page_start(mw_slab *s, uint32_t i)
{
    return (char *)s + s->pages_at + (size_t)i * PAGE;
}

static void list_push(mw_slab *s, uint32_t *first, uint32_t i)
{
    s->table[i].prev = NONE;
    s->table[i].next = *first;
    if (*first != NONE)
        s->table[*first].prev = i;
    *first = i;
}

static void list_drop(mw_slab *s, uint32_t *first, uint32_t i)
{
    const page *p = &s->table[i];

    if (p->prev != NONE)
        s->table[p->prev].next = p->next;
    else
        *first = p->next;
    if (p->next != NONE)
        s->table[p->next].prev = p->prev;
}

/* ------------------------------------------------------------------------------------------ runs of pages */

static void run_add(mw_slab *s, uint32_t i, uint32_t n)
{
    s->table[i].kind = s->table[i + n - 1].kind = PAGE_FREE;
    s->table[i].run = s->table[i + n - 1].run = n;
    list_push(s, &s->bins[log2_floor(n)], i);
}

static void run_drop(mw_slab *s, uint32_t i)
{
    list_drop(s, &s->bins[log2_floor(s->table[i].run)], i);
}

/* A free run of at least n pages.  In the bin of n itself some may be too short, in those above none is. */
static uint32_t run_find(const mw_slab *s, uint32_t n)
{
    unsigned bin = log2_floor(n);
    uint32_t i;

    for (i = s->bins[bin]; i != NONE; i = s->table[i].next)
        if (s->table[i].run >= n)
            return i;
    for (bin++; bin < BINS; bin++)
        if (s->bins[bin] != NONE)
            return s->bins[bin];
    return NONE;
}

static uint32_t pages_take(mw_slab *s, uint32_t n)
{
    uint32_t i = run_find(s, n), length, k;

    if (i == NONE)
        return NONE;
    length = s->table[i].run;
    run_drop(s, i);
    if (length > n)
        run_add(s, i + n, length - n);
    for (k = i; k < i + n; k++)
        s->table[k].kind = PAGE_INSIDE;
    s->table[i].kind = PAGE_BIG;
    s->table[i].run = n;
    s->pages_free -= n;
    return i;
}

static void pages_give(mw_slab *s, uint32_t i, uint32_t n)
{
    s->pages_free += n;
    s->table[i].kind = PAGE_FREE;           /* not BIG any more, wherever in the run it comes to lie */
    if (i + n < s->pages && s->table[i + n].kind == PAGE_FREE) {
        run_drop(s, i + n);
        n += s->table[i + n].run;
    }
    if (i > 0 && s->table[i - 1].kind == PAGE_FREE) {
        i -= s->table[i - 1].run;
        n += s->table[i].run;
        run_drop(s, i);
    }
    run_add(s, i, n);
}

/* ------------------------------------------------------------------------------------------ pieces of a page */

static unsigned shift_for(size_t n)
{
    unsigned shift = SHIFT_LEAST;

    while (((size_t)1 << shift) < n)
        shift++;
    return shift;
}

static uint32_t pieces_page(mw_slab *s, unsigned shift)
{
    uint32_t i = pages_take(s, 1);

    if (i == NONE)
        return NONE;
    s->table[i].kind = PAGE_PIECES;
    s->table[i].shift = (uint8_t)shift;
    s->table[i].used = 0;
    memset(s->table[i].taken, 0, sizeof s->table[i].taken);
    list_push(s, &s->classes[shift - SHIFT_LEAST], i);
    return i;
}

static unsigned first_free(const page *p)
{
    unsigned word = 0;

    while (p->taken[word] == UINT64_MAX)
        word++;
    return word * 64 + (unsigned)__builtin_ctzll(~p->taken[word]);
}

static void *piece_take(mw_slab *s, unsigned shift)
{
    uint32_t *first = &s->classes[shift - SHIFT_LEAST], i = *first;
    unsigned  at;
    page     *p;

    if (i == NONE && (i = pieces_page(s, shift)) == NONE)
        return NULL;
    p = &s->table[i];
    at = first_free(p);
    p->taken[at / 64] |= (uint64_t)1 << (at % 64);
    p->used++;
    if (p->used == PAGE >> shift)
        list_drop(s, first, i);
    return memset(page_start(s, i) + ((size_t)at << shift), 0, (size_t)1 << shift);
}

static void piece_give(mw_slab *s, uint32_t i, size_t offset)
{
    page     *p     = &s->table[i];
    uint32_t *first = &s->classes[p->shift - SHIFT_LEAST];
    size_t    at    = offset >> p->shift;
    uint64_t  bit   = (uint64_t)1 << (at % 64);

    MW_MUST(offset == at << p->shift && (p->taken[at / 64] & bit) != 0);
    if (p->used == PAGE >> p->shift)
        list_push(s, first, i);
    p->taken[at / 64] &= ~bit;
    p->used--;
    if (p->used == 0) {
        list_drop(s, first, i);
        pages_give(s, i, 1);
    }
}

/* ------------------------------------------------------------------------------------------ the face */

mw_slab *mw_slab_make(void *piece, size_t size)
{
    mw_slab *s = piece;
    size_t   n = size < sizeof *s ? 0 : (size - sizeof *s) / (PAGE + sizeof(page)), at;

    MW_MUST(size >= sizeof *s && (uintptr_t)piece % sizeof(uint64_t) == 0);
    for (;; n--) {
        at = (sizeof *s + n * sizeof(page) + PAGE - 1) / PAGE * PAGE;
        if (n == 0 || at + n * PAGE <= size)
            break;
    }
    MW_MUST(n < NONE);
    memset(s, 0, sizeof *s);
    memset(s->bins, 0xff, sizeof s->bins);              /* NONE */
    memset(s->classes, 0xff, sizeof s->classes);
    s->pages_at = at;
    s->pages = s->pages_free = (uint32_t)n;
    if (n > 0)
        run_add(s, 0, (uint32_t)n);
    return s;
}

void *mw_slab_take(mw_slab *s, size_t n)
{
    size_t   pages = n / PAGE + (n % PAGE != 0);
    uint32_t i;

    if (n <= (size_t)1 << SHIFT_MOST)
        return piece_take(s, shift_for(n));
    if (pages > s->pages_free || (i = pages_take(s, (uint32_t)pages)) == NONE)
        return NULL;
    return memset(page_start(s, i), 0, n);
}

void mw_slab_give(mw_slab *s, void *p)
{
    size_t   offset;
    uint32_t i;

    if (p == NULL)
        return;
    MW_MUST((char *)p >= page_start(s, 0) && (char *)p < page_start(s, s->pages));
    offset = (size_t)((char *)p - page_start(s, 0));
    i = (uint32_t)(offset / PAGE);
    if (s->table[i].kind == PAGE_PIECES) {
        piece_give(s, i, offset % PAGE);
    } else {
        MW_MUST(s->table[i].kind == PAGE_BIG && offset % PAGE == 0);
        pages_give(s, i, s->table[i].run);
    }
}

size_t mw_slab_pages_free(const mw_slab *s)
{
    return s->pages_free;
}
