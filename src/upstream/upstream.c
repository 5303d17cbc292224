/* upstream.c - the directives of `upstream` blocks, and what a worker keeps of all groups.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "upstream/balance.h"
#include "upstream/keepalive.h"
#include "upstream/resolver_conf.h"
#include "upstream/state.h"
#include "upstream/sticky.h"

typedef struct upstream_conf {
    mw_groups *groups;          /* of the main level only; first: mw_groups_of */
    mw_msec    keepalive_timeout, keepalive_time;
    uint32_t   keepalive_requests;
    mw_resolver_conf resolver;  /* n 0: that of http */
    mw_msec    resolver_timeout;
} upstream_conf;

enum { ZONE_LEAST = 8 * 4096, IDLE_UNWRITTEN = 32, FAIL_TIMEOUT_MS = 10000 };

static mw_upstream_block *block_at(mw_bind *b) { return b->level->user; }

static mw_rc upstream_enter(mw_bind *b, const mw_node *n)
{
    mw_groups         *all = mw_groups_of(b);
    mw_upstream_block *block = MW_NEW(b->arena, mw_upstream_block);

    for (size_t i = 0; i < all->list.n; i++)
        if (mw_str_ieq(MW_ITEM(&all->list, mw_group *, i)->name, n->args[0]))
            return mw_bind_error(b, n, "duplicate upstream \"%.*s\"", MW_S(n->args[0]));
    block->group = mw_group_add(b, n->args[0]);
    block->group->node = n;
    block->group->keep.connections = IDLE_UNWRITTEN;        /* since nginx 1.29.7 */
    block->group->keep.local = true;
    block->level = b->level;
    b->level->user = block;
    *MW_PUSH(b->arena, &all->blocks, mw_upstream_block *) = block;
    return MW_OK;
}

/* --- server ------------------------------------------------------------------------------------------------------- */

static bool read_u32(mw_str text, uint32_t *value)
{
    uint64_t n;

    if (!mw_str_u64(text, &n) || n > INT32_MAX)
        return false;
    *value = (uint32_t)n;
    return true;
}

static bool read_weight(mw_str text, mw_peer *p) { return read_u32(text, &p->weight) && p->weight > 0; }
static bool read_max_fails(mw_str text, mw_peer *p) { return read_u32(text, &p->max_fails); }
static bool read_max_conns(mw_str text, mw_peer *p) { return read_u32(text, &p->max_conns); }

static bool read_fail_timeout(mw_str text, mw_peer *p)
{
    int64_t seconds;

    if (!mw_read_sec(text, &seconds) || seconds < 0)
        return false;
    p->fail_timeout_ms = (uint64_t)seconds * 1000;
    return true;
}

static bool read_backup(mw_str text, mw_peer *p)
{
    (void)text;
    return p->backup = true;
}

static bool read_down(mw_str text, mw_peer *p)
{
    (void)text;
    return p->down = true;
}

static bool read_drain(mw_str text, mw_peer *p)
{
    (void)text;
    return p->drain = true;
}

static bool not_here(mw_str text, mw_peer *p)
{
    (void)text;
    (void)p;
    return false;
}

/* A name that ends with '=' is followed by a value. */
static const struct { mw_str name; bool (*read)(mw_str text, mw_peer *p); } parameters[] = {
    { MW_STR_C("weight="), read_weight },       { MW_STR_C("max_fails="), read_max_fails },
    { MW_STR_C("max_conns="), read_max_conns }, { MW_STR_C("fail_timeout="), read_fail_timeout },
    { MW_STR_C("backup"), read_backup },        { MW_STR_C("down"), read_down },
        { MW_STR_C("slow_start="), not_here },
    { MW_STR_C("drain"), read_drain },
};

/* Of `route=`; the text is kept as it is. */
static mw_rc read_route(mw_bind *b, const mw_node *n, unsigned arg, mw_str text, mw_peer *p)
{
    if (text.len == 0)
        return mw_bind_error_at(b, n, arg, "route is empty");
    if (text.len > MW_ROUTE_MOST)
        return mw_bind_error_at(b, n, arg, "route is longer than %d", MW_ROUTE_MOST);
    p->route = text;
    return MW_OK;
}

static mw_rc read_parameter(mw_bind *b, const mw_node *n, unsigned arg, mw_upstream_server *s)
{
    mw_peer *p = &s->like;
    mw_str   text = n->args[arg];

    if (mw_str_eq(text, MW_STR("resolve"))) {
        s->resolve = true;
        return MW_OK;
    }
    if (mw_str_starts(text, MW_STR("service="))) {
        s->service = mw_str_drop(text, 8);
        return s->service.len > 0 ? MW_OK : mw_bind_error_at(b, n, arg, "service is empty");
    }
    if (mw_str_starts(text, MW_STR("route=")))
        return read_route(b, n, arg, mw_str_drop(text, 6), p);
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        mw_str name = parameters[i].name;
        bool   valued = mw_str_ends(name, MW_STR("="));

        if (valued ? !mw_str_starts(text, name) : !mw_str_eq(text, name))
            continue;
        if (parameters[i].read == not_here)
            return mw_bind_error_at(b, n, arg, "parameter \"%.*s\" of \"server\" is not in this build", MW_S(text));
        if (parameters[i].read == read_backup && block_at(b)->group->balance->no_backup)
            return mw_bind_error_at(b, n, arg, "balancing method does not support parameter \"%.*s\"", MW_S(text));
        if (parameters[i].read(mw_str_drop(text, name.len), p))
            return MW_OK;
        break;
    }
    return mw_bind_error_at(b, n, arg, "invalid parameter \"%.*s\"", MW_S(text));
}

static mw_rc set_server(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_upstream_server *s = MW_PUSH(b->arena, &block_at(b)->servers, mw_upstream_server);

    (void)d;
    (void)field;
    s->node = n;
    s->text = n->args[0];
    s->like = (mw_peer){ .weight = 1, .max_fails = 1, .fail_timeout_ms = FAIL_TIMEOUT_MS };
    for (unsigned i = 1; i < n->nargs; i++)
        if (read_parameter(b, n, i, s) != MW_OK) return MW_ERR;
    return MW_OK;
}

/* --- zone, keepalive ---------------------------------------------------------------------------------------------- */

static mw_rc set_zone(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_group *g = block_at(b)->group;
    uint64_t  size = 0;

    (void)d;
    (void)field;
    if (n->args[0].len == 0)
        return mw_bind_error_at(b, n, 0, "invalid zone name \"%.*s\"", MW_S(n->args[0]));
    if (n->nargs == 2 && !mw_read_size(n->args[1], &size))
        return mw_bind_error_at(b, n, 1, "invalid zone size \"%.*s\"", MW_S(n->args[1]));
    if (n->nargs == 2 && size < ZONE_LEAST)
        return mw_bind_error_at(b, n, 1, "zone \"%.*s\" is too small", MW_S(n->args[0]));
    g->zone = mw_wants_zone(b->wants, b->arena, n->args[0], (size_t)size, &mw_peers_zone, &mw_upstream_module);
    if (g->zone == NULL)
        return mw_bind_error_at(b, n, 0, "the shared memory zone \"%.*s\" is already declared for a different use",
                                MW_S(n->args[0]));
    return MW_OK;
}

static mw_rc set_keepalive(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_keep_conf *k = &block_at(b)->group->keep;

    (void)d;
    (void)field;
    if (!read_u32(n->args[0], &k->connections))
        return mw_bind_error_at(b, n, 0, "invalid value \"%.*s\" in \"keepalive\" directive", MW_S(n->args[0]));
    k->local = n->nargs == 2;
    if (n->nargs == 2 && !mw_str_eq(n->args[1], MW_STR("local")))
        return mw_bind_error_at(b, n, 1, "invalid parameter \"%.*s\"", MW_S(n->args[1]));
    return MW_OK;
}

enum { SLOTS_EACH = 64, BYTES_OF_SLOT = 128 };  /* of a name that is resolved at run time; zones are not filled by it */

/* What a `server ... resolve` needs; a literal address or a socket needs nothing. */
static mw_rc check_resolve(mw_bind *b, const mw_group *g, mw_upstream_server *s)
{
    mw_addr literal;

    if (s->service.len > 0 && !s->resolve)
        return mw_bind_error(b, s->node, "service upstream \"%.*s\" requires \"resolve\" parameter", MW_S(s->text));
    if (s->service.len > 0 && mw_str_index(s->text, ':') < s->text.len)
        return mw_bind_error(b, s->node, "service upstream \"%.*s\" may not have port", MW_S(s->text));
    s->resolve = s->resolve && !mw_addr_parse(s->text, 80, &literal) && !mw_str_starts(s->text, MW_STR("unix:"));
    if (s->resolve && g->zone == NULL)
        return mw_bind_error(b, s->node, "resolving names at run time requires upstream \"%.*s\" to be in shared "
                             "memory", MW_S(g->name));
    return MW_OK;
}

/* Whether names are resolved at run time, and by whom. */
static mw_rc make_dynamic(mw_bind *b, mw_upstream_block *block, const upstream_conf *c)
{
    mw_group   *g = block->group;
    mw_dynamic *d = MW_NEW(b->arena, mw_dynamic);
    size_t      room = g->zone != NULL ? g->zone->size / 4 / BYTES_OF_SLOT : 0, names = 0;

    d->lines = block->servers.items;
    d->n = (unsigned)block->servers.n;
    d->resolver = c->resolver.n > 0 ? c->resolver : mw_groups_of(b)->resolver;
    if (c->resolver.n > 0)
        d->resolver.timeout_ms = c->resolver_timeout.ms;
    for (size_t i = 0; i < block->servers.n; i++) {
        mw_upstream_server *s = &MW_ITEM(&block->servers, mw_upstream_server, i);

        if (check_resolve(b, g, s) != MW_OK)
            return MW_ERR;
        names += s->resolve;
    }
    if (names == 0)
        return MW_OK;
    g->dynamic = d;
    g->slots = (unsigned)(d->n + (names * SLOTS_EACH < room ? names * SLOTS_EACH : room));
    return MW_OK;
}

static mw_rc fill_block(mw_bind *b, mw_upstream_block *block)
{
    const upstream_conf *c = mw_bind_conf(b, block->level, &mw_upstream_module);
    mw_group            *g = block->group;
    bool                 primary = false;

    if (block->servers.n == 0)
        return mw_bind_error(b, g->node, "no servers are inside upstream");
    g->keep.timeout_ms = c->keepalive_timeout.ms;
    g->keep.time_ms = c->keepalive_time.ms;
    g->keep.requests = c->keepalive_requests;
    if (g->zone != NULL && g->zone->size == 0)
        return mw_bind_error(b, g->node, "zone \"%.*s\" has no size", MW_S(g->zone->name));
    for (size_t i = 0; i < block->servers.n; i++)
        primary = primary || !MW_ITEM(&block->servers, mw_upstream_server, i).like.backup;
    if (!primary)
        return mw_bind_error(b, g->node, "no servers in upstream \"%.*s\"", MW_S(g->name));
    if (make_dynamic(b, block, c) != MW_OK)
        return MW_ERR;
    return mw_group_fill(b, g, block->servers.items, block->servers.n, 80);
}

static mw_rc upstream_finish(mw_bind *b)
{
    mw_groups *all = mw_groups_of(b);
    mw_rc      rc = MW_OK;

    for (size_t i = 0; i < all->blocks.n; i++)
        if (fill_block(b, MW_ITEM(&all->blocks, mw_upstream_block *, i)) != MW_OK) rc = MW_ERR;
    return rc;
}

/* --- in a worker -------------------------------------------------------------------------------------------------- */

mw_upstreams *mw_upstreams_of(const mw_worker *w)
{
    for (unsigned i = 0; w->modules[i] != NULL; i++)
        if (w->modules[i] == &mw_upstream_module) return w->state[i];
    return NULL;
}

mw_group_state *mw_group_state_of(const mw_worker *w, const mw_group *g)
{
    mw_upstreams *u = g->all != NULL ? w->state[g->all->number] : NULL;

    return u != NULL ? &u->groups[g->number] : NULL;
}

static void leave(mw_leaver *l)
{
    mw_upstreams *u = MW_OWNER(l, mw_upstreams, leaver);

    mw_keep_close_all(u->worker);
    for (unsigned i = 0; i < u->n; i++)
        mw_dynamic_stop(u->worker, &u->groups[i]);
}

static void own_states(mw_worker *w, const mw_group *g, mw_group_state *s)
{
    s->peers = MW_NEWS(w->arena, mw_peer_state, g->slots);
    mw_peers_reset(g, s->peers);
}

static mw_rc upstream_start(mw_worker *w)
{
    unsigned             number = 0;
    const upstream_conf *c;
    mw_upstreams        *u;

    while (w->modules[number] != &mw_upstream_module)
        number++;
    c = w->conf->conf[number];
    if (c->groups == NULL)
        return MW_OK;
    u = MW_NEW(w->arena, mw_upstreams);
    u->worker = w;
    u->all = c->groups;
    u->n = (unsigned)c->groups->list.n;
    u->groups = MW_NEWS(w->arena, mw_group_state, u->n);
    for (unsigned i = 0; i < u->n; i++) {
        const mw_group *g = MW_ITEM(&c->groups->list, mw_group *, i);
        mw_group_state *s = &u->groups[i];

        mw_keep_init(s);
        if (g->zone != NULL && mw_peers_share(g, s)) {
            if (g->dynamic != NULL)
                mw_dynamic_start(w, g, s);
            continue;
        }
        if (g->zone != NULL)
            MW_LOG(&w->log, MW_LOG_ERROR, 0,
                "could not allocate memory in upstream zone \"%.*s\": upstream \"%.*s\" is "
                   "not shared between workers", MW_S(g->zone->name), MW_S(g->name));
        own_states(w, g, s);
    }
    w->state[number] = u;
    u->leaver.leave = leave;
    mw_list_add(&w->leavers, &u->leaver.link);
    return MW_OK;
}

static void upstream_stop(mw_worker *w)
{
    mw_upstreams *u = mw_upstreams_of(w);

    if (u == NULL)
        return;
    mw_keep_close_all(w);
    mw_list_drop(&u->leaver.link);
    for (unsigned i = 0; i < u->n; i++) {
        const mw_group *g = MW_ITEM(&u->all->list, mw_group *, i);

        mw_dynamic_stop(w, &u->groups[i]);
        if (g->zone != NULL)
            mw_peers_unshare(g, &u->groups[i]);
    }
}

static mw_rc set_resolver(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    return mw_resolver_read(b, n, field);
}

static const mw_directive upstream_directives[] = {
    { "upstream", IN_HTTP, 1, 1, .block = IN_UPSTREAM, .repeat = true, .enter = upstream_enter,
      .help = "a named group of servers" },
    { "server", IN_UPSTREAM, 1, MANY, .set = set_server, .repeat = true, .help = "a server of the group" },
    { "zone", IN_UPSTREAM, 1, 2, .set = set_zone, .help = "shared memory in which all workers see the servers' state" },
    { "keepalive", IN_UPSTREAM, 1, 2, .set = set_keepalive, .otherwise = "32 local",
      .help = "idle connections kept open by each worker" },
    { "keepalive_requests", IN_UPSTREAM, 1, 1, MW_FIELD(upstream_conf, keepalive_requests), .otherwise = "1000",
      .help = "most requests over one of them" },
    { "keepalive_time", IN_UPSTREAM, 1, 1, MW_FIELD(upstream_conf, keepalive_time), .otherwise = "1h",
      .help = "longest life of one of them" },
    { "keepalive_timeout", IN_UPSTREAM, 1, 1, MW_FIELD(upstream_conf, keepalive_timeout), .otherwise = "60s",
      .help = "how long one of them may be idle" },
    { "resolver", IN_UPSTREAM, 1, MANY, MW_FIELD_BY(upstream_conf, resolver, set_resolver),
      .help = "name servers for its servers' names" },
    { "resolver_timeout", IN_UPSTREAM, 1, 1, MW_FIELD(upstream_conf, resolver_timeout), .otherwise = "30s",
      .help = "how long one of these names may take" },
    { 0 }
};

const mw_module mw_upstream_module = {
    .name = "upstream", .directives = upstream_directives, .conf_size = sizeof(upstream_conf),
    .finish = upstream_finish,
    .start = upstream_start, .stop = upstream_stop,
};
