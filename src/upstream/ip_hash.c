/* ip_hash.c - the peer that belongs to a client's address: to the first three bytes of an IPv4 one, to all of another.
 *
 * The bytes are mixed to a number below a prime, and that chooses among the weights.  A peer that cannot be used
 * is passed over by mixing the same bytes in again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/balance.h"
#include "upstream/state.h"

enum { SEED = 89, FACTOR = 113, PRIME = 6271, IPV4 = 4, NETWORK = 3 };

/* Whoever has no address, as a client on a unix socket, is in one network with all of his kind. */
static mw_str network_of(mw_try *t)
{
    mw_str address = mw_expr_text(t->group->balance_conf, t->scope);

    return address.len == IPV4 ? mw_str_take(address, NETWORK) : address.len > 0 ? address
                                                                                 : (mw_str){ "\0\0\0", NETWORK };
}

static const mw_peer *pick(mw_try *t, const mw_group *g)
{
    uint64_t now = mw_loop_now(t->worker->loop);
    uint32_t whole = mw_peers_weight(t->peers, t->n), *mixed = t->balance, n;
    mw_str   network;

    if (t->scope == NULL || whole == 0)
        return mw_round_robin.pick(t, g);
    if (mixed == NULL) {
        t->balance = mixed = MW_NEWS(t->arena, uint32_t, 2);
        *mixed = SEED;
    }
    network = network_of(t);
    for (n = mixed[1]; n <= MW_BALANCE_TRIES; n++) {
        const mw_peer *p;

        for (size_t i = 0; i < network.len; i++)
            *mixed = (*mixed * FACTOR + (uint8_t)mw_str_char(network, i)) % PRIME;
        p = mw_peer_of_weight(t->peers, t->n, *mixed % whole);
        if (p != NULL && mw_peer_usable(t, p, now)) {
            mixed[1] = n;
            return p;
        }
    }
    mixed[1] = n;
    return mw_round_robin.pick(t, g);
}

const mw_balance mw_ip_hash = { .name = "ip_hash", .pick = pick, .no_backup = true };
