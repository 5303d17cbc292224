/* index.h - an intrusive hash table: the node lies in what it finds; grows by itself, allocates nothing
 * per entry.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_INDEX_H
#define MW_EVENT_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* The struct of type T whose member `member` is *node. */
#define MW_NODE_OWNER(node, T, member)  ((T *)(void *)((char *)(void *)(node) - offsetof(T, member)))

typedef struct mw_node { struct mw_node *next; uint64_t hash; } mw_node;
typedef struct mw_index { mw_node **slots; size_t room, n; } mw_index;      /* zeroed: empty */

void mw_index_add(mw_index *ix, mw_node *node, uint64_t hash);
void mw_index_cut(mw_index *ix, mw_node *node);         /* it must be in there */
void mw_index_free(mw_index *ix);                       /* the table, not what it found */

/* this one, or the next with that hash; NULL: none */
static inline mw_node *mw_node_same(mw_node *node, uint64_t hash)
{
    while (node != NULL && node->hash != hash)
        node = node->next;
    return node;
}

static inline mw_node *mw_index_first(const mw_index *ix, uint64_t hash)
{
    return ix->room == 0 ? NULL : mw_node_same(ix->slots[hash & (ix->room - 1)], hash);
}

static inline mw_node *mw_index_next(const mw_node *node) { return mw_node_same(node->next, node->hash); }

#endif
