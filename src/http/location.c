/* location.c - which location a URI belongs to: exact, then the longest prefix, then (unless ^~) the first regular
 * expression.
 *
 * Prefixes are sorted; each knows the longest other one that it begins with (`up`).  Finding is a binary search for
 * the last
 * one not behind the URI, then a walk up until it is a prefix: no allocation, about log n compares.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core/map.h"
#include "http/site.h"

typedef struct prefix { mw_location_row row; size_t up; } prefix;       /* up: index + 1; 0: none */

struct mw_locations {
    mw_array  rows;             /* mw_location_row, prefixes only, until frozen */
    prefix   *prefixes;
    size_t    nprefixes;
    mw_array  regexes;          /* mw_location_row */
    mw_map   *exact, *named, *slashes;      /* slashes: names of auto_slash rows without their last '/' */
    mw_arena *arena;
};

mw_locations *mw_locations_new(mw_arena *a)
{
    mw_locations *l = MW_NEW(a, mw_locations);

    l->arena = a;
    l->exact = mw_map_new(a, false);
    l->named = mw_map_new(a, false);
    l->slashes = mw_map_new(a, false);
    return l;
}

static bool add_to(mw_map *m, mw_arena *a, const mw_location_row *row)
{
    mw_location_row *kept;

    if (mw_map_get(m, row->name) != NULL)
        return false;
    kept = MW_NEW(a, mw_location_row);
    *kept = *row;
    mw_map_set(m, row->name, kept);
    return true;
}

bool mw_locations_add(mw_locations *l, mw_arena *a, const mw_location_row *row)
{
    switch (row->kind) {
    case MW_LOC_EXACT:
        return add_to(l->exact, a, row);
    case MW_LOC_NAMED:
        return add_to(l->named, a, row);
    case MW_LOC_REGEX:
        *MW_PUSH(a, &l->regexes, mw_location_row) = *row;
        return true;
    case MW_LOC_PREFIX:
    case MW_LOC_NOREGEX:
        break;
    }
    for (size_t i = 0; i < l->rows.n; i++)
        if (mw_str_eq(MW_ITEM(&l->rows, mw_location_row, i).name, row->name)) return false;
    *MW_PUSH(a, &l->rows, mw_location_row) = *row;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return mw_str_cmp(((const prefix *)a)->row.name, ((const prefix *)b)->row.name);
}

static size_t up_of(const mw_locations *l, size_t i)
{
    for (size_t j = i; j-- > 0; )
        if (mw_str_starts(l->prefixes[i].row.name, l->prefixes[j].row.name)) return j + 1;
    return 0;
}

void mw_locations_freeze(mw_locations *l)
{
    l->nprefixes = l->rows.n;
    l->prefixes = MW_NEWS(l->arena, prefix, l->rows.n + 1);
    for (size_t i = 0; i < l->rows.n; i++)
        l->prefixes[i].row = MW_ITEM(&l->rows, mw_location_row, i);
    if (l->nprefixes > 0)
        qsort(l->prefixes, l->nprefixes, sizeof(prefix), by_name);
    for (size_t i = 0; i < l->nprefixes; i++) {
        mw_location_row *row = &l->prefixes[i].row;

        l->prefixes[i].up = up_of(l, i);
        if (row->auto_slash && row->name.len > 1)
            mw_map_set(l->slashes, mw_str_take(row->name, row->name.len - 1), row);
        if (row->inner != NULL)
            mw_locations_freeze(row->inner);
    }
    for (size_t i = 0; i < l->regexes.n; i++)
        if (MW_ITEM(&l->regexes, mw_location_row, i).inner != NULL)
            mw_locations_freeze(MW_ITEM(&l->regexes, mw_location_row, i).inner);
}

static const mw_location_row *longest_prefix(const mw_locations *l, mw_str uri)
{
    size_t from = 0, upto = l->nprefixes;

    while (from < upto) {                       /* the first one that sorts behind the uri */
        size_t middle = from + (upto - from) / 2;

        if (mw_str_cmp(l->prefixes[middle].row.name, uri) <= 0)
            from = middle + 1;
        else
            upto = middle;
    }
    while (from > 0) {
        const prefix *p = &l->prefixes[from - 1];

        if (mw_str_starts(uri, p->row.name))
            return &p->row;
        from = p->up;
    }
    return NULL;
}

/* final: exact or by expression, nothing overrides it */
typedef struct finding { mw_found found; bool final; } finding;

static finding find_in(const mw_locations *l, mw_scope *s, mw_str uri)
{
    const mw_location_row *hit = mw_map_size(l->exact) > 0 ? mw_map_get(l->exact, uri) : NULL;
    finding                best = { { NULL, false }, false };

    if (hit != NULL)
        return (finding){ { hit->place, false }, true };
    hit = longest_prefix(l, uri);
    if (mw_map_size(l->slashes) > 0 && (hit == NULL || hit->name.len < uri.len) && mw_map_get(l->slashes, uri) != NULL)
        return (finding){ { NULL, true }, true };
    if (hit != NULL) {
        best.found.place = hit->place;
        if (hit->inner != NULL) {
            finding inside = find_in(hit->inner, s, uri);

            if (inside.final)
                return inside;
            if (inside.found.place != NULL)
                best = inside;
        }
    }
    if (hit != NULL && hit->kind == MW_LOC_NOREGEX)
        return best;
    for (size_t i = 0; i < l->regexes.n; i++) {
        const mw_location_row *row = &MW_ITEM(&l->regexes, mw_location_row, i);
        finding                inside = { { NULL, false }, false };

        if (!mw_scope_match(s, row->regex, uri))
            continue;
        if (row->inner != NULL)
            inside = find_in(row->inner, s, uri);
        return (finding){ { inside.found.place != NULL ? inside.found.place : row->place, inside.found.add_slash },
                           true };
    }
    return best;
}

mw_found mw_locations_find(const mw_locations *l, mw_scope *s, mw_str uri)
{
    return find_in(l, s, uri).found;
}

const mw_place *mw_locations_named(const mw_locations *l, mw_str name)
{
    const mw_location_row *row = mw_map_get(l->named, name);

    return row != NULL ? row->place : NULL;
}
