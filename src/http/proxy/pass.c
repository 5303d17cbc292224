/* pass.c - proxy_pass: its URL, and where it may stand with which parts of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/build.h"
#include "http/proxy/conf.h"

bool mw_proxy_url_split(mw_str url, mw_proxy_target *t)
{
    mw_str rest;
    size_t end, colon;

    if (mw_str_istarts(url, MW_STR("http://"))) {
        rest = mw_str_drop(url, 7);
    } else if (mw_str_istarts(url, MW_STR("https://"))) {
        rest = mw_str_drop(url, 8);
        t->tls = true;
    } else {
        return false;
    }
    if (mw_str_istarts(rest, MW_STR("unix:"))) {        /* unix:/path:/uri */
        size_t path = mw_str_index(mw_str_drop(rest, 5), ':') + 5;

        t->host = mw_str_take(rest, path);
        t->uri = mw_str_drop(rest, path + 1);
        t->port = MW_STR("");
        return true;
    }
    for (end = 0; end < rest.len; end++)
        if (mw_str_char(rest, end) == '/' || mw_str_char(rest, end) == '?') break;
    t->host = mw_str_take(rest, end);
    t->uri = mw_str_drop(rest, end);
    colon = mw_str_rindex(t->host, ':');
    t->port = t->tls ? MW_STR("443") : MW_STR("80");
    if (colon < t->host.len && mw_str_index(mw_str_drop(t->host, colon), ']') == t->host.len - colon)
        t->port = mw_str_drop(t->host, colon + 1);
    return true;
}

typedef struct standing { mw_str location; bool no_uri; } standing;

/* The location that a block belongs to, and whether a URI may be put in its place. */
static standing stands_in(const mw_level *level)
{
    standing       s = { .location = MW_STR("") };
    const mw_node *n;
    mw_str         mark, name;

    for (; level->where != IN_LOCATION; level = level->parent) {
        s.no_uri = true;                        /* `if`, limit_except */
        if (level->parent == NULL)
            return s;
    }
    n = level->node;
    mark = n->args[0];
    name = n->args[n->nargs - 1];
    if (n->nargs == 1) {
        mark = mw_str_starts(name, MW_STR("~*")) || mw_str_starts(name, MW_STR("^~")) ? mw_str_take(name, 2)
             : mw_str_char(name, 0) == '=' || mw_str_char(name, 0) == '~' ? mw_str_take(name, 1) : MW_STR("");
        name = mw_str_drop(name, mark.len);
    }
    if (mw_str_char(mark, 0) == '~' || mw_str_char(name, 0) == '@')
        s.no_uri = true;
    else
        s.location = name;
    return s;
}

mw_rc mw_set_proxy_pass(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_proxy_target *t = MW_NEW(b->arena, mw_proxy_target);
    mw_proxy_conf   *top = mw_bind_conf(b, b->top, &mw_proxy_module);
    standing         s = stands_in(b->level);
    mw_str           url = n->args[0];

    (void)d;
    t->node = n;
    *(mw_proxy_target **)field = t;
    if (mw_str_index(url, '$') < url.len) {
        t->url = url;
        t->expr = mw_expr_compile(b, n, url);
        return t->expr != NULL ? MW_OK : MW_ERR;
    }
    t->url = url;
    if (!mw_proxy_url_split(url, t))
        return mw_bind_error_at(b, n, 0, "invalid URL prefix");
    if (t->host.len == 0)
        return mw_bind_error_at(b, n, 0, "no host in upstream \"%.*s\"", MW_S(url));
    if (t->uri.len > 0 && s.no_uri)
        return mw_bind_error(b, n, "\"proxy_pass\" cannot have URI part in location given by regular expression, "
            "or inside "
                             "named location, or inside \"if\" statement, or inside \"limit_except\" block");
    t->location = s.location;
    *MW_PUSH(b->arena, &top->targets, mw_proxy_target *) = t;
    return MW_OK;
}

mw_rc mw_proxy_finish(mw_bind *b)
{
    mw_proxy_conf *top = mw_bind_conf(b, b->top, &mw_proxy_module);
    mw_rc          rc = MW_OK;

    for (size_t i = 0; i < top->targets.n; i++) {
        mw_proxy_target *t = MW_ITEM(&top->targets, mw_proxy_target *, i);

        t->group = mw_group_find(b, t->node, t->host, t->tls ? 443 : 80);
        if (t->group == NULL)
            rc = MW_ERR;
        if (mw_str_starts(t->host, MW_STR("unix:")))
            t->host = MW_STR("localhost");
    }
    return rc;
}
