/* balance.h - what a balancer must offer: pick, done.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UPSTREAM_BALANCE_H
#define MW_UPSTREAM_BALANCE_H

#include "upstream/group.h"

struct mw_balance {
    const char *name;                                   /* the directive: "least_conn" */
    /* Picks among the peers that may be tried; states are locked.  NULL: none. */
    const mw_peer *(*pick)(mw_try *t, const mw_group *g);
    void           (*done)(mw_try *t, const mw_group *g, mw_outcome how);       /* may be NULL */
    /* What it needs to know of a set of peers, made once; may be NULL. */
    const void    *(*prepare)(mw_arena *a, const mw_group *g, const mw_peer *peers, unsigned n);
    bool            no_backup;                          /* a `server ... backup` below it is an error, as in nginx */
};
/* May this one be tried by that request, now? */
bool mw_peer_usable(const mw_try *t, const mw_peer *p, uint64_t now_ms);
/* least_time.c: what makes one better; set by its directive. */
typedef struct mw_time_conf { bool header, inflight; } mw_time_conf;
/* Those of the peers that a balancer has in mind, at its word. */
typedef bool mw_peer_fits(const mw_try *t, const mw_peer *p, const void *arg);
/* The next of those in smooth weighted turn; `fits` must say no to what is not usable.  NULL: there is none. */
const mw_peer *mw_peer_in_turn(const mw_try *t, mw_peer_fits *fits, const void *arg);
uint32_t       mw_peers_weight(const mw_peer *peers, unsigned n);           /* of all primary ones, down or not */
/* The primary peer to which that part of the whole weight belongs, below mw_peers_weight. */
const mw_peer *mw_peer_of_weight(const mw_peer *peers, unsigned n, uint32_t part);

extern const mw_balance mw_round_robin;                 /* smooth weighted round robin, as nginx */
extern const mw_balance mw_least_conn, mw_ip_hash, mw_key_hash, mw_key_ring, mw_random, mw_random_two,
                        mw_least_time;

enum { MW_BALANCE_TRIES = 20 };                         /* of those that draw: then it is somebody's turn */

#endif
