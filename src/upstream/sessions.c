/* sessions.c - which session belongs to which route: a hash table and a list by age, in a zone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/sessions.h"

#include "core/hash.h"

enum { BYTES_EACH = 256 };                      /* of the zone, for each chain of the table */

typedef struct session session;
struct session {
    session *next;                              /* of the chain */
    mw_list  age;                               /* the longest untouched first */
    uint8_t  key[16];                           /* MD5 of its text: short, and no secret in shared memory */
    uint64_t due_ms;
    uint8_t  length;
    char     route[MW_ROUTE_MOST];
};

typedef struct root { mw_list ages; session **chains; size_t n; } root;

static mw_rc make(mw_zone *z, void *at)
{
    root *r = at;

    mw_list_init(&r->ages);
    r->n = z->size / BYTES_EACH;
    r->chains = mw_zone_try(z, r->n * sizeof(session *));
    return r->chains != NULL ? MW_OK : MW_ERR;
}

const mw_zone_kind mw_sessions_zone = { .name = "sessions", .version = 1, .root = sizeof(root), .make = make };

static session **chain_of(const root *r, const uint8_t key[16])
{
    uint64_t hash;

    memcpy(&hash, key, sizeof hash);
    return &r->chains[hash % r->n];
}

static session *find(const root *r, const uint8_t key[16])
{
    session *s = *chain_of(r, key);

    while (s != NULL && memcmp(s->key, key, sizeof s->key) != 0)
        s = s->next;
    return s;
}

static void drop(mw_zone *z, root *r, session *s)
{
    session **link = chain_of(r, s->key);

    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    mw_list_drop(&s->age);
    mw_zone_give(z, s);
}

/* Room for one more; the oldest makes way. */
static session *add(mw_zone *z, root *r, const uint8_t key[16])
{
    session *s = mw_zone_try(z, sizeof *s), **chain = chain_of(r, key);

    if (s == NULL && !mw_list_empty(&r->ages)) {
        drop(z, r, MW_OWNER(r->ages.next, session, age));
        s = mw_zone_try(z, sizeof *s);
    }
    if (s == NULL)
        return NULL;
    memcpy(s->key, key, sizeof s->key);
    s->next = *chain;
    *chain = s;
    mw_list_add(&r->ages, &s->age);
    return s;
}

/* From the old end, some of those that are over. */
static void expire(mw_zone *z, root *r, uint64_t now_ms)
{
    for (unsigned i = 0; i < 2 && !mw_list_empty(&r->ages); i++) {
        session *s = MW_OWNER(r->ages.next, session, age);

        if (s->due_ms > now_ms)
            return;
        drop(z, r, s);
    }
}

static void key_of(mw_str text, uint8_t key[16])
{
    mw_md5 m;

    mw_md5_begin(&m);
    mw_md5_add(&m, text);
    mw_md5_end(&m, key);
}

bool mw_sessions_find(mw_zone *z, mw_str text, uint64_t now_ms, mw_out *route)
{
    uint8_t  key[16];
    session *s;
    bool     found;

    key_of(text, key);
    mw_zone_lock(z);
    s = find(mw_zone_root(z), key);
    found = s != NULL && s->due_ms > now_ms;
    if (found)
        mw_out_str(route, (mw_str){ s->route, s->length });
    mw_zone_unlock(z);
    return found;
}

void mw_sessions_set(mw_zone *z, mw_str text, mw_str route, uint64_t now_ms, uint64_t for_ms)
{
    root    *r = mw_zone_root(z);
    uint8_t  key[16];
    session *s;

    key_of(text, key);
    mw_zone_lock(z);
    expire(z, r, now_ms);
    s = find(r, key);
    if (s == NULL)
        s = add(z, r, key);
    if (s != NULL) {
        route = mw_str_take(route, sizeof s->route);
        memcpy(s->route, route.at, route.len);
        s->length = (uint8_t)route.len;
        s->due_ms = now_ms + for_ms;
        mw_list_drop(&s->age);
        mw_list_add(&r->ages, &s->age);
    }
    mw_zone_unlock(z);
}

void mw_sessions_prolong(mw_zone *z, mw_str text, mw_str route, uint64_t now_ms, uint64_t for_ms)
{
    char   room[MW_ROUTE_MOST];
    mw_out o = mw_out_on(room, sizeof room);

    if (mw_sessions_find(z, text, now_ms, &o) && mw_str_eq(mw_out_done(&o), route))
        mw_sessions_set(z, text, route, now_ms, for_ms);
}
