/* headers.c - add_header, add_trailer and expires.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/clock.h"
#include "http/core.h"
#include "http/mod/modules.h"

typedef struct { mw_str name; mw_expr *value; bool always; } added;

typedef enum { EXPIRES_OFF, EXPIRES_EPOCH, EXPIRES_MAX, EXPIRES_ACCESS, EXPIRES_MODIFIED, EXPIRES_DAILY } expires_kind;
typedef struct { expires_kind kind; int64_t seconds; } expires_rule;
typedef struct { expires_rule rule; mw_expr *expr; bool modified; bool written; } expires_conf;

typedef enum { INHERIT_ON, INHERIT_OFF, INHERIT_MERGE } inheritance;
typedef struct {
    mw_array     headers, trailers;     /* of added */
    expires_conf expires;
    mw_enum      headers_inherit, trailers_inherit;
} headers_conf;

static bool headers_applies(const void *conf)
{
    const headers_conf *c = conf;
    return c->headers.n > 0 || c->trailers.n > 0 || c->expires.written;
}

/* The statuses that fields are added to without `always`. */
static bool is_usual(int status)
{
    switch (status) {
    case 200: case 201: case 204: case 206: case 301: case 302: case 303: case 304: case 307: case 308:
        return true;
    default:
        return false;
    }
}

static const struct { mw_str word; expires_kind kind; } words[] = {
    { MW_STR_C("epoch"), EXPIRES_EPOCH }, { MW_STR_C("max"), EXPIRES_MAX }, { MW_STR_C("off"), EXPIRES_OFF },
};

/* "max", "epoch", "off", "[modified] [+-]TIME", "@TIME"; text is one word of that. */
static bool read_rule(mw_str text, bool modified, expires_rule *rule)
{
    bool minus = mw_str_char(text, 0) == '-';

    rule->seconds = 0;
    for (size_t i = 0; i < 3 && !modified; i++)
        if (mw_str_eq(text, words[i].word)) {
            rule->kind = words[i].kind;
            return true;
        }
    rule->kind = modified ? EXPIRES_MODIFIED : EXPIRES_ACCESS;
    if (mw_str_char(text, 0) == '@') {
        rule->kind = EXPIRES_DAILY;
        if (modified)
            return false;
        text = mw_str_drop(text, 1);
        return mw_read_sec(text, &rule->seconds) && rule->seconds <= 24 * 3600;
    }
    if (minus || mw_str_char(text, 0) == '+')
        text = mw_str_drop(text, 1);
    if (!mw_read_sec(text, &rule->seconds))
        return false;
    if (minus)
        rule->seconds = -rule->seconds;
    return true;
}

/* The next time that it is so many seconds after midnight, local time. */
static mw_time next_daily(const mw_clock *c, int64_t after_midnight)
{
    mw_time midnight = c->sec - (c->sec + c->zone) % 86400;
    mw_time due = midnight + after_midnight;

    return due > c->sec ? due : due + 86400;
}

static void set_expires(mw_request *r, mw_time at, mw_str control)
{
    mw_out date = mw_arena_pen(r->arena, 32);

    mw_out_http_date(&date, at);
    mw_fields_set(r->arena, &r->res.head, MW_T_EXPIRES, mw_out_done(&date));
    mw_fields_set(r->arena, &r->res.head, MW_T_CACHE_CONTROL, control);
}

static void expire(mw_request *r, const expires_conf *e)
{
    expires_rule    rule = e->rule;
    const mw_clock *c = &r->loop->clock;
    mw_time         at = 0;

    if (e->expr != NULL) {
        mw_str text = mw_expr_text(e->expr, &r->scope);

        if (text.len == 0 || !read_rule(text, e->modified, &rule))
            return;
    }
    switch (rule.kind) {
    case EXPIRES_OFF:
        return;
    case EXPIRES_EPOCH:
        set_expires(r, 1, MW_STR("no-cache"));
        return;
    case EXPIRES_MAX:
        set_expires(r, 2145916555, MW_STR("max-age=315360000"));
        return;
    case EXPIRES_DAILY:
        at = next_daily(c, rule.seconds);
        break;
    case EXPIRES_MODIFIED:
        if (r->res.modified >= 0) {
            at = r->res.modified + rule.seconds;
            break;
        }
        at = c->sec + rule.seconds;
        break;
    case EXPIRES_ACCESS:
        at = c->sec + rule.seconds;
        break;
    }
    if (at < c->sec || (rule.seconds < 0 && rule.kind != EXPIRES_DAILY))
        set_expires(r, at, MW_STR("no-cache"));
    else
        set_expires(r, at, mw_arena_fmt(r->arena, "max-age=%lld", (long long)(at - c->sec)));
}

/* The few names that are more than another line. */
static void add_one(mw_request *r, const added *a, mw_str value)
{
    mw_time modified;

    if (mw_str_ieq(a->name, MW_STR("Last-Modified"))) {
        mw_fields_drop(&r->res.head, MW_T_LAST_MODIFIED);
        r->res.modified_text = (mw_str){ "", 0 };
        r->res.modified = -1;
        if (value.len > 0 && mw_http_date(value, &modified))
            r->res.modified = modified;
        else if (value.len > 0)
            mw_fields_add_token(r->arena, &r->res.head, MW_T_LAST_MODIFIED, value);
        return;
    }
    if (mw_str_ieq(a->name, MW_STR("ETag"))) {
        mw_fields_set(r->arena, &r->res.head, MW_T_ETAG, value);
        return;
    }
    if (value.len > 0)
        mw_fields_add(r->arena, &r->res.head, a->name, value);
}

static void add_fields(mw_request *r, const mw_array *list)
{
    bool usual = is_usual(r->res.status);

    for (size_t i = 0; i < list->n; i++) {
        const added *a = &MW_ITEM(list, added, i);

        if (usual || a->always)
            add_one(r, a, mw_expr_text(a->value, &r->scope));
    }
}

/* Trailers are evaluated when the body has ended: a source that waits for the one below it to end. */
typedef struct { mw_source base; mw_request *r; const mw_array *list; bool usual; } trailer_source;

static mw_rc trailer_pull(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    trailer_source *t = (trailer_source *)s;
    mw_rc           rc = s->below != NULL ? mw_source_pull(s->below, to, want, bell) : MW_END;

    if (rc != MW_END)
        return rc;
    for (size_t i = 0; i < t->list->n; i++) {
        const added *a = &MW_ITEM(t->list, added, i);
        mw_str       value;

        if (!t->usual && !a->always)
            continue;
        value = mw_expr_text(a->value, &t->r->scope);
        if (value.len > 0)
            mw_fields_add(t->r->arena, &t->r->res.trailers, a->name, value);
    }
    return MW_END;
}
static const mw_source_kind trailer_kind = { .name = "add_trailer", .pull = trailer_pull };

static void promise_trailers(mw_request *r, const headers_conf *c)
{
    trailer_source *t;
    bool            usual = is_usual(r->res.status), any = usual;

    for (size_t i = 0; i < c->trailers.n && !any; i++)
        any = MW_ITEM(&c->trailers, added, i).always;
    if (!any || r->res.head_only || r->version < MW_HTTP_11)
        return;
    t = MW_NEW(r->arena, trailer_source);
    *t = (trailer_source){ { &trailer_kind, r->res.body }, r, &c->trailers, usual };
    r->res.body = &t->base;
    r->res.trailing = true;
}

static mw_rc headers_head(mw_request *r, const void *conf, void *ctx)
{
    const headers_conf *c = conf;

    (void)ctx;
    if (c->expires.written && is_usual(r->res.status))
        expire(r, &c->expires);
    if (c->headers.n > 0)
        add_fields(r, &c->headers);
    if (c->trailers.n > 0)
        promise_trailers(r, c);
    return MW_OK;
}

static mw_rc set_added(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    added *a = MW_PUSH(b->arena, (mw_array *)field, added);

    (void)d;
    a->name = n->args[0];
    a->value = mw_expr_compile(b, n, n->args[1]);
    if (a->value == NULL)
        return MW_ERR;
    if (n->nargs == 3) {
        if (!mw_str_eq(n->args[2], MW_STR("always")))
            return mw_bind_error_at(b, n, 2, "invalid parameter \"%.*s\"", MW_S(n->args[2]));
        a->always = true;
    }
    return MW_OK;
}

static mw_rc set_expires_rule(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    expires_conf *e = field;
    mw_str        text = n->args[n->nargs - 1], constant;

    (void)d;
    e->written = true;
    if (n->nargs == 2) {
        if (!mw_str_eq(n->args[0], MW_STR("modified")))
            return mw_bind_invalid(b, n, 0);
        e->modified = true;
    }
    e->expr = mw_expr_compile(b, n, text);
    if (e->expr == NULL)
        return MW_ERR;
    if (!mw_expr_is_constant(e->expr, &constant))
        return MW_OK;
    e->expr = NULL;
    if (!read_rule(constant, e->modified, &e->rule))
        return mw_bind_invalid(b, n, n->nargs - 1);
    return MW_OK;
}

/* The rows are not inherited by the binder: what the enclosing block adds counts as add_header_inherit says here.  It
 * stands behind what is added here, as nginx has it. */
static void inherit(mw_bind *b, const mw_array *outer, mw_array *own, mw_enum how)
{
    if (how == INHERIT_OFF || (how == INHERIT_ON && own->n > 0))
        return;
    for (size_t i = 0; i < outer->n; i++)
        *MW_PUSH(b->arena, own, added) = MW_ITEM(outer, added, i);
}

static mw_rc headers_ready(mw_bind *b, const mw_level *level, void *conf)
{
    headers_conf       *c = conf;
    const headers_conf *outer = level->parent != NULL ? mw_bind_conf(b, level->parent, &mw_headers_module) : NULL;

    if (outer == NULL)
        return MW_OK;
    inherit(b, &outer->headers, &c->headers, c->headers_inherit);
    inherit(b, &outer->trailers, &c->trailers, c->trailers_inherit);
    return MW_OK;
}

static const mw_choice inheritances[] = {
    { "on", INHERIT_ON }, { "off", INHERIT_OFF }, { "merge", INHERIT_MERGE }, { NULL, 0 }
};

static const mw_directive headers_directives[] = {
    { "add_header", IN_WEB | IN_IF, 2, 3, MW_FIELD_BY(headers_conf, headers, set_added), .repeat = true,
      .inherit = MW_NEVER, .help = "adds a header field to responses" },
    { "add_trailer", IN_WEB | IN_IF, 2, 3, MW_FIELD_BY(headers_conf, trailers, set_added), .repeat = true,
      .inherit = MW_NEVER, .help = "adds a field behind the body of responses" },
    { "add_header_inherit", IN_WEB | IN_IF, 1, 1, MW_CHOICE(headers_conf, headers_inherit, inheritances),
      .otherwise = "on", .help = "how fields of the enclosing block are inherited: on, off, merge" },
    { "add_trailer_inherit", IN_WEB | IN_IF, 1, 1, MW_CHOICE(headers_conf, trailers_inherit, inheritances),
      .otherwise = "on", .help = "the same of trailers" },
    { "expires", IN_WEB | IN_IF, 1, 2, MW_FIELD_BY(headers_conf, expires, set_expires_rule),
      .help = "sets Expires and Cache-Control" },
    { 0 }
};

static const mw_http_part headers_http = { .applies = headers_applies, .head = headers_head };

const mw_module mw_headers_module = {
    .name = "headers", .directives = headers_directives, .conf_size = sizeof(headers_conf), .ready = headers_ready,
    .http = &headers_http,
};
