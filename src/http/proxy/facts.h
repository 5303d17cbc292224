/* facts.h - what is known of a request's attempts to be answered by upstreams: the $upstream_* variables.
 *
 * It outlives exchanges: an error page or X-Accel-Redirect that is proxied again adds to it, behind a colon.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_FACTS_H
#define MW_HTTP_PROXY_FACTS_H

#include "http/request.h"

enum { MW_UNTOLD = -1 };        /* of a time: not reached */

typedef struct mw_attempt {
    mw_str   peer;              /* as $upstream_addr says it */
    bool     again;             /* the first of another exchange */
    int      status;            /* 0: none came */
    uint64_t began_ms;
    int64_t  connect_ms, header_ms, response_ms;        /* from the beginning */
    uint64_t length, received, sent;
} mw_attempt;

typedef struct mw_facts {       /* mw_request.upstream */
    mw_array   attempts;        /* mw_attempt */
    mw_fields *head, *trailers; /* of the last response; NULL: none came */
    mw_str     scheme, uri;     /* what is asked for, for the log */
    mw_str     host, port;      /* $proxy_host, $proxy_port */
} mw_facts;

mw_facts   *mw_facts_of(mw_request *r);                         /* made at the first asking */
mw_attempt *mw_facts_attempt(mw_request *r, mw_str peer, bool again);
/* "http://127.0.0.1:8080/x": mw_request.upstream_tell */
mw_str      mw_facts_tell(const mw_request *r);

#endif
