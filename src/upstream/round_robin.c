/* round_robin.c - smooth weighted round robin: each peer gains its weight, the richest is picked and pays the sum.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/balance.h"
#include "upstream/state.h"

/* The best of the primary peers, or of the backup ones; NULL: none of them may be tried now. */
static const mw_peer *best_of(const mw_try *t, const mw_group *g, bool backup, uint64_t now)
{
    const mw_peer *best = NULL;
    int64_t        total = 0;

    for (unsigned i = 0; i < g->n; i++) {
        const mw_peer *p = &g->peers[i];
        mw_peer_state *s = &t->states[p->number];

        if (p->backup != backup || !mw_peer_usable(t, p, now))
            continue;
        s->current += s->effective;
        total += s->effective;
        if (s->effective < (int64_t)p->weight)
            s->effective++;             /* it recovers by and by */
        if (best == NULL || s->current > t->states[best->number].current)
            best = p;
    }
    if (best != NULL)
        t->states[best->number].current -= total;
    return best;
}

static const mw_peer *pick(mw_try *t, const mw_group *g)
{
    uint64_t       now = mw_loop_now(t->worker->loop);
    const mw_peer *p = best_of(t, g, false, now);

    return p == NULL && g->has_backup ? best_of(t, g, true, now) : p;
}

const mw_balance mw_round_robin = { .name = "round_robin", .pick = pick };
