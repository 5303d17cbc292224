/* dial.h - connect as an op.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_DIAL_H
#define MW_EVENT_DIAL_H

#include "event/conn.h"
#include "event/op.h"

typedef struct mw_dial_how {
    const mw_addr *bind;            /* local address, or NULL */
    bool           transparent;     /* IP_TRANSPARENT: an address that is not ours */
    bool           keepalive;       /* SO_KEEPALIVE */
    int            rcvbuf, sndbuf;  /* 0: the system's */
} mw_dial_how;

typedef struct mw_dial {        /* zeroed before the first asking */
    mw_op    op;
    mw_conn *conn;              /* OK: the asker's from now on, deaf until given; whoever takes it sets this NULL */
    int      err;               /* ERR: the errno */
} mw_dial;

/* OK: connected (at once for unix and some loopback); AGAIN; ERR: d->err, which was said to log.  Cancelling
 * closes.  No timer: ask a nap too. */
mw_rc mw_dial_to(mw_asker *who, mw_dial *d, const mw_addr *to, const mw_dial_how *how, mw_log *log);

#endif
