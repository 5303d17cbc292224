/* dynamic.c - the peers of groups whose names are resolved at run time, as a worker sees them.
 *
 * The zone has what was found for each name, with a version.  A worker that sees another version makes a new set of
 * peers; requests that are under way keep the one they began with.  A peer's state lies in a slot of the zone that
 * is found by line and address, so it outlives the sets, and all workers use the same one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "upstream/balance.h"
#include "upstream/state.h"
#include "upstream/sticky.h"

enum { TEXT_MOST = 128, FIRST_BYTES = 4096 };

typedef struct making {                 /* a set that is being made; the zone is locked */
    const mw_group *g;
    mw_group_state *s;
    mw_peer_set    *set;
    mw_array        peers;
    uint64_t        now;
} making;

/* The slot of that key, or one that nobody uses, made fresh; g->slots: there is none. */
static unsigned slot_of(const making *m, const uint8_t key[16], uint32_t weight)
{
    unsigned best = m->g->slots;

    for (unsigned i = m->g->dynamic->n; i < m->g->slots; i++) {
        mw_slot *slot = &m->s->slots[i];

        if (memcmp(slot->key, key, sizeof slot->key) == 0 && slot->seen_ms > 0) {
            slot->seen_ms = m->now;
            return i;
        }
        if (m->s->peers[i].conns == 0 && slot->seen_ms != m->now
            && (best == m->g->slots || slot->seen_ms < m->s->slots[best].seen_ms))
            best = i;
    }
    if (best < m->g->slots) {
        memcpy(m->s->slots[best].key, key, sizeof m->s->slots[best].key);
        m->s->slots[best].seen_ms = m->now;
        m->s->peers[best] = (mw_peer_state){ .effective = weight };
    }
    return best;
}

/* same: how many equal ones stand before it under that name. */
static void add_found(making *m, unsigned line, const mw_name_found *f, uint32_t same, uint16_t port)
{
    const mw_upstream_server *server = &m->g->dynamic->lines[line];
    mw_peer                   p = server->like;
    char                      room[TEXT_MOST];
    mw_out                    o = mw_out_on(room, sizeof room);
    uint8_t                   key[16];
    mw_md5                    md5;

    p.addr = (mw_addr){ .family = f->family, .port = f->port != 0 ? f->port : port };
    memcpy(p.addr.ip, f->ip, sizeof p.addr.ip);
    p.weight = p.weight == 1 && f->weight > 0 ? f->weight : p.weight;
    p.backup = p.backup || f->backup;
    p.line = line;
    p.server = server->text;
    mw_addr_text(&o, &p.addr);
    p.name = mw_arena_copy(m->set->arena, mw_out_done(&o));
    if (m->g->sticky != NULL && p.route.len == 0)
        p.route = mw_sticky_route(m->set->arena, p.name);
    mw_md5_begin(&md5);
    mw_md5_add(&md5, server->text);
    mw_md5_add(&md5, mw_arena_fmt(m->set->arena, " %u %u ", line, (unsigned)same));
    mw_md5_add(&md5, p.name);
    mw_md5_end(&md5, key);
    p.number = slot_of(m, key, p.weight);
    if (p.number < m->g->slots)
        *MW_PUSH(m->set->arena, &m->peers, mw_peer) = p;
}

static uint16_t port_of(mw_str text)
{
    uint64_t port;

    return mw_str_u64(mw_str_drop(text, mw_str_index(text, ':') + 1), &port) && port <= 65535 ? (uint16_t)port : 80;
}

static void add_line(making *m, unsigned line)
{
    const mw_upstream_server *server = &m->g->dynamic->lines[line];
    const mw_name            *name;
    uint8_t                   key[16];

    for (unsigned i = 0; i < m->g->n; i++)
        if (m->g->peers[i].line == line) *MW_PUSH(m->set->arena, &m->peers, mw_peer) = m->g->peers[i];
    if (!server->resolve)
        return;
    mw_name_key(m->g, server, key);
    name = mw_names_get(m->g->zone, key);
    for (uint32_t i = 0; name != NULL && i < name->n; i++) {
        uint32_t same = 0;

        for (uint32_t k = 0; k < i; k++)
            same += memcmp(&name->found[k], &name->found[i], sizeof name->found[i]) == 0;
        add_found(m, line, &name->found[i], same, port_of(server->text));
    }
}

static void let(void *arg)
{
    mw_peer_set *set = arg;

    if (--set->users == 0)
        mw_arena_free(set->arena);
}

/* A new set, of one user: the worker. */
static mw_peer_set *make(const mw_group *g, mw_group_state *s, uint64_t now)
{
    mw_arena *a = mw_arena_new(FIRST_BYTES);
    making    m = { .g = g, .s = s, .set = MW_NEW(a, mw_peer_set), .now = now };

    m.set->arena = a;
    m.set->users = 1;
    mw_zone_lock(g->zone);
    m.set->version = ((mw_peers_root *)mw_zone_root(g->zone))->version;
    for (unsigned i = 0; i < g->dynamic->n; i++)
        add_line(&m, i);
    mw_zone_unlock(g->zone);
    m.set->peers = m.peers.items;
    m.set->n = (unsigned)m.peers.n;
    for (unsigned i = 0; i < m.set->n; i++)
        m.set->tries += !m.set->peers[i].down;
    if (g->balance->prepare != NULL)
        m.set->prepared = g->balance->prepare(a, g, m.set->peers, m.set->n);
    return m.set;
}

void mw_dynamic_begin(mw_try *t, mw_group_state *s)
{
    const mw_peers_root *root;

    if (s->slots == NULL)               /* there was no room in the zone: those that are known must do */
        return;
    root = mw_zone_root(t->group->zone);
    if (s->set == NULL || s->set->version != __atomic_load_n(&root->version, __ATOMIC_ACQUIRE)) {
        if (s->set != NULL)
            let(s->set);
        s->set = make(t->group, s, mw_loop_now(t->worker->loop));
    }
    s->set->users++;
    mw_arena_on_free(t->arena, let, s->set);
    t->peers = s->set->peers;
    t->n = s->set->n;
    t->tries = s->set->tries;
    t->single = t->n == 1;
    t->prepared = s->set->prepared;
}

void mw_dynamic_stop(mw_worker *w, mw_group_state *s)
{
    mw_lookups_stop(w, s);
    if (s->set != NULL)
        let(s->set);
    s->set = NULL;
}
