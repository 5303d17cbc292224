/* key_hash.c - `hash KEY`: the peer that belongs to a text.  A change of the peers moves nearly all keys.
 *
 * It is what the Perl library Cache::Memcached does: 15 bits of the CRC of the key choose among the weights, and each
 * further try adds those of its number and the key together.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "upstream/balance.h"
#include "upstream/state.h"

typedef struct seek { mw_str key; uint32_t sum; unsigned draws, missed; } seek;

static uint32_t next(seek *s)
{
    char     digits[12];
    mw_out   o = mw_out_on(digits, sizeof digits);
    uint32_t crc = 0;

    if (s->draws > 0) {
        mw_out_u64(&o, s->draws);
        crc = mw_crc32(crc, mw_out_done(&o));
    }
    s->draws++;
    s->sum += mw_crc32(crc, s->key) >> 16 & 0x7fff;
    return s->sum;
}

static const mw_peer *pick(mw_try *t, const mw_group *g)
{
    uint64_t now = mw_loop_now(t->worker->loop);
    uint32_t whole = mw_peers_weight(t->peers, t->n);
    seek    *s = t->balance;

    if (s == NULL) {
        t->balance = s = MW_NEW(t->arena, seek);
        s->key = mw_expr_text(g->balance_conf, t->scope);
    }
    while (s->key.len > 0 && whole > 0 && s->missed <= MW_BALANCE_TRIES) {
        const mw_peer *p = mw_peer_of_weight(t->peers, t->n, next(s) % whole);

        if (p != NULL && mw_peer_usable(t, p, now))
            return p;
        s->missed++;
    }
    return mw_round_robin.pick(t, g);
}

const mw_balance mw_key_hash = { .name = "hash", .pick = pick, .no_backup = true };
