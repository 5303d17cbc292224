/* conf.c - what is settled when a block's proxy_* directives are all read: checks, fields, hidden names, defaults.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/conf.h"

/* --- the fields that are sent ------------------------------------------------------------------------------------- */

static void say(mw_bind *b, mw_proxy_conf *c, mw_str name)
{
    mw_token t = mw_token_of(name);

    if (t != MW_T_NONE) {
        c->said |= UINT64_C(1) << t;
        c->says_length = c->says_length || t == MW_T_CONTENT_LENGTH;
        c->says_coding = c->says_coding || t == MW_T_TRANSFER_ENCODING;
        return;
    }
    if (c->said_names == NULL)
        c->said_names = mw_map_new(b->arena, true);
    mw_map_set(c->said_names, name, c);
}

/* Host first; what is hop by hop is never passed on (RFC 9110 7.6.1), but may be written. */
mw_rc mw_proxy_headers_compile(mw_bind *b, const mw_node *n, mw_proxy_conf *c)
{
    static const mw_token hop[] = {
        MW_T_HOST, MW_T_CONNECTION, MW_T_KEEP_ALIVE, MW_T_PROXY_CONNECTION, MW_T_TE, MW_T_TRAILER,
        MW_T_TRANSFER_ENCODING, MW_T_UPGRADE, MW_T_EXPECT, MW_T_CONTENT_LENGTH, MW_T_HTTP2_SETTINGS,
    };
    mw_proxy_header *host = NULL, *h;

    c->fields = (mw_array){ 0 };
    h = MW_PUSH(b->arena, &c->fields, mw_proxy_header);
    h->name = MW_STR("Host");
    for (size_t i = 0; i < c->headers.n; i++) {
        const mw_proxy_header *written = &MW_ITEM(&c->headers, mw_proxy_header, i);
        mw_str                 constant;

        say(b, c, written->name);
        if (mw_token_of(written->name) == MW_T_HOST) {
            host = &MW_ITEM(&c->fields, mw_proxy_header, 0);
            host->value = written->value;
            continue;
        }
        if (mw_expr_is_constant(written->value, &constant) && constant.len == 0)
            continue;
        *MW_PUSH(b->arena, &c->fields, mw_proxy_header) = *written;
    }
    for (size_t i = 0; i < sizeof hop / sizeof hop[0]; i++)
        c->said |= UINT64_C(1) << hop[i];
    if (host != NULL)
        return MW_OK;
    host = &MW_ITEM(&c->fields, mw_proxy_header, 0);
    host->value = mw_expr_compile(b, n, MW_STR("$proxy_host"));
    return host->value != NULL ? MW_OK : MW_ERR;
}

static void hide(mw_bind *b, mw_proxy_conf *c)
{
    static const mw_str always[] = {
        MW_STR_C("Date"), MW_STR_C("Server"), MW_STR_C("X-Pad"), MW_STR_C("X-Accel-Expires"),
        MW_STR_C("X-Accel-Redirect"), MW_STR_C("X-Accel-Limit-Rate"), MW_STR_C("X-Accel-Buffering"),
        MW_STR_C("X-Accel-Charset"),
    };

    c->hidden = mw_map_new(b->arena, true);
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        mw_map_set(c->hidden, always[i], c);
    for (unsigned i = 0; i < c->hide.n; i++)
        mw_map_set(c->hidden, c->hide.at[i], c);
    for (unsigned i = 0; i < c->pass.n; i++)
        (void)mw_map_cut(c->hidden, c->pass.at[i]);
    for (unsigned t = MW_T_NONE + 1; t < MW_TOKENS; t++)
        if (mw_map_get(c->hidden, mw_token_name((mw_token)t)) != NULL) c->hides |= UINT64_C(1) << t;
    c->keeps_date = mw_map_get(c->hidden, MW_STR("Date")) == NULL;
    c->keeps_server = mw_map_get(c->hidden, MW_STR("Server")) == NULL;
}

/* --- proxy_redirect default --------------------------------------------------------------------------------------- */

static void default_rule(mw_bind *b, const mw_proxy_target *t, mw_proxy_rule *rule)
{
    mw_str parts[2] = { t->url, MW_STR("/") };

    if (t->uri.len > 0) {
        rule->from = mw_expr_constant(b->arena, t->url);
        rule->to = mw_expr_constant(b->arena, t->location);
        return;
    }
    rule->from = mw_expr_constant(b->arena, mw_arena_join(b->arena, parts, 2));
    rule->to = mw_expr_constant(b->arena, MW_STR("/"));
}

static mw_rc redirects(mw_bind *b, const mw_node *n, mw_proxy_conf *c)
{
    const mw_proxy_target *t = c->target;
    const mw_array        *written = &c->redirect.list;

    if (t == NULL || c->redirect.off)
        return MW_OK;
    if (t->expr != NULL && !c->redirect.otherwise)
        c->redirects = *written;
    if (t->expr != NULL)
        return c->redirect.otherwise ? mw_bind_error(b, n,
            "\"proxy_redirect default\" cannot be used with \"proxy_pass\" "
                                                     "directive with variables") : MW_OK;
    if (written->n == 0)
        default_rule(b, t, MW_PUSH(b->arena, &c->redirects, mw_proxy_rule));
    for (size_t i = 0; i < written->n; i++) {
        mw_proxy_rule *rule = MW_PUSH(b->arena, &c->redirects, mw_proxy_rule);

        *rule = MW_ITEM(written, mw_proxy_rule, i);
        if (rule->to == NULL)
            default_rule(b, t, rule);
    }
    return MW_OK;
}

/* --- buffers ------------------------------------------------------------------------------------------------------ */

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

static mw_rc buffers(mw_bind *b, const mw_node *n, mw_exchange_conf *w)
{
    uint64_t size = larger(w->buffer_size.bytes, w->buffers.size.bytes);
    uint64_t all = (uint64_t)w->buffers.n * w->buffers.size.bytes;
    uint64_t busy = w->busy_size.bytes != 0 ? w->busy_size.bytes : 2 * size;

    if (w->buffers.n < 2)
        return mw_bind_error(b, n, "there must be at least 2 \"proxy_buffers\"");
    if (busy < size)
        return mw_bind_error(b, n,
            "\"proxy_busy_buffers_size\" must be equal to or greater than the maximum of the value of "
                             "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
    if (busy > all - w->buffers.size.bytes)
        return mw_bind_error(b, n,
            "\"proxy_busy_buffers_size\" must be less than the size of all \"proxy_buffers\" minus one "
                             "buffer");
    if (w->temp_write.bytes != 0 && w->temp_write.bytes < size)
        return mw_bind_error(b, n,
            "\"proxy_temp_file_write_size\" must be equal to or greater than the maximum of the value of "
                             "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
    if (w->temp_max.bytes != 0 && w->temp_max.bytes < size)
        return mw_bind_error(b, n,
            "\"proxy_max_temp_file_size\" must be equal to zero to disable temporary files usage or must "
            "be equal to or greater than the maximum of the value of "
            "\"proxy_buffer_size\" and one of the \"proxy_buffers\"");
    return MW_OK;
}

/* --- TLS ---------------------------------------------------------------------------------------------------------- */

static mw_str constant_of(const mw_expr *e)
{
    mw_str text = { "", 0 };

    return e != NULL && mw_expr_is_constant(e, &text) ? text : MW_STR("");
}

static mw_rc tls(mw_bind *b, mw_proxy_conf *c)
{
    mw_proxy_tls  *t = &c->tls;
    mw_tls_client *k;

    if (c->target == NULL || (c->target->expr == NULL && !c->target->tls))
        return MW_OK;
    if (c->target->expr != NULL && mw_str_istarts(c->target->url, MW_STR("http:")))
        return MW_OK;
    t->folder = b->folder;
    k = MW_NEW(b->arena, mw_tls_client);
    k->protocols = t->protocols;
    k->ciphers = t->ciphers;
    k->trusted_certificate = t->trusted_certificate;
    k->crl = t->crl;
    k->verify = t->verify;
    k->session_reuse = t->session_reuse;
    k->server_name = t->server_name;
    k->verify_depth = t->verify_depth;
    k->certificate = constant_of(t->certificate);
    k->key = constant_of(t->key);
    k->password_file = t->password_file;
    k->commands = t->commands;
    k->cache = t->cache;
    t->client = k;
    return mw_tls_client_ready(b, k);
}

mw_rc mw_proxy_ready(mw_bind *b, const mw_level *level, void *conf)
{
    mw_proxy_conf *c = conf;

    if (level->node == NULL)                    /* the main level: only defaults */
        return MW_OK;
    c->way.pool = mw_arena_fmt(b->arena, "%p", conf);
    if (buffers(b, level->node, &c->way) != MW_OK || mw_proxy_headers_compile(b, level->node, c) != MW_OK)
        return MW_ERR;
    hide(b, c);
    if (c->target != NULL && c->way.temp_max.bytes > 0)
        mw_wants_dir(b->wants, b->arena, c->way.temp_path);
    if (redirects(b, level->node, c) != MW_OK)
        return MW_ERR;
    return tls(b, c);
}
