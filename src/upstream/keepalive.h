/* keepalive.h - idle connections to peers, ready for the next; per worker and group (or per location, when local).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UPSTREAM_KEEPALIVE_H
#define MW_UPSTREAM_KEEPALIVE_H

#include "event/conn.h"
#include "upstream/group.h"

/* An idle connection to that peer; NULL: none.  key tells apart what must not be shared (TLS name, location when
 * local);
 * the newest is taken first. */
mw_conn *mw_keep_take(mw_worker *w, const mw_group *g, const mw_addr *peer, mw_str key);
/* Gives it back for others; closed when it may not be kept (limits, age, requests).  The connection must be quiet. */
void     mw_keep_give(mw_worker *w, const mw_group *g, const mw_addr *peer, mw_str key, mw_conn *c);
void     mw_keep_close_all(mw_worker *w);               /* at drain */

#endif
