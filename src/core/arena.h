/* arena.h - memory that dies together: bump chunks, and cleanups newest first.  One owner per arena.
 * Chunks come from lists of the process: only the thread of the loop makes, grows and frees arenas.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_ARENA_H
#define MW_CORE_ARENA_H

#include "core/out.h"
#include "core/str.h"

typedef struct mw_arena mw_arena;

mw_arena *mw_arena_new(size_t first);               /* bytes of the first chunk, the arena's own struct included; first
                                                       chunks of 2 and 4 KB come from a free list */
void      mw_arena_free(mw_arena *a);               /* runs the cleanups, newest first, then frees; NULL is fine */
size_t    mw_arena_bytes(const mw_arena *a);        /* what it holds of the system */

void  *mw_arena_alloc(mw_arena *a, size_t size);    /* aligned to 16, not zeroed, never NULL */
void  *mw_arena_zalloc(mw_arena *a, size_t size);   /* the same, zeroed */
void  *mw_arena_try(mw_arena *a, size_t size);      /* zeroed; for what a client sizes: NULL when there is none */
mw_str mw_arena_copy(mw_arena *a, mw_str s);        /* with a NUL behind it, not counted */
char  *mw_arena_z(mw_arena *a, mw_str s);           /* the same, for libraries and system calls */
mw_str mw_arena_fmt(mw_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
mw_str mw_arena_join(mw_arena *a, const mw_str *parts, size_t n);
mw_out mw_arena_pen(mw_arena *a, size_t room);
void   mw_arena_on_free(mw_arena *a, void (*fn)(void *), void *arg);

#define MW_NEW(arena, T)  ((T *)mw_arena_zalloc((arena), sizeof(T)))
#define MW_NEWS(arena, T, n)  ((T *)mw_arena_zalloc((arena), sizeof(T) * (n)))

/* A growing array in an arena: `items` moves when it grows; old room is the arena's. */
typedef struct mw_array { void *items; size_t n, room; } mw_array;
void *mw_array_push(mw_arena *a, mw_array *v, size_t size);     /* a new zeroed last item of that size */
#define MW_PUSH(arena, array, T)  ((T *)mw_array_push((arena), (array), sizeof(T)))
#define MW_ITEM(array, T, i)  (((T *)(array)->items)[i])

#endif
