/* peer.c - a request's way through a group: pick a peer, say how it went, pick the next.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "upstream/balance.h"
#include "upstream/state.h"
#include "upstream/sticky.h"

static bool was_tried(const mw_try *t, unsigned number)
{
    if (number < 64)
        return (t->tried >> number & 1) != 0;
    return t->more != NULL && (t->more[number / 64] >> (number % 64) & 1) != 0;
}

static void mark_tried(mw_try *t, unsigned number)
{
    if (number < 64) {
        t->tried |= (uint64_t)1 << number;
        return;
    }
    if (t->more == NULL)
        t->more = MW_NEWS(t->arena, uint64_t, t->group->slots / 64 + 1);
    t->more[number / 64] |= (uint64_t)1 << number % 64;
}

static bool is_full(const mw_try *t, const mw_peer *p)
{
    return p->max_conns > 0 && t->states[p->number].conns >= p->max_conns;
}

static bool is_live(const mw_try *t, const mw_peer *p, uint64_t now_ms)
{
    const mw_peer_state *s = &t->states[p->number];

    if (p->down || was_tried(t, p->number) || is_full(t, p))
        return false;
    return p->max_fails == 0 || s->fails < p->max_fails || now_ms - s->checked_ms > p->fail_timeout_ms;
}

bool mw_peer_usable(const mw_try *t, const mw_peer *p, uint64_t now_ms) { return !p->drain && is_live(t, p, now_ms); }

void mw_peers_reset(const mw_group *g, mw_peer_state *s)
{
    for (unsigned i = 0; i < g->n; i++)
        s[i] = (mw_peer_state){ .effective = g->peers[i].weight };
}

void mw_try_begin(mw_try *t, const mw_group *g, mw_worker *w, mw_arena *a, mw_scope *s)
{
    mw_group_state *state = mw_group_state_of(w, g);

    t->group = g;
    t->peers = g->peers;
    t->n = g->n;
    t->prepared = g->prepared;
    t->worker = w;
    t->arena = a;
    t->scope = s;
    t->tries = g->tries;
    t->single = g->single;
    if (g->dynamic != NULL && state != NULL)
        mw_dynamic_begin(t, state);
    if (g->sticky != NULL && s != NULL)
        mw_sticky_find(t);
    if (state != NULL) {
        t->states = state->peers;
        t->held = state->held;
        return;
    }
    t->states = MW_NEWS(a, mw_peer_state, g->slots);
    mw_peers_reset(g, t->states);
}

static void lock(const mw_try *t) { if (t->group->zone != NULL && t->held != NULL) mw_zone_lock(t->group->zone); }
static void unlock(const mw_try *t) { if (t->group->zone != NULL && t->held != NULL) mw_zone_unlock(t->group->zone); }

/* The one that the client is bound to; NULL: none, or it cannot be asked. */
static const mw_peer *bound(const mw_try *t, bool backup)
{
    uint64_t now = mw_loop_now(t->worker->loop);

    for (unsigned i = 0; i < t->n; i++)
        if (t->peers[i].backup == backup && mw_str_eq(t->peers[i].route, t->stuck) && is_live(t, &t->peers[i], now))
            return &t->peers[i];
    return NULL;
}

/* A lone peer is asked whatever it did before: there is nobody else. */
static const mw_peer *pick(mw_try *t)
{
    const mw_peer *p = t->stuck.len > 0 ? bound(t, false) : NULL, *spare;

    if (p != NULL)
        return p;
    if (t->single) {
        p = &t->peers[0];
        return p->down || p->drain || is_full(t, p) ? NULL : p;
    }
    p = t->group->balance->pick(t, t->group);
    spare = p != NULL && p->backup && t->stuck.len > 0 ? bound(t, true) : NULL;
    return spare != NULL ? spare : p;
}

mw_rc mw_try_pick(mw_try *t)
{
    const mw_peer *p;
    uint64_t       now = mw_loop_now(t->worker->loop);

    MW_MUST(t->peer == NULL);
    lock(t);
    p = pick(t);
    if (p != NULL) {
        mw_peer_state *s = &t->states[p->number];

        if (now - s->checked_ms > p->fail_timeout_ms)
            s->checked_ms = now;
        s->conns++;
        s->asked_ms = now;
        s->begun_ms += now;
        if (t->held != NULL)
            t->held[p->number]++;
    }
    unlock(t);
    t->peer = p;
    if (p == NULL)
        return MW_ERR;
    mark_tried(t, p->number);
    t->began_ms = now;
    return MW_OK;
}

static void average(uint32_t *ms, uint64_t took)
{
    uint64_t most = took < INT32_MAX ? took : INT32_MAX;

    *ms = *ms == 0 ? (uint32_t)most : (uint32_t)(((uint64_t)*ms * 3 + most) / 4);
}

void mw_try_header(mw_try *t)
{
    if (t->peer == NULL)
        return;
    if (t->group->balance == &mw_least_time) {
        lock(t);
        average(&t->states[t->peer->number].header_ms, mw_loop_now(t->worker->loop) - t->began_ms);
        unlock(t);
    }
    if (t->group->sticky != NULL)
        mw_sticky_header(t);
}

static void note(mw_peer_state *s, const mw_peer *p, uint64_t now, mw_outcome how)
{
    switch (how) {
    case MW_PEER_FAILED:
        s->fails++;
        s->accessed_ms = s->checked_ms = now;
        if (p->max_fails > 0) {
            s->effective -= p->weight / p->max_fails;
            if (s->effective < 0)
                s->effective = 0;
        }
        return;
    case MW_PEER_FINE:
    case MW_PEER_DECLINED:
        if (s->accessed_ms < s->checked_ms)         /* it was tried anew, and did well */
            s->fails = 0;
        return;
    }
}

void mw_try_done(mw_try *t, mw_outcome how)
{
    const mw_peer *p = t->peer;
    mw_peer_state *s;

    MW_MUST(p != NULL);
    s = &t->states[p->number];
    lock(t);
    if (s->conns > 0)
        s->conns--;
    s->begun_ms = s->conns == 0 || s->begun_ms < t->began_ms ? 0 : s->begun_ms - t->began_ms;
    if (how == MW_PEER_FINE)
        average(&s->last_ms, mw_loop_now(t->worker->loop) - t->began_ms);
    if (t->held != NULL && t->held[p->number] > 0)
        t->held[p->number]--;
    if (!t->single)
        note(s, p, mw_loop_now(t->worker->loop), how);
    unlock(t);
    if (t->group->sticky != NULL && how == MW_PEER_FINE)
        mw_sticky_done(t);
    if (t->group->balance->done != NULL)
        t->group->balance->done(t, t->group, how);
    if (t->tries > 0)
        t->tries--;
    t->peer = NULL;
}
