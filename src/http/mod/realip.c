/* realip.c - set_real_ip_from, real_ip_header, real_ip_recursive: who the client really is, as those say whom we trust.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/vars.h"

typedef struct {
    mw_array from;              /* of mw_cidr */
    mw_str   header;
    bool     recursive;
} real_conf;

typedef struct { bool done; } real_once;

static bool real_applies(const void *conf)
{
    const real_conf *c = conf;
    return c->from.n > 0;
}

static bool trusted(const real_conf *c, const mw_addr *who)
{
    for (size_t i = 0; i < c->from.n; i++)
        if (mw_cidr_has(&MW_ITEM(&c->from, mw_cidr, i), who)) return true;
    return false;
}

/* The last of the addresses in a list; what is before it is left.  false: the list is empty. */
static bool cut_last(mw_str *list, mw_str *last)
{
    size_t end = list->len, at;

    while (end > 0 && (list->at[end - 1] == ' ' || list->at[end - 1] == ',' || list->at[end - 1] == '\t'))
        end--;
    for (at = end; at > 0 && list->at[at - 1] != ' ' && list->at[at - 1] != ','; at--)
        ;
    *last = mw_str_part(*list, at, end);
    *list = mw_str_take(*list, at);
    return last->len > 0;
}

static bool parse(mw_str text, mw_addr *a)
{
    return mw_addr_ip(text, a) || (!mw_str_starts(text, MW_STR("unix:")) && mw_addr_parse(text, 0, a));
}

/* From the last one on, as long as he who names it is trusted.  false: *who is as before. */
static bool follow(const real_conf *c, mw_str list, mw_addr *who)
{
    bool   moved = false;
    mw_str last;

    while (trusted(c, who) && cut_last(&list, &last)) {
        mw_addr a;

        if (!parse(last, &a))
            break;
        *who = a;
        moved = true;
        if (!c->recursive)
            break;
    }
    return moved;
}

static mw_verdict real_step(mw_request *r, const void *conf, void *ctx)
{
    const real_conf *c = conf;
    real_once       *once = mw_request_once(r, &mw_realip_module);
    mw_addr          who = *r->client;
    mw_str           list;

    (void)ctx;
    if (once->done)
        return MW_PASS;
    if (mw_str_ieq(c->header, MW_STR("proxy_protocol"))) {
        if (r->visit->proxied_from == NULL || !trusted(c, &who))
            return MW_PASS;
        who = *r->visit->proxied_from;
    } else {
        list = mw_fields_joined(r->arena, &r->head, c->header, ',');
        if (list.at == NULL || !follow(c, list, &who))
            return MW_PASS;
    }
    once->done = true;
    r->client = MW_NEW(r->main->arena, mw_addr);
    *(mw_addr *)r->client = mw_addr_keep(r->main->arena, &who);
    return MW_PASS;
}

static bool get_addr(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_out o = mw_arena_pen(s->arena, 64);

    (void)v;
    mw_addr_ip_text(&o, &mw_scope_request(s)->visit->peer);
    return mw_got(text, mw_out_done(&o));
}

static bool get_port(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_addr *a = &mw_scope_request(s)->visit->peer;

    (void)v;
    if (a->family != MW_IPV4 && a->family != MW_IPV6)
        return mw_got(text, MW_STR(""));
    return mw_got_u64(s, text, a->port);
}

static const mw_var real_vars[] = {
    { "realip_remote_addr", .get = get_addr },
    { "realip_remote_port", .get = get_port },
    { .name = NULL }
};

/* All addresses of a name, asked for now. */
static mw_rc add_host(mw_bind *b, const mw_node *n, mw_array *to)
{
    mw_addr    *list;
    size_t      count;
    const char *why = "host not found";

    if (mw_addr_lookup(b->arena, n->args[0], 80, &list, &count, &why) != MW_OK)
        return mw_bind_error_at(b, n, 0, "%s in set_real_ip_from \"%.*s\"", why, MW_S(n->args[0]));
    for (size_t i = 0; i < count; i++) {
        mw_cidr *c = MW_PUSH(b->arena, to, mw_cidr);

        c->family = list[i].family;
        c->bits = list[i].family == MW_IPV4 ? 32 : 128;
        memcpy(c->ip, list[i].ip, sizeof c->ip);
    }
    return MW_OK;
}

static mw_rc set_from(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_cidr c;

    (void)d;
    switch (mw_cidr_parse(n->args[0], &c)) {
    case MW_CIDR_LOW_BITS:
        mw_bind_warn(b, n, "low address bits of %.*s are meaningless", MW_S(n->args[0]));
        break;
    case MW_CIDR_FINE:
        break;
    case MW_CIDR_BAD:
        if (mw_str_index(n->args[0], '/') < n->args[0].len)
            return mw_bind_error_at(b, n, 0, "invalid parameter \"%.*s\"", MW_S(n->args[0]));
        return add_host(b, n, field);
    }
    *MW_PUSH(b->arena, (mw_array *)field, mw_cidr) = c;
    return MW_OK;
}

static const mw_directive real_directives[] = {
    { "set_real_ip_from", IN_WEB, 1, 1, MW_FIELD_BY(real_conf, from, set_from), .repeat = true,
      .help = "who is trusted to name the client: an address, a network, a host name, unix:" },
    { "real_ip_header", IN_WEB, 1, 1, MW_FIELD(real_conf, header), .otherwise = "X-Real-IP",
      .help = "the field that names the client, or proxy_protocol" },
    { "real_ip_recursive", IN_WEB, 1, 1, MW_FIELD(real_conf, recursive), .otherwise = "off",
      .help = "goes on to the last address that is not trusted" },
    { 0 }
};

static const mw_http_part real_http = {
    .once_size = sizeof(real_once), .applies = real_applies, .post_read = real_step, .preaccess = real_step,
    .steps_on = MW_ON_MAIN, .vars = real_vars,
};

const mw_module mw_realip_module = {
    .name = "realip", .directives = real_directives, .conf_size = sizeof(real_conf), .http = &real_http,
};
