/* secure.c - TLS as http sees it: whose certificate for which name, what is refused for it, $ssl_*.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/secure.h"

#include "http/status.h"
#include "http/vars.h"

/* RFC 7301: each name behind its length.  HTTP/2 has no wire yet. */
static const char protocols[] = "\x08http/1.1\x08http/1.0\x08http/0.9";

static mw_str text_of(const void *expr, void *scope) { return mw_expr_text(expr, scope); }

static mw_rc compile(mw_bind *b, const mw_node *n, mw_strs names, mw_tls_text **texts)
{
    for (unsigned i = 0; i < names.n; i++) {
        mw_expr *e;

        if (mw_str_index(names.at[i], '$') == names.at[i].len)
            continue;
        e = mw_expr_compile(b, n, names.at[i]);
        if (e == NULL)
            return MW_ERR;
        (*texts)[i] = (mw_tls_text){ e, text_of };
    }
    return MW_OK;
}

mw_rc mw_secure_ready(mw_bind *b, const mw_level *server)
{
    mw_tls_conf *c = mw_bind_conf(b, server, &mw_tls_module);
    unsigned     n = c->certificates.n > c->keys.n ? c->certificates.n : c->keys.n;

    if (c->alpn.len > 0)
        return MW_OK;
    c->alpn = (mw_str){ protocols, sizeof protocols - 1 };
    c->certificate_texts = MW_NEWS(b->arena, mw_tls_text, n + 1);
    c->key_texts = MW_NEWS(b->arena, mw_tls_text, n + 1);
    if (compile(b, server->node, c->certificates, &c->certificate_texts) != MW_OK)
        return MW_ERR;
    return compile(b, server->node, c->keys, &c->key_texts);
}

const mw_tls_conf *mw_secure_conf(const mw_server *s) { return mw_site_conf(s->site, s->level, &mw_tls_module); }

const mw_tls_conf *mw_secure_by_name(void *owner, mw_str name)
{
    char   text[256];
    mw_out lower = mw_out_on(text, sizeof text);

    for (size_t i = 0; i < name.len; i++)
        mw_out_char(&lower, mw_lower(mw_str_char(name, i)));
    if (lower.cut)
        return NULL;
    name = mw_out_done(&lower);
    if (mw_str_ends(name, MW_STR(".")))
        name = mw_str_take(name, name.len - 1);
    return mw_secure_conf(mw_door_server(owner, NULL, name));
}

mw_rc mw_secure_check(mw_bind *b, const mw_door_addr *at)
{
    const mw_server   *s = at->names.otherwise;
    const mw_tls_conf *c = mw_bind_conf(b, s->level, &mw_tls_module);

    if (!at->ssl || c->certificates.n > 0 || c->reject_handshake)
        return MW_OK;
    return mw_bind_error(b, s->level->node, "no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive");
}

/* The name said in the handshake chose rules that ask for a certificate; the Host of the request has others. */
static bool misdirected(mw_request *r, const mw_tls_conf *said, const mw_tls_conf *now)
{
    mw_str name;

    return said != NULL && said != now && said->verify != 0
        && mw_tls_tell(r->visit->conn, MW_TLS_SERVER_NAME, r->arena, &name);
}

bool mw_secure_variables(const mw_server *s)
{
    const mw_tls_conf *c = mw_secure_conf(s);

    for (unsigned i = 0; i < c->certificates.n && i < c->keys.n; i++)
        if (c->certificate_texts[i].expr != NULL || c->key_texts[i].expr != NULL) return true;
    return false;
}

int mw_secure_refusal(mw_request *r, const mw_server *s)
{
    const mw_conn     *c = r->visit->conn;
    const mw_tls_conf *now;
    const char        *why;
    int                status;

    if (r->visit->plain_on_tls) {
        MW_LOG(&r->log, MW_LOG_INFO, 0, "client sent plain HTTP request to HTTPS port");
        return MW_STATUS_HTTP_TO_HTTPS;
    }
    if (!r->visit->tls || c == NULL)
        return 0;
    now = mw_secure_conf(s);
    if (misdirected(r, mw_tls_chosen(c), now)) {
        MW_LOG(&r->log, MW_LOG_INFO, 0, "client attempted to request the server name different from the one that was "
               "negotiated");
        return 421;
    }
    status = mw_tls_client_status(c, now, &why);
    if (status == MW_STATUS_CERT_ERROR)
        MW_LOG(&r->log, MW_LOG_INFO, 0, "client SSL certificate verify error: (%s)", why);
    else if (status != 0)
        MW_LOG(&r->log, MW_LOG_INFO, 0, "%s", why);
    return status;
}

static bool get_fact(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_visit *visit = mw_scope_request(s)->visit;

    return visit->conn != NULL && mw_tls_tell(visit->conn, (mw_tls_fact)v->data, s->arena, text);
}

const mw_var mw_secure_vars[] = {
    { "ssl_protocol", .get = get_fact, .data = MW_TLS_PROTOCOL },
    { "ssl_cipher", .get = get_fact, .data = MW_TLS_CIPHER },
    { "ssl_ciphers", .get = get_fact, .data = MW_TLS_CIPHERS },
    { "ssl_curve", .get = get_fact, .data = MW_TLS_CURVE },
    { "ssl_curves", .get = get_fact, .data = MW_TLS_CURVES },
    { "ssl_sigalg", .get = get_fact, .data = MW_TLS_SIGALG },
    { "ssl_session_id", .get = get_fact, .data = MW_TLS_SESSION_ID },
    { "ssl_session_reused", .get = get_fact, .data = MW_TLS_SESSION_REUSED },
    { "ssl_early_data", .get = get_fact, .data = MW_TLS_EARLY_DATA },
    { "ssl_server_name", .get = get_fact, .data = MW_TLS_SERVER_NAME },
    { "ssl_alpn_protocol", .get = get_fact, .data = MW_TLS_ALPN },
    { "ssl_client_cert", .get = get_fact, .data = MW_TLS_CLIENT_CERT },
    { "ssl_client_raw_cert", .get = get_fact, .data = MW_TLS_CLIENT_RAW_CERT },
    { "ssl_client_escaped_cert", .get = get_fact, .data = MW_TLS_CLIENT_ESCAPED_CERT },
    { "ssl_client_s_dn", .get = get_fact, .data = MW_TLS_CLIENT_S_DN },
    { "ssl_client_i_dn", .get = get_fact, .data = MW_TLS_CLIENT_I_DN },
    { "ssl_client_s_dn_legacy", .get = get_fact, .data = MW_TLS_CLIENT_S_DN_LEGACY },
    { "ssl_client_i_dn_legacy", .get = get_fact, .data = MW_TLS_CLIENT_I_DN_LEGACY },
    { "ssl_client_serial", .get = get_fact, .data = MW_TLS_CLIENT_SERIAL },
    { "ssl_client_fingerprint", .get = get_fact, .data = MW_TLS_CLIENT_FINGERPRINT },
    { "ssl_client_verify", .get = get_fact, .data = MW_TLS_CLIENT_VERIFY },
    { "ssl_client_v_start", .get = get_fact, .data = MW_TLS_CLIENT_V_START },
    { "ssl_client_v_end", .get = get_fact, .data = MW_TLS_CLIENT_V_END },
    { "ssl_client_v_remain", .get = get_fact, .data = MW_TLS_CLIENT_V_REMAIN },
    { "ssl_client_sigalg", .get = get_fact, .data = MW_TLS_CLIENT_SIGALG },
    { .name = NULL }
};
