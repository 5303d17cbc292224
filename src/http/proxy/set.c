/* set.c - readers of proxy_* directives that are more than one value.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "http/proxy/conf.h"

mw_rc mw_set_proxy_header(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_proxy_header *h = MW_PUSH(b->arena, (mw_array *)field, mw_proxy_header);

    (void)d;
    h->name = n->args[0];
    h->value = mw_expr_compile(b, n, n->args[1]);
    return h->value != NULL ? MW_OK : MW_ERR;
}

/* What to find, the first argument: "~REGEX", "~*REGEX", or text with variables.  fold: letters are alike anyway. */
static mw_rc read_pattern(mw_bind *b, const mw_node *n, bool fold, const mw_regex **regex, mw_expr **expr)
{
    mw_str text = n->args[0];
    bool   star = mw_str_char(text, 1) == '*';

    if (mw_str_char(text, 0) != '~') {
        *expr = mw_expr_compile(b, n, text);
        return *expr != NULL ? MW_OK : MW_ERR;
    }
    *regex = mw_scope_regex(b, n, mw_str_drop(text, star ? 2 : 1), star || fold);
    return *regex != NULL ? MW_OK : MW_ERR;
}

/* proxy_redirect, proxy_cookie_domain, proxy_cookie_path; extra 1: knows `default`; 2: of domains. */
mw_rc mw_set_proxy_rules(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_proxy_rules *rules = field;
    mw_proxy_rule  *rule;

    if (rules->off)
        return n->nargs == 1 && mw_str_eq(n->args[0], MW_STR("off"))
             ? mw_bind_error(b, n, "\"%s\" directive is duplicate", d->name) : MW_OK;
    if (n->nargs == 1) {
        if (mw_str_eq(n->args[0], MW_STR("off"))) {
            *rules = (mw_proxy_rules){ .off = true };
            return MW_OK;
        }
        if (d->extra != 1 || !mw_str_eq(n->args[0], MW_STR("default")))
            return mw_bind_error_at(b, n, 0, "invalid parameter \"%.*s\"", MW_S(n->args[0]));
        rules->otherwise = true;
    }
    rule = MW_PUSH(b->arena, &rules->list, mw_proxy_rule);      /* empty: the default, filled in ready */
    if (n->nargs == 1)
        return MW_OK;
    if (read_pattern(b, n, d->extra == 2, &rule->regex, &rule->from) != MW_OK)
        return MW_ERR;
    rule->to = mw_expr_compile(b, n, n->args[1]);
    return rule->to != NULL ? MW_OK : MW_ERR;
}

static bool known_flag(mw_str word)
{
    static const mw_str flags[] = {
        MW_STR_C("secure"), MW_STR_C("nosecure"), MW_STR_C("httponly"), MW_STR_C("nohttponly"),
            MW_STR_C("samesite=strict"),
        MW_STR_C("samesite=lax"), MW_STR_C("samesite=none"), MW_STR_C("nosamesite"),
    };

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (mw_str_ieq(word, flags[i])) return true;
    return mw_str_index(word, '$') < word.len;
}

mw_rc mw_set_proxy_cookie_flags(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_proxy_rules *rules = field;
    mw_proxy_flags *f;

    if (n->nargs == 1) {
        if (!mw_str_eq(n->args[0], MW_STR("off")))
            return mw_bind_error_at(b, n, 0, "invalid parameter \"%.*s\"", MW_S(n->args[0]));
        *rules = (mw_proxy_rules){ .off = true };
        return MW_OK;
    }
    if (rules->off)
        return mw_bind_error(b, n, "\"%s\" directive is duplicate", d->name);
    f = MW_PUSH(b->arena, &rules->list, mw_proxy_flags);
    f->flags.at = MW_NEWS(b->arena, mw_expr *, n->nargs - 1);
    for (unsigned i = 1; i < n->nargs; i++) {
        if (!known_flag(n->args[i]))
            return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(n->args[i]));
        f->flags.at[f->flags.n] = mw_expr_compile(b, n, n->args[i]);
        if (f->flags.at[f->flags.n++] == NULL)
            return MW_ERR;
    }
    return read_pattern(b, n, true, &f->regex, &f->cookie);
}

mw_rc mw_set_proxy_version(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    if (mw_str_eq(n->args[0], MW_STR("1.0")))
        *(mw_enum *)field = MW_HTTP_10;
    else if (mw_str_eq(n->args[0], MW_STR("1.1")))
        *(mw_enum *)field = MW_HTTP_11;
    else if (mw_str_eq(n->args[0], MW_STR("2")))
        return mw_bind_error_at(b, n, 0, "HTTP/2 towards upstreams is not in this build");
    else
        return mw_bind_error_at(b, n, 0, "invalid value \"%.*s\"", MW_S(n->args[0]));
    return MW_OK;
}

mw_rc mw_set_proxy_store(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_store_to *s = field;

    (void)d;
    *s = (mw_store_to){ 0 };
    if (mw_str_eq(n->args[0], MW_STR("off")))
        return MW_OK;
    s->on = true;
    if (mw_str_eq(n->args[0], MW_STR("on")))
        return MW_OK;
    if (n->args[0].len == 0)
        return mw_bind_error_at(b, n, 0, "empty path");
    s->path = mw_expr_compile(b, n, mw_str_char(n->args[0], 0) == '$' ? n->args[0] : mw_bind_path(b, n->args[0]));
    return s->path != NULL ? MW_OK : MW_ERR;
}

/* "user:rw group:r all:r"; the owner may always read and write. */
mw_rc mw_set_proxy_bind(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_bind_to *to = field;
    mw_str      text;
    mw_addr     address;

    (void)d;
    *to = (mw_bind_to){ 0 };
    if (n->nargs == 1 && mw_str_eq(n->args[0], MW_STR("off")))
        return MW_OK;
    if (n->nargs == 2) {
        if (!mw_str_eq(n->args[1], MW_STR("transparent")))
            return mw_bind_error_at(b, n, 1, "invalid parameter \"%.*s\"", MW_S(n->args[1]));
        to->transparent = b->wants->net_raw = true;
    }
    to->address = mw_expr_compile(b, n, n->args[0]);
    if (to->address == NULL)
        return MW_ERR;
    if (mw_expr_is_constant(to->address, &text) && !mw_addr_parse(text, 0, &address))
        return mw_bind_error_at(b, n, 0, "invalid address \"%.*s\"", MW_S(text));
    return MW_OK;
}

bool mw_proxy_is_store(mw_str name)
{
    return mw_str_starts(name, MW_STR("engine:")) || mw_str_starts(name, MW_STR("data:"))
        || mw_str_starts(name, MW_STR("store:"));
}

/* A file below the configuration's folder; one that has variables is put there when it is known. */
mw_rc mw_set_proxy_file(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_str text = n->args[0];

    (void)d;
    if (text.len > 0 && mw_str_index(text, '$') == text.len && !mw_proxy_is_store(text))
        text = mw_bind_conf_path(b, text);
    *(mw_expr **)field = mw_expr_compile(b, n, text);
    return *(mw_expr **)field != NULL ? MW_OK : MW_ERR;
}
