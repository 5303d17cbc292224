/* sticky_conf.c - the directive `sticky`: its three kinds and their parameters.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/state.h"
#include "upstream/sticky.h"

enum { ZONE_LEAST = 8 * 4096, TIMEOUT_MS = 600000 };

typedef struct reading {                /* one parameter being read */
    mw_bind       *b;
    const mw_node *node;
    unsigned       arg;
    mw_sticky     *s;
    const char    *name;                /* without '=' */
    mw_str         value;
} reading;

static mw_rc variable(reading *r, mw_str text, mw_array *to)
{
    unsigned index;

    if (mw_str_char(text, 0) != '$' || text.len < 2)
        return mw_bind_error_at(r->b, r->node, r->arg, "invalid variable name \"%.*s\"", MW_S(text));
    index = mw_vars_need(r->b, r->node, mw_str_drop(text, 1));
    *MW_PUSH(r->b->arena, to, unsigned) = index;
    return MW_OK;
}

static mw_rc no_value(reading *r)
{
    return mw_bind_error_at(r->b, r->node, r->arg, "\"sticky\" directive no value for \"%s\"", r->name);
}

static mw_rc bad_value(reading *r)
{
    return mw_bind_error_at(r->b, r->node, r->arg, "\"sticky\" directive invalid \"%s\" parameter value", r->name);
}

static mw_rc read_expires(reading *r)
{
    r->s->expires = true;
    r->s->forever = mw_str_eq(r->value, MW_STR("max"));
    return r->s->forever || (mw_read_sec(r->value, &r->s->seconds) && r->s->seconds >= 0) ? MW_OK : bad_value(r);
}

static mw_rc read_domain(reading *r)
{
    if (r->value.len == 0)
        return no_value(r);
    r->s->domain = mw_expr_compile(r->b, r->node, r->value);
    return r->s->domain != NULL ? MW_OK : MW_ERR;
}

static mw_rc read_path(reading *r)
{
    r->s->path = r->value;
    return r->value.len > 0 ? MW_OK : no_value(r);
}

static mw_rc read_samesite(reading *r)
{
    if (r->value.len == 0)
        return no_value(r);
    if (mw_str_char(r->value, 0) != '$' && !mw_str_ieq(r->value, MW_STR("strict")) && !mw_str_ieq(r->value,
        MW_STR("lax")) && !mw_str_ieq(r->value, MW_STR("none")))
        return bad_value(r);
    r->s->samesite = mw_expr_compile(r->b, r->node, r->value);
    return r->s->samesite != NULL ? MW_OK : MW_ERR;
}

static mw_rc read_secure(reading *r)
{
    r->s->secure = true;
    return MW_OK;
}

static mw_rc read_httponly(reading *r)
{
    r->s->httponly = true;
    return MW_OK;
}

static mw_rc read_at_header(reading *r)
{
    r->s->at_header = true;
    return MW_OK;
}

static mw_rc read_variable(reading *r)
{
    mw_array *to = r->name[0] == 'c' ? &r->s->create : &r->s->lookup;

    if (mw_str_char(r->value, 0) != '$' || r->value.len < 2)
        return mw_bind_error_at(r->b, r->node, r->arg, "\"sticky\" directive missing variable in the \"%s\" parameter",
                                r->name);
    return variable(r, r->value, to);
}

static mw_rc read_timeout(reading *r)
{
    int64_t seconds;

    if (!mw_read_sec(r->value, &seconds) || seconds <= 0)
        return mw_bind_error_at(r->b, r->node, r->arg, "\"sticky\" directive invalid timeout");
    r->s->timeout_ms = (uint64_t)seconds * 1000;
    return MW_OK;
}

static mw_rc zone_fault(reading *r, const char *text)
{
    return mw_bind_error_at(r->b, r->node, r->arg, "\"sticky\" directive %s", text);
}

static mw_rc read_zone(reading *r)
{
    mw_str   name, text;
    uint64_t size;

    if (!mw_str_cut(r->value, ':', &name, &text))
        return zone_fault(r, "zone size is not specified");
    if (name.len == 0)
        return zone_fault(r, "zone name is not specified");
    if (!mw_read_size(text, &size))
        return zone_fault(r, "invalid zone size");
    if (size < ZONE_LEAST)
        return zone_fault(r, "zone is too small");
    if (r->s->zone != NULL)
        return zone_fault(r, "duplicate zone");
    r->s->zone = mw_wants_zone(r->b->wants, r->b->arena, name, (size_t)size, &mw_sessions_zone, &mw_balance_module);
    if (r->s->zone != NULL)
        return MW_OK;
    return mw_bind_error_at(r->b, r->node, r->arg, "the shared memory zone \"%.*s\" is already declared for a "
                            "different use", MW_S(name));
}

enum { COOKIE = 1 << MW_STICKY_COOKIE, LEARN = 1 << MW_STICKY_LEARN };
typedef struct parameter { const char *name; unsigned kinds; bool valued, many; mw_rc (*read)(reading *r); } parameter;

static const parameter parameters[] = {
    { "expires", COOKIE, true, false, read_expires },   { "domain", COOKIE, true, false, read_domain },
    { "path", COOKIE, true, false, read_path },         { "samesite", COOKIE, true, false, read_samesite },
    { "secure", COOKIE, false, false, read_secure },    { "httponly", COOKIE, false, false, read_httponly },
    { "create", LEARN, true, true, read_variable },     { "lookup", LEARN, true, true, read_variable },
    { "zone", LEARN, true, true, read_zone },           { "timeout", LEARN, true, false, read_timeout },
    { "header", LEARN, false, false, read_at_header },
};
enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

/* Whether the text is that parameter; then r has its name and value. */
static bool is_parameter(reading *r, const parameter *p, mw_str text)
{
    mw_str head, value;
    bool   valued = mw_str_cut(text, '=', &head, &value);

    r->name = p->name;
    r->value = value;
    return (p->kinds >> r->s->kind & 1) != 0 && valued == p->valued && mw_str_eq(head, mw_str_of(p->name));
}

static mw_rc read_parameters(reading *r)
{
    bool seen[PARAMETERS] = { false };

    for (; r->arg < r->node->nargs; r->arg++) {
        mw_str text = r->node->args[r->arg];
        size_t i = 0;

        while (i < PARAMETERS && !is_parameter(r, &parameters[i], text))
            i++;
        if (i == PARAMETERS)
            return mw_bind_error_at(r->b, r->node, r->arg, "unknown parameter \"%.*s\"", MW_S(text));
        if (seen[i] && !parameters[i].many)
            return mw_bind_error_at(r->b, r->node, r->arg, "\"sticky\" directive parameter \"%s\" is duplicate",
                                    r->name);
        seen[i] = true;
        if (parameters[i].read(r) != MW_OK)
            return MW_ERR;
    }
    return MW_OK;
}

static mw_rc read_cookie(reading *r)
{
    mw_str parts[2] = { MW_STR("cookie_"), r->s->name = r->node->args[1] };

    if (r->s->name.len == 0)
        return mw_bind_error_at(r->b, r->node, 1, "\"sticky\" directive empty cookie name");
    *MW_PUSH(r->b->arena, &r->s->lookup, unsigned) = mw_vars_need(r->b, r->node, mw_arena_join(r->b->arena, parts, 2));
    r->arg = 2;
    return read_parameters(r);
}

static mw_rc read_route(reading *r)
{
    for (; r->arg < r->node->nargs; r->arg++)
        if (variable(r, r->node->args[r->arg], &r->s->lookup) != MW_OK) return MW_ERR;
    return MW_OK;
}

static mw_rc read_learn(reading *r)
{
    const char *missing;

    if (read_parameters(r) != MW_OK)
        return MW_ERR;
    missing = r->s->create.n == 0 ? "create" : r->s->lookup.n == 0 ? "lookup" : r->s->zone == NULL ? "zone" : NULL;
    if (missing == NULL)
        return MW_OK;
    return mw_bind_error(r->b, r->node, "\"sticky\" directive \"%s\" parameter is not specified", missing);
}

mw_rc mw_set_sticky(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    static const struct { const char *name; mw_rc (*read)(reading *r); } kinds[] = {
        [MW_STICKY_COOKIE] = { "cookie", read_cookie }, [MW_STICKY_ROUTE] = { "route", read_route },
        [MW_STICKY_LEARN] = { "learn", read_learn },
    };
    mw_sticky *s = MW_NEW(b->arena, mw_sticky);
    reading    r = { .b = b, .node = n, .arg = 1, .s = s };

    (void)d;
    (void)field;
    s->timeout_ms = TIMEOUT_MS;
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (mw_str_eq(n->args[0], mw_str_of(kinds[i].name))) {
            s->kind = (mw_sticky_kind)i;
            ((mw_upstream_block *)b->level->user)->group->sticky = s;
            return kinds[i].read(&r);
        }
    return mw_bind_error_at(b, n, 0, "unknown parameter \"%.*s\"", MW_S(n->args[0]));
}
