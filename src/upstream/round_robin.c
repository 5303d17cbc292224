/* round_robin.c - smooth weighted round robin: each peer gains its weight, the richest is picked and pays the sum.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/balance.h"
#include "upstream/state.h"

/* It gains its weight; the better of it and the best so far. */
static inline const mw_peer *gain(const mw_try *t, const mw_peer *p, const mw_peer *best, int64_t *total)
{
    mw_peer_state *s = &t->states[p->number];

    s->current += s->effective;
    *total += s->effective;
    if (s->effective < (int64_t)p->weight)
        s->effective++;             /* it recovers by and by */
    return best == NULL || s->current > t->states[best->number].current ? p : best;
}

/* The best of the primary peers, or of the backup ones; NULL: none of them may be tried now. */
static const mw_peer *best_of(const mw_try *t, bool backup, uint64_t now)
{
    const mw_peer *best = NULL;
    int64_t        total = 0;

    for (unsigned i = 0; i < t->n; i++) {
        const mw_peer *p = &t->peers[i];

        if (p->backup == backup && mw_peer_usable(t, p, now))
            best = gain(t, p, best, &total);
    }
    if (best != NULL)
        t->states[best->number].current -= total;
    return best;
}

static const mw_peer *pick(mw_try *t, const mw_group *g)
{
    uint64_t       now = mw_loop_now(t->worker->loop);
    const mw_peer *p = best_of(t, false, now);

    return p == NULL && g->has_backup ? best_of(t, true, now) : p;
}

const mw_peer *mw_peer_in_turn(const mw_try *t, mw_peer_fits *fits, const void *arg)
{
    const mw_peer *best = NULL;
    int64_t        total = 0;

    for (unsigned i = 0; i < t->n; i++)
        if (fits(t, &t->peers[i], arg)) best = gain(t, &t->peers[i], best, &total);
    if (best != NULL)
        t->states[best->number].current -= total;
    return best;
}

uint32_t mw_peers_weight(const mw_peer *peers, unsigned n)
{
    uint32_t weight = 0;

    for (unsigned i = 0; i < n; i++)
        if (!peers[i].backup) weight += peers[i].weight;
    return weight;
}

const mw_peer *mw_peer_of_weight(const mw_peer *peers, unsigned n, uint32_t part)
{
    for (unsigned i = 0; i < n; i++) {
        if (peers[i].backup)
            continue;
        if (part < peers[i].weight)
            return &peers[i];
        part -= peers[i].weight;
    }
    return NULL;
}

const mw_balance mw_round_robin = { .name = "round_robin", .pick = pick };
