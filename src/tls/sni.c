/* sni.c - by the name a client asks for: the server whose certificate, protocols and rules the handshake follows; ALPN.
 *
 * The choice is made before anything of the hello is looked at, so all of the server's rules count, its protocol
 * versions too.  Only sessions and tickets stay those of the socket's default server, whatever name comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ssl.h>

#include "core/scan.h"
#include "tls/room.h"

static bool take_u16(mw_scan *s, size_t *n)
{
    mw_str two = mw_scan_take(s, 2);

    if (two.len < 2)
        return false;
    *n = (size_t)(unsigned char)two.at[0] << 8 | (unsigned char)two.at[1];
    return true;
}

/* RFC 6066 3: a list of names, each with a type; of type 0 there is one.  Empty: there is none, or it is malformed
 * (which the library will say by itself). */
static mw_str name_in(mw_str extension)
{
    mw_scan s = { extension };
    size_t  n;
    mw_str  name;

    if (!take_u16(&s, &n) || n != s.left.len || !mw_scan_char(&s, '\0') || !take_u16(&s, &n))
        return (mw_str){ "", 0 };
    name = mw_scan_take(&s, n);
    if (name.len < n || name.len > TLSEXT_MAXLEN_host_name || mw_str_index(name, '\0') < name.len)
        return (mw_str){ "", 0 };
    return name;
}

static mw_str name_asked(SSL *ssl)
{
    const unsigned char *at;
    size_t               n;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &at, &n) != 1)
        return (mw_str){ "", 0 };
    return name_in((mw_str){ (const char *)at, n });
}

/* What SSL_set_SSL_CTX leaves as it was. */
static void follow(mw_tls_conn *t, const mw_tls_conf *conf)
{
    SSL_CTX *ctx = conf->ctx->ssl;

    t->conf = conf;
    if (SSL_get_SSL_CTX(t->ssl) == ctx)
        return;
    (void)SSL_set_SSL_CTX(t->ssl, ctx);
    SSL_set_verify(t->ssl, SSL_CTX_get_verify_mode(ctx), SSL_CTX_get_verify_callback(ctx));
    SSL_set_verify_depth(t->ssl, SSL_CTX_get_verify_depth(ctx));
    (void)SSL_clear_options(t->ssl, SSL_get_options(t->ssl) & ~SSL_CTX_get_options(ctx));
    (void)SSL_set_options(t->ssl, SSL_CTX_get_options(ctx));
    (void)SSL_set_min_proto_version(t->ssl, (uint16_t)SSL_CTX_get_min_proto_version(ctx));
    (void)SSL_set_max_proto_version(t->ssl, (uint16_t)SSL_CTX_get_max_proto_version(ctx));
}

static int client_hello(SSL *ssl, int *alert, void *arg)
{
    mw_tls_conn       *t = mw_tls_conn_by(ssl);
    mw_tls_hello      *hello = t->hello;
    const mw_tls_conf *conf = NULL;

    (void)arg;
    if (hello == NULL)
        return SSL_CLIENT_HELLO_SUCCESS;
    if (hello->choose != NULL)
        conf = hello->choose(hello->owner, name_asked(ssl));
    if (conf == NULL)
        conf = t->first;
    if (conf->reject_handshake) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_CLIENT_HELLO_ERROR;
    }
    if (conf->ctx != NULL)
        follow(t, conf);
    else
        t->conf = conf;
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* Says that the name is known: only then the library remembers it with the session. */
static int acknowledge(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    return SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != NULL ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

/* RFC 7301 3.2: no protocol in common ends it. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in,
                           unsigned n, void *arg)
{
    const mw_tls_conn *t = mw_tls_conn_by(ssl);
    mw_str             ours = t->conf->alpn;

    (void)arg;
    if (ours.len == 0)
        return SSL_TLSEXT_ERR_NOACK;
    if (SSL_select_next_proto((unsigned char **)(uintptr_t)out, len, (const unsigned char *)ours.at,
        (unsigned)ours.len, in, n)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    return SSL_TLSEXT_ERR_OK;
}

void mw_tls_sni_ready(struct ssl_ctx_st *ctx)
{
    SSL_CTX_set_client_hello_cb(ctx, client_hello, NULL);
    (void)SSL_CTX_set_tlsext_servername_callback(ctx, acknowledge);
}

void mw_tls_alpn_ready(struct ssl_ctx_st *ctx) { SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL); }
