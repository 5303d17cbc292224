/* group.h - a named set of peers: try one, fail, try the next.  Knows neither HTTP nor streams.
 *
 * A group is const; what changes about a peer (weights in flight, failures, connections) is its state, which lies in
 * the
 * group's zone when it has one (then all workers agree), otherwise in the worker's own memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UPSTREAM_GROUP_H
#define MW_UPSTREAM_GROUP_H

#include "conf/bind.h"
#include "core/addr.h"
#include "event/resolver.h"
#include "event/worker.h"
#include "rule/expr.h"

typedef struct mw_group mw_group;
typedef struct mw_groups mw_groups;             /* all of a generation, in mw_bind through the module's struct */
typedef struct mw_peer_state mw_peer_state;     /* state.h: what changes about a peer */
typedef struct mw_balance mw_balance;           /* balance.h: how it picks */
typedef struct mw_sticky mw_sticky;             /* sticky.h: who stays with whom */

typedef struct mw_peer {        /* one address of one `server` line; const */
    mw_addr   addr;
    mw_str    name;             /* "127.0.0.1:8080", "unix:/x": $upstream_addr */
    mw_str    server;           /* as written in `server` */
    uint32_t  weight, max_fails, max_conns;
    uint64_t  fail_timeout_ms;
    bool      backup, down;
    bool      drain;            /* only for who is bound to it */
    mw_str    route;            /* by what a sticky group tells it apart; made of its address unless written */
    /* the name did not resolve at start: down; who finds no other server asks for it anew */
    bool      unresolved;
    unsigned  line;             /* of which `server` of the block it is */
    unsigned  number;           /* of its state */
} mw_peer;

typedef struct mw_keep_conf {   /* `keepalive` and kin */
    uint32_t connections;       /* idle ones per worker; 0: off */
    bool     local;             /* keepalive N local: only of the same location */
    uint64_t timeout_ms, time_ms;
    uint32_t requests;
} mw_keep_conf;

struct mw_group {
    mw_str            name;     /* of the upstream block, or the host of a bare proxy_pass */
    const mw_peer    *peers;    /* those that are known from the start */
    unsigned          n, slots; /* slots: states there may be, more than n when names are resolved at run time */
    const struct mw_dynamic *dynamic;   /* NULL: peers stay what they are */
    bool              has_backup, single;       /* single: one peer: never marked failed, as nginx */
    const mw_balance *balance;
    const void       *balance_conf;     /* what its directive says */
    const void       *prepared;         /* what it made of the peers */
    const mw_sticky  *sticky;           /* NULL: nobody is bound to a peer */
    mw_keep_conf      keep;
    mw_zone          *zone;     /* NULL: states are the worker's */
    unsigned          number;   /* of the group in the generation: of its runtime in a worker */
    const mw_node    *node;
    bool              implicit; /* made by a bare proxy_pass */
    uint16_t          port;     /* default port it was asked for */
    unsigned          tries;    /* peers that are not down: how many may be tried */
    const mw_groups  *all;      /* NULL: made for one request, nothing is kept of it */
};

/* While binding: how names are resolved at run time by groups that have no `resolver` of their own. */
void mw_groups_resolver(mw_bind *b, const mw_resolver_conf *conf, uint64_t timeout_ms);
/* While binding.  The group of an upstream block of that name, or one made for "host[:port]" (resolved now: a name that
 * does not resolve is a warning, an error when b->strict).  NULL: said.  port: default.  Call it from `finish` only:
 * blocks
 * may stand behind their use. */
const mw_group *mw_group_find(mw_bind *b, const mw_node *n, mw_str name, uint16_t port);
/* At run time, for proxy_pass with variables: a block of that name, or what a proxy_pass without them made of
 * "host[:port]" and the same default port; NULL: none. */
const mw_group *mw_group_named(const mw_worker *w, mw_str name, uint16_t port);
/* At run time: a group of these addresses, for one request, in its arena. */
const mw_group *mw_group_made(mw_arena *a, mw_str name, const mw_addr *addrs, unsigned n);

/* DECLINED: it answered with a status that means next one (http_404): no failure of the peer */
typedef enum mw_outcome { MW_PEER_FINE, MW_PEER_FAILED, MW_PEER_DECLINED } mw_outcome;

typedef struct mw_try {         /* one request's way through a group; zeroed, then mw_try_begin */
    const mw_group *group;
    mw_worker      *worker;
    const mw_peer  *peers;      /* of the group, as they were when it began */
    unsigned        n;
    const void     *prepared;   /* by the balancer, of these peers */
    const mw_peer  *peer;       /* the one picked; NULL: none */
    uint64_t        tried;      /* bits of peers tried, up to 64; beyond that `more` */
    uint64_t       *more;
    unsigned        tries;      /* left */
    bool            single;     /* there is but one peer */
    mw_scope       *scope;      /* of hash keys, sticky */
    mw_arena       *arena;
    mw_str          stuck;      /* the route that the client is bound to; empty: none */
    mw_str          cookie;     /* a Set-Cookie for the client, from mw_try_header on; empty: none */
    mw_str          session;    /* the text it was found by */
    uint64_t        began_ms;   /* of the attempt at hand */
    void           *balance;    /* the balancer's own */
    mw_peer_state  *states;     /* of the group's peers, by number */
    uint32_t       *held;       /* connections this worker has to them; NULL: nobody else counts */
} mw_try;

void  mw_try_begin(mw_try *t, const mw_group *g, mw_worker *w, mw_arena *a, mw_scope *s);
mw_rc mw_try_pick(mw_try *t);                           /* OK: t->peer; ERR: no live one */
void  mw_try_header(mw_try *t);                         /* the peer's response has begun; once per pick */
void  mw_try_done(mw_try *t, mw_outcome how);           /* of t->peer, exactly once per pick; t->peer is NULL then */

extern const mw_module mw_upstream_module;              /* upstream, server, zone, keepalive ... */
extern const mw_module mw_balance_module;               /* least_conn, ip_hash, hash, random ... */

#endif
