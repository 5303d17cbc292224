/* limit_req.c - limit_req and limit_req_zone: so many requests in a time, for each key; a leaky bucket.
 *
 * A request is first measured against all of its zones and counted in none; when none of them refuses it, it is counted
 * in all.  What a zone has lost with a worker that died inside is no harm: it begins anew.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/limit.h"
#include "http/mod/modules.h"
#include "http/vars.h"

#define ONE UINT64_C(1000000)           /* a request, in the bucket */
#define DAY_MS UINT64_C(86400000)

typedef struct bucket {
    mw_limit_record record;
    mw_list         used;               /* in root.used */
    uint64_t        last_ms, excess;
} bucket;

typedef struct root { mw_limit_table table; mw_list used; } root;      /* used: longest ago first */

typedef struct limit { mw_limit_zone *zone; uint64_t burst, delay; bool nodelay; } limit;

typedef struct {
    mw_array limits;                    /* of limit */
    mw_array zones;                     /* of the main level: mw_limit_zone * */
    mw_enum  level, status;
    bool     dry_run;
} req_conf;

typedef enum { NOTHING, PASSED, DELAYED, REJECTED, DELAYED_DRY_RUN, REJECTED_DRY_RUN } result;

typedef struct { uint8_t result; } req_once;
typedef struct { mw_nap nap; uint64_t delay_ms; } req_ctx;

static mw_rc make_root(mw_zone *z, void *at)
{
    root *x = at;

    mw_list_init(&x->used);
    return mw_limit_table_make(z, &x->table);
}

static const mw_zone_kind req_zone = { .name = "limit_req", .version = 1, .root = sizeof(root), .make = make_root };

static bool req_applies(const void *conf)
{
    const req_conf *c = conf;
    return c->limits.n > 0;
}

/* What is in the bucket now, with one more request. */
static uint64_t filled(const mw_limit_zone *z, const bucket *x, uint64_t now)
{
    uint64_t passed = now > x->last_ms ? now - x->last_ms : 0, leaked;

    if (passed > 366 * DAY_MS)
        return 0;
    leaked = passed * z->requests * 1000 / (z->per_ms / 1000);
    return x->excess + ONE > leaked ? x->excess + ONE - leaked : 0;
}

/* A bucket for a new key; the one that was used longest ago goes where there is no room.  NULL: there is none. */
static bucket *new_bucket(mw_zone *z, root *all, mw_str key, uint64_t now)
{
    bucket *x = (bucket *)(void *)mw_limit_add(z, &all->table, key, sizeof *x);

    while (x == NULL && !mw_list_empty(&all->used)) {
        bucket *oldest = MW_OWNER(all->used.next, bucket, used);

        mw_list_drop(&oldest->used);
        mw_limit_cut(z, &all->table, &oldest->record);
        x = (bucket *)(void *)mw_limit_add(z, &all->table, key, sizeof *x);
    }
    if (x == NULL)
        return NULL;
    mw_list_init(&x->used);
    x->last_ms = now;
    return x;
}

/* OK: it fits, *excess is what was in the bucket before; END: it does not; ERR: the zone is full. */
static mw_rc measure(const limit *l, mw_str key, uint64_t now, bool count, uint64_t *excess)
{
    mw_zone *z = l->zone->zone;
    root    *all = mw_zone_root(z);
    mw_rc    rc = MW_OK;
    bucket  *x;

    mw_zone_lock(z);
    x = (bucket *)(void *)mw_limit_find(&all->table, key);
    *excess = x != NULL ? filled(l->zone, x, now) : 0;
    if (*excess > l->burst) {
        rc = MW_END;
    } else if (count) {
        x = x != NULL ? x : new_bucket(z, all, key, now);
        if (x != NULL) {
            x->excess = *excess;
            x->last_ms = now;
        }
        rc = x != NULL ? MW_OK : MW_ERR;
    }
    if (x != NULL) {
        mw_list_drop(&x->used);
        mw_list_add(&all->used, &x->used);
    }
    mw_zone_unlock(z);
    return rc;
}

static uint64_t time_for(const mw_limit_zone *z, uint64_t excess)      /* until so much has leaked, in ms */
{
    return excess / 1000 * (z->per_ms / 1000) / z->requests;
}

/* As log lines say it: in thousandths, rounded up. */
static unsigned long long whole_of(uint64_t excess) { return (excess + 999) / ONE; }
static unsigned long long rest_of(uint64_t excess) { return (excess + 999) % ONE / 1000; }

static mw_verdict reject(mw_request *r, const req_conf *c, const limit *l, uint64_t excess, req_once *once)
{
    MW_LOG(&r->log, (mw_log_level)c->level, 0, "limiting requests%s, excess: %llu.%03llu by zone \"%.*s\"",
           c->dry_run ? ", dry run" : "", whole_of(excess), rest_of(excess), MW_S(l->zone->name));
    once->result = c->dry_run ? REJECTED_DRY_RUN : REJECTED;
    if (c->dry_run)
        return MW_PASS;
    return mw_limit_refuse(r, c->status, (time_for(l->zone, excess > l->burst ? excess - l->burst : 0) + 999) / 1000);
}

/* Goes once over all limits.  PASS: x->delay_ms says how long to wait first. */
static mw_verdict pass_all(mw_request *r, const req_conf *c, bool count, req_ctx *x, req_once *once)
{
    uint64_t now = mw_loop_now(r->loop);

    for (size_t i = 0; i < c->limits.n; i++) {
        const limit *l = &MW_ITEM(&c->limits, limit, i);
        uint64_t     excess, delay;
        mw_str       key;

        if (!mw_limit_key(l->zone, r, &key))
            continue;
        once->result = once->result == NOTHING ? PASSED : once->result;
        if (measure(l, key, now, count, &excess) != MW_OK)
            return reject(r, c, l, excess, once);
        if (!count || l->nodelay || excess <= l->delay)
            continue;
        delay = time_for(l->zone, excess - l->delay);
        if (delay <= x->delay_ms)
            continue;
        x->delay_ms = delay;
        MW_LOG(&r->log, (mw_log_level)(c->level < MW_LOG_INFO ? c->level + 1 : MW_LOG_INFO), 0,
               "delaying request%s, excess: %llu.%03llu, by zone \"%.*s\"", c->dry_run ? ", dry run" : "",
               whole_of(excess), rest_of(excess), MW_S(l->zone->name));
    }
    return MW_PASS;
}

static mw_verdict wait_for_turn(mw_request *r, req_ctx *x)
{
    if (!r->gone && mw_nap_for(&r->asker, &x->nap, x->delay_ms) == MW_AGAIN) {
        r->gone_bell = &r->asker.bell;
        return MW_WAIT;
    }
    if (r->gone_bell == &r->asker.bell)
        r->gone_bell = NULL;
    if (!r->gone)
        return MW_PASS;
    MW_LOG(&r->log, MW_LOG_INFO, 0, "client prematurely closed connection");
    r->res.status = 499;
    return MW_ABORT;
}

static mw_verdict req_step(mw_request *r, const void *conf, void *ctx)
{
    const req_conf *c = conf;
    req_ctx        *x = ctx;
    req_once       *once = mw_request_once(r, &mw_limit_req_module);
    mw_verdict      v;

    if (x->delay_ms > 0)
        return wait_for_turn(r, x);
    if (once->result != NOTHING)
        return MW_PASS;
    v = c->limits.n > 1 ? pass_all(r, c, false, x, once) : MW_PASS;
    if (v == MW_PASS && once->result != REJECTED_DRY_RUN)
        v = pass_all(r, c, true, x, once);
    if (v != MW_PASS || x->delay_ms == 0 || once->result == REJECTED_DRY_RUN) {
        x->delay_ms = 0;
        return v;
    }
    once->result = c->dry_run ? DELAYED_DRY_RUN : DELAYED;
    if (!c->dry_run)
        return wait_for_turn(r, x);
    x->delay_ms = 0;
    return MW_PASS;
}

static const char *const results[] = {
    [PASSED] = "PASSED", [DELAYED] = "DELAYED", [REJECTED] = "REJECTED", [DELAYED_DRY_RUN] = "DELAYED_DRY_RUN",
    [REJECTED_DRY_RUN] = "REJECTED_DRY_RUN",
};

static bool get_status(mw_scope *s, const mw_var *v, mw_str *text)
{
    const req_once *once = mw_request_once(mw_scope_request(s), &mw_limit_req_module);

    (void)v;
    return once->result != NOTHING && mw_got(text, mw_str_of(results[once->result]));
}

static const mw_var req_vars[] = {
    { "limit_req_status", .get = get_status, .fleeting = true },
    { .name = NULL }
};

/* --- reading --- */

static req_conf *at_top(mw_bind *b) { return mw_bind_conf(b, b->top, &mw_limit_req_module); }

static const struct { mw_str word; uint64_t ms; } units[] = {
    { MW_STR_C("r/s"), 1000 }, { MW_STR_C("r/m"), 60000 }, { MW_STR_C("r/h"), 3600000 }, { MW_STR_C("r/d"), DAY_MS },
};

static bool read_rate(mw_str text, mw_limit_zone *z)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!mw_str_ends(text, units[i].word))
            continue;
        z->per_ms = units[i].ms;
        return mw_str_u64(mw_str_take(text, text.len - 3), &z->requests) && z->requests > 0 && z->requests <= 1000000;
    }
    z->per_ms = 1000;
    return mw_str_u64(text, &z->requests) && z->requests > 0 && z->requests <= 1000000;
}

static mw_rc set_zone(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_limit_zone *z = NULL, rate = { .requests = 1, .per_ms = 1000 };

    (void)d;
    (void)field;
    for (unsigned i = 1; i < n->nargs; i++) {
        mw_str a = n->args[i];

        if (mw_str_starts(a, MW_STR("zone="))) {
            if (mw_limit_zone_define(b, n, i, &at_top(b)->zones, &req_zone, &mw_limit_req_module, &z) != MW_OK)
                return MW_ERR;
        } else if (mw_str_starts(a, MW_STR("rate="))) {
            if (!read_rate(mw_str_drop(a, 5), &rate))
                return mw_bind_error_at(b, n, i, "invalid rate \"%.*s\"", MW_S(a));
        } else if (!mw_str_eq(a, MW_STR("sync"))) {
            return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(a));
        }
    }
    if (z == NULL)
        return mw_bind_error(b, n, "\"limit_req_zone\" must have \"zone\" parameter");
    z->requests = rate.requests;
    z->per_ms = rate.per_ms;
    return MW_OK;
}

static mw_rc set_limit(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_array *list = field;
    limit     l = { .zone = NULL };

    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str a = n->args[i];

        if (mw_str_starts(a, MW_STR("zone="))) {
            l.zone = mw_limit_zone_named(b, n, &at_top(b)->zones, mw_str_drop(a, 5));
        } else if (mw_str_starts(a, MW_STR("burst="))) {
            if (!mw_str_u64(mw_str_drop(a, 6), &l.burst) || l.burst == 0 || l.burst > INT32_MAX)
                return mw_bind_error_at(b, n, i, "invalid burst value \"%.*s\"", MW_S(a));
        } else if (mw_str_starts(a, MW_STR("delay="))) {
            if (!mw_str_u64(mw_str_drop(a, 6), &l.delay) || l.delay == 0 || l.delay > INT32_MAX)
                return mw_bind_error_at(b, n, i, "invalid delay value \"%.*s\"", MW_S(a));
        } else if (mw_str_eq(a, MW_STR("nodelay"))) {
            l.nodelay = true;
        } else {
            return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(a));
        }
    }
    if (l.zone == NULL)
        return mw_bind_error(b, n, "\"limit_req\" must have \"zone\" parameter");
    for (size_t i = 0; i < list->n; i++)
        if (MW_ITEM(list, limit, i).zone == l.zone) return mw_bind_error(b, n, "\"limit_req\" directive is duplicate");
    l.burst *= ONE;
    l.delay *= ONE;
    *MW_PUSH(b->arena, list, limit) = l;
    return MW_OK;
}

static mw_rc req_finish(mw_bind *b) { return mw_limit_zones_defined(b, &at_top(b)->zones); }

static const mw_directive req_directives[] = {
    { "limit_req_zone", IN_HTTP, 3, 4, .set = set_zone, .repeat = true,
      .help = "shared memory that counts requests by a key, and their rate: r/s, r/m, r/h or r/d" },
    { "limit_req", IN_WEB, 1, 3, MW_FIELD_BY(req_conf, limits, set_limit), .repeat = true,
      .help = "keeps requests to the rate of a zone" },
    { "limit_req_log_level", IN_WEB, 1, 1, MW_CHOICE(req_conf, level, mw_limit_levels), .otherwise = "error",
      .help = "how refusals are logged; delays one level below" },
    { "limit_req_status", IN_WEB, 1, 1, MW_FIELD_BY(req_conf, status, mw_set_limit_status), .otherwise = "503",
      .help = "status of refused requests" },
    { "limit_req_dry_run", IN_WEB, 1, 1, MW_FIELD(req_conf, dry_run), .otherwise = "off",
      .help = "counts and logs, but limits nothing" },
    { 0 }
};

static const mw_http_part req_http = {
    .ctx_size = sizeof(req_ctx), .once_size = sizeof(req_once), .applies = req_applies, .preaccess = req_step,
    .vars = req_vars,
};

const mw_module mw_limit_req_module = {
    .name = "limit_req", .directives = req_directives, .conf_size = sizeof(req_conf), .finish = req_finish,
    .http = &req_http,
};
