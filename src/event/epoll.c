/* epoll.c - the poller of Linux.
 *
 * A batch is gathered by wait() and told by tell(), so that the loop can read the clock between the two.
 * Watches marked `first` are few; the poller keeps them in a list of its own and tells them before all
 * others.  When a batch was full, their events may still lie in the kernel: then they are told anyway and
 * look for themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/poll.h"

#if defined(__linux__)
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/must.h"

/* What one batch begins - a block and an arena for each request - is held until its end: so the batch is small. */
enum { BATCH = 64, FIRSTS = 8 };

struct mw_poll {
    int                fd;
    int                n, at;           /* of the batch: how many, and which one is told next */
    unsigned           firsts;
    mw_watch          *first[FIRSTS];
    struct epoll_event batch[BATCH];
};

static unsigned ready_of(uint32_t events)
{
    unsigned ready = 0;

    if (events & EPOLLIN)
        ready |= MW_READ;
    if (events & EPOLLOUT)
        ready |= MW_WRITE;
    if (events & EPOLLRDHUP)
        ready |= MW_HUP;
    if (events & (EPOLLHUP | EPOLLERR))
        ready |= MW_READ | MW_WRITE | MW_HUP;       /* whoever waits, for whatever, shall see the error */
    return ready;
}

static void tell_firsts(mw_poll *p)
{
    for (unsigned i = p->firsts; i-- > 0;) {    /* backwards: a watch may leave the list when it is told */
        mw_watch *w = p->first[i];
        unsigned  ready = p->n == BATCH ? MW_READ : 0;

        for (int k = 0; k < p->n; k++) {
            if (p->batch[k].data.ptr == w) {
                ready |= ready_of(p->batch[k].events);
                p->batch[k].data.ptr = NULL;
            }
        }
        if (ready != 0)
            w->event(w, ready);
    }
}

static mw_poll *epoll_open(void)
{
    mw_poll *p;
    int      fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0)
        return NULL;
    p = mw_alloc(sizeof *p);
    p->fd = fd;
    return p;
}

static mw_rc epoll_add(mw_poll *p, mw_watch *w, bool listening)
{
    struct epoll_event e = { .data.ptr = w };

    e.events = listening ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    if (epoll_ctl(p->fd, EPOLL_CTL_ADD, w->fd, &e) != 0)
        return MW_ERR;
    if (w->first) {
        MW_MUST(p->firsts < FIRSTS);
        p->first[p->firsts++] = w;
    }
    return MW_OK;
}

static void epoll_drop(mw_poll *p, mw_watch *w)
{
    struct epoll_event unused = { 0 };

    (void)epoll_ctl(p->fd, EPOLL_CTL_DEL, w->fd, &unused);      /* fails only for what is not in it */
}

static int epoll_gather(mw_poll *p, int timeout_ms)
{
    int n = epoll_wait(p->fd, p->batch, BATCH, timeout_ms);

    p->n = n > 0 ? n : 0;
    p->at = 0;
    return n;
}

static void epoll_tell(mw_poll *p)
{
    if (p->firsts > 0)
        tell_firsts(p);
    while (p->at < p->n) {
        struct epoll_event *e = &p->batch[p->at++];
        mw_watch           *w = e->data.ptr;

        if (w != NULL)
            w->event(w, ready_of(e->events));
    }
    p->n = p->at = 0;
}

static void epoll_forget(mw_poll *p, mw_watch *w)
{
    for (int i = p->at; i < p->n; i++)
        if (p->batch[i].data.ptr == w)
            p->batch[i].data.ptr = NULL;
    for (unsigned i = 0; w->first && i < p->firsts; i++) {
        if (p->first[i] == w) {
            p->first[i] = p->first[--p->firsts];
            break;
        }
    }
}

static void epoll_close(mw_poll *p)
{
    (void)close(p->fd);
    mw_free(p);
}

const mw_poll_kind mw_epoll = {
    .name = "epoll", .open = epoll_open, .add = epoll_add, .drop = epoll_drop, .wait = epoll_gather,
    .tell = epoll_tell, .forget = epoll_forget, .close = epoll_close,
};
#endif
