/* source.c - closing a stack of sources, and those that stand at its bottom.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/source.h"

#include "event/filepart.h"

typedef struct text_source { mw_source source; mw_str left; } text_source;
typedef struct chain_source { mw_source source; mw_chain left; } chain_source;
typedef struct block_source { mw_source source; mw_block *block; mw_str left; } block_source;
typedef struct file_source { mw_source source; mw_file *file; uint64_t from, upto; } file_source;

/* A wish of 0 is no wish. */
static uint64_t wished(mw_want want, uint64_t left)
{
    return want.bytes == 0 || want.bytes > left ? left : want.bytes;
}

static mw_rc pull_text(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    text_source *x = MW_OWNER(s, text_source, source);
    size_t       n = (size_t)wished(want, x->left.len);

    (void)bell;
    if (n > 0)
        mw_chain_add_lent(to, mw_str_take(x->left, n));
    x->left = mw_str_drop(x->left, n);
    return x->left.len > 0 ? MW_OK : MW_END;
}

/* Moves up to n bytes of memory from one chain's beginning; how many: 0 when it begins with a file part. */
static uint64_t move_memory(mw_chain *to, mw_chain *from, uint64_t n)
{
    uint64_t have = 0;

    for (const mw_buf *b = from->head; b != NULL && b->file == NULL && have < n; b = b->next)
        have += b->mem.len;
    have = have < n ? have : n;
    if (have > 0)
        mw_chain_move_some(to, from, have);
    return have;
}

static mw_rc move_file(mw_chain *to, mw_chain *from, uint64_t n)
{
    const mw_buf *b = from->head;
    uint64_t      part = b->upto - b->from;
    mw_str        got;
    mw_block     *block = mw_filepart_read(b->file, b->from, b->from + (n < part ? n : part), &got);

    if (block == NULL)
        return MW_ERR;
    mw_chain_give_block(to, block, got);
    mw_chain_drop(from, got.len);
    return MW_OK;
}

static mw_rc pull_chain(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    chain_source *x = MW_OWNER(s, chain_source, source);
    uint64_t      n = wished(want, x->left.bytes);

    (void)bell;
    if (n == 0)
        return MW_END;
    if (!want.memory)
        mw_chain_move_some(to, &x->left, n);
    else if (move_memory(to, &x->left, n) == 0 && move_file(to, &x->left, n) != MW_OK)
        return MW_ERR;
    return x->left.bytes > 0 ? MW_OK : MW_END;
}

static void close_chain(mw_source *s)
{
    chain_source *x = MW_OWNER(s, chain_source, source);

    mw_chain_clear(&x->left);
}

static mw_rc pull_block(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    block_source *x = MW_OWNER(s, block_source, source);
    size_t        n = (size_t)wished(want, x->left.len);

    (void)bell;
    if (n > 0)
        mw_chain_add_block(to, x->block, mw_str_take(x->left, n));
    x->left = mw_str_drop(x->left, n);
    return x->left.len > 0 ? MW_OK : MW_END;
}

static void close_block(mw_source *s)
{
    block_source *x = MW_OWNER(s, block_source, source);

    mw_block_done(x->block);
    x->block = NULL;
}

static mw_rc pull_file(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    file_source *x = MW_OWNER(s, file_source, source);
    uint64_t     n = wished(want, x->upto - x->from);

    (void)bell;
    if (n == 0)
        return MW_END;
    if (want.memory) {
        mw_str    got;
        mw_block *block = mw_filepart_read(x->file, x->from, x->from + n, &got);

        if (block == NULL)
            return MW_ERR;
        mw_chain_give_block(to, block, got);
        n = got.len;
    } else {
        mw_chain_add_file(to, x->file, x->from, x->from + n);
    }
    x->from += n;
    return x->from < x->upto ? MW_OK : MW_END;
}

static void close_file(mw_source *s)
{
    file_source *x = MW_OWNER(s, file_source, source);

    mw_file_done(x->file);
    x->file = NULL;
}

static const mw_source_kind text_kind = { .name = "text", .pull = pull_text };
static const mw_source_kind chain_kind = { .name = "chain", .pull = pull_chain, .close = close_chain };
static const mw_source_kind block_kind = { .name = "block", .pull = pull_block, .close = close_block };
static const mw_source_kind file_kind = { .name = "file", .pull = pull_file, .close = close_file };

void mw_source_close(mw_source *s)
{
    while (s != NULL) {
        mw_source *below = s->below;

        if (s->kind->close != NULL)
            s->kind->close(s);
        s = below;
    }
}

mw_source *mw_source_of_text(mw_arena *a, mw_str lent)
{
    text_source *x = MW_NEW(a, text_source);

    x->source.kind = &text_kind;
    x->left = lent;
    return &x->source;
}

mw_source *mw_source_of_chain(mw_arena *a, mw_chain *from)
{
    chain_source *x = MW_NEW(a, chain_source);

    x->source.kind = &chain_kind;
    mw_chain_init(&x->left);
    mw_chain_move(&x->left, from);
    return &x->source;
}

mw_source *mw_source_of_block(mw_arena *a, mw_block *b, mw_str part)
{
    block_source *x = MW_NEW(a, block_source);

    x->source.kind = &block_kind;
    x->block = mw_block_hold(b);
    x->left = part;
    return &x->source;
}

mw_source *mw_source_of_file(mw_arena *a, mw_file *f, uint64_t from, uint64_t upto)
{
    file_source *x = MW_NEW(a, file_source);

    x->source.kind = &file_kind;
    x->file = mw_file_hold(f);
    x->from = from;
    x->upto = upto > from ? upto : from;
    return &x->source;
}
