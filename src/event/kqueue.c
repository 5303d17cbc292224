/* kqueue.c - the poller of the BSDs and of macOS: as epoll.c, but that reading and writing are two filters.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/poll.h"

#if defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) \
    || defined(__DragonFly__) || defined(__APPLE__)
#include <sys/types.h>
#include <sys/event.h>
#include <sys/time.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/must.h"

enum { BATCH = 512, FIRSTS = 8 };

typedef struct kevent change;

struct mw_poll {
    int       fd;
    int       n, at;                    /* of the batch: how many, and which one is told next */
    unsigned  firsts;
    mw_watch *first[FIRSTS];
    mw_watch *whose[BATCH];             /* of each event; NULL: forgotten */
    change    batch[BATCH];
};

static unsigned ready_of(const change *e)
{
    unsigned ready = e->filter == EVFILT_READ ? MW_READ : MW_WRITE;

    if (e->flags & EV_EOF)
        ready |= MW_HUP;
    if (e->flags & EV_ERROR || (e->flags & EV_EOF && e->fflags != 0))
        ready |= MW_READ | MW_WRITE | MW_HUP;       /* fflags of EV_EOF: the socket's error */
    return ready;
}

static void tell_firsts(mw_poll *p)
{
    for (unsigned i = p->firsts; i-- > 0;) {    /* backwards: a watch may leave the list when it is told */
        mw_watch *w = p->first[i];
        unsigned  ready = p->n == BATCH ? MW_READ : 0;

        for (int k = 0; k < p->n; k++) {
            if (p->whose[k] == w) {
                ready |= ready_of(&p->batch[k]);
                p->whose[k] = NULL;
            }
        }
        if (ready != 0)
            w->event(w, ready);
    }
}

static mw_poll *queue_open(void)
{
    mw_poll *p;
    int      fd = kqueue();

    if (fd < 0)
        return NULL;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    p = mw_alloc(sizeof *p);
    p->fd = fd;
    return p;
}

/* udata is an integer on NetBSD and a pointer elsewhere: the bytes of a pointer fit both. */
static void fill(change *e, const mw_watch *w, int filter, int flags)
{
    EV_SET(e, (uintptr_t)w->fd, filter, flags, 0, 0, 0);
    memcpy(&e->udata, &w, sizeof w);
}

static mw_rc queue_add(mw_poll *p, mw_watch *w, bool listening)
{
    change both[2];
    int    clear = listening ? 0 : EV_CLEAR;

    fill(&both[0], w, EVFILT_READ, EV_ADD | clear);
    fill(&both[1], w, EVFILT_WRITE, EV_ADD | clear);
    if (kevent(p->fd, both, listening ? 1 : 2, NULL, 0, NULL) != 0)
        return MW_ERR;
    if (w->first) {
        MW_MUST(p->firsts < FIRSTS);
        p->first[p->firsts++] = w;
    }
    return MW_OK;
}

static void queue_drop(mw_poll *p, mw_watch *w)
{
    change one;

    fill(&one, w, EVFILT_READ, EV_DELETE);
    (void)kevent(p->fd, &one, 1, NULL, 0, NULL);
    fill(&one, w, EVFILT_WRITE, EV_DELETE);         /* by itself: a listening one was never added for it */
    (void)kevent(p->fd, &one, 1, NULL, 0, NULL);
}

static int queue_gather(mw_poll *p, int timeout_ms)
{
    struct timespec t = { .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L };
    int             n = kevent(p->fd, NULL, 0, p->batch, BATCH, timeout_ms < 0 ? NULL : &t);

    p->n = n > 0 ? n : 0;
    p->at = 0;
    for (int i = 0; i < p->n; i++)
        memcpy(&p->whose[i], &p->batch[i].udata, sizeof p->whose[i]);
    return n;
}

static void queue_tell(mw_poll *p)
{
    if (p->firsts > 0)
        tell_firsts(p);
    while (p->at < p->n) {
        const change *e = &p->batch[p->at];
        mw_watch     *w = p->whose[p->at++];

        if (w != NULL)
            w->event(w, ready_of(e));
    }
    p->n = p->at = 0;
}

static void queue_forget(mw_poll *p, mw_watch *w)
{
    for (int i = p->at; i < p->n; i++)
        if (p->whose[i] == w)
            p->whose[i] = NULL;
    for (unsigned i = 0; w->first && i < p->firsts; i++) {
        if (p->first[i] == w) {
            p->first[i] = p->first[--p->firsts];
            break;
        }
    }
}

static void queue_close(mw_poll *p)
{
    (void)close(p->fd);
    mw_free(p);
}

const mw_poll_kind mw_kqueue = {
    .name = "kqueue", .open = queue_open, .add = queue_add, .drop = queue_drop, .wait = queue_gather,
    .tell = queue_tell, .forget = queue_forget, .close = queue_close,
};
#endif
