/* resolver_conf.c - what a `resolver` directive says: name servers, and how they are asked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/resolver_conf.h"

/* One word of `resolver` that is no name server; MW_END: it is one. */
static mw_rc resolver_option(mw_bind *b, const mw_node *n, unsigned i, mw_resolver_conf *r)
{
    mw_str  word = n->args[i];
    int64_t seconds;

    if (mw_str_starts(word, MW_STR("valid="))) {
        if (!mw_read_sec(mw_str_drop(word, 6), &seconds))
            return mw_bind_error_at(b, n, i, "invalid parameter: %.*s", MW_S(word));
        r->valid_ms = (uint64_t)seconds * 1000;
        return MW_OK;
    }
    if (mw_str_starts(word, MW_STR("ipv4=")) || mw_str_starts(word, MW_STR("ipv6="))) {
        mw_str value = mw_str_drop(word, 5);
        bool  *which = mw_str_starts(word, MW_STR("ipv4=")) ? &r->ipv4 : &r->ipv6;

        if (!mw_str_eq(value, MW_STR("on")) && !mw_str_eq(value, MW_STR("off")))
            return mw_bind_error_at(b, n, i, "invalid parameter: %.*s", MW_S(word));
        *which = mw_str_eq(value, MW_STR("on"));
        return MW_OK;
    }
    return mw_str_starts(word, MW_STR("status_zone=")) ? MW_OK : MW_END;
}

mw_rc mw_resolver_read(mw_bind *b, const mw_node *n, mw_resolver_conf *r)
{
    *r = (mw_resolver_conf){ .servers = MW_NEWS(b->arena, mw_addr, n->nargs), .ipv4 = true, .ipv6 = true };
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_addr    *list;
        size_t      found;
        const char *why;
        mw_rc       rc = resolver_option(b, n, i, r);

        if (rc == MW_ERR)
            return MW_ERR;
        if (rc == MW_OK)
            continue;
        if (mw_addr_parse(n->args[i], 53, &r->servers[r->n])) {
            r->n++;
            continue;
        }
        if (mw_addr_lookup(b->arena, n->args[i], 53, &list, &found, &why) != MW_OK)
            return mw_bind_error_at(b, n, i, "%s in resolver \"%.*s\"", why, MW_S(n->args[i]));
        r->servers[r->n++] = list[0];
    }
    if (!r->ipv4 && !r->ipv6)
        return mw_bind_error(b, n, "\"ipv4\" and \"ipv6\" cannot both be \"off\"");
    if (r->n == 0)
        return mw_bind_error(b, n, "no name servers defined");
    return MW_OK;
}
