/* list.h - intrusive doubly linked list; the node lies in what it links.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_LIST_H
#define MW_CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mw_list { struct mw_list *next, *prev; } mw_list;      /* a head, or a node */

/* The struct of type T whose member `member` is *node. */
#define MW_OWNER(node, T, member)  ((T *)(void *)((char *)(void *)(node) - offsetof(T, member)))

/* Walks the nodes of a list; the node at hand may be dropped. */
#define MW_LIST_EACH(node, list)                                                        \
    for (mw_list *node = (list)->next, *node##_then = node->next; node != (list);       \
         node = node##_then, node##_then = node->next)

static inline void mw_list_init(mw_list *l) { l->next = l->prev = l; }          /* empty head, or unlinked node */
static inline bool mw_list_empty(const mw_list *l) { return l->next == l; }

static inline void mw_list_add(mw_list *l, mw_list *node)                       /* at the end */
{
    node->prev = l->prev;
    node->next = l;
    l->prev->next = node;
    l->prev = node;
}

static inline void mw_list_push(mw_list *l, mw_list *node)                      /* at the front */
{
    mw_list_add(l->next, node);
}

static inline void mw_list_drop(mw_list *node)                                  /* and unlinked again; twice is fine */
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    mw_list_init(node);
}

#endif
