/* least_conn.c - the peer with the fewest connections for its weight; those that are equal take turns.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/balance.h"
#include "upstream/state.h"

typedef struct least {
    const mw_peer *best;        /* one of those that have the fewest */
    uint64_t       now;
    bool           backup;
} least;

static uint64_t load(const mw_try *t, const mw_peer *p, const mw_peer *other)
{
    return (uint64_t)t->states[p->number].conns * other->weight;
}

static bool fits(const mw_try *t, const mw_peer *p, const void *arg)
{
    const least *l = arg;

    return p->backup == l->backup && mw_peer_usable(t, p, l->now) && load(t, p, l->best) == load(t, l->best, p);
}

static const mw_peer *least_of(const mw_try *t, bool backup, uint64_t now)
{
    least l = { .now = now, .backup = backup };
    bool  several = false;

    for (unsigned i = 0; i < t->n; i++) {
        const mw_peer *p = &t->peers[i];

        if (p->backup != backup || !mw_peer_usable(t, p, now))
            continue;
        if (l.best == NULL || load(t, p, l.best) < load(t, l.best, p)) {
            l.best = p;
            several = false;
        } else if (load(t, p, l.best) == load(t, l.best, p))
            several = true;
    }
    return several ? mw_peer_in_turn(t, fits, &l) : l.best;
}

static const mw_peer *pick(mw_try *t, const mw_group *g)
{
    uint64_t       now = mw_loop_now(t->worker->loop);
    const mw_peer *p = least_of(t, false, now);

    return p == NULL && g->has_backup ? least_of(t, true, now) : p;
}

const mw_balance mw_least_conn = { .name = "least_conn", .pick = pick };
