/* node.c - the tree: putting nodes into it, and comparing two of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/node.h"

#include "conf/front.h"
#include "conf/reader.h"

mw_spot mw_spot_in(mw_node *parent, unsigned depth)
{
    mw_spot at = { .parent = parent, .tail = &parent->kids, .depth = depth };

    while (*at.tail != NULL)
        at.tail = &(*at.tail)->next;
    return at;
}

void mw_spot_add(mw_spot *at, mw_node *n)
{
    n->parent = at->parent;
    *at->tail = n;
    at->tail = &n->next;
}

void mw_words_add(mw_arena *a, mw_words *w, mw_str word, mw_pos pos)
{
    *MW_PUSH(a, &w->args, mw_str) = word;
    *MW_PUSH(a, &w->places, mw_pos) = pos;
}

mw_node *mw_words_node(mw_reader *r, const mw_words *w, mw_str name, mw_pos pos)
{
    mw_node *n = MW_NEW(r->arena, mw_node);
    size_t   count = w->args.n;

    n->name = name;
    n->pos = pos;
    n->end_line = pos.line;
    n->nargs = (unsigned)count;
    if (count == 0)
        return n;
    n->args = mw_arena_alloc(r->arena, count * sizeof(mw_str));
    n->places = mw_arena_alloc(r->arena, count * sizeof(mw_pos));
    memcpy(n->args, w->args.items, count * sizeof(mw_str));
    memcpy(n->places, w->places.items, count * sizeof(mw_pos));
    for (size_t i = 0; i < count; i++)
        if (!mw_env_expand(r, &n->args[i], &n->places[i]))
            return NULL;
    return n;
}

void mw_node_append(mw_node *root, mw_node *more)
{
    mw_spot  at = mw_spot_in(root, 0);
    mw_node *next;

    for (mw_node *n = more->kids; n != NULL; n = next) {
        next = n->next;
        mw_spot_add(&at, n);
    }
    more->kids = NULL;
}

bool mw_node_equal(const mw_node *a, const mw_node *b)
{
    const mw_node *x = a->kids, *y = b->kids;

    if (!mw_str_eq(a->name, b->name) || a->nargs != b->nargs || a->block != b->block)
        return false;
    for (unsigned i = 0; i < a->nargs; i++)
        if (!mw_str_eq(a->args[i], b->args[i]))
            return false;
    for (; x != NULL && y != NULL; x = x->next, y = y->next)
        if (!mw_node_equal(x, y))
            return false;
    return x == NULL && y == NULL;
}
