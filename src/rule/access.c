/* access.c - allow and deny: read into one list, asked from its top.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/access.h"

typedef struct rule { mw_cidr who; bool allow; } rule;

struct mw_access {
    mw_array rules;             /* of rule, as written */
    bool     ipv4;              /* some of them concern IPv4 addresses */
};

mw_rc mw_set_access(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_access **to = field;
    mw_str      text = n->args[0];
    mw_cidr     who = { .family = MW_NOWHERE };
    rule       *one;

    if (!mw_str_eq(text, MW_STR("all"))) {
        switch (mw_cidr_parse(text, &who)) {
        case MW_CIDR_FINE:
            break;
        case MW_CIDR_LOW_BITS:
            mw_bind_warn(b, n, "low address bits of %.*s are meaningless", MW_S(text));
            break;
        case MW_CIDR_BAD:
            return mw_bind_error_at(b, n, 0, "invalid parameter \"%.*s\"", MW_S(text));
        }
    }
    if (*to == NULL)
        *to = MW_NEW(b->arena, mw_access);
    one = MW_PUSH(b->arena, &(*to)->rules, rule);
    one->who = who;
    one->allow = d->extra != 0;
    (*to)->ipv4 |= who.family == MW_IPV4 || who.family == MW_NOWHERE;
    return MW_OK;
}

/* Byte for byte: unlike mw_cidr_has, an address that stands for an IPv4 one is still an IPv6 one here. */
static bool covers(const mw_cidr *c, const mw_addr *who)
{
    unsigned whole = c->bits / 8, rest = c->bits % 8;

    if (c->family == MW_NOWHERE)
        return true;
    if (c->family != who->family || memcmp(c->ip, who->ip, whole) != 0)
        return false;
    return rest == 0 || (c->ip[whole] ^ who->ip[whole]) >> (8 - rest) == 0;
}

/* An IPv4 client at an IPv6 socket is judged by the rules for IPv4 as soon as there are any, else by those for IPv6. */
int mw_access_says(const mw_access *a, const mw_addr *who)
{
    mw_addr plain;

    if (a == NULL)
        return -1;
    if (a->ipv4 && who->family == MW_IPV6) {
        plain = *who;
        if (mw_addr_unmap(&plain))
            who = &plain;
    }
    for (size_t i = 0; i < a->rules.n; i++) {
        const rule *one = &MW_ITEM(&a->rules, const rule, i);

        if (covers(&one->who, who))
            return one->allow;
    }
    return -1;
}
