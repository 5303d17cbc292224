/* logfile.c - access logs of a worker: lines are gathered in a buffer per file, and written whole lines at a time.
 *
 * Without `buffer=` the house gathers by itself: at the end of a turn with few lines all is written at once, so a
 * quiet server's log is up to date; in a turn with many the lines wait for a full buffer or BUSY_MS, so a busy
 * server makes one system call for hundreds of lines.  With `buffer=` it is nginx's way: written when the next line
 * does not fit, or at `flush=`.  Every write is one call that ends with a line (or a gzip member): files that
 * several workers append to stay readable.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/logfile.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/must.h"
#include "rule/logcache.h"

enum {
    HOUSE_BYTES = 65536,        /* gathered at most without buffer= */
    FIRST_BYTES = 4096,         /* room of a new buffer */
    CALM_LINES = 4,             /* a turn with so many or fewer lines is calm */
    BUSY_MS = 100,              /* lines of busy turns wait at most so long */
    SAY_AGAIN_MS = 60000        /* a failing write is said so often */
};

typedef struct buffer {
    mw_logs          *logs;
    const mw_logfile *file;     /* NULL: nothing was written yet */
    char             *at;
    size_t            used, room;
    mw_list           gathered; /* in mw_logs.gathered while it holds lines of the house's gathering */
    mw_timer          flush;
    uint64_t          mute_ms;  /* failures are not said before */
} buffer;

struct mw_logs {
    mw_worker   *worker;
    mw_bell      turn;          /* rung late by the turn's first line */
    mw_timer     busy;
    mw_list      gathered;
    unsigned     lines;         /* of this turn */
    mw_logcache *cache;         /* NULL: off */
    char        *line;          /* for lines to syslog */
    size_t       line_room;
    unsigned     count;
    buffer       buffers[];
};

static uint64_t now_ms(const mw_logs *l)
{
    return mw_loop_now(l->worker->loop);
}

/* Once a minute and file, as nginx: a full disk must not fill the error log's too. */
static void say_failed(const mw_logs *l, uint64_t *mute_ms, const mw_log *log, mw_str path, ssize_t wrote, size_t of)
{
    int err = errno;

    if (now_ms(l) < *mute_ms)
        return;
    *mute_ms = now_ms(l) + SAY_AGAIN_MS;
    if (wrote == -1)
        MW_LOG(log, MW_LOG_ALERT, err, "write() to \"%.*s\" failed", MW_S(path));
    else
        MW_LOG(log, MW_LOG_ALERT, 0, "write() to \"%.*s\" was incomplete: %zd of %zu", MW_S(path), wrote, of);
}

static void write_bytes(buffer *b, mw_str bytes)
{
    ssize_t n;

    do
        n = write(b->file->file->fd, bytes.at, bytes.len);
    while (n == -1 && errno == EINTR);
    if (n == -1 || (size_t)n != bytes.len)
        say_failed(b->logs, &b->mute_ms, &b->logs->worker->log, b->file->file->path, n, bytes.len);
}

/* Each flush is a gzip member of its own: members may simply follow each other (RFC 1952 2.2). */
static void write_gzip(buffer *b, mw_str bytes)
{
    size_t    room = bytes.len + bytes.len / 8 + 256;       /* more than deflate can make of it */
    mw_press *p = mw_press_open(MW_GZIP, b->file->gzip, 15, 8);
    char     *at = mw_alloc_try(room);
    mw_out    o = mw_out_on(at, room);

    if (p != NULL && at != NULL && mw_press_run(p, &bytes, &o, MW_PRESS_FINISH) == MW_END)
        write_bytes(b, mw_out_done(&o));
    else
        MW_LOG(&b->logs->worker->log, MW_LOG_ALERT, 0, "deflate() failed for \"%.*s\"", MW_S(b->file->file->path));
    mw_press_close(p);
    mw_free(at);
}

static void write_first(buffer *b, size_t n)
{
    mw_str bytes = { b->at, n };

    if (n == 0 || b->file->file->fd == -1)
        return;
    if (b->file->gzip > 0)
        write_gzip(b, bytes);
    else
        write_bytes(b, bytes);
}

static uint64_t limit_of(const buffer *b)
{
    return b->file->buffer > 0 ? b->file->buffer : HOUSE_BYTES;
}

static void write_all(buffer *b)
{
    if (b->used == 0)
        return;
    write_first(b, b->used);
    b->used = 0;
    mw_list_drop(&b->gathered);
    mw_timer_stop(b->logs->worker->loop, &b->flush);
    if (b->room > limit_of(b) + FIRST_BYTES) {              /* a monstrous line was here */
        mw_free(b->at);
        b->at = NULL;
        b->room = 0;
    }
}

static void flush_due(void *owner)
{
    write_all(owner);
}

static void write_gathered(void *owner)
{
    mw_logs *l = owner;

    MW_LIST_EACH(node, &l->gathered)
        write_all(MW_OWNER(node, buffer, gathered));
}

static void turn_ends(void *owner)
{
    mw_logs *l = owner;
    unsigned lines = l->lines;

    l->lines = 0;
    if (lines <= CALM_LINES)
        write_gathered(l);
    else if (!mw_list_empty(&l->gathered) && !mw_timer_is_set(&l->busy))
        mw_timer_set(l->worker->loop, &l->busy, now_ms(l) + BUSY_MS);
}

mw_logs *mw_logs_new(mw_worker *w, unsigned count)
{
    mw_logs *l = mw_alloc(sizeof *l + count * sizeof l->buffers[0]);

    l->worker = w;
    l->count = count;
    mw_bell_init(&l->turn, w->loop, turn_ends, l);
    mw_timer_init(&l->busy, write_gathered, l);
    mw_list_init(&l->gathered);
    for (unsigned i = 0; i < count; i++) {
        buffer *b = &l->buffers[i];

        b->logs = l;
        mw_list_init(&b->gathered);
        mw_timer_init(&b->flush, flush_due, b);
    }
    return l;
}

static void grow(char **at, size_t *room, size_t need)
{
    size_t more = *room > 0 ? *room : FIRST_BYTES;

    while (more < need)
        more *= 2;
    if (more == *room)
        return;
    *at = mw_alloc_grow(*at, more);
    *room = more;
}

mw_out mw_logs_pen(mw_logs *l, const mw_logfile *f, size_t most)
{
    buffer *b;

    if (f->file == NULL) {
        grow(&l->line, &l->line_room, most + 1);
        return mw_out_on(l->line, most);
    }
    MW_MUST(f->number < l->count);
    b = &l->buffers[f->number];
    b->file = f;
    if (f->buffer == 0 && b->used + most + 1 > HOUSE_BYTES)
        write_all(b);
    grow(&b->at, &b->room, b->used + most + 1);             /* and one for the newline */
    return mw_out_on(&b->at[b->used], most);
}

static void begin_waiting(buffer *b)
{
    mw_logs *l = b->logs;

    if (b->file->buffer > 0) {
        if (b->file->flush_ms > 0 && !mw_timer_is_set(&b->flush))
            mw_timer_set(l->worker->loop, &b->flush, now_ms(l) + b->file->flush_ms);
        return;
    }
    if (mw_list_empty(&b->gathered))
        mw_list_add(&l->gathered, &b->gathered);
    if (l->lines++ == 0)
        mw_bell_ring_late(&l->turn);
}

static void tell_server(const void *who, mw_out *o)
{
    mw_out_str(o, MW_STR(", server: "));
    mw_addr_text(o, &((const mw_syslog *)who)->to);
}

/* That nobody listens is said once, until somebody does. */
static void to_syslog(const mw_logs *l, mw_syslog *s, mw_str line)
{
    const char  *failed = mw_syslog_send(s, line);
    const int    err = errno;
    const mw_log log = { .sinks = l->worker->log.sinks, .doing = "logging to syslog", .tell = tell_server, .who = s };

    if (failed != NULL && !s->lost)
        MW_LOG(&log, mw_str_eq(mw_str_of(failed), MW_STR("connect")) ? MW_LOG_ALERT : MW_LOG_ERROR, err, "%s() failed",
               failed);
    s->lost = failed != NULL;
}

void mw_logs_wrote(mw_logs *l, const mw_logfile *f, const mw_out *o)
{
    size_t  len = o->len + 1;
    buffer *b;

    if (f->file == NULL) {
        if (f->syslog != NULL)
            to_syslog(l, f->syslog, mw_out_done(o));
        return;
    }
    b = &l->buffers[f->number];
    MW_MUST(o->at == &b->at[b->used] && b->used + len <= b->room);
    b->at[b->used + o->len] = '\n';
    if (b->used > 0 && b->used + len > limit_of(b)) {       /* it does not fit: what was there goes first */
        write_first(b, b->used);
        memmove(b->at, &b->at[b->used], len);
        b->used = 0;
    }
    b->used += len;
    if (b->used > limit_of(b))
        write_all(b);
    else
        begin_waiting(b);
}

static void write_to_path(mw_logs *l, const mw_logfile *f, mw_scope *s, mw_str line)
{
    struct iovec two[2] = { { .iov_base = (void *)line.at, .iov_len = line.len }, { .iov_base = "\n", .iov_len = 1 } };
    mw_str       path = mw_expr_text(f->path, s);
    bool         kept = false;
    int          fd = l->cache != NULL && !f->fresh ? mw_logcache_open(l->cache, path, now_ms(l), &kept)
                                                    : mw_log_append(path);
    ssize_t      n;

    MW_MUST(f->number < l->count);
    if (fd == -1) {
        MW_LOG(s->log, MW_LOG_CRIT, errno, "open() \"%.*s\" failed", MW_S(path));
        return;
    }
    n = writev(fd, two, 2);
    if (n == -1 || (size_t)n != line.len + 1)
        say_failed(l, &l->buffers[f->number].mute_ms, s->log, path, n, line.len + 1);
    if (!kept)
        close(fd);
}

void mw_logs_write(mw_logs *l, const mw_logfile *f, mw_scope *s, mw_str line)
{
    mw_out o;

    if (f->path != NULL) {
        write_to_path(l, f, s, line);
    } else if (f->syslog != NULL) {
        to_syslog(l, f->syslog, line);
    } else {
        o = mw_logs_pen(l, f, line.len);
        mw_out_str(&o, line);
        mw_logs_wrote(l, f, &o);
    }
}

void mw_logs_flush(mw_logs *l)
{
    for (unsigned i = 0; i < l->count; i++)
        write_all(&l->buffers[i]);
    if (l->cache != NULL)
        mw_logcache_clear(l->cache);
}

void mw_logs_cache(mw_logs *l, unsigned max, uint64_t inactive_ms, uint64_t valid_ms, unsigned min_uses)
{
    mw_logcache_rule rule = { .max = max, .min_uses = min_uses, .inactive_ms = inactive_ms, .valid_ms = valid_ms };

    mw_logcache_free(l->cache);
    l->cache = max > 0 ? mw_logcache_new(&rule) : NULL;
}

void mw_logs_free(mw_logs *l)
{
    if (l == NULL)
        return;
    mw_logs_flush(l);
    mw_bell_mute(&l->turn);
    mw_timer_stop(l->worker->loop, &l->busy);
    mw_logcache_free(l->cache);
    for (unsigned i = 0; i < l->count; i++)
        mw_free(l->buffers[i].at);
    mw_free(l->line);
    mw_free(l);
}
