/* dial.c - connect as an op.
 *
 * The connection is made when the connect is under way and watched at once; while it is pending its use is
 * ours.  It is settled by the first event that says writable or broken; only a broken one is asked for its
 * error.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/dial.h"

#include <errno.h>
#include <unistd.h>

#include "event/sock.h"

typedef struct name { char room[160]; mw_str text; } name;

static void name_of(const mw_addr *a, name *n)
{
    mw_out o = mw_out_on(n->room, sizeof n->room);

    mw_addr_text(&o, a);
    n->text = mw_out_done(&o);
}

/* The other side's trouble is an error, ours is critical. */
static mw_log_level gravity(int err)
{
    switch (err) {
    case ECONNREFUSED: case ECONNRESET: case EAGAIN: case ETIMEDOUT: case EPIPE: case ENOTCONN:
    case ENETDOWN: case ENETUNREACH: case EHOSTDOWN: case EHOSTUNREACH:
        return MW_LOG_ERROR;
    default:
        return MW_LOG_CRIT;
    }
}

static bool set(int fd, int level, int option, int value, const char *what, mw_log *log)
{
    if (mw_sock_set_int(fd, level, option, value))
        return true;
    MW_LOG(log, MW_LOG_ALERT, errno, "setsockopt(%s) failed", what);
    return false;
}

/* Binds to the address that the other side shall see. */
static bool bind_to(int fd, const mw_dial_how *how, mw_log *log)
{
    mw_sockaddr s;
    socklen_t   len = mw_addr_to_system(how->bind, &s);
    bool        v6 = how->bind->family == MW_IPV6;
    name        n;

    if (how->transparent && !(v6 ? set(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1, "IPV6_TRANSPARENT", log)
                                 : set(fd, IPPROTO_IP, IP_TRANSPARENT, 1, "IP_TRANSPARENT", log)))
        return false;
    if (how->bind->port == 0 && how->bind->family != MW_UNIX)      /* ports for each far address anew */
        (void)mw_sock_set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (bind(fd, &s.any, len) == 0)
        return true;
    name_of(how->bind, &n);
    MW_LOG(log, MW_LOG_CRIT, errno, "bind(%.*s) failed", MW_S(n.text));
    return false;
}

static bool prepare(int fd, const mw_addr *to, const mw_dial_how *how, mw_log *log)
{
    if (to->family != MW_UNIX)
        (void)mw_sock_nodelay(fd);      /* we gather ourselves */
    if (how == NULL)
        return true;
    return (!how->keepalive || set(fd, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE", log))
        && (how->rcvbuf == 0 || set(fd, SOL_SOCKET, SO_RCVBUF, how->rcvbuf, "SO_RCVBUF", log))
        && (how->sndbuf == 0 || set(fd, SOL_SOCKET, SO_SNDBUF, how->sndbuf, "SO_SNDBUF", log))
        && (how->bind == NULL || bind_to(fd, how, log));
}

/* A descriptor that is connected or on its way (*pending); -1: errno, said. */
static int start(const mw_addr *to, const mw_dial_how *how, mw_log *log, bool *pending)
{
    mw_sockaddr s;
    socklen_t   len = mw_addr_to_system(to, &s);
    int         fd = -1, err;
    name        n;

    if (len == 0) {
        errno = ENAMETOOLONG;
    } else {
        fd = mw_sock_open(to, SOCK_STREAM);
        if (fd >= 0 && !prepare(fd, to, how, log))
            goto fail;                  /* said there */
    }
    if (fd < 0) {
        MW_LOG(log, MW_LOG_ALERT, errno, "socket() failed");
        return -1;
    }
    *pending = connect(fd, &s.any, len) != 0;
    if (!*pending || errno == EINPROGRESS || errno == EINTR)
        return fd;
    name_of(to, &n);
    MW_LOG(log, gravity(errno), errno, "connect() to %.*s failed", MW_S(n.text));
fail:
    err = errno;
    (void)close(fd);
    errno = err;
    return -1;
}

static void settle(mw_conn *c)
{
    mw_dial *d = c->user;

    if ((c->ready & (MW_WRITE | MW_HUP)) == 0)
        return;
    d->err = c->ready & MW_HUP ? mw_sock_error(c->watch.fd) : 0;
    if (d->err == 0) {
        mw_conn_give(c, NULL, NULL, c->log);
        mw_op_finish(&d->op, MW_OK);
        return;
    }
    MW_LOG(c->log, gravity(d->err), d->err, "connect() failed");
    d->conn = NULL;
    mw_conn_close(c);
    mw_op_finish(&d->op, MW_ERR);
}

static const mw_conn_use dialling = { .name = "dial", .ready = settle };

static void stop(mw_op *op)
{
    mw_dial *d = MW_OWNER(op, mw_dial, op);

    mw_conn_close(d->conn);
    d->conn = NULL;
}

mw_rc mw_dial_to(mw_asker *who, mw_dial *d, const mw_addr *to, const mw_dial_how *how, mw_log *log)
{
    bool pending;
    int  fd;

    if (d->op.state == MW_OP_FINISHED)
        return (mw_rc)d->op.rc;
    if (d->op.state == MW_OP_PENDING)
        return MW_AGAIN;

    fd = start(to, how, log, &pending);
    d->conn = fd >= 0 ? mw_conn_new(who->bell.loop, fd, to, NULL, NULL, log) : NULL;
    if (d->conn == NULL) {
        d->err = errno;
        return mw_op_answer(&d->op, MW_ERR);
    }
    if (!pending)
        return mw_op_answer(&d->op, MW_OK);
    mw_conn_give(d->conn, &dialling, d, log);
    d->conn->ready = 0;
    mw_op_begin(&d->op, who, stop);
    return MW_AGAIN;
}
