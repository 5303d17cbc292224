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
    mw_resolver_conf resolver;          /* of groups that have none; n 0: the system's */
    unsigned number;                    /* of the module */
};

typedef struct mw_upstream_server {     /* a `server` line */
    const mw_node *node;
    mw_str         text;
    mw_peer        like;                /* its parameters */
    bool           resolve;             /* its name is asked for at run time */
    mw_str         service;             /* of SRV; empty: none */
} mw_upstream_server;

typedef struct mw_upstream_block { mw_group *group; mw_level *level; mw_array servers; } mw_upstream_block;

struct mw_peer_state {
    int64_t  current, effective;        /* weights of the smooth round robin */
    uint32_t fails, conns;
    uint64_t accessed_ms, checked_ms;   /* last failure; since when it is watched again */
    uint32_t header_ms, last_ms;        /* how long it takes to answer, and to answer all, on average */
    uint64_t asked_ms, begun_ms;        /* when it was asked last; sum of when those in flight were */
};

typedef struct mw_dynamic {             /* of a group whose names are resolved at run time */
    const mw_upstream_server *lines;
    unsigned                  n;
    mw_resolver_conf          resolver; /* n 0: the system's */
} mw_dynamic;

/* In a zone: what was found for a name.  Port 0: that of the line. */
typedef struct mw_name_found { uint8_t ip[16]; uint16_t port, weight; uint8_t family; bool backup; } mw_name_found;
typedef struct mw_name mw_name;
struct mw_name { mw_name *next; uint8_t key[16]; uint32_t n; mw_name_found found[]; };
/* Whose state that is; seen_ms: when it was last in somebody's set. */
typedef struct mw_slot { uint8_t key[16]; uint64_t seen_ms; } mw_slot;
typedef struct mw_peers_root { struct record *first; mw_name *names; uint64_t version; } mw_peers_root;

typedef struct mw_peer_set {            /* peers of a dynamic group, as a worker last saw them */
    mw_arena       *arena;
    mw_peer        *peers;
    unsigned        n, tries, users;
    const void     *prepared;
    uint64_t        version;            /* of the zone's names */
} mw_peer_set;

typedef struct mw_asking mw_asking;     /* lookup.c: one name and who asks for it */

typedef struct mw_group_state {         /* of one group in one worker */
    mw_peer_state *peers;
    mw_slot       *slots;               /* of a dynamic group in its zone */
    mw_peer_set   *set;                 /* NULL: not yet, or peers do not change */
    mw_asking     *asking;              /* names this worker asks for; NULL: none */
    unsigned       nasking;
    mw_resolver   *resolver;
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

/* names.c: in a zone; the lock is held. */
const mw_name *mw_names_get(mw_zone *z, const uint8_t key[16]);         /* NULL: nothing is known */
void           mw_names_set(mw_zone *z, const uint8_t key[16], const mw_name_found *found, uint32_t n);
void           mw_name_key(const mw_group *g, const mw_upstream_server *line, uint8_t key[16]);

/* dynamic.c: takes the peers as they are now; they stay while the try's arena lives. */
void mw_dynamic_begin(mw_try *t, mw_group_state *s);
void mw_dynamic_stop(mw_worker *w, mw_group_state *s);                  /* any number of times; ends the lookups, too */
/* lookup.c: begins to ask for the names, in the first worker only. */
void mw_dynamic_start(mw_worker *w, const mw_group *g, mw_group_state *s);
void mw_lookups_stop(mw_worker *w, mw_group_state *s);

void mw_keep_init(mw_group_state *s);
void mw_keep_close(mw_group_state *s);

#endif
