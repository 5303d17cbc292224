/* conn.c - a connection: descriptor, remembered readiness, deadline, read, write.
 *
 * The plain io sends as much as one call takes: up to GATHER views of memory, then file parts with
 * sendfile.  What is not the last of a write goes out with MSG_MORE, so that head and file share segments.
 * After a short send the socket is full and the poller will tell when it is not; a short sendfile tells
 * nothing, so it is asked once more.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/conn.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/must.h"
#include "core/pool.h"
#include "event/filepart.h"
#include "event/sock.h"
#include "event/worker.h"

enum { GATHER = 64, KEPT = 1024, AT_ONCE = 1 << 30 };

_Static_assert(sizeof(mw_conn) <= 216, "an idle connection has a budget");

static mw_pool conns = MW_POOL(sizeof(mw_conn), KEPT);     /* of the process, as its loop is */

static void unready(mw_conn *c, unsigned what) { c->ready = (uint8_t)(c->ready & ~what); }

static mw_rc fail(mw_conn *c, int err)
{
    c->err = err;
    return MW_ERR;
}

static mw_rc plain_read(mw_conn *c, char *to, size_t room, size_t *got)
{
    ssize_t n;

    do
        n = recv(c->watch.fd, to, room, 0);
    while (n < 0 && errno == EINTR);

    if (n > 0) {
        if ((size_t)n < room && (c->ready & MW_HUP) == 0)
            unready(c, MW_READ);        /* more, or the end, will be an event */
        *got = (size_t)n;
        return MW_OK;
    }
    if (n == 0)
        return MW_END;
    if (errno != EAGAIN)
        return fail(c, errno);
    unready(c, MW_READ | MW_HUP);
    return MW_AGAIN;
}

/* Views of memory at the chain's beginning, at most `most` bytes of them; how many bytes. */
static size_t gather(const mw_chain *out, uint64_t most, struct iovec *iov, size_t *n)
{
    size_t bytes = 0;

    *n = 0;
    for (const mw_buf *b = out->head; b != NULL && b->file == NULL; b = b->next) {
        mw_str part = mw_str_take(b->mem, (size_t)(most - bytes));

        if (*n == GATHER || bytes == most)
            break;
        if (part.len == 0)
            continue;
        iov[*n] = (struct iovec){ (void *)(uintptr_t)part.at, part.len };      /* iovec knows no const */
        *n += 1;
        bytes += part.len;
    }
    return bytes;
}

static mw_rc send_failed(mw_conn *c)
{
    if (errno != EAGAIN)
        return fail(c, errno);
    unready(c, MW_WRITE);
    return MW_AGAIN;
}

static mw_rc send_iov(mw_conn *c, struct iovec *iov, size_t n, bool more, size_t *sent)
{
    struct msghdr m = { .msg_iov = iov, .msg_iovlen = n };
    int           flags = more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
    ssize_t       done;

    do
        done = n == 1 ? send(c->watch.fd, iov->iov_base, iov->iov_len, flags)
                      : sendmsg(c->watch.fd, &m, flags);
    while (done < 0 && errno == EINTR);
    if (done < 0)
        return send_failed(c);
    *sent = (size_t)done;
    return MW_OK;
}

static mw_rc send_memory(mw_conn *c, const mw_chain *out, uint64_t most, uint64_t *sent)
{
    struct iovec iov[GATHER];
    size_t       n, bytes = gather(out, most, iov, &n), done = 0;
    bool         more = bytes < most && bytes < out->bytes;
    mw_rc        rc = send_iov(c, iov, n, more, &done);

    *sent = done;
    if (rc != MW_OK || done == bytes)
        return rc;
    unready(c, MW_WRITE);
    return MW_AGAIN;
}

/* Where sendfile cannot be used: O_DIRECT, and file systems that do not have it. */
static mw_rc send_read(mw_conn *c, const mw_buf *b, uint64_t most, uint64_t *sent)
{
    uint64_t     part = b->upto - b->from, now = part < most ? part : most;
    size_t       done = 0;
    mw_str       got = { 0 };
    mw_block    *block = mw_filepart_read(b->file, b->from, b->from + now, &got);
    struct iovec iov;
    mw_rc        rc;

    if (block == NULL)
        return fail(c, errno);
    iov = (struct iovec){ (void *)(uintptr_t)got.at, got.len };
    rc = send_iov(c, &iov, 1, got.len < now || (now < most && b->next != NULL), &done);
    mw_block_done(block);
    *sent = done;
    if (rc != MW_OK || done == got.len)
        return rc;
    unready(c, MW_WRITE);
    return MW_AGAIN;
}

static mw_rc send_file(mw_conn *c, const mw_buf *b, uint64_t most, uint64_t *sent)
{
    uint64_t part = b->upto - b->from;
    off_t    at = (off_t)b->from;
    ssize_t  n;

    if (b->file->direct)
        return send_read(c, b, most, sent);
    if (mw_file_changed(b->file)) {
        MW_LOG(c->log, MW_LOG_ERROR, 0, "the file was changed while it was sent, at %llu", (unsigned long long)b->from);
        return fail(c, ESTALE);
    }
    do
        n = sendfile(c->watch.fd, b->file->fd, &at, (size_t)(part < most ? part : most));
    while (n < 0 && errno == EINTR);

    if (n > 0) {
        *sent = (uint64_t)n;
        return MW_OK;
    }
    if (n == 0) {
        MW_LOG(c->log, MW_LOG_ERROR, 0, "sendfile() reported that the file was truncated at %llu",
               (unsigned long long)b->from);
        return fail(c, ENODATA);
    }
    if (errno == EINVAL || errno == ENOSYS)
        return send_read(c, b, most, sent);
    return send_failed(c);
}

static mw_rc plain_write(mw_conn *c, mw_chain *out, uint64_t most)
{
    while (out->bytes > 0 && most > 0) {
        uint64_t now = most < AT_ONCE ? most : AT_ONCE, sent = 0;
        mw_rc    rc;

        if ((c->ready & MW_WRITE) == 0)
            return MW_AGAIN;
        rc = out->head->file != NULL ? send_file(c, out->head, now, &sent) : send_memory(c, out, now, &sent);
        mw_chain_drop(out, sent);
        most -= sent;
        if (rc != MW_OK)
            return rc;
    }
    return MW_OK;
}

static mw_rc plain_shut(mw_conn *c) { return shutdown(c->watch.fd, SHUT_WR) == 0 ? MW_OK : fail(c, errno); }

static void plain_close(mw_conn *c) { (void)c; }

const mw_conn_io mw_plain_io = {
    .name = "plain", .read = plain_read, .write = plain_write, .shut = plain_shut, .close = plain_close,
};

/* That a socket is writable which was known to be is no news: the first event after an accept says it. */
static void tell(mw_watch *w, unsigned ready)
{
    mw_conn *c = MW_OWNER(w, mw_conn, watch);
    unsigned news = ready & ~(c->ready & (unsigned)MW_WRITE);

    c->ready = (uint8_t)(c->ready | ready);
    if (news != 0 && c->use != NULL && c->use->ready != NULL)
        c->use->ready(c);
}

static void tell_late(void *owner)
{
    mw_conn *c = owner;

    if (c->use != NULL && c->use->late != NULL)
        c->use->late(c);
}

static void bury(mw_grave *g) { mw_pool_give(&conns, MW_OWNER(g, mw_conn, grave)); }

mw_conn *mw_conn_new(mw_loop *l, int fd, const mw_addr *peer, const mw_conn_use *use, void *user, mw_log *log)
{
    mw_conn *c = mw_pool_take(&conns);

    *c = (mw_conn){ .watch = { .fd = fd, .event = tell }, .ready = MW_WRITE, .loop = l, .io = &mw_plain_io,
                    .use = use, .user = user, .peer = mw_addr_to_endpoint(peer), .since = mw_loop_now(l), .log = log };
    if (mw_loop_watch(l, &c->watch, false) != MW_OK) {
        int err = errno;

        mw_pool_give(&conns, c);
        (void)close(fd);
        errno = err;
        return NULL;
    }
    mw_timer_init(&c->deadline, tell_late, c);
    mw_list_init(&c->idle);
    if (l->worker != NULL) {
        l->worker->connections++;
        c->serial = l->worker->serial++;
    }
    return c;
}

void mw_conn_give(mw_conn *c, const mw_conn_use *use, void *user, mw_log *log)
{
    c->use = use;
    c->user = user;
    c->log = log;
}

void mw_conn_close(mw_conn *c)
{
    mw_loop *l = c->loop;

    if (c->watch.fd < 0)
        return;
    if (c->io->close != NULL)
        c->io->close(c);
    mw_timer_stop(l, &c->deadline);
    mw_list_drop(&c->idle);
    mw_loop_unwatch(l, &c->watch, true);
    (void)close(c->watch.fd);
    c->watch.fd = -1;
    c->ready = 0;
    c->broken = true;                   /* whoever still tries gets MW_ERR */
    c->io = &mw_plain_io;
    c->use = NULL;
    c->grave.bury = bury;
    mw_loop_bury(l, &c->grave);
    if (l->worker != NULL) {
        l->worker->connections--;
        if (l->worker->freed != NULL)
            l->worker->freed(l->worker);
    }
}

void mw_conn_reset(mw_conn *c)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    if (c->watch.fd < 0)
        return;
    (void)setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);     /* then close sends RST */
    mw_conn_close(c);
}

void mw_conn_expect(mw_conn *c, uint64_t ms)
{
    if (c->watch.fd < 0)
        return;
    if (ms == 0)
        c->deadline.due = 0;            /* it may stay in the wheel, which finds nothing due */
    else
        mw_timer_set(c->loop, &c->deadline, mw_loop_now(c->loop) + ms);
}

mw_rc mw_conn_read(mw_conn *c, mw_block **room, uint32_t size, uint32_t used, mw_str *got)
{
    size_t n = 0;
    mw_rc  rc;

    *got = (mw_str){ 0 };
    if (c->broken)
        rc = MW_ERR;
    else if (c->eof)
        rc = MW_END;
    else if (!mw_conn_readable(c))
        rc = MW_AGAIN;
    else {
        if (*room == NULL)
            *room = mw_block_new(size);
        MW_MUST(used < (*room)->size);
        rc = c->io->read(c, &(*room)->data[used], (*room)->size - used, &n);
    }
    if (rc == MW_OK) {
        *got = (mw_str){ &(*room)->data[used], n };
        c->got += n;
        return MW_OK;
    }
    c->eof = c->eof || rc == MW_END;
    c->broken = c->broken || rc == MW_ERR;
    if (used == 0) {
        mw_block_done(*room);
        *room = NULL;
    }
    return rc;
}

mw_rc mw_conn_write(mw_conn *c, mw_chain *out, uint64_t most)
{
    uint64_t before = out->bytes;
    mw_rc    rc;

    if (c->broken)
        return MW_ERR;
    rc = c->io->write(c, out, most);
    c->sent += before - out->bytes;
    c->broken = rc == MW_ERR;
    return rc;
}

bool mw_conn_local(const mw_conn *c, mw_addr *local, mw_arena *keep)
{
    return mw_sock_local(c->watch.fd, local, keep);
}
