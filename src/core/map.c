/* map.c - hash map from slice to pointer.
 *
 * Entries stand in the order they came, so that walking a map gives the same order in every process,
 * whatever its key of hashing.  Beside them a table of twice as many places, linear probing, tells the
 * entry of a hash.  An entry cut out stays as a gap until the entries are full; then gaps are closed, or
 * all is made twice as big.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/map.h"

#include "core/hash.h"
#include "core/must.h"

enum { FIRST = 8 };

typedef struct entry {          /* value NULL: a gap */
    uint64_t hash;
    mw_str   key;
    void    *value;
} entry;

typedef struct place { uint32_t tag, entry; } place;    /* the hash's upper half; index + 1, 0: nobody */

struct mw_map {
    mw_arena *arena;
    entry    *entries;
    place    *places;
    size_t    used, live;       /* entries with and without gaps */
    size_t    room;             /* for entries; a power of two; there are twice as many places */
    bool      fold;
};

static uint64_t hash_of(const mw_map *m, mw_str key) { return m->fold ? mw_hash_fold(key) : mw_hash(key); }

static size_t mask_of(const mw_map *m) { return m->room * 2 - 1; }

static bool has_key(const mw_map *m, const entry *e, mw_str key)
{
    return m->fold ? mw_str_ieq(e->key, key) : mw_str_eq(e->key, key);
}

/* The key's place, or the free one where it would be. */
static size_t find(const mw_map *m, uint64_t hash, mw_str key)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    size_t   at = (size_t)hash & mask_of(m);

    for (;; at = (at + 1) & mask_of(m)) {
        const place *p = &m->places[at];

        if (p->entry == 0 || (p->tag == tag && has_key(m, &m->entries[p->entry - 1], key)))
            return at;
    }
}

static void seat(mw_map *m, size_t i)          /* entry i at a free place; its key is not there yet */
{
    size_t at = (size_t)m->entries[i].hash & mask_of(m);

    while (m->places[at].entry != 0)
        at = (at + 1) & mask_of(m);
    m->places[at] = (place){ (uint32_t)(m->entries[i].hash >> 32), (uint32_t)i + 1 };
}

static void make_room(mw_map *m)
{
    entry *from = m->entries;
    size_t was = m->used;

    if (m->room == 0 || m->live > m->room / 2) {    /* else closing the gaps is enough, and costs no memory */
        m->room = m->room > 0 ? m->room * 2 : FIRST;
        MW_MUST(m->room < UINT32_MAX / 2);
        m->entries = MW_NEWS(m->arena, entry, m->room);
        m->places = MW_NEWS(m->arena, place, m->room * 2);
    } else {
        memset(m->places, 0, m->room * 2 * sizeof(place));
    }
    m->used = 0;
    for (size_t i = 0; i < was; i++) {
        if (from[i].value == NULL)
            continue;
        m->entries[m->used] = from[i];
        seat(m, m->used++);
    }
}

static void unseat(mw_map *m, size_t gap)      /* moves those up that were seated behind it for want of it */
{
    for (size_t at = (gap + 1) & mask_of(m); m->places[at].entry != 0; at = (at + 1) & mask_of(m)) {
        size_t home = (size_t)m->entries[m->places[at].entry - 1].hash & mask_of(m);

        if (((at - home) & mask_of(m)) < ((at - gap) & mask_of(m)))
            continue;                                   /* its home lies behind the gap */
        m->places[gap] = m->places[at];
        gap = at;
    }
    m->places[gap] = (place){ 0, 0 };
}

mw_map *mw_map_new(mw_arena *a, bool fold)
{
    mw_map *m = MW_NEW(a, mw_map);

    m->arena = a;
    m->fold = fold;
    return m;
}

void *mw_map_get(const mw_map *m, mw_str key)
{
    uint32_t found;

    if (m->live == 0)
        return NULL;
    found = m->places[find(m, hash_of(m, key), key)].entry;
    return found != 0 ? m->entries[found - 1].value : NULL;
}

void mw_map_set(mw_map *m, mw_str key, void *value)
{
    uint64_t hash = hash_of(m, key);
    uint32_t old = m->room > 0 ? m->places[find(m, hash, key)].entry : 0;

    MW_MUST(value != NULL);
    if (old != 0) {
        m->entries[old - 1].value = value;
        return;
    }
    if (m->used == m->room)
        make_room(m);
    m->entries[m->used] = (entry){ hash, key, value };
    seat(m, m->used++);
    m->live++;
}

void *mw_map_cut(mw_map *m, mw_str key)
{
    size_t at;
    entry *e;
    void  *value;

    if (m->live == 0)
        return NULL;
    at = find(m, hash_of(m, key), key);
    if (m->places[at].entry == 0)
        return NULL;
    e = &m->entries[m->places[at].entry - 1];
    value = e->value;
    unseat(m, at);
    *e = (entry){ .value = NULL };
    m->live--;
    return value;
}

size_t mw_map_size(const mw_map *m) { return m->live; }

bool mw_map_next(const mw_map *m, size_t *at, mw_str *key, void **value)
{
    while (*at < m->used && m->entries[*at].value == NULL)
        ++*at;
    if (*at >= m->used)
        return false;
    *key = m->entries[*at].key;
    *value = m->entries[*at].value;
    ++*at;
    return true;
}
