/* wants.c - what a configuration asks of the process: the lists, each thing once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/wants.h"

#include <unistd.h>

void mw_wants_init(mw_wants *w)
{
    mw_list_init(&w->logs);
    mw_list_init(&w->zones);
    mw_list_init(&w->dirs);
    mw_list_init(&w->listens);
    mw_list_init(&w->pools);
}

mw_log_file *mw_wants_log(mw_wants *w, mw_arena *a, mw_str path)
{
    mw_log_file *file;

    MW_LIST_EACH(node, &w->logs) {
        file = MW_OWNER(node, mw_log_file, all);
        if (mw_str_eq(file->path, path))
            return file;
    }
    file = MW_NEW(a, mw_log_file);
    file->path = mw_arena_copy(a, path);
    file->fd = path.len == 0 ? STDERR_FILENO : -1;
    mw_list_add(&w->logs, &file->all);
    return file;
}

mw_zone *mw_wants_zone(mw_wants *w, mw_arena *a, mw_str name, size_t size, const mw_zone_kind *kind, const void *owner)
{
    mw_zone *zone;

    MW_LIST_EACH(node, &w->zones) {
        zone = MW_OWNER(node, mw_zone, all);
        if (!mw_str_eq(zone->name, name))
            continue;
        if (zone->kind != kind || zone->owner != owner || (size != 0 && zone->size != 0 && size != zone->size))
            return NULL;
        zone->size = size != 0 ? size : zone->size;
        return zone;
    }
    zone = MW_NEW(a, mw_zone);
    zone->name = mw_arena_copy(a, name);
    zone->size = size;
    zone->kind = kind;
    zone->owner = owner;
    zone->fd = -1;
    mw_list_add(&w->zones, &zone->all);
    return zone;
}

void mw_wants_dir(mw_wants *w, mw_arena *a, mw_str path)
{
    mw_want_dir *dir;

    MW_LIST_EACH(node, &w->dirs)
        if (mw_str_eq(MW_OWNER(node, mw_want_dir, all)->path, path))
            return;
    dir = MW_NEW(a, mw_want_dir);
    dir->path = mw_arena_copy(a, path);
    mw_list_add(&w->dirs, &dir->all);
}

void mw_wants_pool(mw_wants *w, mw_arena *a, mw_str name, const struct mw_node *node)
{
    mw_want_pool *pool = MW_NEW(a, mw_want_pool);

    pool->name = mw_arena_copy(a, name);
    pool->node = node;
    mw_list_add(&w->pools, &pool->all);
}
