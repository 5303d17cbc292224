/* shared.c - the states of a group's peers in a zone, where all workers see them.
 *
 * A record is found by what its group is: name, peers and their parameters.  So a reload that does not change a group
 * keeps what is known of it, and one that does begins anew.  Each worker has a row in the record that says how many
 * connections are its own: those of a dead worker are taken back, and a record that nobody has a row in is dropped when
 * room is needed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "core/hash.h"
#include "upstream/state.h"

typedef struct row row;
struct row { row *next; pid_t pid; uint32_t n, held[]; };

typedef struct record record;
struct record { record *next; row *rows; mw_slot *slots; uint64_t key[2]; uint32_t n; mw_peer_state peers[]; };

typedef mw_peers_root root;

static void free_row(mw_zone *z, record *rec, row **link)
{
    row *gone = *link;

    for (uint32_t i = 0; i < gone->n; i++) {
        mw_peer_state *s = &rec->peers[i];
        uint32_t       n = gone->held[i] < s->conns ? gone->held[i] : s->conns;

        s->begun_ms = n == s->conns ? 0 : s->begun_ms - s->begun_ms / s->conns * n;
        s->conns -= n;
    }
    *link = gone->next;
    mw_zone_give(z, gone);
}

/* Those that their process left behind. */
static void free_dead(mw_zone *z, record *rec)
{
    for (row **link = &rec->rows; *link != NULL;) {
        if (kill((*link)->pid, 0) != 0 && errno == ESRCH)
            free_row(z, rec, link);
        else
            link = &(*link)->next;
    }
}

static void left(mw_zone *z, void *at, unsigned slot)
{
    root *r = at;

    (void)slot;
    for (record *rec = r->first; rec != NULL; rec = rec->next)
        free_dead(z, rec);
}

/* A holder died between two words of a state: numbers may be off by one, which heals; lists are changed by one store.
 */
static void mend(mw_zone *z, void *at)
{
    (void)z;
    (void)at;
}

const mw_zone_kind mw_peers_zone = { .name = "upstream", .version = 2, .root = sizeof(root), .mend = mend,
                                       .left = left };

/* MD5 over all that makes a group what it is: the same in every process of the family. */
static void key_of(const mw_group *g, uint64_t key[2])
{
    mw_md5  m;
    uint8_t digest[16];

    mw_md5_begin(&m);
    mw_md5_add(&m, g->name);
    for (unsigned i = 0; i < g->n; i++) {
        const mw_peer *p = &g->peers[i];
        uint64_t       facts[6] = { p->weight, p->max_fails, p->max_conns, p->fail_timeout_ms, p->backup, p->down };

        mw_md5_add(&m, p->name);
        mw_md5_add(&m, (mw_str){ (const char *)facts, sizeof facts });
    }
    for (unsigned i = 0; g->dynamic != NULL && i < g->dynamic->n; i++)
        mw_md5_add(&m, g->dynamic->lines[i].text);
    mw_md5_end(&m, digest);
    memcpy(key, digest, sizeof digest);
}

static void drop_unused(mw_zone *z, root *r)
{
    for (record **link = &r->first; *link != NULL;) {
        record *rec = *link;

        free_dead(z, rec);
        if (rec->rows != NULL) {
            link = &rec->next;
            continue;
        }
        *link = rec->next;
        mw_zone_give(z, rec->slots);
        mw_zone_give(z, rec);
    }
}

static record *record_of(mw_zone *z, const mw_group *g)
{
    root    *r = mw_zone_root(z);
    uint64_t key[2];
    record  *rec;
    size_t   size = sizeof *rec + g->slots * sizeof(mw_peer_state);

    key_of(g, key);
    for (rec = r->first; rec != NULL; rec = rec->next)
        if (memcmp(rec->key, key, sizeof key) == 0 && rec->n == g->slots) {
            free_dead(z, rec);
            return rec;
        }
    rec = mw_zone_try(z, size);
    if (rec == NULL) {
        drop_unused(z, r);
        rec = mw_zone_try(z, size);
    }
    if (rec == NULL)
        return NULL;
    if (g->dynamic != NULL && (rec->slots = mw_zone_try(z, g->slots * sizeof(mw_slot))) == NULL) {
        mw_zone_give(z, rec);
        return NULL;
    }
    memcpy(rec->key, key, sizeof key);
    rec->n = g->slots;
    mw_peers_reset(g, rec->peers);
    rec->next = r->first;
    r->first = rec;
    return rec;
}

bool mw_peers_share(const mw_group *g, mw_group_state *s)
{
    mw_zone *z = g->zone;
    record  *rec;
    row     *mine = NULL;

    mw_zone_lock(z);
    rec = record_of(z, g);
    if (rec != NULL)
        mine = mw_zone_try(z, sizeof *mine + g->slots * sizeof(uint32_t));
    if (mine != NULL) {
        mine->pid = getpid();
        mine->n = g->slots;
        mine->next = rec->rows;
        rec->rows = mine;
        s->peers = rec->peers;
        s->slots = rec->slots;
        s->held = mine->held;
    }
    mw_zone_unlock(z);
    return mine != NULL;
}

void mw_peers_unshare(const mw_group *g, mw_group_state *s)
{
    root *r = mw_zone_root(g->zone);

    if (s->held == NULL)
        return;
    mw_zone_lock(g->zone);
    for (record *rec = r->first; rec != NULL; rec = rec->next)
        for (row **link = &rec->rows; *link != NULL; link = &(*link)->next)
            if ((*link)->held == s->held) {
                free_row(g->zone, rec, link);
                break;
            }
    mw_zone_unlock(g->zone);
    s->held = NULL;
}
