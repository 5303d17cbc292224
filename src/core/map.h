/* map.h - hash map from slice to pointer, keyed SipHash; keys are borrowed, memory is the arena's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_MAP_H
#define MW_CORE_MAP_H

#include "core/arena.h"

typedef struct mw_map mw_map;

mw_map *mw_map_new(mw_arena *a, bool fold);                 /* fold: ASCII letters of keys are alike */
void   *mw_map_get(const mw_map *m, mw_str key);            /* NULL: not there */
void    mw_map_set(mw_map *m, mw_str key, void *value);     /* replaces; the key must outlive the map; value not NULL */
void   *mw_map_cut(mw_map *m, mw_str key);                  /* takes it out; NULL: was not there */
size_t  mw_map_size(const mw_map *m);
bool    mw_map_next(const mw_map *m, size_t *at, mw_str *key, void **value);    /* begin with *at = 0; false: no more */

#endif
