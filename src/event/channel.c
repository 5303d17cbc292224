/* channel.c - messages and descriptors between the master and its children.
 *
 * A sequenced-packet socketpair keeps messages apart, and a descriptor with the message that it came with.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { AT_ONCE = 16 };

typedef union ancillary {
    struct cmsghdr head;
    char           room[CMSG_SPACE(sizeof(int))];
} ancillary;

mw_rc mw_channel_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0 ? MW_OK : MW_ERR;
}

mw_rc mw_channel_send(int fd, const mw_message *m)
{
    mw_message    copy = *m;
    ancillary     extra = { .room = { 0 } };
    struct iovec  iov = { &copy, sizeof copy };
    struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t       n;

    if (m->fd >= 0) {
        h.msg_control = &extra;
        h.msg_controllen = CMSG_LEN(sizeof(int));
        extra.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
                                       .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(&extra.head), &copy.fd, sizeof copy.fd);
    }
    do
        n = sendmsg(fd, &h, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN || errno == ENOBUFS ? MW_AGAIN : MW_ERR;
    return MW_OK;
}

/* The descriptor that came with it; -1: none. */
static int descriptor_in(struct msghdr *h)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(h);
    int             fd = -1;

    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS
        && c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

/* OK; AGAIN: nothing there; END: the other end closed, or is none of ours; ERR: no message, pass over it. */
static mw_rc receive(int fd, mw_message *m)
{
    ancillary     extra;
    struct iovec  iov = { m, sizeof *m };
    struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &extra,
                        .msg_controllen = sizeof extra };
    ssize_t       n;

    do
        n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? MW_AGAIN : MW_END;
    if (n == 0)
        return MW_END;
    m->fd = descriptor_in(&h);
    if ((size_t)n == sizeof *m && (h.msg_flags & MSG_TRUNC) == 0)
        return MW_OK;
    if (m->fd >= 0)
        (void)close(m->fd);
    return MW_ERR;
}

static void hear(mw_watch *w, unsigned ready)
{
    mw_channel *c = MW_OWNER(w, mw_channel, watch);

    (void)ready;
    for (unsigned n = 0; n < AT_ONCE && c->watch.fd >= 0; n++) {
        mw_message m = { .fd = -1 };

        switch (receive(c->watch.fd, &m)) {
        case MW_OK:
            c->heard(c, &m);
            break;
        case MW_ERR:
            break;
        case MW_AGAIN:
            return;
        case MW_END:
            c->gone(c);
            return;
        }
    }
}

mw_rc mw_channel_listen(mw_channel *c, mw_loop *l, int fd)
{
    c->watch = (mw_watch){ .fd = fd, .event = hear };
    return mw_loop_watch(l, &c->watch, true);
}

void mw_channel_close(mw_channel *c, mw_loop *l)
{
    if (c->watch.fd < 0)
        return;
    mw_loop_unwatch(l, &c->watch, false);      /* a child may hold it open too: closing would not drop it */
    (void)close(c->watch.fd);
    c->watch.fd = -1;
}
