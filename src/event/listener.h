/* listener.h - bind, inherit, accept, shed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_LISTENER_H
#define MW_EVENT_LISTENER_H

#include "core/addr.h"
#include "event/loop.h"
#include "core/log.h"

typedef struct mw_listener mw_listener;
struct mw_listener {            /* in a worker: one listening descriptor that it accepts from */
    mw_watch      watch;
    mw_loop      *loop;
    mw_addr       addr;
    const void   *door;         /* of who listens */
    void        (*accepted)(mw_listener *l, int fd, const mw_addr *peer);   /* fd: nonblocking, cloexec; takes it */
    mw_log       *log;
    bool          many;         /* multi_accept: all there are in one go; otherwise a fair share per turn */
    bool          paused;       /* asked to look away */
    bool          watching;     /* the poller knows it */
    uint8_t       share;        /* how many it takes in its next go; grows while there are more */
    mw_timer      again;        /* after descriptors ran out */
    uint64_t      advise;       /* ms: not before then is it said again what helps against that */
    mw_list       link;
};

/* In the master: makes, sets all options, binds and listens.  -1: errno, said to log as nginx says it: bind() to
 * 0.0.0.0:80 failed (98: Address already in use).  Retries a busy address five times, half a second apart, as nginx. */
int   mw_listen_open(const mw_addr *a, int type, const mw_listen_options *o, mw_log *log);
/* Whether this machine has the address: false is said to log in the same words.  That somebody has the port, or that we
 * may not take it, is no matter; nor is a unix socket. */
bool  mw_listen_possible(const mw_addr *a, int type, mw_log *log);
/* Of an inherited one: backlog, buffers, keepalive and such. */
void  mw_listen_options_renew(int fd, const mw_addr *a, const mw_listen_options *o, mw_log *log);
mw_rc mw_listener_start(mw_listener *l, mw_loop *loop, int fd);     /* watches; MW_ERR: errno */
void  mw_listener_pause(mw_listener *l);                            /* too many connections: looks away until resumed */
void  mw_listener_resume(mw_listener *l);
void  mw_listener_drain(mw_listener *l);                            /* accepts what waits, once more */
void  mw_listener_stop(mw_listener *l, bool close_it);

#endif
