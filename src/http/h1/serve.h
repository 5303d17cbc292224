/* serve.h - the h1 wire: idle, read, hand over, write, keep alive, linger.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_H1_SERVE_H
#define MW_HTTP_H1_SERVE_H

#include "http/site.h"

/* Takes over a connection whose first bytes are a request's (some may lie in `early`, whose count is taken over; may be
 * NULL).  visit may be NULL, or carries what the PROXY protocol said. */
void mw_h1_begin(mw_conn *c, const mw_door_addr *at, const mw_site *site, mw_visit *visit, mw_block *early,
                 mw_str bytes);
/* The worker drains: connections that wait for a request are closed, but for those that keepalive_min_timeout keeps. */
void mw_h1_close_idle(struct mw_worker *w);

extern const mw_wire mw_h1_wire;

#endif
