/* site.c - choosing a server: by the address a connection came to, then by the name it was asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/site.h"

#include "core/must.h"

const void *mw_site_conf(const mw_site *site, const mw_level *level, const mw_module *m)
{
    unsigned i = 0;

    while (i < site->nmodules && site->modules[i] != m)
        i++;
    MW_MUST(i < site->nmodules);
    return level->conf[i];
}

const mw_server *mw_door_server(const mw_door_addr *a, mw_scope *s, mw_str host)
{
    const mw_server *found;

    if (a->names.names == NULL)
        return a->names.otherwise;
    found = mw_match_find(a->names.names, s, host);
    return found != NULL ? found : a->names.otherwise;
}

const mw_door_addr *mw_door_address(const mw_door *d, mw_conn *c)
{
    mw_addr local;

    if (d->n <= 1 || !mw_conn_local(c, &local, NULL))
        return &d->addrs[0];
    for (unsigned i = 1; i < d->n; i++)
        if (mw_addr_ip_eq(&d->addrs[i].addr, &local)) return &d->addrs[i];
    return &d->addrs[0];
}
