/* route.h - a place, where configuration applies, and the route that was compiled for it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_ROUTE_H
#define MW_HTTP_ROUTE_H

#include "conf/bind.h"
#include "http/part.h"

typedef struct mw_stop { mw_step *run; const void *conf; const mw_module *module; uint32_t ctx; uint8_t on; } mw_stop;
typedef struct mw_mark { mw_head *run; const void *conf; const mw_module *module; uint32_t ctx; uint8_t on; } mw_mark;
/* on: MW_ON_... */
typedef struct mw_last { mw_note *run; const void *conf; const mw_module *module; uint32_t ctx; } mw_last;

typedef struct mw_route {       /* printed by --route */
    mw_stop *stops;
    mw_mark *heads;
    mw_last *notes;
    unsigned nstops, nheads, nnotes;
    size_t   ctx_bytes;
} mw_route;

struct mw_place {               /* a server's own level, a location, an `if` block in it, a `limit_except` block */
    const mw_server    *server;
    const mw_level     *level;                  /* where it was written, for --route and messages */
    void *const        *conf;                   /* by module number */
    const mw_http_conf *core;                   /* conf of the http core, for everybody */
    mw_str              name;                   /* of the location: what nginx calls clcf->name; "@x" if named */
    mw_route            route;
    uint16_t            at[MW_PHASES + 1];      /* the first stop of each phase; last, the stop `missing` */
    const mw_place     *except;                 /* of limit_except: entered when the method is not in allowed */
    uint32_t            allowed;
    bool                any;                    /* satisfy any */
    bool                inner;                  /* an `if` or limit_except: entered behind its rewrite phase */
    bool                named, exact, regex, internal;
};

/* Fills p->route and p->at from the site's modules and p->conf, in the order of the list. */
void mw_place_compile(const mw_site *site, mw_place *p, mw_arena *a);
void mw_route_show(mw_out *o, const mw_place *p);       /* --route: a line for each stop, head and note */

#endif
