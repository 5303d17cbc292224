/* response.c - what a step may say: a text, a refusal, another way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "http/body.h"
#include "http/error_page.h"
#include "http/site.h"
#include "http/status.h"
#include "http/uri.h"

enum { HOPS = 10 };

mw_verdict mw_answer_source(mw_request *r, int status, mw_source *body, int64_t length)
{
    mw_source_close(r->res.body);               /* of the answer that a head refuses */
    r->res.status = status;
    r->res.length = length;
    r->res.body = body;
    return MW_ANSWERED;
}

mw_verdict mw_answer(mw_request *r, int status, mw_str text)
{
    return mw_answer_source(r, status, text.len > 0 ? mw_source_of_text(r->arena, text) : NULL, (int64_t)text.len);
}

mw_verdict mw_hop(mw_request *r, uint8_t *hops, const mw_place *place, mw_phase phase)
{
    if (*hops >= HOPS) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, hops == &r->relocated
               ? "rewrite or internal redirection cycle while processing \"%.*s\""
               : "rewrite or internal redirection cycle while internally redirecting to \"%.*s\"", MW_S(r->uri));
        return mw_refuse(r, 500);
    }
    ++*hops;
    r->to.place = place;
    r->to.phase = phase;
    return MW_REROUTE;
}

mw_verdict mw_relocate(mw_request *r)
{
    r->same_uri = false;
    r->root.len = 0;
    return mw_hop(r, &r->relocated, r->server->own, MW_LOCATE);
}

mw_verdict mw_redirect(mw_request *r, mw_str uri, mw_str args)
{
    r->uri = uri;
    r->args = args;
    r->same_uri = false;
    r->internal = true;
    r->root.len = 0;
    MW_LOG(&r->log, MW_LOG_DEBUG, 0, "internal redirect: \"%.*s?%.*s\"", MW_S(uri), MW_S(args));
    return mw_hop(r, &r->redirected, r->server->own, MW_SERVER_REWRITE);
}

mw_verdict mw_named(mw_request *r, mw_str name)
{
    const mw_place *p = mw_locations_named(r->server->locations, name);

    if (p == NULL) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "could not find named location \"%.*s\"", MW_S(name));
        r->erred = true;
        return mw_refuse(r, 500);
    }
    if (r->uri.len == 0) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "empty URI in redirect to named location \"%.*s\"", MW_S(name));
        return mw_refuse(r, 500);
    }
    r->internal = true;
    r->root.len = 0;
    return mw_hop(r, &r->redirected, p, MW_REWRITE);
}

void mw_head_reshaped(mw_request *r)
{
    mw_str tag = mw_fields_value(&r->res.head, MW_T_ETAG);
    mw_str parts[2] = { MW_STR("W/"), tag };

    r->res.length = -1;
    r->res.ranges = false;
    mw_fields_drop(&r->res.head, MW_T_ACCEPT_RANGES);
    if (tag.len > 0 && !mw_str_starts(tag, MW_STR("W/")))       /* RFC 9110 8.8.1: not what was tagged, byte by byte */
        mw_fields_set(r->arena, &r->res.head, MW_T_ETAG, mw_arena_join(r->arena, parts, 2));
}

void mw_head_clear(mw_request *r)
{
    mw_response *res = &r->res;

    mw_source_close(res->body);
    res->body = NULL;
    res->length = -1;
    res->offset = 0;
    res->modified = -1;
    res->type = res->charset = res->modified_text = res->status_line = (mw_str){ "", 0 };
    res->live = res->trailing = res->ranges = res->one_range = false;
    res->head_only = res->keep_date = res->keep_server = false;
    res->judged = res->own_location = res->charset_wished = false;
    mw_fields_clear(&res->head);
    mw_fields_clear(&res->trailers);
}

/* After these the framing of the connection is not trusted, or the rest of a body is not worth reading. */
static bool ends_connection(int status)
{
    return status == 400 || status == 413 || status == 414 || status == MW_STATUS_HEADER_TOO_LARGE
        || status == MW_STATUS_HTTP_TO_HTTPS || status == 500 || status == 501;
}

mw_verdict mw_refuse(mw_request *r, int status)
{
    mw_verdict v;
    mw_str     moved = r->res.own_location ? mw_fields_value(&r->res.head, MW_T_LOCATION) : MW_STR("");

    if (status == MW_STATUS_CLOSE || status == MW_STATUS_CLIENT_CLOSED || status == 408) {
        r->res.status = status;
        return MW_ABORT;
    }
    r->refused = status;
    r->err_status = status;
    if (ends_connection(status))
        r->keep_alive = false;
    mw_head_clear(r);
    if (moved.len > 0) {                        /* where a redirect with an error_page leads is said with that page */
        mw_fields_add_token(r->arena, &r->res.head, MW_T_LOCATION, moved);
        r->res.own_location = true;
    }
    v = mw_error_page_try(r, status);
    return v != MW_PASS ? v : mw_error_page_built_in(r, status);
}

mw_verdict mw_moved(mw_request *r, int status, mw_str location)
{
    mw_verdict v;

    r->res.own_location = false;
    v = mw_refuse(r, status);
    if (v != MW_REROUTE && v != MW_ANSWERED)
        return v;
    if (mw_fields_get(&r->res.head, MW_T_LOCATION) != NULL || (v == MW_ANSWERED && r->res.status == 200))
        return v;                               /* that of an error_page, or it is in the page */
    if (v == MW_REROUTE || mw_error_page_refresh(r, status, location) == MW_PASS)
        mw_fields_add_token(r->arena, &r->res.head, MW_T_LOCATION, location);
    r->res.own_location = true;
    return v;
}

mw_verdict mw_deny(mw_request *r, int status)
{
    MW_MUST(status == 401 || status == 403 || status == 407);
    if (r->denied == 0 || status != 403)        /* 401 and 407 stay over 403 */
        r->denied = status;
    return MW_DENY;
}
