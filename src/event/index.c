/* index.c - the growing half of the intrusive hash table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/index.h"

#include "core/alloc.h"
#include "core/must.h"

enum { ROOM = 64 };     /* slots of the first table */

static mw_node **slot_of(const mw_index *ix, uint64_t hash)
{
    return &ix->slots[hash & (ix->room - 1)];
}

static void put(mw_index *ix, mw_node *node)
{
    mw_node **slot = slot_of(ix, node->hash);

    node->next = *slot;
    *slot = node;
}

static void grow(mw_index *ix)
{
    mw_index old = *ix;

    ix->room = old.room == 0 ? ROOM : old.room * 2;
    ix->slots = mw_alloc(ix->room * sizeof *ix->slots);
    for (size_t i = 0; i < old.room; i++) {
        for (mw_node *node = old.slots[i], *then; node != NULL; node = then) {
            then = node->next;
            put(ix, node);
        }
    }
    mw_free(old.slots);
}

void mw_index_add(mw_index *ix, mw_node *node, uint64_t hash)
{
    if (ix->n == ix->room)
        grow(ix);
    node->hash = hash;
    put(ix, node);
    ix->n++;
}

void mw_index_cut(mw_index *ix, mw_node *node)
{
    mw_node **at = slot_of(ix, node->hash);

    while (*at != node) {
        MW_MUST(*at != NULL);
        at = &(*at)->next;
    }
    *at = node->next;
    node->next = NULL;
    ix->n--;
}

void mw_index_free(mw_index *ix)
{
    mw_free(ix->slots);
    *ix = (mw_index){ 0 };
}
