/* referer.c - valid_referers: whose pages may lead here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/build.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/site.h"
#include "http/vars.h"
#include "rule/match.h"

enum { HOST_MOST = 256, LEAST = 11 };       /* of "http://i.ru" */

typedef struct prefix { struct prefix *next; mw_str uri; } prefix;      /* what may follow a host; empty: anything */

typedef struct named { mw_str name; prefix *first; } named;

typedef struct {
    mw_match *hosts;            /* of prefix; NULL: nothing was said */
    mw_array  patterns;         /* of mw_regex *, on all that is behind "http://" */
    mw_array  names;            /* of named: as added to hosts */
    bool      none, blocked, server_names;
} referer_conf;

typedef struct served { const mw_server *server; mw_match *names; } served;
typedef struct { referer_conf conf; mw_array served; } top_conf;       /* the main level's; served: of served */

static bool names_fit(mw_request *r, mw_str host)
{
    const top_conf *top;
    const mw_level *level = r->site->level;

    while (level->parent != NULL)
        level = level->parent;
    top = mw_site_conf(r->site, level, &mw_referer_module);
    for (size_t i = 0; i < top->served.n; i++) {
        const served *x = &MW_ITEM(&top->served, served, i);

        if (x->server == r->server) return mw_match_find(x->names, &r->scope, host) != NULL;
    }
    return false;
}

static bool is_valid(mw_request *r, const referer_conf *c)
{
    const mw_field *f = mw_fields_get(&r->head, MW_T_REFERER);
    const prefix   *p;
    mw_str          text, host, uri;

    if (c->hosts == NULL)
        return true;
    if (f == NULL)
        return c->none;
    text = f->value;
    if (text.len >= LEAST && mw_str_istarts(text, MW_STR("http://")))
        text = mw_str_drop(text, 7);
    else if (text.len >= LEAST + 1 && mw_str_istarts(text, MW_STR("https://")))
        text = mw_str_drop(text, 8);
    else
        return c->blocked;
    uri = mw_str_drop(text, mw_str_index(text, '/'));
    host = mw_str_take(text, text.len - uri.len);
    host = mw_str_take(host, mw_str_index(host, ':'));
    if (host.len > HOST_MOST)
        return false;
    for (p = mw_match_find(c->hosts, &r->scope, host); p != NULL; p = p->next)
        if (mw_str_starts(uri, p->uri)) return true;
    if (c->server_names && names_fit(r, host))
        return true;
    for (size_t i = 0; i < c->patterns.n; i++)
        if (mw_scope_match(&r->scope, MW_ITEM(&c->patterns, mw_regex *, i), text)) return true;
    return false;
}

static bool get_invalid(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request *r = mw_scope_request(s);

    (void)v;
    return mw_got(text, is_valid(r, mw_request_conf(r, &mw_referer_module)) ? MW_STR("") : MW_STR("1"));
}

static const mw_var referer_vars[] = {
    { "invalid_referer", .get = get_invalid },
    { .name = NULL }
};

/* --- reading --- */

static mw_rc add_name(mw_bind *b, const mw_node *n, unsigned i, referer_conf *c)
{
    mw_str  text = n->args[i], why = { "", 0 };
    prefix *p = MW_NEW(b->arena, prefix);
    mw_str  name = mw_str_take(text, mw_str_index(text, '/'));

    p->uri = mw_str_drop(text, name.len);
    for (size_t k = 0; k < c->names.n; k++)
        if (mw_str_ieq(MW_ITEM(&c->names, named, k).name, name)) {
            named *other = &MW_ITEM(&c->names, named, k);

            p->next = other->first->next;
            other->first->next = p;
            return MW_OK;
        }
    if (name.len == 0 || (mw_str_index(name, '*') < name.len && !mw_name_wildcard(name, &why)))
        return mw_bind_error_at(b, n, i, "invalid host name \"%.*s\"", MW_S(text));
    *MW_PUSH(b->arena, &c->names, named) = (named){ name, p };
    (void)mw_match_add(c->hosts, name, true, p);
    return MW_OK;
}

static mw_rc set_referers(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    referer_conf *c = field;

    (void)d;
    if (c->hosts == NULL)
        c->hosts = mw_match_new(b->arena);
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str a = n->args[i];

        if (a.len == 0)
            return mw_bind_error_at(b, n, i, "invalid referer \"%.*s\"", MW_S(a));
        if (mw_str_eq(a, MW_STR("none"))) {
            c->none = true;
        } else if (mw_str_eq(a, MW_STR("blocked"))) {
            c->blocked = true;
        } else if (mw_str_eq(a, MW_STR("server_names"))) {
            c->server_names = true;
        } else if (mw_str_char(a, 0) == '~') {
            mw_regex *re = mw_scope_regex(b, n, mw_str_drop(a, 1), true);

            if (re == NULL)
                return MW_ERR;
            *MW_PUSH(b->arena, &c->patterns, mw_regex *) = re;
        } else if (add_name(b, n, i, c) != MW_OK) {
            return MW_ERR;
        }
    }
    return MW_OK;
}

static mw_rc referer_ready(mw_bind *b, const mw_level *level, void *conf)
{
    referer_conf *c = conf;

    if (c->hosts != NULL && mw_bind_written(b, level, &mw_referer_module, "valid_referers"))
        mw_match_freeze(c->hosts);
    return MW_OK;
}

/* The names of each server, as a referer may have them. */
static mw_rc add_server(mw_bind *b, top_conf *top, const mw_server *server)
{
    const mw_strs *names = &server->core->names;
    mw_match      *m = mw_match_new(b->arena);

    for (unsigned i = 0; i < names->n; i++) {
        mw_str name = names->at[i];

        if (mw_str_char(name, 0) == '~') {
            mw_regex *re = mw_scope_regex(b, server->level->node, mw_str_drop(name, 1), true);

            if (re == NULL)
                return MW_ERR;
            mw_match_add_regex(m, re, server);
        } else if (name.len > 0) {
            (void)mw_match_add(m, name, true, server);
        }
    }
    mw_match_freeze(m);
    *MW_PUSH(b->arena, &top->served, served) = (served){ server, m };
    return MW_OK;
}

static mw_rc referer_finish(mw_bind *b)
{
    const mw_gather *g = b->http;
    top_conf        *top = mw_bind_conf(b, b->top, &mw_referer_module);

    if (g == NULL || g->site == NULL)
        return MW_OK;
    for (unsigned i = 0; i < g->site->nservers; i++)
        if (add_server(b, top, g->site->servers[i]) != MW_OK) return MW_ERR;
    return MW_OK;
}

static const mw_directive referer_directives[] = {
    { "valid_referers", IN_SERVER | IN_LOCATION, 1, MANY, MW_SPAN(top_conf, conf, conf, set_referers), .repeat = true,
      .help = "what $invalid_referer takes for valid: none, blocked, server_names, names, ~expressions" },
    { "referer_hash_max_size", IN_SERVER | IN_LOCATION, 1, 1, .set = mw_set_ignored,
      .help = "accepted: hashes size themselves" },
    { "referer_hash_bucket_size", IN_SERVER | IN_LOCATION, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { 0 }
};

static const mw_http_part referer_http = { .vars = referer_vars };

const mw_module mw_referer_module = {
    .name = "referer", .directives = referer_directives, .conf_size = sizeof(top_conf), .ready = referer_ready,
    .finish = referer_finish, .http = &referer_http,
};
