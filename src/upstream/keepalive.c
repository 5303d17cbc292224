/* keepalive.c - idle connections to peers, ready for the next request; per worker and group.
 *
 * An idle connection must be silent: whatever it says, its end or an answer nobody asked for, it is closed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/keepalive.h"

#include "core/hash.h"
#include "core/pool.h"
#include "upstream/state.h"

typedef struct idle {
    mw_list         link;       /* in the group's state, oldest first */
    mw_group_state *group;
    mw_conn        *conn;
    mw_addr         peer;
    uint64_t        key;
} idle;

enum { KEPT = 256 };

static mw_pool idles = MW_POOL(sizeof(idle), KEPT);     /* of the process, as its loop is */

static mw_conn *forget(idle *i)
{
    mw_conn *c = i->conn;

    mw_list_drop(&i->link);
    i->group->nidle--;
    mw_conn_expect(c, 0);
    mw_pool_give(&idles, i);
    return c;
}

static void end(mw_conn *c)
{
    (void)forget(c->user);
    mw_conn_close(c);
}

static const mw_conn_use idle_use = { .name = "idle upstream", .ready = end, .late = end };

void mw_keep_init(mw_group_state *s) { mw_list_init(&s->idle); }

void mw_keep_close(mw_group_state *s)
{
    MW_LIST_EACH(node, &s->idle)
        end(MW_OWNER(node, idle, link)->conn);
}

static uint64_t key_of(mw_str key) { return key.len > 0 ? mw_hash(key) : 0; }

mw_conn *mw_keep_take(mw_worker *w, const mw_group *g, const mw_addr *peer, mw_str key)
{
    mw_group_state *s = mw_group_state_of(w, g);
    uint64_t        hash = key_of(key);

    if (s == NULL)
        return NULL;
    for (mw_list *node = s->idle.prev; node != &s->idle; node = node->prev) {
        idle *i = MW_OWNER(node, idle, link);

        if (i->key == hash && mw_addr_eq(&i->peer, peer))
            return forget(i);
    }
    return NULL;
}

static bool may_stay(const mw_worker *w, const mw_group *g, const mw_conn *c)
{
    const mw_keep_conf *k = &g->keep;

    return k->connections > 0 && !w->leaving && !c->eof && !c->broken && (c->ready & MW_HUP) == 0
        && c->requests < k->requests && mw_loop_now(w->loop) - c->since < k->time_ms;
}

void mw_keep_give(mw_worker *w, const mw_group *g, const mw_addr *peer, mw_str key, mw_conn *c)
{
    mw_group_state *s = mw_group_state_of(w, g);
    idle           *i;

    if (s == NULL || !may_stay(w, g, c) || mw_conn_readable(c)) {
        mw_conn_close(c);
        return;
    }
    if (s->nidle >= g->keep.connections)
        end(MW_OWNER(s->idle.next, idle, link)->conn);
    i = mw_pool_take(&idles);
    *i = (idle){ .group = s, .conn = c, .peer = *peer, .key = key_of(key) };
    mw_list_add(&s->idle, &i->link);
    s->nidle++;
    mw_conn_give(c, &idle_use, i, &w->log);
    mw_conn_expect(c, g->keep.timeout_ms);
}

void mw_keep_close_all(mw_worker *w)
{
    mw_upstreams *u = mw_upstreams_of(w);

    for (unsigned i = 0; u != NULL && i < u->n; i++)
        mw_keep_close(&u->groups[i]);
}
