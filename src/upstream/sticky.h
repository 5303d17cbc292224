/* sticky.h - clients that stay with the server they had: by a cookie of ours, a route, or a session that was learned.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UPSTREAM_STICKY_H
#define MW_UPSTREAM_STICKY_H

#include "upstream/group.h"
#include "upstream/sessions.h"

typedef enum mw_sticky_kind { MW_STICKY_COOKIE, MW_STICKY_ROUTE, MW_STICKY_LEARN } mw_sticky_kind;

struct mw_sticky {
    mw_sticky_kind kind;
    mw_array       lookup, create;      /* unsigned: variables; the first that is not empty counts */
    mw_str         name;                /* of the cookie */
    mw_expr       *domain, *samesite;   /* NULL: not said */
    mw_str         path;
    bool           expires, forever, httponly, secure, at_header;
    int64_t        seconds;             /* of expires */
    mw_zone       *zone;                /* of the sessions */
    uint64_t       timeout_ms;
};

mw_setter mw_set_sticky;
mw_str    mw_sticky_route(mw_arena *a, mw_str peer);    /* of a peer of that name */
void      mw_sticky_find(mw_try *t);                    /* t->stuck */
void      mw_sticky_header(mw_try *t);                  /* t->cookie; sessions that are learned early */
void      mw_sticky_done(mw_try *t);                    /* sessions; t->peer did well */

#endif
