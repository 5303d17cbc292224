/* nameserver.h - one server of the DNS: a connected UDP socket, and a TCP connection for what does not fit.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_NAMESERVER_H
#define MW_EVENT_NAMESERVER_H

#include "core/addr.h"
#include "core/log.h"
#include "event/loop.h"

typedef struct mw_nameserver {      /* must live until the end of the turn in which it was closed */
    mw_loop *loop;
    mw_addr  addr;
    mw_log   log;                   /* ... while resolving, resolver: 127.0.0.1:53 */
    /* it must not send over TCP when told so */
    void   (*heard)(struct mw_nameserver *s, mw_str packet, bool tcp);
    /* nobody listens there: what was asked over UDP is lost; from the loop, never from inside sending */
    void   (*deaf)(struct mw_nameserver *s);
    void    *owner;
    unsigned number;                /* the owner's, as owner */
    mw_watch udp, tcp;              /* fd -1: not open; opened when needed, and anew after each failure */
    mw_bell  lost;                  /* rings deaf() */
    mw_timer idle;                  /* closes the TCP connection */
    bool     connected;
    char    *in, *out;              /* of the TCP connection: messages, each behind two bytes of its length */
    size_t   in_len, out_len;
} mw_nameserver;

/* then set heard, deaf, owner */
void mw_nameserver_init(mw_nameserver *s, mw_loop *l, const mw_addr *addr, const mw_log *log);
void mw_nameserver_close(mw_nameserver *s);
/* logs its failures; who asks, asks again after a while */
void mw_nameserver_send(mw_nameserver *s, mw_str packet, bool tcp);

#endif
