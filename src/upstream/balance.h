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
};
/* May this one be tried by that request, now? */
bool mw_peer_usable(const mw_try *t, const mw_peer *p, uint64_t now_ms);
extern const mw_balance mw_round_robin;                 /* smooth weighted round robin, as nginx */

#endif
