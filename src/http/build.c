/* build.c - from bound levels to a site: servers, their locations, and a place with a compiled route for each.
 * SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "core/must.h"
#include "http/advice.h"
#include "http/build.h"
#include "http/secure.h"
#include "http/vars.h"
#include "upstream/group.h"

/* mw_level.user of a location */
typedef struct location_note { mw_location_row row; mw_place *place; } location_note;

static mw_gather *gathered(mw_bind *b) { return b->http; }

void mw_place_settle(mw_bind *b, mw_place *p, const mw_level *level)
{
    const mw_http_conf *core = mw_bind_conf(b, level, &mw_http_module);

    p->level = level;
    p->conf = level->conf;
    p->core = core;
    p->any = core->satisfy == 1;
}

mw_place *mw_place_new(mw_bind *b, const mw_level *level)
{
    mw_place *p = MW_NEW(b->arena, mw_place);

    *MW_PUSH(b->arena, &gathered(b)->places, mw_place *) = p;
    p->level = level;
    return p;
}

const mw_place *mw_place_of(mw_bind *b, const mw_level *level)
{
    const location_note *note = level->user;

    (void)b;
    return level->where == IN_LOCATION && note != NULL ? note->place : NULL;
}

mw_rc mw_http_enter(mw_bind *b, const mw_node *n)
{
    mw_gather *g = MW_NEW(b->arena, mw_gather);
    mw_site   *site = MW_NEW(b->arena, mw_site);

    if (b->http != NULL)
        return mw_bind_error(b, n, "\"http\" directive is duplicate");
    b->http = g;
    g->site = site;
    site->arena = b->arena;
    site->modules = b->modules;
    site->nmodules = b->nmodules;
    site->core = mw_bind_number(b, &mw_http_module);
    site->level = b->level;
    site->vars = b->vars = mw_vars_new(b->arena);
    site->once = MW_NEWS(b->arena, size_t, b->nmodules);
    mw_vars_table(site->vars, mw_visit_vars);
    mw_vars_table(site->vars, mw_secure_vars);
    for (unsigned i = 0; i < b->nmodules; i++) {
        const mw_http_part *h = b->modules[i]->http;

        site->once[i] = SIZE_MAX;
        if (h == NULL)
            continue;
        if (h->vars != NULL)
            mw_vars_table(site->vars, h->vars);
        if (h->once_size > 0) {
            site->once[i] = site->once_bytes;
            site->once_bytes += (h->once_size + 15) & ~(size_t)15;
        }
    }
    for (unsigned i = 0; i < b->nmodules; i++) {
        const mw_http_part *h = b->modules[i]->http;

        if (h != NULL && h->begin != NULL && h->begin(b) != MW_OK) return MW_ERR;
    }
    return MW_OK;
}

mw_rc mw_server_enter(mw_bind *b, const mw_node *n)
{
    mw_site   *site = gathered(b)->site;
    mw_server *s = MW_NEW(b->arena, mw_server);

    (void)n;
    s->site = site;
    s->level = b->level;
    b->level->user = s;
    return MW_OK;
}

/* The modifier, and what follows it: it may stick to the name, as in =/x and ~x. */
static mw_str split_name(const mw_node *n, mw_str *mark)
{
    mw_str name = n->args[n->nargs - 1];

    if (n->nargs == 2) {
        *mark = n->args[0];
        return name;
    }
    *mark = mw_str_starts(name, MW_STR("~*")) || mw_str_starts(name, MW_STR("^~")) ? mw_str_take(name, 2)
          : mw_str_char(name, 0) == '=' || mw_str_char(name, 0) == '~' ? mw_str_take(name, 1) : MW_STR("");
    return mw_str_drop(name, mark->len);
}

mw_str mw_location_name(const mw_node *n, bool *other)
{
    mw_str mark, name = split_name(n, &mark);

    *other = mw_str_char(mark, 0) == '~' || mw_str_char(name, 0) == '@';
    return name;
}

static mw_rc read_name(mw_bind *b, const mw_node *n, mw_location_row *row)
{
    mw_str mark, name = split_name(n, &mark);

    row->kind = MW_LOC_PREFIX;
    row->name = name;
    if (mw_str_eq(mark, MW_STR("=")))
        row->kind = MW_LOC_EXACT;
    else if (mw_str_eq(mark, MW_STR("^~")))
        row->kind = MW_LOC_NOREGEX;
    else if (mw_str_eq(mark, MW_STR("~")) || mw_str_eq(mark, MW_STR("~*")))
        row->kind = MW_LOC_REGEX;
    else if (mark.len > 0)
        return mw_bind_error_at(b, n, 0, "invalid location modifier \"%.*s\"", MW_S(mark));
    else if (mw_str_char(name, 0) == '@')
        row->kind = MW_LOC_NAMED;
    if (row->kind == MW_LOC_REGEX) {
        row->regex = mw_scope_regex(b, n, name, mw_str_eq(mark, MW_STR("~*")));
        return row->regex != NULL ? MW_OK : MW_ERR;
    }
    return MW_OK;
}

/* What nginx asks of a location inside another one. */
static mw_rc check_nesting(mw_bind *b, const mw_node *n, const location_note *inner)
{
    const location_note   *outer = b->level->parent->where == IN_LOCATION ? b->level->parent->user : NULL;
    const mw_location_row *row = &inner->row;

    if (outer == NULL)
        return MW_OK;
    if (outer->row.kind == MW_LOC_EXACT)
        return mw_bind_error(b, n, "location \"%.*s\" cannot be inside the exact location \"%.*s\"", MW_S(row->name),
                             MW_S(outer->row.name));
    if (outer->row.kind == MW_LOC_NAMED)
        return mw_bind_error(b, n, "location \"%.*s\" cannot be inside the named location \"%.*s\"", MW_S(row->name),
                             MW_S(outer->row.name));
    if (row->kind == MW_LOC_NAMED)
        return mw_bind_error(b, n, "named location \"%.*s\" can be on the server level only", MW_S(row->name));
    if (row->kind != MW_LOC_REGEX && outer->row.kind != MW_LOC_REGEX && !mw_str_starts(row->name, outer->row.name))
        return mw_bind_error(b, n, "location \"%.*s\" is outside location \"%.*s\"", MW_S(row->name),
                             MW_S(outer->row.name));
    return MW_OK;
}

mw_rc mw_location_enter(mw_bind *b, const mw_node *n)
{
    location_note *note = MW_NEW(b->arena, location_note);

    b->level->user = note;
    if (read_name(b, n, &note->row) != MW_OK || check_nesting(b, n, note) != MW_OK)
        return MW_ERR;
    note->place = mw_place_new(b, b->level);
    note->place->name = note->row.name;
    note->place->named = note->row.kind == MW_LOC_NAMED;
    note->place->exact = note->row.kind == MW_LOC_EXACT;
    note->place->regex = note->row.kind == MW_LOC_REGEX;
    note->row.place = note->place;
    return MW_OK;
}

static const struct { const char *name; mw_method method; } methods[] = {
    { "GET", MW_GET }, { "HEAD", MW_HEAD }, { "POST", MW_POST }, { "PUT", MW_PUT }, { "DELETE", MW_DELETE },
    { "MKCOL", MW_MKCOL }, { "COPY", MW_COPY }, { "MOVE", MW_MOVE }, { "OPTIONS", MW_OPTIONS },
    { "PROPFIND", MW_PROPFIND }, { "PROPPATCH", MW_PROPPATCH }, { "LOCK", MW_LOCK }, { "UNLOCK", MW_UNLOCK },
    { "PATCH", MW_PATCH },
};

static uint32_t method_named(mw_str name)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (mw_str_ieq(name, mw_str_of(methods[i].name))) return (uint32_t)methods[i].method;
    return 0;
}

mw_rc mw_limit_except_enter(mw_bind *b, const mw_node *n)
{
    location_note *outer = b->level->parent->user;
    mw_place      *p = mw_place_new(b, b->level);
    uint32_t       allowed = 0;

    for (unsigned i = 0; i < n->nargs; i++) {
        uint32_t method = method_named(n->args[i]);

        if (method == 0)
            return mw_bind_error_at(b, n, i, "invalid method \"%.*s\"", MW_S(n->args[i]));
        allowed |= method == MW_GET ? (uint32_t)MW_GET | (uint32_t)MW_HEAD : method;
    }
    if (outer->place->except != NULL)
        return mw_bind_error(b, n, "\"limit_except\" directive is duplicate");
    p->name = outer->place->name;
    p->named = outer->place->named;
    p->exact = outer->place->exact;
    p->regex = outer->place->regex;
    b->level->user = outer;
    outer->place->except = p;
    outer->place->allowed = allowed;
    return MW_OK;
}

static bool sends_to_slash(mw_bind *b, const mw_place *p)
{
    for (unsigned i = 0; i < b->nmodules; i++) {
        const mw_http_part *h = b->modules[i]->http;

        if (h != NULL && h->auto_slash && (h->applies == NULL || h->applies(p->conf[i]))) return true;
    }
    return false;
}

static mw_rc add_locations(mw_bind *b, const mw_server *s, const mw_level *outer, mw_locations *to)
{
    for (mw_level *l = outer->kids; l != NULL; l = l->next) {
        location_note *note = l->user;
        bool           nests = false;

        if (l->where != IN_LOCATION)
            continue;
        mw_place_settle(b, note->place, l);
        note->place->server = s;
        note->place->internal = note->place->core->internal;
        note->row.auto_slash = note->row.kind != MW_LOC_REGEX && note->row.kind != MW_LOC_NAMED
            && mw_str_ends(note->row.name, MW_STR("/")) && sends_to_slash(b, note->place);
        for (const mw_level *k = l->kids; k != NULL; k = k->next)
            nests = nests || k->where == IN_LOCATION;
        if (nests)
            note->row.inner = mw_locations_new(b->arena);
        if (!mw_locations_add(to, b->arena, &note->row) && note->row.kind != MW_LOC_NAMED)
            return mw_bind_error(b, l->node, "duplicate location \"%.*s\"", MW_S(note->row.name));
        if (nests && add_locations(b, s, l, note->row.inner) != MW_OK)
            return MW_ERR;
    }
    return MW_OK;
}

static mw_place *server_place(mw_bind *b, const mw_server *s, const mw_level *level)
{
    mw_place *p = mw_place_new(b, level);

    mw_place_settle(b, p, level);
    p->server = s;
    return p;
}

static mw_rc build_server(mw_bind *b, mw_level *level)
{
    mw_server    *s = level->user;
    mw_locations *locations = mw_locations_new(b->arena);
    mw_gather    *g = gathered(b);
    bool          listens = false;

    s->core = mw_bind_conf(b, level, &mw_http_module);
    s->name = s->core->names.n > 0 ? s->core->names.at[0] : MW_STR("");
    if (mw_str_char(s->name, 0) == '.')
        s->name = mw_str_drop(s->name, 1);
    if (mw_secure_ready(b, level) != MW_OK)
        return MW_ERR;
    s->own = server_place(b, s, level);
    s->bare = server_place(b, s, level);
    s->locations = locations;
    if (add_locations(b, s, level, locations) != MW_OK)
        return MW_ERR;
    mw_locations_freeze(locations);
    for (size_t i = 0; i < g->listens.n && !listens; i++)
        listens = MW_ITEM(&g->listens, mw_listen_row, i).server == level;
    if (!listens)                               /* nginx: *:80, or *:8000 for who may not have that port */
        *MW_PUSH(b->arena, &g->listens, mw_listen_row) = (mw_listen_row){
            .node = level->node, .server = level,
            .addr = { .family = MW_IPV4, .port = geteuid() == 0 ? 80 : 8000 },
            .options = { .backlog = -1, .rcvbuf = -1, .sndbuf = -1, .fastopen = -1, .setfib = -1, .keepalive = -1,
                         .ipv6only = 1 },
        };
    g->site->servers[g->site->nservers++] = s;
    return MW_OK;
}

/* `if` and limit_except places belong to the server that encloses them. */
static const mw_server *server_of(const mw_level *level)
{
    while (level->where != IN_SERVER)
        level = level->parent;
    return level->user;
}

static void compile_places(mw_bind *b, mw_gather *g)
{
    for (size_t i = 0; i < g->places.n; i++) {
        mw_place *p = MW_ITEM(&g->places, mw_place *, i);

        MW_MUST(p->level != NULL);
        mw_place_settle(b, p, p->level);
        p->server = server_of(p->level);
        mw_place_compile(g->site, p, b->arena);
    }
}

/* Upstreams resolve names as http does, unless they say otherwise. */
static void hand_resolver(mw_bind *b, const mw_http_conf *c)
{
    if (c->resolver.n > 0)
        mw_groups_resolver(b, &c->resolver, c->resolver_timeout.ms);
}

mw_rc mw_http_finish(mw_bind *b)
{
    mw_gather *g = b->http;
    unsigned   n = 0;

    if (g == NULL)
        return MW_OK;
    b->vars = g->site->vars;
    hand_resolver(b, mw_bind_conf(b, g->site->level, &mw_http_module));
    mw_wants_dir(b->wants, b->arena,
                 ((const mw_http_conf *)mw_bind_conf(b, g->site->level, &mw_http_module))->client_body_temp_path);
    for (const mw_level *l = g->site->level->kids; l != NULL; l = l->next)
        n += l->where == IN_SERVER;
    g->site->servers = MW_NEWS(b->arena, mw_server *, n);
    for (mw_level *l = g->site->level->kids; l != NULL; l = l->next)
        if (l->where == IN_SERVER && build_server(b, l) != MW_OK) return MW_ERR;
    if (mw_doors_build(b, g) != MW_OK || mw_vars_settle(b, g->site->vars) != MW_OK)
        return MW_ERR;
    compile_places(b, g);
    if (b->testing && b->diag->errors == 0)
        mw_advise(b, g->site->level->node);
    return MW_OK;
}
