/* limit_conn.c - limit_conn and limit_conn_zone: so many requests at a time, for each key.
 *
 * Each request that is counted is a holder, on the list of its worker's slot: so what a worker held that was killed is
 * given back.  Lists are right forwards at every moment, and the counts follow from them: a zone whose lock was held by
 * the dead is counted anew.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/counter.h"
#include "http/mod/limit.h"
#include "http/mod/modules.h"
#include "http/vars.h"

typedef struct counted { mw_limit_record record; uint32_t n; } counted;

typedef struct holder { struct holder *next, *before; counted *of; uint32_t slot; } holder;

typedef struct root { mw_limit_table table; holder **slots; } root;

typedef struct limit { mw_limit_zone *zone; uint32_t most; } limit;

typedef struct {
    mw_array limits;                    /* of limit */
    mw_array zones;                     /* of the main level: mw_limit_zone * */
    mw_enum  level, status;
    bool     dry_run;
} conn_conf;

typedef enum { NOTHING, PASSED, REJECTED, REJECTED_DRY_RUN } result;

/* of a main request: what it holds, and in which life of the zone it took it */
typedef struct held { mw_zone *zone; holder *at; uint64_t seed; struct held *next; } held;
typedef struct { uint8_t result; held *first; bool registered; } conn_once;

static mw_rc make_root(mw_zone *z, void *at)
{
    root *x = at;

    x->slots = mw_zone_try(z, MW_SLOTS * sizeof *x->slots);
    return x->slots != NULL ? mw_limit_table_make(z, &x->table) : MW_ERR;
}

static void drop(mw_zone *z, root *all, holder *h)
{
    counted *x = h->of;

    if (h->before != NULL)
        h->before->next = h->next;
    else
        all->slots[h->slot] = h->next;
    if (h->next != NULL)
        h->next->before = h->before;
    mw_zone_give(z, h);
    if (--x->n == 0)
        mw_limit_cut(z, &all->table, &x->record);
}

static void left(mw_zone *z, void *at, unsigned slot)
{
    root *all = at;

    while (slot < MW_SLOTS && all->slots[slot] != NULL)
        drop(z, all, all->slots[slot]);
}

static void mend(mw_zone *z, void *at)
{
    root *all = at;

    for (uint32_t i = 0; i <= all->table.mask; i++)
        for (mw_limit_record *x = all->table.buckets[i]; x != NULL; x = x->next)
            ((counted *)(void *)x)->n = 0;
    for (unsigned slot = 0; slot < MW_SLOTS; slot++) {
        holder *before = NULL;

        for (holder *h = all->slots[slot]; h != NULL; before = h, h = h->next) {
            h->before = before;
            h->of->n++;
        }
    }
    for (uint32_t i = 0; i <= all->table.mask; i++)
        for (mw_limit_record *x = all->table.buckets[i], *next; x != NULL; x = next) {
            next = x->next;
            if (((counted *)(void *)x)->n == 0)
                mw_limit_cut(z, &all->table, x);
        }
}

static const mw_zone_kind conn_zone = {
    .name = "limit_conn", .version = 1, .root = sizeof(root), .make = make_root, .mend = mend, .left = left,
};

static bool conn_applies(const void *conf)
{
    const conn_conf *c = conf;
    return c->limits.n > 0;
}

/* The lock is held.  NULL: there is no room. */
static holder *new_holder(mw_zone *z, root *all, counted *x, mw_str key, unsigned slot)
{
    holder *h = mw_zone_try(z, sizeof *h);

    if (h == NULL)
        return NULL;
    x = x != NULL ? x : (counted *)(void *)mw_limit_add(z, &all->table, key, sizeof *x);
    if (x == NULL) {
        mw_zone_give(z, h);
        return NULL;
    }
    h->of = x;
    h->slot = slot;
    h->next = all->slots[slot];
    if (h->next != NULL)
        h->next->before = h;
    all->slots[slot] = h;
    x->n++;
    return h;
}

static holder *take(const limit *l, mw_str key, unsigned slot, uint64_t *seed)
{
    mw_zone *z = l->zone->zone;
    root    *all = mw_zone_root(z);
    holder  *h = NULL;
    counted *x;

    mw_zone_lock(z);
    x = (counted *)(void *)mw_limit_find(&all->table, key);
    if (x == NULL ? l->most > 0 : x->n < l->most)
        h = new_holder(z, all, x, key, slot);
    *seed = all->table.seed[0];
    mw_zone_unlock(z);
    return h;
}

static void give(held *x)
{
    root *all = mw_zone_root(x->zone);

    mw_zone_lock(x->zone);
    if (all->table.seed[0] == x->seed)          /* otherwise it was wiped: nothing is left of what we took */
        drop(x->zone, all, x->at);
    mw_zone_unlock(x->zone);
}

static void give_all(void *v)
{
    conn_once *once = v;

    for (; once->first != NULL; once->first = once->first->next)
        give(once->first);
}

static void keep(mw_request *r, conn_once *once, mw_zone *z, holder *h, uint64_t seed)
{
    mw_arena *a = r->main->arena;
    held     *x = MW_NEW(a, held);

    *x = (held){ .zone = z, .at = h, .seed = seed, .next = once->first };
    once->first = x;
    if (!once->registered)
        mw_arena_on_free(a, give_all, once);
    once->registered = true;
}

static mw_verdict conn_step(mw_request *r, const void *conf, void *ctx)
{
    const conn_conf *c = conf;
    conn_once       *once = mw_request_once(r, &mw_limit_conn_module);

    (void)ctx;
    if (once->result != NOTHING)
        return MW_PASS;
    for (size_t i = 0; i < c->limits.n; i++) {
        const limit *l = &MW_ITEM(&c->limits, limit, i);
        uint64_t     seed;
        holder      *h;
        mw_str       key;

        if (!mw_limit_key(l->zone, r, &key))
            continue;
        once->result = PASSED;
        h = take(l, key, r->loop->worker->slot, &seed);
        if (h != NULL) {
            keep(r, once, l->zone->zone, h, seed);
            continue;
        }
        give_all(once);
        MW_LOG(&r->log, (mw_log_level)c->level, 0, "limiting connections%s by zone \"%.*s\"",
               c->dry_run ? ", dry run," : "", MW_S(l->zone->name));
        once->result = c->dry_run ? REJECTED_DRY_RUN : REJECTED;
        return c->dry_run ? MW_PASS : mw_limit_refuse(r, c->status, 1);
    }
    return MW_PASS;
}

static const char *const results[] = {
    [PASSED] = "PASSED", [REJECTED] = "REJECTED", [REJECTED_DRY_RUN] = "REJECTED_DRY_RUN",
};

static bool get_status(mw_scope *s, const mw_var *v, mw_str *text)
{
    const conn_once *once = mw_request_once(mw_scope_request(s), &mw_limit_conn_module);

    (void)v;
    return once->result != NOTHING && mw_got(text, mw_str_of(results[once->result]));
}

static const mw_var conn_vars[] = {
    { "limit_conn_status", .get = get_status, .fleeting = true },
    { .name = NULL }
};

static conn_conf *at_top(mw_bind *b) { return mw_bind_conf(b, b->top, &mw_limit_conn_module); }

static mw_rc set_zone(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_limit_zone *z;

    (void)d;
    (void)field;
    if (!mw_str_starts(n->args[1], MW_STR("zone=")))
        return mw_bind_error_at(b, n, 1, "invalid parameter \"%.*s\"", MW_S(n->args[1]));
    return mw_limit_zone_define(b, n, 1, &at_top(b)->zones, &conn_zone, &mw_limit_conn_module, &z);
}

static mw_rc set_limit(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_array *list = field;
    limit     l = { .zone = mw_limit_zone_named(b, n, &at_top(b)->zones, n->args[0]) };
    uint64_t  most;

    (void)d;
    for (size_t i = 0; i < list->n; i++)
        if (MW_ITEM(list, limit, i).zone == l.zone) return mw_bind_error(b, n, "\"limit_conn\" directive is duplicate");
    if (!mw_str_u64(n->args[1], &most) || most == 0)
        return mw_bind_error_at(b, n, 1, "invalid number of connections \"%.*s\"", MW_S(n->args[1]));
    if (most > 65535)
        return mw_bind_error_at(b, n, 1, "connection limit must be less 65536");
    l.most = (uint32_t)most;
    *MW_PUSH(b->arena, list, limit) = l;
    return MW_OK;
}

static mw_rc conn_finish(mw_bind *b) { return mw_limit_zones_defined(b, &at_top(b)->zones); }

static const mw_directive conn_directives[] = {
    { "limit_conn_zone", IN_HTTP, 2, 2, .set = set_zone, .repeat = true,
      .help = "shared memory that counts requests at a time by a key" },
    { "limit_conn", IN_WEB, 2, 2, MW_FIELD_BY(conn_conf, limits, set_limit), .repeat = true,
      .help = "most requests at a time of a key of a zone" },
    { "limit_conn_log_level", IN_WEB, 1, 1, MW_CHOICE(conn_conf, level, mw_limit_levels), .otherwise = "error",
      .help = "how refusals are logged" },
    { "limit_conn_status", IN_WEB, 1, 1, MW_FIELD_BY(conn_conf, status, mw_set_limit_status), .otherwise = "503",
      .help = "status of refused requests" },
    { "limit_conn_dry_run", IN_WEB, 1, 1, MW_FIELD(conn_conf, dry_run), .otherwise = "off",
      .help = "counts and logs, but limits nothing" },
    { 0 }
};

static const mw_http_part conn_http = {
    .once_size = sizeof(conn_once), .applies = conn_applies, .preaccess = conn_step, .vars = conn_vars,
};

const mw_module mw_limit_conn_module = {
    .name = "limit_conn", .directives = conn_directives, .conf_size = sizeof(conn_conf), .finish = conn_finish,
    .http = &conn_http,
};
