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
bool         mw_resolv_conf(mw_arena *a, mw_resolver_conf *conf);      /* from /etc/resolv.conf (glibc's defaults); false: none */

typedef struct mw_resolve {     /* zeroed before the first asking; answers lie in the asker's arena */
    mw_op       op;
    mw_arena   *arena;          /* set by the asker: where to copy answers */
    mw_addr    *addrs;          /* OK: at least one; shuffled start, as nginx */
    unsigned    n;
    uint32_t    ttl;
    const char *why;            /* ERR: "Host not found", "Operation timed out", as nginx says them */
    void       *query;          /* the shared question */
    mw_list     waiting;
} mw_resolve;

mw_rc mw_resolve_name(mw_asker *who, mw_resolve *q, mw_resolver *r, mw_str name, uint16_t port);

#endif
