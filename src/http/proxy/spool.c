/* spool.c - what of a response does not fit in memory, in a temporary file; and the copy that proxy_store keeps.
 *
 * Writing goes to the page cache and is not waited for; a full disk makes the exchange wait for its client instead, so
 * that the answer is whole nevertheless.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/file.h"
#include "core/random.h"

mw_spool *mw_spool_new(mw_request *r)
{
    mw_spool *s = MW_NEW(r->arena, mw_spool);

    s->r = r;
    return s;
}

static bool write_all(int fd, mw_str bytes, uint64_t at)
{
    while (bytes.len > 0) {
        ssize_t n = pwrite(fd, bytes.at, bytes.len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = mw_str_drop(bytes, (size_t)n);
        at += (uint64_t)n;
    }
    return true;
}

static bool open_spool(mw_spool *s, mw_str folder)
{
    int fd = mw_temp_open(folder);

    if (fd < 0) {
        MW_LOG(&s->r->log, MW_LOG_CRIT, errno, "open() \"%.*s\" failed", MW_S(folder));
        return false;
    }
    s->file = mw_file_new(fd);
    MW_LOG(&s->r->log, MW_LOG_WARN, 0, "an upstream response is buffered to a temporary file in \"%.*s\"",
        MW_S(folder));
    return true;
}

/* A part that follows the last one is made one with it. */
static void add_part(mw_chain *to, mw_file *f, uint64_t from, uint64_t upto)
{
    mw_buf *last = to->head == NULL ? NULL : MW_OWNER(to->tail, mw_buf, next);

    if (last != NULL && last->file == f && last->upto == from) {
        last->upto = upto;
        to->bytes += upto - from;
        return;
    }
    mw_chain_add_file(to, f, from, upto);
}

bool mw_spool_add(mw_spool *s, const mw_exchange_conf *way, mw_str bytes, mw_chain *to)
{
    if (s->broken || s->bytes + bytes.len > way->temp_max.bytes)
        return false;
    if (s->file == NULL && !open_spool(s, way->temp_path)) {
        s->broken = true;
        return false;
    }
    if (!write_all(s->file->fd, bytes, s->bytes)) {
        MW_LOG(&s->r->log, MW_LOG_CRIT, errno, "pwrite() to a temporary file in \"%.*s\" failed", MW_S(way->temp_path));
        s->broken = true;
        return false;
    }
    add_part(to, s->file, s->bytes, s->bytes + bytes.len);
    s->bytes += bytes.len;
    return true;
}

static void forget_store(mw_spool *s)
{
    if (s->store == NULL)
        return;
    mw_file_done(s->store);
    s->store = NULL;
    if (unlink(mw_arena_z(s->r->arena, s->store_path)) != 0)
        MW_LOG(&s->r->log, MW_LOG_CRIT, errno, "unlink() \"%.*s\" failed", MW_S(s->store_path));
}

void mw_spool_end(mw_spool *s)
{
    if (s == NULL)
        return;
    mw_file_done(s->file);
    s->file = NULL;
    forget_store(s);
}

bool mw_store_begin(mw_spool *s, const mw_exchange_conf *way)
{
    int fd = mw_temp_named(s->r->arena, way->temp_path, mw_random_u64(), &s->store_path);

    if (fd < 0) {
        MW_LOG(&s->r->log, MW_LOG_CRIT, errno, "open() in \"%.*s\" failed", MW_S(way->temp_path));
        return false;
    }
    s->store = mw_file_new(fd);
    return true;
}

void mw_store_add(mw_spool *s, mw_str bytes)
{
    if (s->store == NULL)
        return;
    if (write_all(s->store->fd, bytes, s->stored)) {
        s->stored += bytes.len;
        return;
    }
    MW_LOG(&s->r->log, MW_LOG_CRIT, errno, "pwrite() \"%.*s\" failed", MW_S(s->store_path));
    forget_store(s);
}

static mw_str target_of(mw_spool *s, const mw_exchange_conf *way)
{
    return way->store.path != NULL ? mw_expr_text(way->store.path, &s->r->scope) : mw_path_of(s->r, s->r->uri);
}

/* Copies into a file beside the target, where the temporary folder is on another file system. */
static bool carry_over(mw_spool *s, mw_str target, unsigned mode)
{
    mw_str parts[2] = { target, mw_arena_fmt(s->r->arena, ".%llx", (unsigned long long)mw_random_u64()) };
    mw_str beside = mw_arena_join(s->r->arena, parts, 2);
    int    fd = mw_open(beside, O_WRONLY | O_CREAT | O_EXCL, mode);
    char   room[16384];
    bool   fine = fd >= 0;

    for (uint64_t at = 0; fine && at < s->stored;) {
        ssize_t n = pread(s->store->fd, room, sizeof room, (off_t)at);

        fine = n > 0 && write_all(fd, (mw_str){ room, (size_t)n }, at);
        at += n > 0 ? (uint64_t)n : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    fine = fine && rename(mw_arena_z(s->r->arena, beside), mw_arena_z(s->r->arena, target)) == 0;
    if (!fine && fd >= 0)
        (void)unlink(mw_arena_z(s->r->arena, beside));
    return fine;
}

void mw_store_finish(mw_spool *s, const mw_exchange_conf *way, int64_t modified)
{
    mw_str          target;
    size_t          slash;
    struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = (time_t)modified } };
    bool            fine;

    if (s->store == NULL)
        return;
    target = target_of(s, way);
    slash = mw_str_rindex(target, '/');
    if (slash < target.len && slash > 0)
        (void)mw_dir_make(mw_str_take(target, slash), 0700, (uid_t)-1);
    (void)fchmod(s->store->fd, (mode_t)way->store_access);
    if (modified >= 0)
        (void)futimens(s->store->fd, times);
    fine = rename(mw_arena_z(s->r->arena, s->store_path), mw_arena_z(s->r->arena, target)) == 0;
    if (!fine && errno == EXDEV) {
        if (!carry_over(s, target, way->store_access))
            MW_LOG(&s->r->log, MW_LOG_CRIT, errno, "storing \"%.*s\" failed", MW_S(target));
        forget_store(s);
        return;
    }
    if (!fine) {
        MW_LOG(&s->r->log, MW_LOG_CRIT, errno, "rename() \"%.*s\" to \"%.*s\" failed", MW_S(s->store_path),
            MW_S(target));
        forget_store(s);
        return;
    }
    mw_file_done(s->store);
    s->store = NULL;
}
