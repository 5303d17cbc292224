/* resolver.h - DNS over UDP and TCP (RFC 1035, 3596, 2782), cached, as an op.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_RESOLVER_H
#define MW_EVENT_RESOLVER_H

#include "core/addr.h"
#include "core/log.h"
#include "event/op.h"

typedef struct mw_resolver_conf {   /* what a `resolver` directive says; const */
    mw_addr  *servers;              /* port 53 unless written */
    unsigned  n;
    uint64_t  valid_ms;             /* 0: by TTL */
    uint64_t  timeout_ms;           /* of one question, all tries */
    bool      ipv4, ipv6;
} mw_resolver_conf;

typedef struct mw_resolver mw_resolver;     /* one per `resolver` and process: sockets and cache */

mw_resolver *mw_resolver_new(mw_loop *l, const mw_resolver_conf *conf, mw_log *log);
void         mw_resolver_free(mw_resolver *r);          /* nobody may be asking */
/* from /etc/resolv.conf (glibc's defaults); false: none */
bool         mw_resolv_conf(mw_arena *a, mw_resolver_conf *conf);

typedef struct mw_service { mw_str host; uint16_t port, priority, weight; } mw_service;    /* RFC 2782 */

typedef struct mw_resolve {     /* zeroed before the first asking; answers lie in the asker's arena */
    mw_op       op;
    mw_arena   *arena;          /* set by the asker: where to copy answers */
    mw_addr    *addrs;          /* OK: at least one; shuffled start, as nginx */
    mw_service *services;       /* OK of mw_resolve_service: at least one, as the server sent them */
    unsigned    n;
    /* seconds for which the answer holds from now on, `valid` counted in; rounded up */
    uint32_t    ttl;
    const char *why;            /* ERR: "Host not found", "Operation timed out", as nginx says them */
    int         code;           /* ERR: the number in front of it: "(3: Host not found)" */
    uint16_t    port;           /* the resolver's own from here on */
    uint64_t    due;            /* ms: when it is too late */
    void       *query;          /* the shared question */
    mw_list     waiting;
} mw_resolve;

mw_rc mw_resolve_name(mw_asker *who, mw_resolve *q, mw_resolver *r, mw_str name, uint16_t port);
/* SRV: "_http._tcp.example.com" */
mw_rc mw_resolve_service(mw_asker *who, mw_resolve *q, mw_resolver *r, mw_str name);

#endif
