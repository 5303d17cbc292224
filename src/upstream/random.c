/* random.c - any peer, by weight; or of two such the one with fewer connections.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/random.h"
#include "upstream/balance.h"
#include "upstream/state.h"

/* One that may be used, and is not `other`; NULL: none was found in so many draws. */
static const mw_peer *draw(mw_try *t, const mw_peer *other, uint64_t now)
{
    uint32_t whole = mw_peers_weight(t->peers, t->n);

    for (unsigned i = 0; whole > 0 && i < MW_BALANCE_TRIES; i++) {
        const mw_peer *p = mw_peer_of_weight(t->peers, t->n, (uint32_t)mw_random_below(whole));

        if (p != other && mw_peer_usable(t, p, now))
            return p;
    }
    return NULL;
}

static const mw_peer *pick_any(mw_try *t, const mw_group *g)
{
    const mw_peer *p = draw(t, NULL, mw_loop_now(t->worker->loop));

    return p != NULL ? p : mw_round_robin.pick(t, g);
}

/* When there are no two, who is there has his turn. */
static const mw_peer *pick_of_two(mw_try *t, const mw_group *g)
{
    uint64_t       now = mw_loop_now(t->worker->loop);
    const mw_peer *a = draw(t, NULL, now), *b = a != NULL ? draw(t, a, now) : NULL;

    if (b == NULL)
        return mw_round_robin.pick(t, g);
    return (uint64_t)t->states[b->number].conns * a->weight < (uint64_t)t->states[a->number].conns * b->weight ? b : a;
}

const mw_balance mw_random = { .name = "random", .pick = pick_any, .no_backup = true };
const mw_balance mw_random_two = { .name = "random", .pick = pick_of_two, .no_backup = true };
