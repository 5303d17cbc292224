/* sticky.c - clients that stay with the server they had: which one that is, and what must be remembered.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/sticky.h"

#include "core/codec.h"
#include "core/hash.h"

enum { COOKIE_MOST = 4096, FOREVER_SECONDS = 315360000 };

mw_str mw_sticky_route(mw_arena *a, mw_str peer)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t           digest[16];
    mw_out            o = mw_arena_pen(a, 2 * sizeof digest + 1);
    mw_md5            m;

    mw_md5_begin(&m);
    mw_md5_add(&m, peer);
    mw_md5_end(&m, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        mw_out_char(&o, digits[digest[i] >> 4]);
        mw_out_char(&o, digits[digest[i] & 15]);
    }
    return mw_out_done(&o);
}

static mw_str first_of(const mw_array *variables, mw_scope *scope)
{
    mw_str text = MW_STR("");

    for (size_t i = 0; i < variables->n && text.len == 0; i++)
        if (!mw_var_get(scope, MW_ITEM(variables, unsigned, i), &text)) text = MW_STR("");
    return text;
}

void mw_sticky_find(mw_try *t)
{
    const mw_sticky *s = t->group->sticky;
    mw_str           text = first_of(&s->lookup, t->scope);
    mw_out           o;

    if (s->kind != MW_STICKY_LEARN) {
        t->stuck = text;
        return;
    }
    t->session = text;
    if (text.len == 0)
        return;
    o = mw_arena_pen(t->arena, MW_ROUTE_MOST + 1);
    if (mw_sessions_find(s->zone, text, mw_loop_now(t->worker->loop), &o))
        t->stuck = mw_out_done(&o);
}

/* An unknown word of a variable is the strictest one. */
static mw_str same_site(const mw_sticky *s, mw_scope *scope)
{
    static const mw_str words[] = { MW_STR_C("strict"), MW_STR_C("lax"), MW_STR_C("none") };
    mw_str              text = mw_expr_text(s->samesite, scope);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (mw_str_ieq(text, words[i])) return words[i];
    return text.len > 0 ? words[0] : text;
}

static void attribute(mw_out *o, const char *name, mw_str value)
{
    if (value.len == 0)
        return;
    mw_out_str(o, MW_STR("; "));
    mw_out_str(o, mw_str_of(name));
    mw_out_str(o, value);
}

static void expires(mw_out *o, const mw_sticky *s, const mw_try *t)
{
    mw_out_str(o, MW_STR("; expires="));
    if (s->forever)
        mw_out_str(o, MW_STR("Thu, 31-Dec-37 23:55:55 GMT"));
    else
        mw_out_strftime(o, "%a, %d-%b-%y %H:%M:%S GMT", t->worker->loop->clock.sec + s->seconds, false);
    mw_out_str(o, MW_STR("; max-age="));
    mw_out_u64(o, s->forever ? (uint64_t)FOREVER_SECONDS : (uint64_t)s->seconds);
}

static mw_str cookie_of(const mw_try *t)
{
    const mw_sticky *s = t->group->sticky;
    mw_str           domain = mw_expr_text(s->domain, t->scope);
    mw_out           o = mw_arena_pen(t->arena, COOKIE_MOST + s->name.len + s->path.len + domain.len);

    mw_out_str(&o, s->name);
    mw_out_char(&o, '=');
    mw_out_str(&o, t->peer->route);
    if (s->expires)
        expires(&o, s, t);
    attribute(&o, "domain=", domain);
    if (s->httponly)
        mw_out_str(&o, MW_STR("; httponly"));
    if (s->secure)
        mw_out_str(&o, MW_STR("; secure"));
    attribute(&o, "samesite=", s->samesite != NULL ? same_site(s, t->scope) : MW_STR(""));
    attribute(&o, "path=", s->path);
    return mw_out_done(&o);
}

/* A session that the response begins belongs to the peer; one it does not name goes on, if it is with that peer. */
static void learn(mw_try *t)
{
    const mw_sticky *s = t->group->sticky;
    mw_str           text = first_of(&s->create, t->scope);
    uint64_t         now = mw_loop_now(t->worker->loop);

    if (text.len > 0)
        mw_sessions_set(s->zone, text, t->peer->route, now, s->timeout_ms);
    else if (t->session.len > 0)
        mw_sessions_prolong(s->zone, t->session, t->peer->route, now, s->timeout_ms);
}

void mw_sticky_header(mw_try *t)
{
    const mw_sticky *s = t->group->sticky;

    if (t->scope == NULL)
        return;
    if (s->kind == MW_STICKY_COOKIE)
        t->cookie = cookie_of(t);
    else if (s->kind == MW_STICKY_LEARN && s->at_header)
        learn(t);
}

void mw_sticky_done(mw_try *t)
{
    const mw_sticky *s = t->group->sticky;

    if (t->scope != NULL && s->kind == MW_STICKY_LEARN && !s->at_header)
        learn(t);
}
