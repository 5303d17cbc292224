/* buf.c - counted blocks and files, and chains of views into them.
 *
 * Views, files and blocks come from free lists; blocks in classes, powers of two from 256 bytes to 64 KB.
 * A block's class follows from its size, which nobody changes.  In debug builds a block is exactly as long
 * as it was asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/must.h"
#include "core/pool.h"

enum { CLASS_LEAST = 256, CLASS_MOST = 65536 };

#define CLASS(bytes, most)  MW_POOL(sizeof(mw_block) + (bytes), (most))

/* Rule 21 broken: like malloc's own, these lists belong to the process; a view may be given back far from
 * where it was taken.  They are of the loop's thread alone: the thread pool fills blocks, but takes, holds
 * and gives none. */
static mw_pool bufs = MW_POOL(sizeof(mw_buf), 4096);
static mw_pool files = MW_POOL(sizeof(mw_file), 1024);
static mw_pool blocks[] = {             /* 256 KB of the smallest, 4 MB of the biggest may lie idle */
    CLASS(256, 1024), CLASS(512, 512), CLASS(1024, 512), CLASS(2048, 256), CLASS(4096, 256), CLASS(8192, 128),
    CLASS(16384, 128), CLASS(32768, 64), CLASS(65536, 64),
};

static mw_pool *class_of(uint32_t size)         /* NULL: the system's */
{
    if (!MW_POOLS_KEEP || size > CLASS_MOST)
        return NULL;
    return &blocks[size <= CLASS_LEAST ? 0 : 32 - __builtin_clz((size - 1) / CLASS_LEAST)];
}

mw_block *mw_block_try(uint32_t size)
{
    mw_pool  *class = class_of(size);
    mw_block *b;

    if (class != NULL && class->free != NULL)
        b = mw_pool_take(class);
    else
        b = mw_alloc_try(class != NULL ? class->size : sizeof(mw_block) + size);
    if (b != NULL)
        *b = (mw_block){ .refs = 1, .size = size };
    return b;
}

mw_block *mw_block_new(uint32_t size)
{
    mw_block *b = mw_block_try(size);

    MW_MUST(b != NULL);
    return b;
}

void mw_block_done(mw_block *b)
{
    mw_pool *class;

    if (b == NULL || --b->refs > 0)
        return;
    class = class_of(b->size);
    if (class != NULL)
        mw_pool_give(class, b);
    else
        mw_free(b);
}

mw_file *mw_file_new(int fd)
{
    mw_file *f = mw_pool_take(&files);

    *f = (mw_file){ .refs = 1, .fd = fd };
    return f;
}

void mw_file_done(mw_file *f)
{
    if (f == NULL || --f->refs > 0)
        return;
    (void)close(f->fd);
    mw_free(f->was);
    mw_pool_give(&files, f);
}

void mw_file_mind(mw_file *f, const struct stat *was)
{
    if (f->was == NULL)
        f->was = mw_alloc_raw(sizeof *f->was);
    *f->was = *was;
}

static bool same_time(struct timespec a, struct timespec b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

/* The time of the last change of anything tells bytes written behind a time stamp that was set back; but it also tells
 * what leaves the bytes alone: the file's name was taken away, it has another owner. */
bool mw_file_changed(const mw_file *f)
{
    const struct stat *was = f->was;
    struct stat        now;

    if (was == NULL || fstat(f->fd, &now) != 0)
        return false;
    if (now.st_size != was->st_size || !same_time(now.st_mtim, was->st_mtim))
        return true;
    return !same_time(now.st_ctim, was->st_ctim) && now.st_nlink == was->st_nlink && now.st_mode == was->st_mode
        && now.st_uid == was->st_uid && now.st_gid == was->st_gid;
}

static uint64_t buf_bytes(const mw_buf *b) { return b->file == NULL ? b->mem.len : b->upto - b->from; }

static void buf_skip(mw_buf *b, uint64_t n)
{
    if (b->file == NULL)
        b->mem = mw_str_drop(b->mem, (size_t)n);
    else
        b->from += n;
}

static void buf_free(mw_buf *b)
{
    if (b->block != NULL)
        mw_block_done(b->block);
    if (b->file != NULL)
        mw_file_done(b->file);
    mw_pool_give(&bufs, b);
}

static void link_last(mw_chain *c, mw_buf *b)
{
    b->next = NULL;
    *c->tail = b;
    c->tail = &b->next;
    c->bytes += buf_bytes(b);
}

static mw_buf *unlink_first(mw_chain *c)
{
    mw_buf *b = c->head;

    c->head = b->next;
    if (c->head == NULL)
        c->tail = &c->head;
    c->bytes -= buf_bytes(b);
    return b;
}

static mw_buf *add(mw_chain *c, uint64_t n)     /* a view of nothing yet, which will be n bytes */
{
    mw_buf *b = mw_pool_take(&bufs);

    *b = (mw_buf){ .next = NULL };
    *c->tail = b;
    c->tail = &b->next;
    c->bytes += n;
    return b;
}

void mw_chain_init(mw_chain *c) { *c = (mw_chain){ .tail = &c->head }; }

void mw_chain_add_static(mw_chain *c, mw_str s)
{
    if (s.len > 0)
        add(c, s.len)->mem = s;
}

void mw_chain_add_lent(mw_chain *c, mw_str s)
{
    mw_buf *b;

    if (s.len == 0)
        return;
    b = add(c, s.len);
    b->mem = s;
    b->lent = true;
}

static mw_block *block_of(mw_str s)
{
    mw_block *b;

    MW_MUST(s.len <= UINT32_MAX);
    b = mw_block_new((uint32_t)s.len);
    memcpy(b->data, s.at, s.len);
    return b;
}

void mw_chain_add_copy(mw_chain *c, mw_str s)
{
    mw_block *b;

    if (s.len == 0)
        return;
    b = block_of(s);
    mw_chain_give_block(c, b, (mw_str){ b->data, s.len });
}

void mw_chain_add_block(mw_chain *c, mw_block *b, mw_str part)
{
    mw_chain_give_block(c, mw_block_hold(b), part);
}

void mw_chain_give_block(mw_chain *c, mw_block *b, mw_str part)
{
    mw_buf *view;

    if (part.len == 0) {
        mw_block_done(b);
        return;
    }
    view = add(c, part.len);
    view->block = b;
    view->mem = part;
}

void mw_chain_add_file(mw_chain *c, mw_file *f, uint64_t from, uint64_t upto)
{
    mw_buf *b;

    if (from >= upto)
        return;
    b = add(c, upto - from);
    b->file = mw_file_hold(f);
    b->from = from;
    b->upto = upto;
}

void mw_chain_keep(mw_chain *c)
{
    for (mw_buf *b = c->head; b != NULL; b = b->next) {
        if (!b->lent)
            continue;
        b->block = block_of(b->mem);
        b->mem.at = b->block->data;
        b->lent = false;
    }
}

void mw_chain_drop(mw_chain *c, uint64_t n)
{
    while (c->head != NULL && n >= buf_bytes(c->head)) {
        n -= buf_bytes(c->head);
        buf_free(unlink_first(c));
    }
    if (c->head != NULL && n > 0) {
        buf_skip(c->head, n);
        c->bytes -= n;
    }
}

void mw_chain_clear(mw_chain *c)
{
    for (mw_buf *b = c->head, *next; b != NULL; b = next) {
        next = b->next;
        buf_free(b);
    }
    mw_chain_init(c);
}

void mw_chain_move(mw_chain *to, mw_chain *from)
{
    if (from->head == NULL)
        return;
    *to->tail = from->head;
    to->tail = from->tail;
    to->bytes += from->bytes;
    mw_chain_init(from);
}

static mw_buf view_first(const mw_buf *b, uint64_t n)      /* its first n bytes, with counts of their own */
{
    mw_buf view = *b;

    if (b->file == NULL)
        view.mem = mw_str_take(b->mem, (size_t)n);
    else
        view.upto = b->from + n;
    if (b->block != NULL)
        (void)mw_block_hold(b->block);
    if (b->file != NULL)
        (void)mw_file_hold(b->file);
    return view;
}

void mw_chain_move_some(mw_chain *to, mw_chain *from, uint64_t n)
{
    mw_buf *b;

    if (n >= from->bytes) {
        mw_chain_move(to, from);
        return;
    }
    while (n >= buf_bytes(from->head)) {    /* no view is empty, and there are more than n bytes: it ends */
        b = unlink_first(from);
        n -= buf_bytes(b);
        link_last(to, b);
    }
    if (n > 0) {
        b = mw_pool_take(&bufs);
        *b = view_first(from->head, n);
        link_last(to, b);
        mw_chain_drop(from, n);
    }
}

void mw_chain_share(mw_chain *to, const mw_chain *from, uint64_t at, uint64_t n)
{
    for (const mw_buf *b = from->head; b != NULL && n > 0; b = b->next) {
        uint64_t bytes = buf_bytes(b), take;
        mw_str   part;

        if (at >= bytes) {
            at -= bytes;
            continue;
        }
        take = bytes - at < n ? bytes - at : n;
        part = mw_str_part(b->mem, (size_t)at, (size_t)(at + take));
        if (b->file != NULL)
            mw_chain_add_file(to, b->file, b->from + at, b->from + at + take);
        else if (b->block != NULL)
            mw_chain_add_block(to, b->block, part);
        else if (b->lent)
            mw_chain_add_lent(to, part);
        else
            mw_chain_add_static(to, part);
        n -= take;
        at = 0;
    }
}

size_t mw_chain_peek(const mw_chain *c, char *to, size_t room)
{
    size_t done = 0;

    for (const mw_buf *b = c->head; b != NULL && b->file == NULL && done < room; b = b->next) {
        mw_str part = mw_str_take(b->mem, room - done);

        memcpy(to + done, part.at, part.len);
        done += part.len;
    }
    return done;
}

bool mw_chain_has_file(const mw_chain *c)
{
    for (const mw_buf *b = c->head; b != NULL; b = b->next)
        if (b->file != NULL)
            return true;
    return false;
}
