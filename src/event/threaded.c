/* threaded.c - a file as a source whose bytes are read by a pool of threads.
 *
 * A piece that lies in the page cache is read at once: the system is asked for it without waiting.  What is not there
 * is a job for a thread, and the puller's bell rings when it is done.  One piece at a time: the system's own
 * read-ahead is at work below.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/threaded.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "event/filepart.h"

enum {
    PIECE = MW_FILEPART_MOST,
    NOWAIT = 8                          /* RWF_NOWAIT, which older C libraries do not name */
};

typedef struct threaded_source {
    mw_source   source;
    mw_asker    asker;
    mw_pread    read;                   /* of the piece at `from` */
    mw_threads *pool;
    mw_file    *file;
    mw_bell    *bell;                   /* the puller's, from MW_AGAIN on */
    mw_block   *block;                  /* what was read and not yet taken */
    mw_str      left;                   /* of it */
    uint64_t    from, upto;             /* not yet read */
} threaded_source;

static void arrived(void *owner)
{
    threaded_source *x = owner;

    if (x->read.op.state == MW_OP_FINISHED)
        mw_bell_ring(x->bell);
}

/* Takes over the count of the block. */
static mw_rc take(threaded_source *x, mw_block *block, mw_str got)
{
    if (got.len == 0 || mw_file_changed(x->file)) {
        mw_block_done(block);
        return MW_ERR;                  /* it is shorter than it was, or another */
    }
    x->block = block;
    x->left = got;
    x->from += got.len;
    return MW_OK;
}

static uint32_t piece(const threaded_source *x)
{
    return x->upto - x->from < PIECE ? (uint32_t)(x->upto - x->from) : (uint32_t)PIECE;
}

/* What the page cache has of the piece; MW_AGAIN: nothing, or the system cannot tell. */
static mw_rc read_cached(threaded_source *x)
{
    mw_block    *block = mw_block_new(piece(x));
    struct iovec to = { block->data, piece(x) };
    long         n = syscall(SYS_preadv2, x->file->fd, &to, 1, (long)x->from, 0L, NOWAIT);

    if (n > 0)
        return take(x, block, (mw_str){ block->data, (size_t)n });
    mw_block_done(block);
    return MW_AGAIN;
}

static mw_rc read_here(threaded_source *x)
{
    mw_str    got = { 0 };
    mw_block *block = mw_filepart_read(x->file, x->from, x->from + piece(x), &got);

    return block != NULL ? take(x, block, got) : MW_ERR;
}

static mw_rc read_piece(threaded_source *x)
{
    mw_block *block;
    mw_rc     rc;

    if (x->read.op.state == MW_OP_IDLE && !x->file->direct) {
        rc = read_cached(x);
        if (rc != MW_AGAIN)
            return rc;
    }
    rc = mw_thread_pread(&x->asker, &x->read, x->pool, x->file, x->from, piece(x));
    if (rc == MW_AGAIN)
        return MW_AGAIN;
    block = x->read.block;
    x->read.block = NULL;
    mw_op_reset(&x->read.op);
    if (rc == MW_OK)
        return take(x, block, (mw_str){ block->data, x->read.got });
    return x->read.err == EAGAIN ? read_here(x) : MW_ERR;
}

static mw_rc pull_threaded(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    threaded_source *x = MW_OWNER(s, threaded_source, source);
    size_t           n;

    if (x->left.len == 0 && x->from == x->upto)
        return MW_END;
    if (x->left.len == 0) {
        mw_rc rc = read_piece(x);

        x->bell = rc == MW_AGAIN ? bell : NULL;
        if (rc != MW_OK)
            return rc;
    }
    n = want.bytes == 0 || want.bytes > x->left.len ? x->left.len : want.bytes;
    mw_chain_add_block(to, x->block, mw_str_take(x->left, n));
    x->left = mw_str_drop(x->left, n);
    if (x->left.len > 0)
        return MW_OK;
    mw_block_done(x->block);
    x->block = NULL;
    return x->from < x->upto ? MW_OK : MW_END;
}

static void close_threaded(mw_source *s)
{
    threaded_source *x = MW_OWNER(s, threaded_source, source);

    mw_asker_cancel(&x->asker);
    mw_block_done(x->read.block);
    mw_block_done(x->block);
    mw_file_done(x->file);
    x->read.block = x->block = NULL;
    x->file = NULL;
}

static const mw_source_kind threaded_kind = { .name = "file read by threads", .pull = pull_threaded,
                                              .close = close_threaded };

mw_source *mw_source_threaded(mw_arena *a, mw_loop *loop, mw_threads *pool, mw_file *f, uint64_t from, uint64_t upto)
{
    threaded_source *x = MW_NEW(a, threaded_source);

    x->source.kind = &threaded_kind;
    mw_asker_init(&x->asker, loop, arrived, x);
    x->pool = pool;
    x->file = mw_file_hold(f);
    x->from = from;
    x->upto = upto > from ? upto : from;
    return &x->source;
}
