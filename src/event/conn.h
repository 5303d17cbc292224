/* conn.h - a connection: descriptor, remembered readiness, deadline, read, write.
 *
 * It owns no buffer and no arena while idle.  What reads and writes the bytes is its io (plain here, TLS in tls/); who
 * is told of events is its use (a wire, an exchange, a tunnel), which may be changed at any time.  Registered once,
 * edge triggered: a read that got less than there was room for clears MW_READ, so no call is made only to see EAGAIN; a
 * write that sent less clears MW_WRITE.  Processes that write must ignore SIGPIPE: sendfile has no way to forbid it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_CONN_H
#define MW_EVENT_CONN_H

#include "core/buf.h"
#include "core/log.h"
#include "event/loop.h"

typedef struct mw_conn mw_conn;

typedef struct mw_conn_io {
    const char *name;
    bool        memory;                                             /* takes no file parts */
    /* OK: got > 0; AGAIN; END: the peer closed; ERR: broken, c->err */
    mw_rc (*read)(mw_conn *c, char *to, size_t room, size_t *got);
    /* Drops what went.  OK: all, or `most` bytes; AGAIN: the socket is full; ERR */
    mw_rc (*write)(mw_conn *c, mw_chain *out, uint64_t most);
    mw_rc (*shut)(mw_conn *c);                  /* says that no more bytes come: FIN, close_notify.  OK, AGAIN, ERR */
    void  (*close)(mw_conn *c);                 /* lets go of io_state; before the descriptor is closed; may be NULL */
    bool  (*pending)(const mw_conn *c);         /* bytes lie inside io: reading need not wait; may be NULL */
} mw_conn_io;

typedef struct mw_conn_use {
    const char *name;
    void (*ready)(mw_conn *c);      /* c->ready changed: read or write what you can */
    void (*late)(mw_conn *c);       /* the deadline came */
} mw_conn_use;

struct mw_conn {
    mw_watch           watch;           /* first; watch.fd is the descriptor, -1 once closed */
    uint8_t            ready;           /* MW_READ | MW_WRITE | MW_HUP, remembered */
    bool               eof, broken;     /* the peer sent its end; the socket failed */
    bool               tls;
    bool               debug;           /* debug_connection names its peer: who logs for it speaks at debug level */
    int                err;             /* errno of what broke it, 0: none or a TLS matter */
    uint32_t           requests;        /* served over it so far */
    mw_loop           *loop;
    const mw_conn_io  *io;
    void              *io_state;
    const mw_conn_use *use;
    void              *user;
    union {
        mw_timer       deadline;        /* mw_conn_expect */
        mw_grave       grave;           /* once it is closed */
    };
    mw_list            idle;            /* in the worker's list of idle ones, when it waits for a request */
    struct mw_listener *from;           /* NULL: we dialled */
    mw_endpoint        peer;
    uint64_t           serial;          /* the "*N" of log lines */
    uint64_t           got, sent;       /* bytes, on the wire */
    uint64_t           since;           /* ms, monotonic: when it was accepted or dialled */
    mw_log            *log;             /* of whoever uses it now; never NULL */
};

extern const mw_conn_io mw_plain_io;

/* Takes over fd (nonblocking, a stream); NULL: errno, fd closed.  Readiness to write is assumed until a write
 * says otherwise.  Where the loop has a worker, the connection is counted in worker->connections, gets the next
 * serial (in c->serial; the log is left as it is), and its closing calls worker->freed. */
mw_conn *mw_conn_new(mw_loop *l, int fd, const mw_addr *peer, const mw_conn_use *use, void *user, mw_log *log);
void     mw_conn_give(mw_conn *c, const mw_conn_use *use, void *user, mw_log *log);     /* hands it to somebody else */
void     mw_conn_close(mw_conn *c);                     /* at once; memory goes at the turn's end */
void     mw_conn_reset(mw_conn *c);                     /* the same with RST */
void     mw_conn_expect(mw_conn *c, uint64_t ms);       /* use->late() in so long, unless moved; 0: never */

/* Reads into *room, which is taken from the pool (size bytes) only when there is something to read; *got is a slice
 * of it.  used: bytes of the block that are taken already.  Answers as io->read; a block that stayed empty is given
 * back. */
mw_rc    mw_conn_read(mw_conn *c, mw_block **room, uint32_t size, uint32_t used, mw_str *got);
mw_rc    mw_conn_write(mw_conn *c, mw_chain *out, uint64_t most);       /* io->write, with books kept */
bool     mw_conn_local(const mw_conn *c, mw_addr *local, mw_arena *keep);       /* getsockname; false: errno */
static inline bool mw_conn_readable(const mw_conn *c)
{
    return (c->ready & (MW_READ | MW_HUP)) != 0 || (c->io->pending != NULL && c->io->pending(c));
}
static inline bool mw_conn_writable(const mw_conn *c) { return (c->ready & MW_WRITE) != 0; }

#endif
