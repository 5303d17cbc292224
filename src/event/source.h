/* source.h - bytes that can be asked for: a file, a cache object, an upstream's body, a client's body,
 * and every filter, which is a source that asks the source below it.  Whoever owns the far socket pulls,
 * so nothing is read that nobody can send, and no filter keeps books about buffers.
 *
 * The puller owns the bell and mutes it when it stops pulling.  A source keeps the pointer only from MW_AGAIN
 * to the next pull or its close; a filter hands the same bell down.  want.bytes is a wish: whoever has a hard
 * limit keeps what is over in its own chain.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_SOURCE_H
#define MW_EVENT_SOURCE_H

#include "core/arena.h"
#include "core/buf.h"
#include "event/op.h"

typedef struct mw_source mw_source;
typedef struct mw_want { size_t bytes; bool memory; } mw_want;      /* memory: no file parts please */

typedef struct mw_source_kind {
    const char *name;
    mw_rc (*pull)(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell);
                                /* OK: at least one byte; END: perhaps the last bytes with it;
                                   AGAIN: nothing now, will ring; ERR: broken off */
    void  (*close)(mw_source *s);           /* may be NULL; called exactly once, top of the stack first */
} mw_source_kind;

struct mw_source {              /* first member of every concrete source; lives in its request's arena */
    const mw_source_kind *kind;
    mw_source            *below;        /* what a filter asks, NULL at the bottom */
};

static inline mw_rc mw_source_pull(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    return s->kind->pull(s, to, want, bell);
}
void mw_source_close(mw_source *s);     /* the whole stack, from the top; NULL is fine */

/* Sources at the bottom of a stack; all in the arena. */
mw_source *mw_source_of_text(mw_arena *a, mw_str lent);                /* bytes of this arena (or immortal ones) */
mw_source *mw_source_of_chain(mw_arena *a, mw_chain *from);            /* takes over what is in it */
mw_source *mw_source_of_block(mw_arena *a, mw_block *b, mw_str part);  /* takes a count of its own */
/* The same; it gives file parts, or blocks read with pread where want.memory. */
mw_source *mw_source_of_file(mw_arena *a, mw_file *f, uint64_t from, uint64_t upto);

#endif
