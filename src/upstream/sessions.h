/* sessions.h - which session belongs to which route, in a zone; the oldest go when there is no room.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UPSTREAM_SESSIONS_H
#define MW_UPSTREAM_SESSIONS_H

#include "core/out.h"
#include "core/zone.h"

enum { MW_ROUTE_MOST = 32 };                    /* bytes of a route */

extern const mw_zone_kind mw_sessions_zone;

/* The route of a session that is not over; false: there is none. */
bool mw_sessions_find(mw_zone *z, mw_str session, uint64_t now_ms, mw_out *route);
/* The session is with that route from now on, for so long. */
void mw_sessions_set(mw_zone *z, mw_str session, mw_str route, uint64_t now_ms, uint64_t for_ms);
/* The same, but only if it is with that route already, and not over. */
void mw_sessions_prolong(mw_zone *z, mw_str session, mw_str route, uint64_t now_ms, uint64_t for_ms);

#endif
