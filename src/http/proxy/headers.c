/* headers.c - a response's head on its way to the client: what is passed, rewritten, or meant for us.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/headers.h"

#include "core/clock.h"
#include "core/codec.h"
#include "http/error_page.h"
#include "http/proxy/rules.h"
#include "http/proxy/spool.h"
#include "http/uri.h"

/* Fields of this hop (RFC 9110 7.6.1), and those that the response says in words of its own. */
static bool is_own(const mw_exchange *x, const mw_field *f)
{
    switch ((mw_token)f->token) {
    case MW_T_CONNECTION: case MW_T_KEEP_ALIVE: case MW_T_TRANSFER_ENCODING: case MW_T_CONTENT_LENGTH:
    case MW_T_PROXY_CONNECTION: case MW_T_TE:
        return true;
    case MW_T_ACCEPT_RANGES:
        return x->way->force_ranges;
    default:
        return false;
    }
}

static void take_type(mw_request *r, const mw_field *f) { r->res.type = f->value; }

static void take_modified(mw_request *r, const mw_field *f)
{
    mw_time when;

    r->res.modified_text = f->value;
    if (mw_http_date(f->value, &when))
        r->res.modified = when;
}

/* A Location that proxy_redirect changed is ours; another one is passed as it is, also without a host. */
static mw_str location_of(mw_request *r, const mw_proxy_conf *c, mw_str value)
{
    mw_str to = mw_proxy_location(r, c, value);

    r->res.own_location = to.at != value.at;
    return to;
}

static mw_str rewritten(mw_request *r, const mw_proxy_conf *c, const mw_field *f)
{
    switch ((mw_token)f->token) {
    case MW_T_LOCATION:   return location_of(r, c, f->value);
    case MW_T_REFRESH:    return mw_proxy_refresh(r, c, f->value);
    case MW_T_SET_COOKIE: return mw_proxy_cookie(r, c, f->value);
    default:              return f->value;
    }
}

void mw_proxy_pass_head(mw_exchange *x, const mw_proxy_conf *c)
{
    mw_request *r = x->r;
    mw_str      named = mw_fields_joined(r->arena, &x->head, MW_STR("Connection"), ',');

    if (x->status == 304 && mw_fields_get(&x->head, MW_T_CONTENT_LENGTH) != NULL)      /* what a GET would have had */
        (void)mw_fields_add_token(r->arena, &r->res.head, MW_T_CONTENT_LENGTH,
                                  mw_fields_value(&x->head, MW_T_CONTENT_LENGTH));
    MW_FIELDS_EACH(f, &x->head) {
        if (is_own(x, f) || mw_proxy_hides(c, f))
            continue;
        if (named.len > 0 && f->token == MW_T_NONE && mw_list_has(named, f->name))
            continue;
        if (f->token == MW_T_EXPIRES && f != mw_fields_get(&x->head, MW_T_EXPIRES))
            continue;                           /* the first one counts */
        if (f->token == MW_T_CONTENT_TYPE)
            take_type(r, f);
        else if (f->token == MW_T_LAST_MODIFIED)
            take_modified(r, f);
        else
            (void)mw_fields_add_parsed(r->arena, &r->res.head, f->name, rewritten(r, c, f), (mw_token)f->token);
    }
}

void mw_proxy_head_for_us(mw_exchange *x)
{
    mw_request *r = x->r;
    mw_str      rate = mw_fields_value(&x->head, MW_T_X_ACCEL_LIMIT_RATE);
    mw_str      buffering = mw_fields_value(&x->head, MW_T_X_ACCEL_BUFFERING);
    mw_str      charset = mw_fields_value(&x->head, MW_T_X_ACCEL_CHARSET), type, rest;
    uint64_t    bytes;
    unsigned    ignored = x->way->ignore;

    if ((ignored & MW_IGNORE_LIMIT_RATE) == 0 && rate.len > 0 && mw_str_u64(rate, &bytes))
        r->limit_rate = bytes;
    if ((ignored & MW_IGNORE_BUFFERING) == 0) {
        if (mw_str_ieq(buffering, MW_STR("no")))
            x->buffered = false;
        else if (mw_str_ieq(buffering, MW_STR("yes")))
            x->buffered = true;
    }
    if ((ignored & MW_IGNORE_CHARSET) == 0 && charset.len > 0) {
        r->res.charset = charset;
        r->res.charset_wished = true;
    }
    (void)mw_str_cut(mw_fields_value(&x->head, MW_T_CONTENT_TYPE), ';', &type, &rest);
    r->res.live = !x->buffered || mw_str_ieq(mw_str_trim(type), MW_STR("text/event-stream"));
}

/* What of a head stays when X-Accel-Redirect leads elsewhere. */
static void keep_some(mw_exchange *x, const mw_proxy_conf *c)
{
    static const mw_token kept[] = { MW_T_SET_COOKIE, MW_T_CACHE_CONTROL, MW_T_EXPIRES, MW_T_ACCEPT_RANGES };
    mw_request *r = x->r;

    MW_FIELDS_EACH(f, &x->head) {
        bool keep = mw_str_ieq(f->name, MW_STR("Content-Disposition"));

        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            keep = keep || f->token == kept[i];
        if (keep && !mw_proxy_hides(c, f))
            (void)mw_fields_add_parsed(r->arena, &r->res.head, f->name, rewritten(r, c, f), (mw_token)f->token);
    }
    if (mw_fields_value(&x->head, MW_T_CONTENT_TYPE).len > 0)
        r->res.type = mw_fields_value(&x->head, MW_T_CONTENT_TYPE);
}

/* Also once it is decoded. */
static bool is_unsafe(mw_request *r, mw_str uri)
{
    mw_out o = mw_arena_pen(r->arena, uri.len);

    mw_unpercent(&o, uri);
    return mw_uri_unsafe(uri) || mw_uri_unsafe(mw_out_done(&o));
}

bool mw_proxy_accel_redirect(mw_exchange *x, const mw_proxy_conf *c, mw_verdict *v)
{
    mw_request *r = x->r;
    mw_str      to = mw_fields_value(&x->head, MW_T_X_ACCEL_REDIRECT), uri, args;
    mw_out      o;

    if (to.len == 0 || (x->way->ignore & MW_IGNORE_REDIRECT) != 0)
        return false;
    mw_proxy_head_for_us(x);
    keep_some(x, c);
    mw_exchange_end(x);
    if (mw_str_char(to, 0) == '@') {
        *v = mw_named(r, to);
        return true;
    }
    if (!mw_str_cut(to, '?', &uri, &args))
        args = MW_STR("");
    o = mw_arena_pen(r->arena, uri.len + 1);
    if (mw_str_char(uri, 0) != '/' || is_unsafe(r, uri) || mw_uri_normalise(uri, false, &o) != MW_OK) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "unsafe URI \"%.*s\" was sent in \"X-Accel-Redirect\"", MW_S(to));
        *v = mw_refuse(r, 404);
        return true;
    }
    if (r->method != MW_HEAD) {
        r->method = MW_GET;
        r->method_name = MW_STR("GET");
    }
    *v = mw_redirect(r, mw_out_done(&o), args);
    return true;
}

bool mw_proxy_intercept(mw_exchange *x, mw_verdict *v)
{
    mw_request     *r = x->r;
    int             status = x->status;
    const mw_field *f;

    if (!x->way->intercept || status < 300 || !mw_error_page_has(r, status))
        return false;
    mw_exchange_end(x);
    f = status == 401 ? mw_fields_get(&x->head, MW_T_WWW_AUTHENTICATE) : NULL;
    for (; f != NULL; f = mw_fields_next(&x->head, f))
        *MW_PUSH(r->arena, &r->res.challenges, mw_str) = f->value;
    *v = mw_refuse(r, status);
    return true;
}
