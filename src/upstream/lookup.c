/* lookup.c - asking for the names of a group again and again: the first worker does, and writes into the zone.
 *
 * An answer holds for its TTL.  One that says there is no such name empties it; a failure changes nothing, and is asked
 * again soon.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "upstream/balance.h"
#include "upstream/state.h"

enum { FIRST_BYTES = 2048, MOST_FOUND = 512, NO_SUCH_NAME = 3, LEAST_MS = 1000, EMPTY_MS = 10000 };

struct mw_asking {
    mw_worker                *worker;
    const mw_group           *group;
    const mw_upstream_server *line;
    mw_resolver              *resolver;
    mw_asker                  asker;
    mw_timer                  again;
    mw_arena                 *arena;            /* of one round; NULL: none is under way */
    mw_resolve               *ask;              /* the name, or the service */
    mw_resolve               *hosts;            /* of the service's answers */
};

static void finish(mw_asking *a, uint64_t ms)
{
    mw_asker_cancel(&a->asker);
    mw_arena_free(a->arena);
    a->arena = NULL;
    a->ask = a->hosts = NULL;
    mw_timer_set(a->worker->loop, &a->again, mw_loop_now(a->worker->loop) + (ms > LEAST_MS ? ms : LEAST_MS));
}

static void store(const mw_asking *a, const mw_name_found *found, uint32_t n)
{
    uint8_t key[16];

    mw_name_key(a->group, a->line, key);
    mw_zone_lock(a->group->zone);
    mw_names_set(a->group->zone, key, found, n);
    mw_zone_unlock(a->group->zone);
}

static void failed(mw_asking *a, const mw_resolve *q, mw_str name)
{
    const mw_resolver_conf *c = &a->group->dynamic->resolver;

    MW_LOG(&a->worker->log, MW_LOG_ERROR, 0, "%.*s could not be resolved (%d: %s)", MW_S(name), q->code,
           q->why != NULL ? q->why : "no address");
    if (q->code != NO_SUCH_NAME) {
        finish(a, c->timeout_ms);
        return;
    }
    store(a, NULL, 0);
    finish(a, c->valid_ms > 0 ? c->valid_ms : EMPTY_MS);
}

static int by_address(const void *x, const void *y) { return memcmp(x, y, sizeof(mw_name_found)); }

/* Adds the addresses of one answer.  They are sorted: servers send them in turns, and that is no change. */
static void gather(mw_name_found *to, uint32_t *n, const mw_resolve *q, mw_name_found like)
{
    uint32_t first = *n;

    for (unsigned i = 0; i < q->n && *n < MOST_FOUND; i++) {
        mw_name_found *f = &to[(*n)++];

        memset(f, 0, sizeof *f);
        memcpy(f->ip, q->addrs[i].ip, sizeof f->ip);
        f->family = q->addrs[i].family;
        f->port = like.port;
        f->weight = like.weight;
        f->backup = like.backup;
    }
    if (*n > first)
        qsort(&to[first], *n - first, sizeof(mw_name_found), by_address);
}

static mw_str host_of(const mw_asking *a) { return mw_str_take(a->line->text, mw_str_index(a->line->text, ':')); }

static void ask_name(mw_asking *a)
{
    mw_name_found *found;
    uint32_t  n = 0;
    mw_rc     rc = mw_resolve_name(&a->asker, a->ask, a->resolver, host_of(a), 0);

    if (rc == MW_AGAIN)
        return;
    if (rc != MW_OK) {
        failed(a, a->ask, host_of(a));
        return;
    }
    found = MW_NEWS(a->arena, mw_name_found, MOST_FOUND);
    gather(found, &n, a->ask, (mw_name_found){ 0 });
    store(a, found, n);
    finish(a, (uint64_t)a->ask->ttl * 1000);
}

/* RFC 2782: `_http._tcp.name`, unless the service says its own prefix. */
static mw_str service_of(const mw_asking *a)
{
    bool   whole = mw_str_index(a->line->service, '.') < a->line->service.len;
    mw_str parts[4] = { whole ? MW_STR("") : MW_STR("_"), a->line->service, whole ? MW_STR(".") : MW_STR("._tcp."),
                        a->line->text };

    return mw_arena_join(a->arena, parts, 4);
}

/* Asks for all hosts at once.  OK: all have answered; ERR: one could not be asked, and was said. */
static mw_rc ask_hosts(mw_asking *a, uint64_t *ttl)
{
    mw_rc all = MW_OK;

    if (a->hosts == NULL)
        a->hosts = MW_NEWS(a->arena, mw_resolve, a->ask->n);
    for (unsigned i = 0; i < a->ask->n; i++) {
        mw_resolve *q = &a->hosts[i];

        q->arena = a->arena;
        switch (mw_resolve_name(&a->asker, q, a->resolver, a->ask->services[i].host, a->ask->services[i].port)) {
        case MW_AGAIN:
            all = MW_AGAIN;
            break;
        case MW_OK:
            *ttl = q->ttl < *ttl ? q->ttl : *ttl;
            break;
        case MW_END:
        case MW_ERR:
            if (q->code == NO_SUCH_NAME)
                break;
            failed(a, q, a->ask->services[i].host);
            return MW_ERR;
        }
    }
    return all;
}

static void store_services(mw_asking *a)
{
    mw_name_found *found = MW_NEWS(a->arena, mw_name_found, MOST_FOUND);
    uint16_t  best = UINT16_MAX;
    uint32_t  n = 0;

    for (unsigned i = 0; i < a->ask->n; i++)
        best = a->ask->services[i].priority < best ? a->ask->services[i].priority : best;
    for (unsigned i = 0; i < a->ask->n; i++) {
        const mw_service *s = &a->ask->services[i];
        bool              spare = s->priority != best;

        if (spare && (a->line->like.backup || a->group->balance->no_backup))
            continue;
        if (a->hosts[i].n > 0)
            gather(found, &n, &a->hosts[i], (mw_name_found){ .port = s->port, .weight = s->weight, .backup = spare });
    }
    store(a, found, n);
}

static void ask_service(mw_asking *a)
{
    mw_str   name = service_of(a);
    mw_rc    rc = mw_resolve_service(&a->asker, a->ask, a->resolver, name);
    uint64_t ttl;

    if (rc == MW_AGAIN)
        return;
    if (rc != MW_OK) {
        failed(a, a->ask, name);
        return;
    }
    ttl = a->ask->ttl;
    if (ask_hosts(a, &ttl) != MW_OK)
        return;
    store_services(a);
    finish(a, ttl * 1000);
}

static void run(void *owner)
{
    mw_asking *a = owner;

    if (a->arena == NULL) {
        a->arena = mw_arena_new(FIRST_BYTES);
        a->ask = MW_NEW(a->arena, mw_resolve);
        a->ask->arena = a->arena;
    }
    if (a->line->service.len > 0)
        ask_service(a);
    else
        ask_name(a);
}

static void answered(void *owner)
{
    if (((mw_asking *)owner)->arena != NULL) run(owner);
}

/* Its `resolver`, or the system's; NULL: said. */
static mw_resolver *resolver_of(mw_worker *w, const mw_group *g)
{
    mw_resolver_conf *c = MW_NEW(w->arena, mw_resolver_conf);

    *c = g->dynamic->resolver;
    if (c->n > 0 || mw_resolv_conf(w->arena, c))
        return mw_resolver_new(w->loop, c, &w->log);
    MW_LOG(&w->log, MW_LOG_ERROR, 0, "no resolver defined to resolve names at run time in upstream \"%.*s\"",
           MW_S(g->name));
    return NULL;
}

void mw_dynamic_start(mw_worker *w, const mw_group *g, mw_group_state *s)
{
    if (w->number != 0)
        return;
    s->resolver = resolver_of(w, g);
    if (s->resolver == NULL)
        return;
    s->asking = MW_NEWS(w->arena, mw_asking, g->dynamic->n);
    s->nasking = g->dynamic->n;
    for (unsigned i = 0; i < g->dynamic->n; i++) {
        mw_asking *a = &s->asking[i];

        *a = (mw_asking){ .worker = w, .group = g, .line = &g->dynamic->lines[i], .resolver = s->resolver };
        mw_asker_init(&a->asker, w->loop, answered, a);
        mw_timer_init(&a->again, run, a);
        if (a->line->resolve)
            run(a);
    }
}

void mw_lookups_stop(mw_worker *w, mw_group_state *s)
{
    for (unsigned i = 0; i < s->nasking; i++) {
        mw_asker_cancel(&s->asking[i].asker);
        mw_timer_stop(w->loop, &s->asking[i].again);
        mw_arena_free(s->asking[i].arena);
        s->asking[i].arena = NULL;
    }
    s->nasking = 0;
    if (s->resolver != NULL)
        mw_resolver_free(s->resolver);
    s->resolver = NULL;
}
