/* facts.c - what is known of a request's attempts to be answered by upstreams.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/facts.h"

mw_facts *mw_facts_of(mw_request *r)
{
    if (r->upstream == NULL) {
        mw_facts *f = MW_NEW(r->arena, mw_facts);

        f->scheme = MW_STR("http");
        r->upstream = f;
    }
    return r->upstream;
}

mw_attempt *mw_facts_attempt(mw_request *r, mw_str peer, bool again)
{
    mw_facts   *f = mw_facts_of(r);
    mw_attempt *a = MW_PUSH(r->arena, &f->attempts, mw_attempt);

    *a = (mw_attempt){ .peer = peer, .again = again && f->attempts.n > 1, .began_ms = mw_loop_now(r->loop),
                       .connect_ms = MW_UNTOLD, .header_ms = MW_UNTOLD, .response_ms = MW_UNTOLD };
    return a;
}

mw_str mw_facts_tell(const mw_request *r)
{
    const mw_facts *f = r->upstream;
    mw_str          parts[5];

    if (f == NULL || f->attempts.n == 0)
        return MW_STR("");
    parts[0] = f->scheme;
    parts[1] = MW_STR("://");
    parts[2] = MW_ITEM(&f->attempts, mw_attempt, f->attempts.n - 1).peer;
    parts[3] = mw_str_starts(parts[2], MW_STR("unix:")) ? MW_STR(":") : MW_STR("");
    parts[4] = f->uri;
    return mw_arena_join(r->arena, parts, 5);
}
