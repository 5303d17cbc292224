/* arena.c - bump chunks, and cleanups newest first.
 *
 * An arena lies in its own first chunk.  What does not fit the newest chunk gets a new one, each twice as
 * big as the last; what is big gets a chunk of its own behind the newest, whose rest stays in use.  Chunks
 * of 2 and 4 KB come from free lists: a request that stays small costs no malloc.  In debug builds every
 * piece is a chunk of its own and as long as it was asked for, so that a sanitizer sees who walks over its
 * end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/must.h"
#include "core/pool.h"

enum { ALIGN = 16, FIRST_LEAST = 256, CHUNK = 4096, CHUNK_MOST = 65536, ARRAY_FIRST = 8 };

typedef struct chunk {          /* its bytes follow */
    _Alignas(ALIGN) struct chunk *next;
    size_t                        size;     /* this head included */
} chunk;

typedef struct cleanup { struct cleanup *next; void (*fn)(void *); void *arg; } cleanup;

struct mw_arena {
    _Alignas(ALIGN) char *at;   /* the next free byte of the newest chunk */
    size_t   left;              /* behind it; a multiple of ALIGN */
    size_t   grow, bytes;       /* size of the next chunk; of all chunks */
    chunk   *top;
    cleanup *cleanups;
};

/* Rule 21 broken: like malloc's own, these lists belong to the process, not to any owner one could pass
 * around.  They are of the loop's thread alone. */
static mw_pool two_kb = MW_POOL(2048, 1024);
static mw_pool four_kb = MW_POOL(4096, 1024);

static size_t aligned(size_t n) { return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1); }

static mw_pool *pool_of(size_t size) { return size == 4096 ? &four_kb : size == 2048 ? &two_kb : NULL; }

static chunk *chunk_new(size_t size)
{
    mw_pool *pool = pool_of(size);
    chunk   *c = pool != NULL ? mw_pool_take(pool) : mw_alloc_raw(size);

    c->size = size;
    return c;
}

static void chunk_free(chunk *c)
{
    mw_pool *pool = pool_of(c->size);

    if (pool != NULL)
        mw_pool_give(pool, c);
    else
        mw_free(c);
}

static void *chunk_behind(mw_arena *a, chunk *c)        /* keeps c behind the newest; its bytes */
{
    c->next = a->top->next;
    a->top->next = c;
    a->bytes += c->size;
    return c + 1;
}

static void *grow(mw_arena *a, size_t size)
{
    chunk *c;
    char  *p;

    MW_MUST(size < SIZE_MAX - CHUNK);
    if (!MW_POOLS_KEEP || size >= a->grow / 2)
        return chunk_behind(a, chunk_new(sizeof(chunk) + size));
    c = chunk_new(a->grow);
    c->next = a->top;
    a->top = c;
    a->bytes += c->size;
    p = (char *)(c + 1);
    a->at = p + aligned(size);
    a->left = c->size - sizeof(chunk) - aligned(size);
    a->grow = a->grow < CHUNK_MOST / 2 ? a->grow * 2 : CHUNK_MOST;
    return p;
}

mw_arena *mw_arena_new(size_t first)
{
    enum { HEAD = sizeof(chunk) + sizeof(mw_arena) };
    chunk    *c;
    mw_arena *a;

    MW_MUST(first < SIZE_MAX - CHUNK);
    c = chunk_new(aligned(first > FIRST_LEAST ? first : FIRST_LEAST));
    c->next = NULL;
    a = (mw_arena *)(void *)(c + 1);
    *a = (mw_arena){ .at = (char *)(a + 1), .left = MW_POOLS_KEEP ? c->size - HEAD : 0, .bytes = c->size,
                     .top = c };
    a->grow = c->size <= CHUNK ? CHUNK : c->size < CHUNK_MOST ? c->size : CHUNK_MOST;
    return a;
}

void mw_arena_free(mw_arena *a)
{
    if (a == NULL)
        return;
    for (cleanup *c; (c = a->cleanups) != NULL;) {      /* off the list first: it may register another one */
        a->cleanups = c->next;
        c->fn(c->arg);
    }
    for (chunk *c = a->top, *next; c != NULL; c = next) {
        next = c->next;
        chunk_free(c);
    }
}

size_t mw_arena_bytes(const mw_arena *a) { return a->bytes; }

void *mw_arena_alloc(mw_arena *a, size_t size)
{
    char *p = a->at;

    if (size > a->left)      /* left is a multiple of ALIGN: what fits, fits aligned; no overflow */
        return grow(a, size);
    a->at = p + aligned(size);
    a->left -= aligned(size);
    return p;
}

void *mw_arena_zalloc(mw_arena *a, size_t size) { return memset(mw_arena_alloc(a, size), 0, size); }

void *mw_arena_try(mw_arena *a, size_t size)
{
    chunk *c;

    if (size <= a->left || size < a->grow / 2)          /* small enough never to fail */
        return mw_arena_zalloc(a, size);
    c = size < SIZE_MAX - CHUNK ? mw_alloc_try(sizeof(chunk) + size) : NULL;
    if (c == NULL)
        return NULL;
    c->size = sizeof(chunk) + size;
    return memset(chunk_behind(a, c), 0, size);
}

char *mw_arena_z(mw_arena *a, mw_str s)
{
    char *p = mw_arena_alloc(a, s.len + 1);

    if (s.len > 0)
        memcpy(p, s.at, s.len);
    p[s.len] = '\0';
    return p;
}

mw_str mw_arena_copy(mw_arena *a, mw_str s) { return (mw_str){ mw_arena_z(a, s), s.len }; }

mw_str mw_arena_fmt(mw_arena *a, const char *format, ...)
{
    va_list args;
    char    none[1], *p;
    size_t  len;
    int     n;

    va_start(args, format);
    n = vsnprintf(a->left > 0 ? a->at : none, a->left, format, args);  /* mostly it fits where it would lie */
    va_end(args);
    MW_MUST(n >= 0);
    len = (size_t)n;
    if (len < a->left)
        return (mw_str){ mw_arena_alloc(a, len + 1), len };
    p = mw_arena_alloc(a, len + 1);
    va_start(args, format);
    (void)vsnprintf(p, len + 1, format, args);
    va_end(args);
    return (mw_str){ p, len };
}

mw_str mw_arena_join(mw_arena *a, const mw_str *parts, size_t n)
{
    size_t len = 0;
    mw_out o;

    for (size_t i = 0; i < n; i++)
        len += parts[i].len;
    o = mw_arena_pen(a, len + 1);
    for (size_t i = 0; i < n; i++)
        mw_out_str(&o, parts[i]);
    o.at[len] = '\0';
    return mw_out_done(&o);
}

mw_out mw_arena_pen(mw_arena *a, size_t room) { return mw_out_on(mw_arena_alloc(a, room), room); }

void mw_arena_on_free(mw_arena *a, void (*fn)(void *), void *arg)
{
    cleanup *c = mw_arena_alloc(a, sizeof *c);

    *c = (cleanup){ a->cleanups, fn, arg };
    a->cleanups = c;
}

void *mw_array_push(mw_arena *a, mw_array *v, size_t size)
{
    if (v->n == v->room) {
        size_t room = v->room > 0 ? v->room * 2 : ARRAY_FIRST;
        void  *items;

        MW_MUST(room <= SIZE_MAX / 2 / size);
        items = mw_arena_alloc(a, room * size);
        if (v->n > 0)
            memcpy(items, v->items, v->n * size);
        v->items = items;
        v->room = room;
    }
    return memset((char *)v->items + v->n++ * size, 0, size);
}
