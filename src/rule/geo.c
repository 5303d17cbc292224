/* geo.c - geo: a client's address, or one in a variable, is looked up among networks or ranges and gives a variable
 * its value.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/expr.h"
#include "rule/modules.h"
#include "rule/ranges.h"

typedef struct geo {
    unsigned   address;         /* the variable that holds it */
    unsigned   forwarded;       /* the one of X-Forwarded-For, when there are proxies */
    mw_ranges *table;
    mw_str     otherwise;       /* of ranges; networks have it as 0.0.0.0/0 and ::/0 */
    mw_array   proxies;         /* of mw_cidr */
    bool       ranges, recursive, fleeting;
    bool       begun, has_otherwise;    /* while reading: `ranges` comes too late; a default was written */
    bool       http;                    /* stream has no proxies */
} geo;

/* who has no IP address, as in nginx */
static const mw_addr nobody = { .family = MW_IPV4, .ip = { 255, 255, 255, 255 } };

static bool trusted(const geo *g, const mw_addr *who)
{
    for (size_t i = 0; i < g->proxies.n; i++)
        if (mw_cidr_has(&MW_ITEM(&g->proxies, const mw_cidr, i), who))
            return true;
    return false;
}

/* Takes the last of "a, b, c". */
static bool last_address(mw_str *list, mw_addr *who)
{
    size_t from;

    while (list->len > 0 && (list->at[list->len - 1] == ' ' || list->at[list->len - 1] == ','))
        list->len--;
    from = list->len;
    while (from > 0 && list->at[from - 1] != ' ' && list->at[from - 1] != ',')
        from--;
    if (from == list->len || !mw_addr_parse(mw_str_drop(*list, from), 0, who))
        return false;
    *list = mw_str_take(*list, from);
    return who->family == MW_IPV4 || who->family == MW_IPV6;
}

/* Goes back through the proxies we trust. */
static mw_addr behind_proxies(const geo *g, mw_scope *s, mw_addr who)
{
    mw_addr before;
    mw_str  list;

    if (g->proxies.n == 0 || !mw_var_get(s, g->forwarded, &list))
        return who;
    while (trusted(g, &who) && last_address(&list, &before)) {
        who = before;
        (void)mw_addr_unmap(&who);
        if (!g->recursive)
            break;
    }
    return who;
}

static bool get_geo(mw_scope *s, const mw_var *v, mw_str *text)
{
    const geo    *g = (const geo *)v->data;
    mw_addr       who;
    mw_str        address;
    const mw_str *value;

    mw_var_get(s, g->address, &address);
    if (!mw_addr_ip(address, &who))
        who = nobody;
    (void)mw_addr_unmap(&who);
    who = behind_proxies(g, s, who);
    if (g->ranges && who.family != MW_IPV4)
        who = nobody;
    value = mw_ranges_find(g->table, &who);
    *text = value != NULL ? *value : g->otherwise;
    return true;
}

static mw_rc read_cidr(mw_bind *b, const mw_node *n, mw_str text, mw_cidr *c)
{
    switch (mw_cidr_parse(text, c)) {
    case MW_CIDR_LOW_BITS:
        mw_bind_warn(b, n, "low address bits of %.*s are meaningless", MW_S(text));
        return MW_OK;
    case MW_CIDR_FINE:
        if (c->family == MW_IPV4 || c->family == MW_IPV6)
            return MW_OK;
        break;
    case MW_CIDR_BAD:
        break;
    }
    return mw_bind_error(b, n, "invalid network \"%.*s\"", MW_S(text));
}

static void add_net(mw_bind *b, geo *g, const mw_node *n, const mw_cidr *c)
{
    const mw_str *old = mw_ranges_add_net(g->table, c, n->args[0]);

    if (old != NULL)
        mw_bind_warn(b, n, "duplicate network \"%.*s\", value: \"%.*s\", old value: \"%.*s\"", MW_S(n->name),
                     MW_S(n->args[0]), MW_S(*old));
}

static mw_rc add_default(mw_bind *b, geo *g, const mw_node *n)
{
    static const mw_cidr all[] = { { .family = MW_IPV4 }, { .family = MW_IPV6 } };

    if (!g->ranges) {
        add_net(b, g, n, &all[0]);
        add_net(b, g, n, &all[1]);
        return MW_OK;
    }
    if (g->has_otherwise)
        mw_bind_warn(b, n, "duplicate default geo range value: \"%.*s\", old value: \"%.*s\"", MW_S(n->args[0]),
                     MW_S(g->otherwise));
    g->has_otherwise = true;
    g->otherwise = n->args[0];
    return MW_OK;
}

static void span_text(mw_out *o, const mw_span *s)
{
    for (unsigned i = 0; i < 8; i++) {
        mw_out_u64(o, (i < 4 ? s->from >> (24 - 8 * i) : s->upto >> (56 - 8 * i)) & 255);
        if (i < 7)
            mw_out_char(o, i == 3 ? '-' : '.');
    }
}

static mw_rc add_range(mw_bind *b, geo *g, const mw_node *n, mw_str text, bool cut)
{
    char    room[40];
    mw_out  o = mw_out_on(room, sizeof room);
    mw_span s, clash;
    mw_str  old;

    if (!mw_span_parse(text, &s))
        return mw_bind_error(b, n, "invalid range \"%.*s\"", MW_S(text));
    if (cut) {
        if (!mw_ranges_cut_span(g->table, s.from, s.upto))
            mw_bind_warn(b, n, "no address range \"%.*s\" to delete", MW_S(text));
        return MW_OK;
    }
    s.value = n->args[0];
    switch (mw_ranges_add_span(g->table, &s, &old, &clash)) {
    case MW_END:
        mw_bind_warn(b, n, "duplicate range \"%.*s\", value: \"%.*s\", old value: \"%.*s\"", MW_S(text), MW_S(s.value),
                     MW_S(old));
        return MW_OK;
    case MW_ERR:
        span_text(&o, &clash);
        return mw_bind_error(b, n, "range \"%.*s\" overlaps \"%.*s\"", MW_S(text), MW_S(mw_out_done(&o)));
    case MW_OK:
    case MW_AGAIN:
        break;
    }
    return MW_OK;
}

static mw_rc add_network(mw_bind *b, geo *g, const mw_node *n, mw_str text, bool cut)
{
    mw_cidr c;

    if (read_cidr(b, n, text, &c) != MW_OK)
        return MW_ERR;
    if (!cut)
        add_net(b, g, n, &c);
    else if (!mw_ranges_cut_net(g->table, &c))
        mw_bind_warn(b, n, "no network \"%.*s\" to delete", MW_S(text));
    return MW_OK;
}

static mw_rc add_proxy(mw_bind *b, geo *g, const mw_node *n)
{
    mw_cidr c;

    if (read_cidr(b, n, n->args[0], &c) != MW_OK)
        return MW_ERR;
    if (g->proxies.n == 0)
        g->forwarded = mw_vars_need(b, n, MW_STR("http_x_forwarded_for"));
    *MW_PUSH(b->arena, &g->proxies, mw_cidr) = c;
    return MW_OK;
}

/* ranges, proxy_recursive and volatile: words without a value. */
static mw_rc read_word(mw_bind *b, geo *g, const mw_node *n)
{
    if (mw_str_eq(n->name, MW_STR("ranges"))) {
        if (g->begun)
            return mw_bind_error(b, n, "the \"ranges\" directive must be the first directive inside \"geo\" block");
        g->ranges = true;
        return MW_OK;
    }
    if (g->http && mw_str_eq(n->name, MW_STR("proxy_recursive"))) {
        g->recursive = true;
        return MW_OK;
    }
    if (mw_str_eq(n->name, MW_STR("volatile"))) {
        g->fleeting = true;
        return MW_OK;
    }
    return mw_bind_error(b, n, "invalid number of the geo parameters");
}

static mw_rc add_line(mw_bind *b, geo *g, const mw_node *n)
{
    bool   cut = mw_str_eq(n->name, MW_STR("delete"));
    mw_str text;

    if (n->block)
        return mw_bind_error(b, n, "unexpected \"{\"");
    if (n->nargs == 0)
        return read_word(b, g, n);
    if (n->nargs != 1)
        return mw_bind_error(b, n, "invalid number of the geo parameters");
    if (g->http && mw_str_eq(n->name, MW_STR("proxy")))
        return add_proxy(b, g, n);
    g->begun = true;
    if (mw_str_eq(n->name, MW_STR("default")))
        return add_default(b, g, n);
    text = cut ? n->args[0] : n->name;
    return g->ranges ? add_range(b, g, n, text, cut) : add_network(b, g, n, text, cut);
}

static mw_rc set_geo(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    geo    *g = MW_NEW(b->arena, geo);
    mw_rc   rc = MW_OK;
    mw_var *v;

    (void)d;
    (void)field;
    for (unsigned i = 0; i < n->nargs; i++)
        if (mw_str_char(n->args[i], 0) != '$' || n->args[i].len == 1)
            return mw_bind_error_at(b, n, i, "invalid variable name \"%.*s\"", MW_S(n->args[i]));
    g->http = b->level->where == IN_HTTP;
    g->table = mw_ranges_new(b->arena);
    g->address = mw_vars_need(b, n, n->nargs == 2 ? mw_str_drop(n->args[0], 1) : MW_STR("remote_addr"));
    v = mw_vars_define(b, n, mw_str_drop(n->args[n->nargs - 1], 1));
    if (v == NULL)
        return MW_ERR;
    v->get = get_geo;
    v->data = (uintptr_t)g;
    for (const mw_node *kid = n->kids; kid != NULL; kid = kid->next)
        if (add_line(b, g, kid) != MW_OK)
            rc = MW_ERR;
    mw_ranges_freeze(g->table);
    v->fleeting = g->fleeting;
    return rc;
}

const mw_directive mw_geo_directives[] = {
    { .name = "geo", .where = IN_HTTP | IN_STREAM, .least = 1, .most = 2, .set = set_geo, .block = MW_RAW,
      .repeat = true, .help = "Gives a variable the value of the network or range in which an address lies." },
    { 0 }
};

const mw_module mw_geo_module = { .name = "geo", .directives = mw_geo_directives };
