/* ranges.c - addresses to values: collected as networks or spans, frozen to points, found by bisection.
 *
 * A point says: from this address on, up to the next point, this is the value (or none).  However networks are nested,
 * the frozen form is flat: one sweep over the networks, sorted by first address and then the widest first, with the
 * open ones on a stack.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/ranges.h"

#include <stdlib.h>

#include "core/map.h"
#include "core/must.h"

enum { DEEPEST = 129 };         /* networks within each other: one for each length of a prefix */

typedef struct key { uint64_t high, low; } key;         /* an address as a number; IPv4 in low */
typedef struct point { key from; const mw_str *value; } point;
typedef struct points { point *at; size_t n; } points;

typedef struct net {
    mw_cidr who;                /* bytes beyond the family's are zero: it is its own key */
    mw_str  value;
    key     from, upto;
} net;

struct mw_ranges {
    mw_arena *arena;
    mw_map   *nets;             /* to net */
    mw_array  spans;            /* of mw_span, sorted, apart from each other */
    points    ipv4, ipv6;
    bool      frozen;
};

static int key_cmp(key a, key b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

static bool key_next(key *k)            /* false: it was the last address */
{
    k->low++;
    if (k->low == 0)
        k->high++;
    return k->low != 0 || k->high != 0;
}

static uint64_t number_of(const uint8_t *bytes, unsigned n)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

static key key_of(uint8_t family, const uint8_t ip[16])
{
    if (family == MW_IPV4)
        return (key){ 0, number_of(ip, 4) };
    return (key){ number_of(ip, 8), number_of(&ip[8], 8) };
}

static uint64_t low_bits(unsigned n)
{
    return n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

mw_ranges *mw_ranges_new(mw_arena *a)
{
    mw_ranges *r = MW_NEW(a, mw_ranges);

    r->arena = a;
    r->nets = mw_map_new(a, false);
    return r;
}

static mw_cidr plain_cidr(const mw_cidr *c)
{
    mw_cidr plain = { .family = c->family, .bits = c->bits };

    memcpy(plain.ip, c->ip, c->family == MW_IPV4 ? 4 : 16);
    return plain;
}

static mw_str cidr_bytes(const mw_cidr *c)
{
    return (mw_str){ (const char *)c, sizeof *c };
}

const mw_str *mw_ranges_add_net(mw_ranges *r, const mw_cidr *cidr, mw_str value)
{
    mw_cidr  who = plain_cidr(cidr);
    net     *one = mw_map_get(r->nets, cidr_bytes(&who)), *old;
    unsigned rest = (who.family == MW_IPV4 ? 32U : 128U) - who.bits;

    MW_MUST(!r->frozen);
    if (one != NULL) {
        old = MW_NEW(r->arena, net);
        *old = *one;
        one->value = value;
        return &old->value;
    }
    one = MW_NEW(r->arena, net);
    one->who = who;
    one->value = value;
    one->from = one->upto = key_of(who.family, who.ip);
    one->upto.low |= low_bits(rest);
    one->upto.high |= rest > 64 ? low_bits(rest - 64) : 0;
    mw_map_set(r->nets, cidr_bytes(&one->who), one);
    return NULL;
}

bool mw_ranges_cut_net(mw_ranges *r, const mw_cidr *cidr)
{
    mw_cidr who = plain_cidr(cidr);

    MW_MUST(!r->frozen);
    return mw_map_cut(r->nets, cidr_bytes(&who)) != NULL;
}

static mw_span *span_at(const mw_ranges *r, size_t i)
{
    return &MW_ITEM(&r->spans, mw_span, i);
}

/* The first span that does not end before `from`. */
static size_t span_place(const mw_ranges *r, uint32_t from)
{
    size_t low = 0, high = r->spans.n;

    if (high > 0 && span_at(r, high - 1)->upto < from)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (span_at(r, middle)->upto < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert_span(mw_ranges *r, size_t at, mw_span s)
{
    (void)MW_PUSH(r->arena, &r->spans, mw_span);
    memmove(span_at(r, at + 1), span_at(r, at), (r->spans.n - 1 - at) * sizeof(mw_span));
    *span_at(r, at) = s;
}

mw_rc mw_ranges_add_span(mw_ranges *r, const mw_span *s, mw_str *old, mw_span *clash)
{
    size_t  at = span_place(r, s->from);
    mw_span there;

    MW_MUST(!r->frozen);
    if (at == r->spans.n || s->upto < span_at(r, at)->from) {
        insert_span(r, at, *s);
        return MW_OK;
    }
    there = *span_at(r, at);
    if (there.from > s->from || there.upto < s->upto) {
        *clash = there;
        return MW_ERR;
    }
    *span_at(r, at) = *s;
    if (there.upto > s->upto)
        insert_span(r, at + 1, (mw_span){ s->upto + 1, there.upto, there.value });
    if (there.from < s->from)
        insert_span(r, at, (mw_span){ there.from, s->from - 1, there.value });
    if (there.from != s->from || there.upto != s->upto)
        return MW_OK;
    *old = there.value;
    return MW_END;
}

bool mw_ranges_cut_span(mw_ranges *r, uint32_t from, uint32_t upto)
{
    size_t at = span_place(r, from);

    MW_MUST(!r->frozen);
    if (at == r->spans.n || span_at(r, at)->from != from || span_at(r, at)->upto != upto)
        return false;
    r->spans.n--;
    memmove(span_at(r, at), span_at(r, at + 1), (r->spans.n - at) * sizeof(mw_span));
    return true;
}

static int net_cmp(const void *a, const void *b)
{
    const net *x = *(const net *const *)a, *y = *(const net *const *)b;
    int        order = key_cmp(x->from, y->from);

    return order != 0 ? order : (int)x->who.bits - (int)y->who.bits;
}

static void add_point(points *p, key from, const mw_str *value)
{
    if (p->n > 0 && key_cmp(p->at[p->n - 1].from, from) == 0)
        p->n--;                                 /* the narrower one that begins at the same address */
    p->at[p->n++] = (point){ from, value };
}

/* Ends the innermost open network: what encloses it goes on behind it. */
static void close_net(points *p, const net **open, size_t *depth)
{
    key behind = open[--*depth]->upto;

    if (key_next(&behind))
        add_point(p, behind, *depth > 0 ? &open[*depth - 1]->value : NULL);
}

static void flatten(mw_ranges *r, uint8_t family, points *p)
{
    const net **sorted = MW_NEWS(r->arena, const net *, mw_map_size(r->nets) + 1);
    const net  *open[DEEPEST];
    size_t      n = 0, depth = 0, at = 0;
    mw_str      name;
    void       *value;

    while (mw_map_next(r->nets, &at, &name, &value)) {
        const net *one = value;

        if (one->who.family == family)
            sorted[n++] = one;
    }
    qsort(sorted, n, sizeof sorted[0], net_cmp);
    p->at = MW_NEWS(r->arena, point, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        while (depth > 0 && key_cmp(open[depth - 1]->upto, sorted[i]->from) < 0)
            close_net(p, open, &depth);
        /* IPv4 ends at 255.255.255.255, where key_next still finds an address: no such client exists */
        add_point(p, sorted[i]->from, &sorted[i]->value);
        open[depth++] = sorted[i];
    }
    while (depth > 0)
        close_net(p, open, &depth);
}

static void flatten_spans(mw_ranges *r)
{
    r->ipv4.at = MW_NEWS(r->arena, point, 2 * r->spans.n);
    for (size_t i = 0; i < r->spans.n; i++) {
        const mw_span *s = span_at(r, i);

        add_point(&r->ipv4, (key){ 0, s->from }, &s->value);
        add_point(&r->ipv4, (key){ 0, (uint64_t)s->upto + 1 }, NULL);
    }
}

void mw_ranges_freeze(mw_ranges *r)
{
    MW_MUST(!r->frozen);
    MW_MUST(r->spans.n == 0 || mw_map_size(r->nets) == 0);
    r->frozen = true;
    if (r->spans.n > 0) {
        flatten_spans(r);
        return;
    }
    flatten(r, MW_IPV4, &r->ipv4);
    flatten(r, MW_IPV6, &r->ipv6);
}

const mw_str *mw_ranges_find(const mw_ranges *r, const mw_addr *who)
{
    const points *p = who->family == MW_IPV4 ? &r->ipv4 : &r->ipv6;
    size_t        low = 0, high;
    key           k;

    MW_MUST(r->frozen);
    if (who->family != MW_IPV4 && who->family != MW_IPV6)
        return NULL;
    k = key_of(who->family, who->ip);
    high = p->n;
    while (low < high) {                        /* points before `low` begin at or before k */
        size_t middle = low + (high - low) / 2;

        if (key_cmp(p->at[middle].from, k) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? p->at[low - 1].value : NULL;
}

bool mw_span_parse(mw_str text, mw_span *s)
{
    mw_str  head, tail;
    mw_addr from, upto;

    if (!mw_str_cut(text, '-', &head, &tail) || !mw_addr_ip(head, &from) || !mw_addr_ip(tail, &upto))
        return false;
    if (from.family != MW_IPV4 || upto.family != MW_IPV4)
        return false;
    s->from = (uint32_t)number_of(from.ip, 4);
    s->upto = (uint32_t)number_of(upto.ip, 4);
    return s->from <= s->upto;
}
