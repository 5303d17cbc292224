/* least_time.c - the peer that answers soonest: by its average time, by who waits for it already, and by its weight.
 *
 * A peer that was not asked for longer than its fail_timeout is forgiven: its average is halved with each second, so
 * that a slow one is tried again some day.  Times that differ by less than a grain are the same, and take turns.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/balance.h"
#include "upstream/state.h"

enum { GRAIN_MS = 20, HALVED_MS = 1000, HALVES = 31 };

typedef struct soonest {
    const mw_peer *best;
    uint64_t       now, price;          /* of best, for one of its weight */
    bool           backup;
} soonest;

static uint64_t time_of(const mw_peer_state *s, const mw_peer *p, const mw_time_conf *c, uint64_t now)
{
    uint64_t ms = c->header ? s->header_ms : s->last_ms, idle = now - s->asked_ms, halves;

    if (idle > p->fail_timeout_ms) {
        halves = (idle - p->fail_timeout_ms) / HALVED_MS;
        ms >>= halves < HALVES ? halves : HALVES;
    }
    if (c->inflight && s->conns > 0) {
        uint64_t begun = s->begun_ms / s->conns, waited = now > begun ? now - begun : 0;

        ms = waited > ms ? waited : ms;
    }
    return ms;
}

static uint64_t price_of(const mw_try *t, const mw_peer *p, uint64_t now)
{
    const mw_peer_state *s = &t->states[p->number];

    return (time_of(s, p, t->group->balance_conf, now) / GRAIN_MS + 1) * ((uint64_t)s->conns + 1);
}

static bool fits(const mw_try *t, const mw_peer *p, const void *arg)
{
    const soonest *x = arg;

    return p->backup == x->backup && mw_peer_usable(t, p, x->now)
           && price_of(t, p, x->now) * x->best->weight == x->price * p->weight;
}

static const mw_peer *soonest_of(const mw_try *t, bool backup, uint64_t now)
{
    soonest x = { .now = now, .backup = backup };

    for (unsigned i = 0; i < t->n; i++) {
        const mw_peer *p = &t->peers[i];
        uint64_t       price;

        if (p->backup != backup || !mw_peer_usable(t, p, now))
            continue;
        price = price_of(t, p, now);
        if (x.best == NULL || price * x.best->weight < x.price * p->weight) {
            x.best = p;
            x.price = price;
        }
    }
    return x.best != NULL ? mw_peer_in_turn(t, fits, &x) : NULL;
}

static const mw_peer *pick(mw_try *t, const mw_group *g)
{
    uint64_t       now = mw_loop_now(t->worker->loop);
    const mw_peer *p = soonest_of(t, false, now);

    return p == NULL && g->has_backup ? soonest_of(t, true, now) : p;
}

const mw_balance mw_least_time = { .name = "least_time", .pick = pick };
