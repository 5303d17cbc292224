/* group.c - groups of peers: found by name, made of `server` lines or of one bare address, names resolved at start.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/group.h"

#include "upstream/balance.h"
#include "upstream/state.h"
#include "upstream/sticky.h"

enum {  /* of a group that nobody described: a pool per location, as small as will do */
    BARE_IDLE = 32, BARE_TIMEOUT_MS = 60000, BARE_TIME_MS = 3600000, BARE_REQUESTS = 1000,
    TEXT_MOST = 512
};

mw_groups *mw_groups_of(mw_bind *b)
{
    mw_groups **at = mw_bind_conf(b, b->top, &mw_upstream_module);     /* the first member of its struct */

    if (*at == NULL) {
        *at = MW_NEW(b->arena, mw_groups);
        (*at)->number = mw_bind_number(b, &mw_upstream_module);
    }
    return *at;
}

mw_group *mw_group_add(mw_bind *b, mw_str name)
{
    mw_groups *all = mw_groups_of(b);
    mw_group  *g = MW_NEW(b->arena, mw_group);

    g->name = name;
    g->all = all;
    g->number = (unsigned)all->list.n;
    g->balance = &mw_round_robin;
    *MW_PUSH(b->arena, &all->list, mw_group *) = g;
    return g;
}

void mw_groups_resolver(mw_bind *b, const mw_resolver_conf *conf, uint64_t timeout_ms)
{
    mw_resolver_conf *r = &mw_groups_of(b)->resolver;

    *r = *conf;
    r->timeout_ms = timeout_ms;
}

static mw_str text_of(mw_arena *a, const mw_addr *addr)
{
    char   room[TEXT_MOST];
    mw_out o = mw_out_on(room, sizeof room);
    mw_str text;

    mw_addr_text(&o, addr);
    text = mw_out_done(&o);
    return mw_arena_copy(a, text);
}

/* "host", "host:port": false: the port is none. */
static bool split(mw_str text, mw_str *host, uint16_t *port)
{
    size_t   colon = mw_str_rindex(text, ':');
    uint64_t n;

    *host = text;
    if (colon == text.len)
        return true;
    *host = mw_str_take(text, colon);
    if (!mw_str_u64(mw_str_drop(text, colon + 1), &n) || n == 0 || n > 65535)
        return false;
    *port = (uint16_t)n;
    return true;
}

/* The addresses a text names; OK with *n == 0: it does not resolve now. */
static mw_rc addresses(mw_bind *b, const mw_node *node, mw_str text, uint16_t port, mw_addr **list, size_t *n)
{
    const char *why = NULL;
    mw_addr     one;
    mw_str      host;

    *n = 0;
    if (mw_str_starts(text, MW_STR("unix:")) && text.len == 5)
        return mw_bind_error(b, node, "no path in the unix domain socket in upstream \"%.*s\"", MW_S(text));
    if (mw_addr_parse(text, port, &one)) {
        *list = MW_NEW(b->arena, mw_addr);
        **list = mw_addr_keep(b->arena, &one);
        *n = 1;
        if (one.family != MW_UNIX && one.port == 0)
            return mw_bind_error(b, node, "invalid port in upstream \"%.*s\"", MW_S(text));
        return MW_OK;
    }
    if (mw_str_starts(text, MW_STR("unix:")))
        return mw_bind_error(b, node, "too long path in the unix domain socket in upstream \"%.*s\"", MW_S(text));
    if (!split(text, &host, &port))
        return mw_bind_error(b, node, "invalid port in upstream \"%.*s\"", MW_S(text));
    if (host.len == 0)
        return mw_bind_error(b, node, "no host in upstream \"%.*s\"", MW_S(text));
    if (mw_str_char(host, 0) == '[' || mw_str_index(host, ':') < host.len)
        return mw_bind_error(b, node, "invalid host in upstream \"%.*s\"", MW_S(text));
    if (mw_addr_lookup(b->arena, host, port, list, n, &why) == MW_OK && *n > 0)
        return MW_OK;
    *n = 0;
    if (b->strict)
        return mw_bind_error(b, node, "host not found in upstream \"%.*s\"", MW_S(text));
    mw_bind_warn(b, node, "host not found in upstream \"%.*s\"", MW_S(text));
    return MW_OK;
}

/* Counts what the balancer and the tries need to know. */
static void settle(mw_group *g)
{
    unsigned down = 0;

    for (unsigned i = 0; i < g->n; i++) {
        g->has_backup = g->has_backup || g->peers[i].backup;
        down += g->peers[i].down;
    }
    g->tries = g->n - down;
    g->single = g->n == 1 && g->dynamic == NULL;
    if (g->slots < g->n)
        g->slots = g->n;
}

mw_rc mw_group_fill(mw_bind *b, mw_group *g, const mw_upstream_server *servers, size_t n, uint16_t port)
{
    mw_array peers = { 0 };
    mw_rc    rc = MW_OK;

    for (size_t i = 0; i < n; i++) {
        const mw_upstream_server *s = &servers[i];
        mw_addr                  *list = NULL;
        size_t                    found = 0;

        if (g->dynamic != NULL && s->resolve) {
            g->has_backup = g->has_backup || s->like.backup || s->service.len > 0;
            continue;
        }
        if (addresses(b, s->node, s->text, port, &list, &found) != MW_OK) {
            rc = MW_ERR;
            continue;
        }
        for (size_t k = 0; k < found || (found == 0 && k == 0); k++) {
            mw_peer *p = MW_PUSH(b->arena, &peers, mw_peer);

            *p = s->like;
            p->server = s->text;
            p->line = (unsigned)i;
            p->number = (unsigned)peers.n - 1;
            if (found == 0) {
                p->unresolved = p->down = true;
                p->name = s->text;
                continue;
            }
            p->addr = list[k];
            p->name = text_of(b->arena, &list[k]);
            if (g->sticky != NULL && p->route.len == 0)
                p->route = mw_sticky_route(b->arena, p->name);
        }
    }
    g->peers = peers.items;
    g->n = (unsigned)peers.n;
    settle(g);
    if (rc == MW_OK && g->balance->prepare != NULL)
        g->prepared = g->balance->prepare(b->arena, g, g->peers, g->n);
    return rc;
}

static const mw_group *bare(mw_bind *b, const mw_node *n, mw_str name, uint16_t port)
{
    mw_upstream_server one = {
        .node = n, .text = name, .like = { .weight = 1, .max_fails = 1, .fail_timeout_ms = 10000 },
    };
    mw_group          *g = mw_group_add(b, name);

    g->implicit = true;
    g->node = n;
    g->port = port;
    g->keep = (mw_keep_conf){ .connections = BARE_IDLE, .local = true, .timeout_ms = BARE_TIMEOUT_MS,
                              .time_ms = BARE_TIME_MS, .requests = BARE_REQUESTS };
    return mw_group_fill(b, g, &one, 1, port) == MW_OK ? g : NULL;
}

const mw_group *mw_group_find(mw_bind *b, const mw_node *n, mw_str name, uint16_t port)
{
    mw_groups *all = mw_groups_of(b);
    uint16_t   written = 0;
    mw_str     host = name;
    bool       has_port = !mw_str_starts(name, MW_STR("unix:")) && split(name, &host, &written) && written != 0;

    for (size_t i = 0; i < all->list.n; i++) {
        mw_group *g = MW_ITEM(&all->list, mw_group *, i);

        if (g->implicit) {
            if (mw_str_ieq(g->name, name) && g->port == port) return g;
            continue;
        }
        if (!mw_str_ieq(g->name, host))
            continue;
        if (!has_port)
            return g;
        (void)mw_bind_error(b, n, "upstream \"%.*s\" may not have port %u", MW_S(host), (unsigned)written);
        return NULL;
    }
    return bare(b, n, mw_arena_copy(b->arena, name), port);
}

const mw_group *mw_group_named(const mw_worker *w, mw_str name, uint16_t port)
{
    const mw_upstreams *u = mw_upstreams_of(w);

    for (size_t i = 0; u != NULL && i < u->all->list.n; i++) {
        const mw_group *g = MW_ITEM(&u->all->list, mw_group *, i);

        if (mw_str_ieq(g->name, name) && (!g->implicit || g->port == port)) return g;
    }
    return NULL;
}

const mw_group *mw_group_made(mw_arena *a, mw_str name, const mw_addr *addrs, unsigned n)
{
    mw_group *g = MW_NEW(a, mw_group);
    mw_peer  *peers = MW_NEWS(a, mw_peer, n);

    for (unsigned i = 0; i < n; i++)
        peers[i] = (mw_peer){ .addr = addrs[i], .name = text_of(a, &addrs[i]), .server = name, .weight = 1,
                              .max_fails = 1, .fail_timeout_ms = 10000, .number = i };
    g->name = name;
    g->peers = peers;
    g->n = n;
    g->balance = &mw_round_robin;
    g->implicit = true;
    settle(g);
    return g;
}
