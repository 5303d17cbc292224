/* next.c - proxy_next_upstream: after a failure, the next peer, if there is one and the request may be sent again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/speak.h"

static const struct { int status; mw_next why; } statuses[] = {
    { 403, MW_NEXT_403 }, { 404, MW_NEXT_404 }, { 429, MW_NEXT_429 }, { 500, MW_NEXT_500 }, { 502, MW_NEXT_502 },
    { 503, MW_NEXT_503 }, { 504, MW_NEXT_504 },
};

static bool time_is_left(const mw_exchange *x)
{
    uint64_t most = x->way->next_timeout.ms;

    return most == 0 || mw_loop_now(x->r->loop) - x->began_ms < most;
}

/* Peers not yet tried, as far as there may be that many tries. */
static bool tries_left(const mw_exchange *x)
{
    return x->try.tries > 1 && (x->way->next_tries == 0 || x->tries < x->way->next_tries);
}

/* RFC 9110 9.2.2: what is not idempotent is not sent twice, unless the configuration says it may. */
static bool may_repeat(const mw_exchange *x)
{
    if (x->begun && x->streams)
        return false;
    return !x->sent || mw_exchange_repeatable(x);
}

bool mw_exchange_next_status(const mw_exchange *x, mw_next *why)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (x->status == statuses[i].status && (x->way->next & statuses[i].why) != 0) {
            *why = statuses[i].why;
            return tries_left(x) && time_is_left(x) && may_repeat(x);
        }
    return false;
}

/* What was begun of the request and of its answer is forgotten. */
static void rewind_all(mw_exchange *x)
{
    mw_source_close(x->asking);
    x->asking = NULL;
    mw_chain_clear(&x->out);
    mw_block_done(x->room);
    x->room = NULL;
    x->used = x->eaten = 0;
    x->asked = false;
    x->handshake = NULL;
    mw_fields_clear(&x->head);
    mw_exchange_time(x, 0);
}

/* An idle connection that the upstream closed before it saw the request: nobody failed. */
bool mw_exchange_stale(const mw_exchange *x)
{
    return x->kept && x->conn != NULL && x->conn->got == x->got_before && may_repeat(x);
}

mw_rc mw_exchange_next(mw_exchange *x, mw_next why)
{
    bool        stale = why == MW_NEXT_ERROR && mw_exchange_stale(x), again;
    mw_attempt *a = mw_exchange_attempt(x);

    if (stale) {
        mw_exchange_drop(x);
        rewind_all(x);
        a->response_ms = MW_UNTOLD;
        x->fresh = true;
        x->stage = MW_X_DIAL;
        return MW_OK;
    }
    if (why < MW_NEXT_500)                      /* no answer: it is ours to say what that is */
        x->status = why == MW_NEXT_TIMEOUT ? 504 : 502;
    a->status = x->status;
    again = tries_left(x) && (x->way->next & why) != 0 && time_is_left(x) && may_repeat(x);
    mw_exchange_drop(x);
    mw_exchange_leave(x, why == MW_NEXT_403 || why == MW_NEXT_404 ? MW_PEER_DECLINED : MW_PEER_FAILED);
    if (!again)
        return MW_ERR;
    rewind_all(x);
    x->stage = MW_X_PICK;
    return MW_OK;
}
