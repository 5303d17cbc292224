/* state.h - what changes about peers, and where it lies: in a zone, or in the worker.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UPSTREAM_STATE_H
#define MW_UPSTREAM_STATE_H

#include "core/list.h"
#include "core/zone.h"
#include "upstream/group.h"

struct mw_groups {
    mw_array list;                      /* mw_group *, by number */
    mw_array blocks;                    /* mw_upstream_block * */
    unsigned number;                    /* of the module */
};

typedef struct mw_upstream_server {     /* a `server` line */
    const mw_node *node;
    mw_str         text;
    mw_peer        like;                /* its parameters */
} mw_upstream_server;

typedef struct mw_upstream_block { mw_group *group; mw_level *level; mw_array servers; } mw_upstream_block;

struct mw_peer_state {
    int64_t  current, effective;        /* weights of the smooth round robin */
    uint32_t fails, conns;
    uint64_t accessed_ms, checked_ms;   /* last failure; since when it is watched again */
    uint32_t header_ms, last_ms;        /* how long it takes to answer, and to answer all, on average */
    uint64_t asked_ms, begun_ms;        /* when it was asked last; sum of when those in flight were */
};

typedef struct mw_group_state {         /* of one group in one worker */
    mw_peer_state *peers;
    /* connections of this worker, by peer; in a zone so that they can be taken back */
    uint32_t      *held;
    mw_list        idle;                /* of keepalive.c, oldest first */
    unsigned       nidle;
} mw_group_state;

typedef struct mw_upstreams {           /* mw_worker.state of the module */
    mw_worker      *worker;
    const mw_groups *all;
    mw_group_state *groups;             /* by number */
    unsigned        n;
    mw_leaver       leaver;
} mw_upstreams;

mw_groups    *mw_groups_of(mw_bind *b);                          /* made at the first asking */
mw_group     *mw_group_add(mw_bind *b, mw_str name);            /* a new one, empty */
mw_rc         mw_group_fill(mw_bind *b, mw_group *g, const mw_upstream_server *servers, size_t n, uint16_t port);
mw_upstreams *mw_upstreams_of(const mw_worker *w);              /* NULL: the module is not there */

/* NULL: the group was made for one request. */
mw_group_state *mw_group_state_of(const mw_worker *w, const mw_group *g);

extern const mw_zone_kind mw_peers_zone;
bool mw_peers_share(const mw_group *g, mw_group_state *s);      /* in its zone; false: there is no room */
void mw_peers_unshare(const mw_group *g, mw_group_state *s);    /* gives back what this worker held */
void mw_peers_reset(const mw_group *g, mw_peer_state *s);       /* as fresh */

void mw_keep_init(mw_group_state *s);
void mw_keep_close(mw_group_state *s);

#endif
