/* vars.c - $upstream_* and $proxy_*.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/conf.h"
#include "http/proxy/facts.h"
#include "http/vars.h"

enum { MOST = 64 };             /* bytes of one attempt's number, or its separator */

static const mw_facts *facts_of(mw_scope *s) { return mw_scope_request(s)->upstream; }

static const mw_attempt *attempts_of(mw_scope *s, size_t *n)
{
    const mw_facts *f = facts_of(s);

    *n = f != NULL ? f->attempts.n : 0;
    return *n > 0 ? f->attempts.items : NULL;
}

/* ", " between tries of one exchange, " : " between exchanges. */
static void separate(mw_out *o, const mw_attempt *a, size_t i)
{
    if (i > 0)
        mw_out_str(o, a->again ? MW_STR(" : ") : MW_STR(", "));
}

static bool get_addr(mw_scope *s, const mw_var *v, mw_str *text)
{
    size_t            n, room = 0;
    const mw_attempt *list = attempts_of(s, &n);
    mw_out            o;

    (void)v;
    for (size_t i = 0; i < n; i++)
        room += list[i].peer.len + 3;
    if (n == 0)
        return false;
    o = mw_arena_pen(s->arena, room);
    for (size_t i = 0; i < n; i++) {
        separate(&o, &list[i], i);
        mw_out_str(&o, list[i].peer);
    }
    return mw_got(text, mw_out_done(&o));
}

typedef enum told { TOLD_STATUS, TOLD_CONNECT, TOLD_HEADER, TOLD_RESPONSE, TOLD_LENGTH, TOLD_RECEIVED, TOLD_SENT } told;

static void put_ms(mw_out *o, int64_t ms)
{
    if (ms < 0) {
        mw_out_char(o, '-');
        return;
    }
    mw_out_u64(o, (uint64_t)ms / 1000);
    mw_out_char(o, '.');
    mw_out_padded(o, (uint64_t)ms % 1000, 3);
}

static void put_told(mw_out *o, const mw_attempt *a, told what)
{
    switch (what) {
    case TOLD_STATUS:
        if (a->status > 0)
            mw_out_u64(o, (uint64_t)a->status);
        else
            mw_out_char(o, '-');
        return;
    case TOLD_CONNECT:  put_ms(o, a->connect_ms);       return;
    case TOLD_HEADER:   put_ms(o, a->header_ms);        return;
    case TOLD_RESPONSE: put_ms(o, a->response_ms);      return;
    case TOLD_LENGTH:   mw_out_u64(o, a->length);       return;
    case TOLD_RECEIVED: mw_out_u64(o, a->received);     return;
    case TOLD_SENT:     mw_out_u64(o, a->sent);         return;
    }
}

static bool get_told(mw_scope *s, const mw_var *v, mw_str *text)
{
    size_t            n;
    const mw_attempt *list = attempts_of(s, &n);
    mw_out            o;

    if (n == 0)
        return false;
    o = mw_arena_pen(s->arena, n * MOST);
    for (size_t i = 0; i < n; i++) {
        separate(&o, &list[i], i);
        put_told(&o, &list[i], (told)v->data);
    }
    return mw_got(text, mw_out_done(&o));
}

static bool get_field(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_facts *f = facts_of(s);

    return f != NULL && f->head != NULL && mw_got_fields(s, f->head, v->rest, ',', text);
}

static bool get_trailer(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_facts *f = facts_of(s);

    return f != NULL && f->trailers != NULL && mw_got_fields(s, f->trailers, v->rest, ',', text);
}

static mw_str without_spaces(mw_str s)
{
    while (mw_str_char(s, 0) == ' ')
        s = mw_str_drop(s, 1);
    while (s.len > 0 && mw_str_char(s, s.len - 1) == ' ')
        s.len--;
    return s;
}

/* Of Set-Cookie; an empty one is none. */
static bool get_cookie(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_facts *facts = facts_of(s);
    mw_str          pair, rest, name, value;

    if (facts == NULL || facts->head == NULL)
        return false;
    for (const mw_field *f = mw_fields_get(facts->head, MW_T_SET_COOKIE); f != NULL; f = mw_fields_next(facts->head,
        f)) {
        (void)mw_str_cut(f->value, ';', &pair, &rest);
        if (mw_str_cut(pair, '=', &name, &value) && mw_str_ieq(without_spaces(name), v->rest))
            return mw_got(text, without_spaces(value));
    }
    return false;
}

static bool get_host(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_facts *f = facts_of(s);

    if (f == NULL)
        return false;
    return mw_got(text, v->data == 0 ? f->host : f->port);
}

static bool get_forwarded(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);
    mw_str            before = mw_fields_joined(s->arena, &r->head, MW_STR("X-Forwarded-For"), ',');
    mw_out            o = mw_arena_pen(s->arena, before.len + 2 + MOST + r->client->path.len);

    (void)v;
    if (before.len > 0) {
        mw_out_str(&o, before);
        mw_out_str(&o, MW_STR(", "));
    }
    mw_addr_ip_text(&o, r->client);
    return mw_got(text, mw_out_done(&o));
}

const mw_var mw_proxy_vars[] = {
    { "upstream_addr", .get = get_addr, .fleeting = true },
    { "upstream_status", .get = get_told, .data = TOLD_STATUS, .fleeting = true },
    { "upstream_connect_time", .get = get_told, .data = TOLD_CONNECT, .fleeting = true },
    { "upstream_header_time", .get = get_told, .data = TOLD_HEADER, .fleeting = true },
    { "upstream_response_time", .get = get_told, .data = TOLD_RESPONSE, .fleeting = true },
    { "upstream_response_length", .get = get_told, .data = TOLD_LENGTH, .fleeting = true },
    { "upstream_bytes_received", .get = get_told, .data = TOLD_RECEIVED, .fleeting = true },
    { "upstream_bytes_sent", .get = get_told, .data = TOLD_SENT, .fleeting = true },
    { "upstream_http_", .get = get_field, .prefix = true, .fleeting = true },
    { "upstream_trailer_", .get = get_trailer, .prefix = true, .fleeting = true },
    { "upstream_cookie_", .get = get_cookie, .prefix = true, .fleeting = true },
    { "proxy_host", .get = get_host, .data = 0, .fleeting = true },
    { "proxy_port", .get = get_host, .data = 1, .fleeting = true },
    { "proxy_add_x_forwarded_for", .get = get_forwarded, .fleeting = true },
    { .name = NULL }
};
