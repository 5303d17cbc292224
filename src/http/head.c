/* head.c - a list of header fields in the order they came; fields of a known name are chained, so that
 * finding is one step.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/head.h"

enum { FIRST_ROOM = 16, MOST = UINT16_MAX };

static void grow(mw_arena *a, mw_fields *l)
{
    size_t    room = l->room == 0 ? FIRST_ROOM : (size_t)l->room * 2;
    mw_field *moved;

    if (room > MOST)
        room = MOST;
    moved = mw_arena_alloc(a, room * sizeof *moved);
    if (l->n > 0)
        memcpy(moved, l->at, l->n * sizeof *moved);
    l->at = moved;
    l->room = (uint16_t)room;
}

/* Fields that were removed stay in the chain, and are passed over. */
static void chain(mw_fields *l, uint16_t index)
{
    unsigned  token = l->at[index].token;
    uint16_t *link = &l->first[token];

    while (*link != 0)
        link = &l->at[*link - 1].then;
    *link = (uint16_t)(index + 1);
}

mw_field *mw_fields_add_parsed(mw_arena *a, mw_fields *l, mw_str name, mw_str value, mw_token t)
{
    mw_field *f;

    if (l->n == MOST)
        return NULL;
    if (l->n == l->room)
        grow(a, l);
    f = &l->at[l->n];
    *f = (mw_field){ .name = name, .value = value, .token = (uint8_t)t };
    if (t != MW_T_NONE)
        chain(l, l->n);
    l->n++;
    return f;
}

mw_field *mw_fields_add(mw_arena *a, mw_fields *l, mw_str name, mw_str value)
{
    return mw_fields_add_parsed(a, l, name, value, mw_token_of(name));
}

mw_field *mw_fields_add_token(mw_arena *a, mw_fields *l, mw_token t, mw_str value)
{
    return mw_fields_add_parsed(a, l, mw_token_name(t), value, t);
}

static const mw_field *first_left(const mw_fields *l, uint16_t link)
{
    while (link != 0 && l->at[link - 1].gone)
        link = l->at[link - 1].then;
    return link != 0 ? &l->at[link - 1] : NULL;
}

const mw_field *mw_fields_get(const mw_fields *l, mw_token t) { return first_left(l, l->first[t]); }

const mw_field *mw_fields_next(const mw_fields *l, const mw_field *f) { return first_left(l, f->then); }

const mw_field *mw_fields_find(const mw_fields *l, mw_str name)
{
    mw_token t = mw_token_of(name);

    if (t != MW_T_NONE)
        return mw_fields_get(l, t);
    MW_FIELDS_EACH(f, l) {
        if (f->token == MW_T_NONE && mw_str_ieq(f->name, name))
            return f;
    }
    return NULL;
}

mw_str mw_fields_value(const mw_fields *l, mw_token t)
{
    const mw_field *f = mw_fields_get(l, t);

    return f != NULL ? f->value : (mw_str){ "", 0 };
}

/* The next one of that name behind `after`; NULL: the first. */
static const mw_field *next_named(const mw_fields *l, mw_str name, const mw_field *after)
{
    if (after == NULL)
        return mw_fields_find(l, name);
    if (after->token != MW_T_NONE)
        return mw_fields_next(l, after);
    for (uint16_t i = (uint16_t)(after - l->at + 1); i < l->n; i++)
        if (!l->at[i].gone && mw_str_ieq(l->at[i].name, name)) return &l->at[i];
    return NULL;
}

mw_str mw_fields_joined(mw_arena *a, const mw_fields *l, mw_str name, char separator)
{
    const mw_field *first = mw_fields_find(l, name);
    size_t          bytes = 0, n = 0;
    mw_out          o;

    for (const mw_field *f = first; f != NULL; f = next_named(l, name, f)) {
        bytes += f->value.len + 2;
        n++;
    }
    if (n <= 1)
        return first != NULL ? first->value : (mw_str){ NULL, 0 };
    o = mw_arena_pen(a, bytes);
    for (const mw_field *f = first; f != NULL; f = next_named(l, name, f)) {
        if (f != first) {
            mw_out_char(&o, separator);
            mw_out_char(&o, ' ');
        }
        mw_out_str(&o, f->value);
    }
    return mw_out_done(&o);
}

void mw_fields_drop(mw_fields *l, mw_token t)
{
    for (uint16_t link = l->first[t]; link != 0; link = l->at[link - 1].then)
        l->at[link - 1].gone = true;
    l->first[t] = 0;
}

void mw_fields_drop_name(mw_fields *l, mw_str name)
{
    mw_token t = mw_token_of(name);

    if (t != MW_T_NONE) {
        mw_fields_drop(l, t);
        return;
    }
    for (uint16_t i = 0; i < l->n; i++)
        if (l->at[i].token == MW_T_NONE && mw_str_ieq(l->at[i].name, name)) l->at[i].gone = true;
}

void mw_fields_set(mw_arena *a, mw_fields *l, mw_token t, mw_str value)
{
    mw_fields_drop(l, t);
    if (value.len > 0)
        mw_fields_add_token(a, l, t, value);
}

void mw_fields_clear(mw_fields *l)
{
    mw_field *at = l->at;
    uint16_t  room = l->room;

    *l = (mw_fields){ .at = at, .room = room };
}

bool mw_list_has(mw_str list, mw_str word)
{
    while (list.len > 0) {
        mw_str one;

        (void)mw_str_cut(list, ',', &one, &list);
        if (mw_str_ieq(mw_str_trim(one), word))
            return true;
    }
    return false;
}
