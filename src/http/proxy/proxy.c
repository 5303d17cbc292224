/* proxy.c - the module proxy: its table, and the content step that asks an upstream.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/proxy.h"

#include "config.h"
#include "http/build.h"
#include "http/proxy/conf.h"
#include "http/proxy/headers.h"
#include "http/proxy/http1.h"
#include "http/proxy/resolvers.h"
#include "http/proxy/spool.h"
#include "http/proxy/target.h"

typedef struct proxy_ctx { mw_exchange *x; mw_http1 speaker; mw_proxy_target now; } proxy_ctx;

static bool proxy_applies(const void *conf)
{
    const mw_proxy_conf *c = conf;
    return c->target != NULL;
}

/* Which idle connections may be taken: none of another location where it has its own, none to another TLS name,
 * or with a certificate of another client. */
static mw_str key_of(mw_exchange *x)
{
    if (x->tls != NULL) {
        mw_str parts[5] = { x->way->pool, MW_STR(" "), x->tls_name, MW_STR(" "),
                            mw_proxy_tls_file(x->r, x->tls, x->tls->certificate) };

        return mw_arena_join(x->r->arena, parts, 5);
    }
    return x->group == NULL || x->group->implicit || x->group->keep.local ? x->way->pool : MW_STR("");
}

static mw_str without_port(mw_str host)
{
    size_t colon = mw_str_rindex(host, ':');

    if (mw_str_starts(host, MW_STR("unix:")))
        return MW_STR("localhost");
    return colon < host.len && mw_str_index(mw_str_drop(host, colon), ']') == host.len - colon ? mw_str_take(host,
        colon)
                                                                                              : host;
}

static void set_tls(mw_exchange *x, const mw_proxy_conf *c, const mw_proxy_target *t)
{
    if (!t->tls)
        return;
    x->tls = &c->tls;
    x->tls_name = without_port(c->tls.name != NULL ? mw_expr_text(c->tls.name, &x->r->scope) : t->host);
}

/* The body is sent as it comes where it need not be kept for another try, and its framing can be said; unless all of it
 * is here already. */
static bool streams(mw_request *r, const mw_proxy_conf *c)
{
    if (c->way.request_buffering || r->parent != NULL || !mw_body_expected(r))
        return false;
    if (r->chunked && c->version != MW_HTTP_11)
        return false;
    return mw_body_early(r) != MW_OK || !r->body->whole;
}

static mw_rc begin(mw_request *r, const mw_proxy_conf *c, proxy_ctx *p)
{
    const mw_proxy_target *t = c->target;
    mw_facts              *facts = mw_facts_of(r);
    mw_http1              *h = &p->speaker;
    mw_exchange           *x;

    if (t->expr != NULL) {
        if (!mw_proxy_target_evaluate(r, t, &p->now))
            return MW_ERR;
        t = &p->now;
    }
    facts->scheme = t->tls ? MW_STR("https") : MW_STR("http");
    facts->host = mw_str_starts(t->host, MW_STR("unix:")) ? MW_STR("localhost") : t->host;
    facts->port = t->port;
    facts->uri = h->target = mw_proxy_target_text(r, t, t->uri);
    h->conf = c;
    h->method = c->method != NULL ? mw_expr_text(c->method, &r->scope) : r->method_name;
    h->head_asked = mw_str_eq(h->method, MW_STR("HEAD"));
    if (c->body != NULL)
        h->body = mw_expr_text(c->body, &r->scope);
    p->x = x = mw_exchange_new(r, &c->way, &mw_speak_http1, h);
    facts->head = &x->head;
    facts->trailers = MW_NEW(r->arena, mw_fields);
    x->group = t->group;
    x->host = t->host;
    x->port = t->tls ? 443 : 80;
    x->wants_body = c->body == NULL && c->way.pass_body;
    x->streams = x->wants_body && streams(r, c);
    x->limit = (uint64_t)c->way.buffers.n * c->way.buffers.size.bytes;
    set_tls(x, c, t);
    x->key = key_of(x);
    return MW_OK;
}

static void begin_store(mw_exchange *x)
{
    if (!x->way->store.on || x->status != 200 || x->r->parent != NULL)
        return;
    if (x->spool == NULL)
        x->spool = mw_spool_new(x->r);
    (void)mw_store_begin(x->spool, x->way);
}

/* The head is there, and it is the answer. */
static mw_verdict answer(mw_request *r, const mw_proxy_conf *c, proxy_ctx *p)
{
    mw_exchange    *x = p->x;
    mw_http1_state *s = &p->speaker.state;
    uint64_t        rate = 0;
    mw_verdict      v;

    if (mw_proxy_accel_redirect(x, c, &v) || mw_proxy_intercept(x, &v))
        return v;
    if (x->try.cookie.len > 0)
        (void)mw_fields_add_token(r->arena, &r->res.head, MW_T_SET_COOKIE, x->try.cookie);
    mw_proxy_pass_head(x, c);
    mw_proxy_head_for_us(x);
    r->res.status_line = s->line;
    r->res.judged = true;
    r->res.ranges = x->way->force_ranges && x->status == 200;
    if (x->way->limit_rate != NULL && mw_read_size(mw_expr_text(x->way->limit_rate, &r->scope), &rate))
        x->rate = x->buffered ? rate : 0;
    begin_store(x);
    v = mw_answer_source(r, x->status, mw_exchange_body(x), x->upgrade ? -1 : s->length);
    r->res.tunnel = x->upgrade;
    r->res.live = r->res.live || x->upgrade;
    r->keep_alive = r->keep_alive && x->status != 101;
    return v;
}

static mw_verdict proxy_content(mw_request *r, const void *conf, void *ctx)
{
    const mw_proxy_conf *c = conf;
    proxy_ctx           *p = ctx;

    if (p->x == NULL && begin(r, c, p) != MW_OK)
        return mw_refuse(r, 500);
    switch (mw_exchange_ask(p->x)) {
    case MW_AGAIN:
        return MW_WAIT;
    case MW_OK:
        return answer(r, c, p);
    case MW_END:
    case MW_ERR:
        break;
    }
    if (r->gone) {                              /* nobody is there to be told */
        r->res.status = p->x->status;
        return MW_ABORT;
    }
    return mw_refuse(r, p->x->status);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

typedef mw_proxy_conf C;

static const mw_choice next_words[] = {
    { "error", MW_NEXT_ERROR }, { "timeout", MW_NEXT_TIMEOUT }, { "invalid_header", MW_NEXT_INVALID },
    { "http_500", MW_NEXT_500 }, { "http_502", MW_NEXT_502 }, { "http_503", MW_NEXT_503 }, { "http_504", MW_NEXT_504 },
    { "http_403", MW_NEXT_403 }, { "http_404", MW_NEXT_404 }, { "http_429", MW_NEXT_429 },
    { "non_idempotent", MW_NEXT_NON_IDEMPOTENT }, { "off", MW_NEXT_OFF }, { NULL, 0 }
};
static const mw_choice ignored_words[] = {
    { "X-Accel-Redirect", MW_IGNORE_REDIRECT }, { "X-Accel-Expires", MW_IGNORE_X_EXPIRES },
    { "X-Accel-Limit-Rate", MW_IGNORE_LIMIT_RATE }, { "X-Accel-Buffering", MW_IGNORE_BUFFERING },
    { "X-Accel-Charset", MW_IGNORE_CHARSET }, { "Expires", MW_IGNORE_EXPIRES },
    { "Cache-Control", MW_IGNORE_CACHE_CONTROL }, { "Set-Cookie", MW_IGNORE_SET_COOKIE }, { "Vary", MW_IGNORE_VARY },
    { NULL, 0 }
};

enum { WHERE_PASS = IN_LOCATION | IN_IF | IN_LIMIT_EXCEPT };

const mw_directive mw_proxy_directives[] = {
    { "proxy_pass", WHERE_PASS, 1, 1, MW_FIELD_BY(C, target, mw_set_proxy_pass), .inherit = MW_INNER,
      .help = "passes requests to this server or group" },
    { "proxy_set_header", IN_WEB, 2, 2, MW_FIELD_BY(C, headers, mw_set_proxy_header), .repeat = true,
      .help = "a field of the request to the upstream; empty: it is not passed" },
    { "proxy_pass_header", IN_WEB, 1, 1, MW_FIELD(C, pass), .repeat = true,
      .help = "passes a response field that is hidden otherwise" },
    { "proxy_hide_header", IN_WEB, 1, 1, MW_FIELD(C, hide), .repeat = true,
        .help = "does not pass this response field" },
    { "proxy_pass_request_headers", IN_WEB, 1, 1, MW_FIELD(C, way.pass_headers), .otherwise = "on",
      .help = "passes the client's header fields" },
    { "proxy_pass_request_body", IN_WEB, 1, 1, MW_FIELD(C, way.pass_body), .otherwise = "on",
      .help = "passes the client's body" },
    { "proxy_pass_trailers", IN_WEB, 1, 1, MW_FIELD(C, way.pass_trailers), .otherwise = "off",
      .help = "passes trailers of responses" },
    { "proxy_set_body", IN_WEB, 1, 1, MW_RULE_FIELD(C, body), .help = "replaces the request's body" },
    { "proxy_method", IN_WEB, 1, 1, MW_RULE_FIELD(C, method), .help = "the method instead of the client's" },
    { "proxy_http_version", IN_WEB, 1, 1, MW_FIELD_BY(C, version, mw_set_proxy_version), .otherwise = "1.1",
      .help = "version of HTTP towards the upstream" },
    { "proxy_redirect", IN_WEB, 1, 2, MW_FIELD_BY(C, redirect, mw_set_proxy_rules), .extra = 1, .repeat = true,
      .help = "rewrites Location and Refresh of responses" },
    { "proxy_cookie_domain", IN_WEB, 1, 2, MW_FIELD_BY(C, cookie_domain, mw_set_proxy_rules), .extra = 2,
      .repeat = true,
      .help = "rewrites the domain of cookies" },
    { "proxy_cookie_path", IN_WEB, 1, 2, MW_FIELD_BY(C, cookie_path, mw_set_proxy_rules), .repeat = true,
      .help = "rewrites the path of cookies" },
    { "proxy_cookie_flags", IN_WEB, 1, 4, MW_FIELD_BY(C, cookie_flags, mw_set_proxy_cookie_flags), .repeat = true,
      .help = "sets or removes flags of cookies" },
    { "early_hints", IN_WEB, 1, MANY, MW_RULE_FIELD(C, early_hints), .repeat = true,
      .help = "passes 103 responses if one of these is neither empty nor 0" },

    { "proxy_buffering", IN_WEB, 1, 1, MW_FIELD(C, way.buffering), .otherwise = "on",
      .help = "reads a response ahead of the client" },
    { "proxy_request_buffering", IN_WEB, 1, 1, MW_FIELD(C, way.request_buffering), .otherwise = "on",
      .help = "reads a request's body whole before it is passed" },
    { "proxy_buffer_size", IN_WEB, 1, 1, MW_FIELD(C, way.buffer_size), .otherwise = "4k",
      .help = "largest head of a response" },
    { "proxy_buffers", IN_WEB, 2, 2, MW_FIELD(C, way.buffers), .otherwise = "8 4k",
      .help = "number and size of buffers: their product is read ahead into memory" },
    { "proxy_busy_buffers_size", IN_WEB, 1, 1, MW_FIELD(C, way.busy_size), .help = "checked against proxy_buffers" },
    { "proxy_max_temp_file_size", IN_WEB, 1, 1, MW_FIELD(C, way.temp_max), .otherwise = "1024m",
      .help = "largest temporary file of a response; 0: none" },
    { "proxy_temp_file_write_size", IN_WEB, 1, 1, MW_FIELD(C, way.temp_write),
        .help = "checked against proxy_buffers" },
    { "proxy_temp_path", IN_WEB, 1, 4, MW_FIELD_BY(C, way.temp_path, mw_set_temp_path), .otherwise = MW_PROXY_TEMP_PATH,
      .help = "folder for responses that do not fit in memory" },
    { "proxy_limit_rate", IN_WEB, 1, 1, MW_RULE_FIELD(C, way.limit_rate), .otherwise = "0",
      .help = "bytes a second that are read from the upstream; 0: no limit" },
    { "proxy_connect_timeout", IN_WEB, 1, 1, MW_FIELD(C, way.connect_timeout), .otherwise = "60s",
      .help = "longest time to connect" },
    { "proxy_send_timeout", IN_WEB, 1, 1, MW_FIELD(C, way.send_timeout), .otherwise = "60s",
      .help = "longest pause in sending" },
    { "proxy_read_timeout", IN_WEB, 1, 1, MW_FIELD(C, way.read_timeout), .otherwise = "60s",
      .help = "longest pause in reading" },
    { "proxy_next_upstream", IN_WEB, 1, MANY, MW_FLAGS(C, way.next, next_words), .otherwise = "error timeout",
      .help = "when the next server is tried" },
    { "proxy_next_upstream_timeout", IN_WEB, 1, 1, MW_FIELD(C, way.next_timeout), .otherwise = "0",
      .help = "how long; 0: any time" },
    { "proxy_next_upstream_tries", IN_WEB, 1, 1, MW_FIELD(C, way.next_tries), .otherwise = "0",
      .help = "how often; 0: all of them" },
    { "proxy_intercept_errors", IN_WEB, 1, 1, MW_FIELD(C, way.intercept), .otherwise = "off",
      .help = "error_page applies to statuses of the upstream" },
    { "proxy_ignore_headers", IN_WEB, 1, MANY, MW_FLAGS(C, way.ignore, ignored_words),
      .help = "response fields that are not obeyed" },
    { "proxy_ignore_client_abort", IN_WEB, 1, 1, MW_FIELD(C, way.ignore_abort), .otherwise = "off",
      .help = "goes on when the client has left" },
    { "proxy_force_ranges", IN_WEB, 1, 1, MW_FIELD(C, way.force_ranges), .otherwise = "off",
      .help = "cuts ranges from responses, whatever they say of it" },
    { "proxy_store", IN_WEB, 1, 1, MW_FIELD_BY(C, way.store, mw_set_proxy_store), .otherwise = "off",
      .help = "saves responses as files" },
    { "proxy_store_access", IN_WEB, 1, 3, MW_FIELD_BY(C, way.store_access, mw_set_file_access),
      .otherwise = "user:rw", .help = "rights of such files" },
    { "proxy_bind", IN_WEB, 1, 2, MW_FIELD_BY(C, way.bind, mw_set_proxy_bind), .help = "local address of connections" },
    { "proxy_socket_keepalive", IN_WEB, 1, 1, MW_FIELD(C, way.socket_keepalive), .otherwise = "off",
      .help = "sets SO_KEEPALIVE" },
    { "proxy_socket_rcvbuf", IN_WEB, 1, 1, MW_FIELD(C, way.socket_rcvbuf), .otherwise = "0",
      .help = "sets SO_RCVBUF; 0: as the system has it" },
    { "proxy_socket_sndbuf", IN_WEB, 1, 1, MW_FIELD(C, way.socket_sndbuf), .otherwise = "0",
      .help = "sets SO_SNDBUF; 0: as the system has it" },
    { "proxy_keepalive", IN_WEB, 1, 1, MW_FIELD(C, way.keepalive), .otherwise = "on",
      .help = "keeps connections of a lone proxy_pass for the next request" },
    { "proxy_send_lowat", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted: of other systems" },
    { "proxy_headers_hash_max_size", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted: hashes size themselves" },
    { "proxy_headers_hash_bucket_size", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },

    { "proxy_ssl_certificate", IN_WEB, 1, 1, MW_FIELD_BY(C, tls.certificate, mw_set_proxy_file),
      .help = "our certificate, for upstreams that ask for one" },
    { "proxy_ssl_certificate_key", IN_WEB, 1, 1, MW_FIELD_BY(C, tls.key, mw_set_proxy_file), .help = "its key" },
    { "proxy_ssl_certificate_cache", IN_WEB, 1, 3, MW_FIELD_BY(C, tls.cache, mw_set_tls_certificate_cache),
      .otherwise = "off", .help = "keeps certificates whose names have variables" },
    { "proxy_ssl_password_file", IN_WEB, 1, 1, MW_FIELD_BY(C, tls.password_file, mw_set_tls_passwords),
      .help = "passwords of keys" },
    { "proxy_ssl_ciphers", IN_WEB, 1, 1, MW_FIELD(C, tls.ciphers), .otherwise = "DEFAULT",
        .help = "ciphers up to TLSv1.2" },
    { "proxy_ssl_protocols", IN_WEB, 1, MANY, MW_FLAGS(C, tls.protocols, mw_tls_protocols),
        .otherwise = "TLSv1.2 TLSv1.3",
      .help = "versions of TLS" },
    { "proxy_ssl_name", IN_WEB, 1, 1, MW_RULE_FIELD(C, tls.name), .help = "name to be verified, and said with SNI" },
    { "proxy_ssl_server_name", IN_WEB, 1, 1, MW_FIELD(C, tls.server_name), .otherwise = "off",
        .help = "says it (SNI)" },
    { "proxy_ssl_session_reuse", IN_WEB, 1, 1, MW_FIELD(C, tls.session_reuse), .otherwise = "on",
      .help = "resumes sessions" },
    { "proxy_ssl_verify", IN_WEB, 1, 1, MW_FIELD(C, tls.verify), .otherwise = "off",
      .help = "verifies the upstream's certificate" },
    { "proxy_ssl_verify_depth", IN_WEB, 1, 1, MW_FIELD(C, tls.verify_depth), .otherwise = "1",
      .help = "longest chain of certificates" },
    { "proxy_ssl_trusted_certificate", IN_WEB, 1, 1, MW_FIELD_BY(C, tls.trusted_certificate, mw_set_conf_path),
      .help = "certificates to verify with" },
    { "proxy_ssl_crl", IN_WEB, 1, 1, MW_FIELD_BY(C, tls.crl, mw_set_conf_path), .help = "revoked certificates" },
    { "proxy_ssl_conf_command", IN_WEB, 2, 2, MW_FIELD_BY(C, tls.commands, mw_set_tls_command), .repeat = true,
      .help = "a command of OpenSSL's configuration" },
    { 0 }
};

static const mw_http_part proxy_http = {
    .ctx_size = sizeof(proxy_ctx), .applies = proxy_applies, .content = proxy_content, .sole = true, .auto_slash = true,
    .vars = mw_proxy_vars,
};

const mw_module mw_proxy_module = {
    .name = "proxy", .directives = mw_proxy_directives, .conf_size = sizeof(mw_proxy_conf), .ready = mw_proxy_ready,
    .finish = mw_proxy_finish, .start = mw_proxy_start, .stop = mw_proxy_stop, .http = &proxy_http,
};
