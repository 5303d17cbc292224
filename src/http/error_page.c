/* error_page.c - error_page: from a refusal to another way, and the built-in pages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/error_page.h"

#include "config.h"
#include "http/status.h"
#include "http/uri.h"

static const mw_error_page *page_for(const mw_request *r, int status)
{
    const mw_http_conf *core = r->place->core;

    if (r->erred && !core->recursive_error_pages)
        return NULL;
    for (size_t i = 0; i < core->error_pages.n; i++) {
        const mw_error_page *e = &MW_ITEM(&core->error_pages, mw_error_page, i);

        if (e->status == status) return e;
    }
    return NULL;
}

bool mw_error_page_has(const mw_request *r, int status) { return page_for(r, status) != NULL; }

mw_verdict mw_error_page_refresh(mw_request *r, int status, mw_str location)
{
    mw_str agent = mw_fields_value(&r->head, MW_T_USER_AGENT);
    mw_out pen;

    if (!r->place->core->msie_refresh || (status != 301 && status != 302)
        || mw_str_find(agent, MW_STR("MSIE ")) == agent.len)
        return MW_PASS;
    pen = mw_arena_pen(r->arena, mw_uri_escaped_size(location, MW_ESCAPE_REFRESH) + 128);
    mw_out_str(&pen, MW_STR("<html><head><meta http-equiv=\"Refresh\" content=\"0; URL="));
    mw_uri_escape(&pen, location, MW_ESCAPE_REFRESH);
    mw_out_str(&pen, MW_STR("\"></head><body></body></html>\r\n"));
    r->res.type = MW_STR("text/html");
    r->err_status = 0;
    return mw_answer(r, 200, mw_out_done(&pen));
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

mw_verdict mw_error_page_try(mw_request *r, int status)
{
    const mw_error_page *e = page_for(r, status);
    mw_str               uri, args;
    mw_verdict           v;

    if (e == NULL || r->redirected >= 10)
        return MW_PASS;
    uri = mw_expr_text(e->uri, &r->scope);
    r->erred = true;
    r->err_status = e->as >= 0 ? e->as : status;
    if (mw_str_char(uri, 0) == '/') {
        if (!mw_expr_is_constant(e->uri, &args) || e->args.len > 0)
            (void)mw_str_cut(uri, '?', &uri, &args);
        else
            args = (mw_str){ "", 0 };
        if (r->method != MW_HEAD) {
            r->method = MW_GET;
            r->method_name = MW_STR("GET");
        }
        return mw_redirect(r, uri, args);
    }
    if (mw_str_char(uri, 0) == '@')
        return mw_named(r, uri);
    r->err_status = is_redirect(r->err_status) ? r->err_status : 302;
    if (mw_error_page_refresh(r, r->err_status, uri) == MW_ANSWERED)
        return MW_ANSWERED;
    v = mw_error_page_built_in(r, r->err_status);
    mw_fields_add_token(r->arena, &r->res.head, MW_T_LOCATION, uri);
    return v;
}

static bool old_browser(const mw_request *r)
{
    mw_str agent = mw_fields_value(&r->head, MW_T_USER_AGENT);

    return mw_str_find(agent, MW_STR("MSIE ")) < agent.len || mw_str_find(agent, MW_STR("Chrome")) < agent.len;
}

static const char padding[] =
    "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"
    "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"
    "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"
    "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"
    "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"
    "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n";

/* Immortal: the end of every built-in page, by what server_tokens says. */
static mw_str signature(int tokens)
{
    switch ((mw_tokens_said)tokens) {
    case MW_TOKENS_OFF:
        return MW_STR("<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
    case MW_TOKENS_ON:
        return MW_STR("<hr><center>nginx/" MW_NGINX_VERSION "</center>\r\n</body>\r\n</html>\r\n");
    case MW_TOKENS_BUILD:
        return MW_STR("<hr><center>nginx/" MW_NGINX_VERSION " (" MW_BUILD ")</center>\r\n</body>\r\n</html>\r\n");
    }
    return MW_STR("");
}

mw_verdict mw_error_page_built_in(mw_request *r, int status)
{
    const mw_http_conf *core = r->place->core;
    mw_str              page = mw_status_page(status), tail, pad = { padding, sizeof padding - 1 };
    mw_chain            chain;
    uint64_t            bytes;

    mw_source_close(r->res.body);
    r->res.body = NULL;
    r->res.modified = -1;
    if (page.len == 0)
        return mw_answer(r, status, (mw_str){ "", 0 });
    tail = signature(core->server_tokens);
    mw_chain_init(&chain);
    mw_chain_add_static(&chain, page);
    mw_chain_add_static(&chain, tail);
    if (core->msie_padding && status >= 400 && r->version >= MW_HTTP_10 && old_browser(r))
        mw_chain_add_static(&chain, pad);
    bytes = chain.bytes;
    r->res.type = MW_STR("text/html");
    return mw_answer_source(r, status, mw_source_of_chain(r->arena, &chain), (int64_t)bytes);
}

/* error_page CODE... [=[CODE]] URI; */
static mw_rc read_as(mw_bind *b, const mw_node *n, unsigned last, int *as)
{
    mw_str   text = n->args[last];
    uint64_t code = 0;

    *as = -1;
    if (mw_str_char(text, 0) != '=')
        return MW_OK;
    *as = 0;
    if (text.len == 1)
        return MW_OK;
    if (!mw_str_u64(mw_str_drop(text, 1), &code) || code > 999)
        return mw_bind_error_at(b, n, last, "invalid value \"%.*s\"", MW_S(text));
    *as = (int)code;
    return MW_OK;
}

mw_rc mw_set_error_page(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_array *pages = field;
    mw_str    uri = n->args[n->nargs - 1], path, args = { "", 0 };
    mw_expr  *e;
    unsigned  codes = n->nargs - 1;
    int       as = -1;

    (void)d;
    if (codes > 1 || mw_str_char(n->args[codes - 1], 0) == '=') {
        if (read_as(b, n, codes - 1, &as) != MW_OK)
            return MW_ERR;
        if (as >= 0 || mw_str_eq(n->args[codes - 1], MW_STR("=")))
            codes--;
    }
    if (codes == 0)
        return mw_bind_error(b, n, "invalid value \"%.*s\"", MW_S(n->args[0]));
    e = mw_expr_compile(b, n, uri);
    if (e == NULL)
        return MW_ERR;
    if (mw_expr_is_constant(e, &path) && mw_str_char(uri, 0) == '/')
        (void)mw_str_cut(uri, '?', &path, &args);
    for (unsigned i = 0; i < codes; i++) {
        uint64_t code = 0;

        if (!mw_str_u64(n->args[i], &code))
            return mw_bind_error_at(b, n, i, "invalid value \"%.*s\"", MW_S(n->args[i]));
        if (code < 300 || code > 599 || code == MW_STATUS_CLIENT_CLOSED)
            return mw_bind_error_at(b, n, i, "value \"%.*s\" must be between 300 and 599", MW_S(n->args[i]));
        *MW_PUSH(b->arena, pages, mw_error_page) = (mw_error_page){ (int)code, as, e, args };
    }
    return MW_OK;
}
