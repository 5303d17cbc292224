/* target.c - what is asked of an upstream: the request's target, and the parts of a URL with variables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/target.h"

#include "http/uri.h"

/* "path?args", the path escaped behind its first `bare` bytes, which are written as they are. */
static mw_str join(mw_request *r, mw_str front, mw_str path)
{
    mw_out o = mw_arena_pen(r->arena, front.len + mw_uri_escaped_size(path, MW_ESCAPE_URI) + r->args.len + 1);

    mw_out_str(&o, front);
    mw_uri_escape(&o, path, MW_ESCAPE_URI);
    if (r->args.len > 0) {
        mw_out_char(&o, '?');
        mw_out_str(&o, r->args);
    }
    return mw_out_done(&o);
}

/* A target that begins with its query, or is nothing, is one of the root. */
static mw_str rooted(mw_request *r, mw_str target)
{
    mw_str parts[2] = { MW_STR("/"), target };

    return target.len > 0 && mw_str_char(target, 0) != '?' ? target : mw_arena_join(r->arena, parts, 2);
}

mw_str mw_proxy_target_text(mw_request *r, const mw_proxy_target *t, mw_str uri)
{
    if (t->expr != NULL && uri.len > 0)
        return rooted(r, uri);                          /* it stands for all of it */
    if (t->uri.len > 0 && !r->rewritten)
        return rooted(r, join(r, t->uri, mw_str_drop(r->uri, t->location.len)));
    if (r->same_uri)                                    /* RFC 9112 3.2: a fragment is not the upstream's business */
        return mw_str_take(r->target, mw_str_index(r->target, '#'));
    return join(r, MW_STR(""), r->uri);
}

bool mw_proxy_target_evaluate(mw_request *r, const mw_proxy_target *t, mw_proxy_target *now)
{
    *now = (mw_proxy_target){ .url = mw_expr_text(t->expr, &r->scope), .expr = t->expr, .node = t->node };
    if (!mw_proxy_url_split(now->url, now)) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "invalid URL prefix in \"%.*s\"", MW_S(now->url));
        return false;
    }
    if (now->host.len > 0)
        return true;
    MW_LOG(&r->log, MW_LOG_ERROR, 0, "no host in upstream \"%.*s\"", MW_S(now->url));
    return false;
}
