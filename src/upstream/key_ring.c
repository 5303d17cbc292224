/* key_ring.c - `hash KEY consistent`: the peer whose point on a ring follows the text's.  A change of the peers moves
 * few keys.
 *
 * The points are those of ketama as the Perl library Cache::Memcached::Fast makes them: 160 for each unit of weight,
 * from the CRC of the server's host and port, each mixed with the one before it.  Servers that are written the same
 * share their points and take turns.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core/hash.h"
#include "upstream/balance.h"
#include "upstream/state.h"

enum { POINTS = 160 };

typedef struct point { uint32_t at, order; mw_str server; } point;
typedef struct ring  { point *points; size_t n; } ring;
typedef struct seek  { size_t at; unsigned tries; bool keyed; } seek;
typedef struct wanted { mw_str server; uint64_t now; } wanted;

static int by_place(const void *a, const void *b)
{
    const point *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Of "HOST NUL PORT"; a name without a port ends with the NUL. */
static uint32_t crc_of_server(mw_str server)
{
    mw_str   host = server, port = MW_STR("");
    size_t   colon = mw_str_rindex(server, ':');
    uint64_t n;
    uint32_t crc;

    if (mw_str_istarts(server, MW_STR("unix:")))
        host = mw_str_drop(server, 5);
    else if (colon < server.len && (colon + 1 == server.len || mw_str_u64(mw_str_drop(server, colon + 1), &n))) {
        host = mw_str_take(server, colon);
        port = mw_str_drop(server, colon + 1);
    }
    crc = mw_crc32(0, host);
    crc = mw_crc32(crc, (mw_str){ "", 1 });
    return mw_crc32(crc, port);
}

static void add_points(ring *r, const mw_peer *p)
{
    uint32_t base = crc_of_server(p->server), before = 0;

    for (uint32_t i = 0; i < p->weight * POINTS; i++) {
        const char bytes[4] = { (char)before, (char)(before >> 8), (char)(before >> 16), (char)(before >> 24) };

        before = mw_crc32(base, (mw_str){ bytes, sizeof bytes });
        r->points[r->n] = (point){ before, (uint32_t)r->n, p->server };
        r->n++;
    }
}

static const void *prepare(mw_arena *a, const mw_group *g, const mw_peer *peers, unsigned n)
{
    ring  *r = MW_NEW(a, ring);
    size_t kept = 0;

    (void)g;
    r->points = MW_NEWS(a, point, (size_t)mw_peers_weight(peers, n) * POINTS + 1);
    for (unsigned i = 0; i < n; i++)
        if (!peers[i].backup) add_points(r, &peers[i]);
    qsort(r->points, r->n, sizeof(point), by_place);
    for (size_t i = 0; i < r->n; i++)
        if (kept == 0 || r->points[kept - 1].at != r->points[i].at) r->points[kept++] = r->points[i];
    r->n = kept;
    return r;
}

/* The first point that is not below; behind the last one comes the first. */
static size_t place_of(const ring *r, uint32_t hash)
{
    size_t low = 0, high = r->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->points[middle].at < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool fits(const mw_try *t, const mw_peer *p, const void *arg)
{
    const wanted *w = arg;

    return !p->backup && mw_str_eq(p->server, w->server) && mw_peer_usable(t, p, w->now);
}

static const mw_peer *pick(mw_try *t, const mw_group *g)
{
    const ring *r = t->prepared;
    seek       *s = t->balance;

    if (s == NULL) {
        mw_str key = mw_expr_text(g->balance_conf, t->scope);

        t->balance = s = MW_NEW(t->arena, seek);
        s->keyed = key.len > 0 && r->n > 0;
        s->at = s->keyed ? place_of(r, mw_crc32(0, key)) : 0;
    }
    for (; s->keyed && s->tries <= MW_BALANCE_TRIES; s->tries++, s->at++) {
        wanted         w = { r->points[s->at % r->n].server, mw_loop_now(t->worker->loop) };
        const mw_peer *p = mw_peer_in_turn(t, fits, &w);

        if (p != NULL)
            return p;
    }
    return mw_round_robin.pick(t, g);
}

const mw_balance mw_key_ring = { .name = "hash", .pick = pick, .prepare = prepare, .no_backup = true };
