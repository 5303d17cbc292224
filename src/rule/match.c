/* match.c - names to values: one map of exact names, one of what follows "*.", one of what precedes ".*", and regexes.
 *
 * A wildcard is found by taking labels off the subject, one at a time from the longest remainder on: "a.b.c" asks the
 * front's map for "b.c" and "c", the end's for "a.b" and "a".  Nothing is allocated, and at most 127 labels are tried.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/match.h"

#include "core/map.h"
#include "core/must.h"

enum { NAME_MAX_BYTES = 255, LABELS_MAX = 127 };        /* RFC 1035 2.3.4 */

typedef struct pattern { const mw_regex *re; const void *value; } pattern;
typedef struct cell { const void *value; } cell;

struct mw_match {
    mw_arena *arena;
    mw_map   *exact, *front, *end;      /* to cell; NULL: none */
    mw_array  patterns;                 /* of pattern */
    size_t    longest;                  /* of the exact names */
    bool      frozen;
};

mw_match *mw_match_new(mw_arena *a)
{
    mw_match *m = MW_NEW(a, mw_match);

    m->arena = a;
    return m;
}

static bool has(const mw_map *in, mw_str name)
{
    return in != NULL && mw_map_get(in, name) != NULL;
}

static void put(mw_match *m, mw_map **in, mw_str name, const void *value)
{
    cell *c = MW_NEW(m->arena, cell);

    if (*in == NULL)
        *in = mw_map_new(m->arena, true);
    c->value = value;
    mw_map_set(*in, mw_arena_copy(m->arena, name), c);
}

static mw_rc put_new(mw_match *m, mw_map **in, mw_str name, const void *value)
{
    if (has(*in, name))
        return MW_END;
    put(m, in, name, value);
    return MW_OK;
}

static mw_rc put_exact(mw_match *m, mw_str name, const void *value)
{
    if (name.len > m->longest)
        m->longest = name.len;
    return put_new(m, &m->exact, name, value);
}

mw_rc mw_match_add(mw_match *m, mw_str name, bool hostnames, const void *value)
{
    MW_MUST(!m->frozen);
    if (hostnames && mw_str_starts(name, MW_STR("*.")))
        return put_new(m, &m->front, mw_str_drop(name, 2), value);
    if (hostnames && mw_str_ends(name, MW_STR(".*")) && mw_str_char(name, 0) != '.')
        return put_new(m, &m->end, mw_str_take(name, name.len - 2), value);
    if (!hostnames || mw_str_char(name, 0) != '.')
        return put_exact(m, name, value);
    name = mw_str_drop(name, 1);                /* ".x" is "x" and "*.x" */
    if (has(m->exact, name) || has(m->front, name))
        return MW_END;
    put(m, &m->front, name, value);
    return put_exact(m, name, value);
}

void mw_match_add_regex(mw_match *m, const mw_regex *re, const void *value)
{
    MW_MUST(!m->frozen);
    *MW_PUSH(m->arena, &m->patterns, pattern) = (pattern){ re, value };
}

void mw_match_freeze(mw_match *m)
{
    m->frozen = true;
}

static const cell *find_front(const mw_map *front, mw_str subject)
{
    for (unsigned i = 0; i < LABELS_MAX; i++) {
        size_t      dot = mw_str_index(subject, '.');
        const cell *c;

        if (dot == subject.len)
            return NULL;
        subject = mw_str_drop(subject, dot + 1);
        c = mw_map_get(front, subject);
        if (c != NULL)
            return c;
    }
    return NULL;
}

static const cell *find_end(const mw_map *end, mw_str subject)
{
    for (unsigned i = 0; i < LABELS_MAX; i++) {
        size_t      dot = mw_str_rindex(subject, '.');
        const cell *c;

        if (dot == subject.len)
            return NULL;
        subject = mw_str_take(subject, dot);
        c = mw_map_get(end, subject);
        if (c != NULL)
            return c;
    }
    return NULL;
}

static const void *find_pattern(const mw_match *m, mw_scope *s, mw_str subject)
{
    for (size_t i = 0; i < m->patterns.n; i++) {
        const pattern *p = &MW_ITEM(&m->patterns, const pattern, i);

        if (s != NULL ? mw_scope_match(s, p->re, subject) : mw_regex_match(p->re, subject, NULL) == MW_OK)
            return p->value;
    }
    return NULL;
}

const void *mw_match_find(const mw_match *m, mw_scope *s, mw_str subject)
{
    const cell *c = NULL;

    MW_MUST(m->frozen);
    if (m->exact != NULL && subject.len <= m->longest)
        c = mw_map_get(m->exact, subject);
    if (c == NULL && m->front != NULL && subject.len <= NAME_MAX_BYTES)
        c = find_front(m->front, subject);
    if (c == NULL && m->end != NULL && subject.len <= NAME_MAX_BYTES)
        c = find_end(m->end, subject);
    return c != NULL ? c->value : find_pattern(m, s, subject);
}

bool mw_match_empty(const mw_match *m)
{
    return m->exact == NULL && m->front == NULL && m->end == NULL && m->patterns.n == 0;
}

bool mw_match_has_regex(const mw_match *m)
{
    return m->patterns.n > 0;
}

/* nginx's rule: one '*', as the whole first or the whole last label; no empty label but a first or a last one. */
static bool well_formed(mw_str name)
{
    bool   front = mw_str_starts(name, MW_STR("*."));
    mw_str inner = mw_str_drop(name, front ? 2 : 0);

    if (name.len == 0)
        return true;
    if (!front && mw_str_ends(inner, MW_STR(".*")))
        inner = mw_str_take(inner, inner.len - 2);
    return (inner.len > 0 || !front) && mw_str_index(inner, '*') == inner.len && mw_str_index(inner, '\0') == inner.len
           && mw_str_find(name, MW_STR("..")) == name.len && !mw_str_eq(name, MW_STR("."));
}

bool mw_name_wildcard(mw_str name, mw_str *why)
{
    if (well_formed(name))
        return true;
    if (why != NULL)
        *why = MW_STR("invalid server name or wildcard");
    return false;
}
