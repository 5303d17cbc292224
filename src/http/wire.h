/* wire.h - a protocol, seen from a request: h1, h2, or a parent (subrequest).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_WIRE_H
#define MW_HTTP_WIRE_H

#include "event/conn.h"
#include "event/source.h"
#include "http/head.h"
#include "http/types.h"

struct mw_wire {
    const char *name;                       /* "h1" */
    /* the head is final: write it, pull res.body until END, then mw_request_part */
    void (*send)(mw_request *r);
    void (*abort)(mw_request *r);           /* break off, then mw_request_part */
    void (*part)(mw_request *r);            /* forget r: it lives on alone, or ends; called by mw_request_part only */
    /* 100, 103; nothing for HTTP/1.0 and subrequests */
    void (*inform)(mw_request *r, int status, const mw_fields *head);
    /* the client's body, decoded; after an upgrade its raw bytes; NULL: there is none */
    mw_source *(*incoming)(mw_request *r);
};

/* what a request must know of its connection; counted: held by connection and requests */
struct mw_visit {
    uint32_t  refs;
    mw_conn  *conn;             /* NULL once it is closed */
    mw_addr   peer, local;      /* local: family MW_NOWHERE until asked (mw_visit_local) */
    const mw_addr *proxied_from, *proxied_to;       /* of the PROXY protocol; NULL: none */
    mw_str    tlvs;
    const mw_addr *real;        /* set by realip for the whole connection (PROXY); NULL: peer */
    uint64_t  serial, since;
    void     *held;             /* memory of the PROXY facts: one block from mw_alloc, freed with it */
    bool      tls, plain_on_tls;        /* the latter: plain bytes came to a TLS port; refused with 497 */
};

extern const mw_wire mw_void_wire;              /* nobody listens: pulls and forgets; request.c */

mw_visit      *mw_visit_new(mw_conn *c);
mw_visit      *mw_visit_hold(mw_visit *v);
void           mw_visit_done(mw_visit *v);
const mw_addr *mw_visit_local(mw_visit *v);

#endif
