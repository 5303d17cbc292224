/* names.c - what was found for names, in a zone: whoever asks writes it, all workers and the next generation read it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "upstream/state.h"

static mw_name **link_of(mw_peers_root *r, const uint8_t key[16])
{
    mw_name **link = &r->names;

    while (*link != NULL && memcmp((*link)->key, key, sizeof (*link)->key) != 0)
        link = &(*link)->next;
    return link;
}

const mw_name *mw_names_get(mw_zone *z, const uint8_t key[16]) { return *link_of(mw_zone_root(z), key); }

void mw_names_set(mw_zone *z, const uint8_t key[16], const mw_name_found *found, uint32_t n)
{
    mw_peers_root *r = mw_zone_root(z);
    mw_name      **link = link_of(r, key), *old = *link, *name;

    if (old != NULL && old->n == n && (n == 0 || memcmp(old->found, found, n * sizeof *found) == 0))
        return;
    name = mw_zone_try(z, sizeof *name + n * sizeof *found);
    if (name == NULL)
        return;                     /* what was known stays */
    memcpy(name->key, key, sizeof name->key);
    name->n = n;
    if (n > 0)
        memcpy(name->found, found, n * sizeof *found);
    name->next = old != NULL ? old->next : NULL;
    *link = name;                   /* one store: who dies before or after it leaves a whole list */
    mw_zone_give(z, old);
    __atomic_add_fetch(&r->version, 1, __ATOMIC_RELEASE);
}

/* The group, the name without its port, and the service: another port after a reload is the same name. */
void mw_name_key(const mw_group *g, const mw_upstream_server *line, uint8_t key[16])
{
    mw_md5 m;

    mw_md5_begin(&m);
    mw_md5_add(&m, g->name);
    mw_md5_add(&m, MW_STR("\n"));
    mw_md5_add(&m, mw_str_take(line->text, mw_str_index(line->text, ':')));
    mw_md5_add(&m, MW_STR("\n"));
    mw_md5_add(&m, line->service);
    mw_md5_end(&m, key);
}
