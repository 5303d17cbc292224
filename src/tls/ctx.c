/* ctx.c - from directives to a context of OpenSSL: a server's, and a client's towards upstreams.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "core/must.h"
#include "tls/room.h"

enum { EARLY_DATA = 16384 };

static void drop(void *ctx) { SSL_CTX_free(ctx); }

/* Versions by their own switches: a set may have holes. */
static void allow_only(SSL_CTX *ctx, unsigned protocols)
{
    static const struct { mw_tls_version version; uint64_t option; } switches[] = {
        { MW_TLS_SSL3, SSL_OP_NO_SSLv3 }, { MW_TLS_1_0, SSL_OP_NO_TLSv1 }, { MW_TLS_1_1, SSL_OP_NO_TLSv1_1 },
        { MW_TLS_1_2, SSL_OP_NO_TLSv1_2 }, { MW_TLS_1_3, SSL_OP_NO_TLSv1_3 },
    };

    (void)SSL_CTX_set_min_proto_version(ctx, 0);        /* the system's own policy gives way to what is written */
    (void)SSL_CTX_set_max_proto_version(ctx, 0);
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if ((protocols & switches[i].version) == 0)
            (void)SSL_CTX_set_options(ctx, switches[i].option);
}

/* What both sides have in common.  NULL: said. */
static mw_tls_ctx *make(mw_bind *b, unsigned protocols)
{
    mw_tls_ctx *x = MW_NEW(b->arena, mw_tls_ctx);

    mw_tls_memory_ready();
    x->ssl = SSL_CTX_new(TLS_method());
    if (x->ssl == NULL) {
        (void)mw_tls_bad(b, "SSL_CTX_new() failed");
        return NULL;
    }
    mw_arena_on_free(b->arena, drop, x->ssl);
    x->folder = b->folder;
    allow_only(x->ssl, protocols);
    /* a peer that closes without close_notify has ended: many do, and an answer may end so */
    (void)SSL_CTX_set_options(x->ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    (void)SSL_CTX_set_mode(x->ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(x->ssl, 1);
    return x;
}

static mw_rc set_ciphers(mw_bind *b, mw_tls_ctx *x, mw_str ciphers)
{
    if (ciphers.len == 0 || SSL_CTX_set_cipher_list(x->ssl, mw_arena_z(b->arena, ciphers)) == 1)
        return MW_OK;
    return mw_tls_bad(b, "SSL_CTX_set_cipher_list(\"%.*s\") failed", MW_S(ciphers));
}

static mw_rc set_curves(mw_bind *b, mw_tls_ctx *x, mw_str curves)
{
    if (curves.len == 0 || mw_str_eq(curves, MW_STR("auto"))
        || SSL_CTX_set1_curves_list(x->ssl, mw_arena_z(b->arena, curves)) == 1)
        return MW_OK;
    return mw_tls_bad(b, "SSL_CTX_set1_curves_list(\"%.*s\") failed", MW_S(curves));
}

static mw_rc set_dhparam(mw_bind *b, mw_tls_ctx *x, mw_str file)
{
    mw_str    path;
    BIO      *bio;
    EVP_PKEY *params;

    if (file.len == 0)
        return MW_OK;
    path = mw_bind_conf_path(b, file);
    bio = BIO_new_file(mw_arena_z(b->arena, path), "r");
    if (bio == NULL)
        return mw_tls_bad(b, "BIO_new_file(\"%.*s\") failed", MW_S(path));
    params = PEM_read_bio_Parameters(bio, NULL);
    (void)BIO_free(bio);
    if (params == NULL)
        return mw_tls_bad(b, "PEM_read_bio_Parameters(\"%.*s\") failed", MW_S(path));
    if (SSL_CTX_set0_tmp_dh_pkey(x->ssl, params) == 1)
        return MW_OK;
    EVP_PKEY_free(params);
    return mw_tls_bad(b, "SSL_CTX_set0_tmp_dh_pkey(\"%.*s\") failed", MW_S(path));
}

static bool is_path(int kind) { return kind == SSL_CONF_TYPE_FILE || kind == SSL_CONF_TYPE_DIR; }

static mw_rc run_commands(mw_bind *b, mw_tls_ctx *x, const mw_array *commands, unsigned side)
{
    SSL_CONF_CTX *c = SSL_CONF_CTX_new();
    mw_rc         rc = c != NULL ? MW_OK : mw_tls_bad(b, "SSL_CONF_CTX_new() failed");

    if (rc == MW_OK) {
        (void)SSL_CONF_CTX_set_flags(c,
            SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SHOW_ERRORS | SSL_CONF_FLAG_CERTIFICATE | side);
        SSL_CONF_CTX_set_ssl_ctx(c, x->ssl);
    }
    for (size_t i = 0; rc == MW_OK && i < commands->n; i++) {
        const mw_tls_command *k = &MW_ITEM(commands, mw_tls_command, i);
        const char           *name = mw_arena_z(b->arena, k->name);
        mw_str                value = is_path(SSL_CONF_cmd_value_type(c, name)) ? mw_bind_conf_path(b,
            k->value) : k->value;

        if (SSL_CONF_cmd(c, name, mw_arena_z(b->arena, value)) <= 0)
            rc = mw_tls_bad(b, "SSL_CONF_cmd(\"%.*s\", \"%.*s\") failed", MW_S(k->name), MW_S(value));
    }
    if (rc == MW_OK && SSL_CONF_CTX_finish(c) != 1)
        rc = mw_tls_bad(b, "SSL_CONF_finish() failed");
    SSL_CONF_CTX_free(c);
    return rc;
}

/* --- a server's --------------------------------------------------------------------------------------------------- */

static bool has_variables(const mw_tls_conf *c)
{
    for (unsigned i = 0; i < c->certificates.n; i++)
        if ((c->certificate_texts != NULL && c->certificate_texts[i].expr != NULL)
            || (c->key_texts != NULL && c->key_texts[i].expr != NULL))
            return true;
    return false;
}

/* Certificates whose names have variables: loaded now, for this handshake.  0 ends it. */
static int certificates_now(SSL *ssl, void *arg)
{
    mw_tls_conn       *t = mw_tls_conn_by(ssl);
    const mw_tls_conf *c = t->conf->ctx != NULL ? t->conf : t->first;
    mw_arena          *a;
    int                fine = 1;

    (void)arg;
    if (t->hello == NULL || t->hello->scope == NULL)
        return 1;
    a = mw_arena_new(1024);
    for (unsigned i = 0; fine == 1 && i < c->certificates.n; i++) {
        const mw_tls_text *name = &c->certificate_texts[i], *key = &c->key_texts[i];
        mw_tls_names       n = { c->certificates.at[i], c->keys.at[i], &c->password_file, false };

        if (name->expr != NULL)
            n.certificate = name->text(name->expr, t->hello->scope);
        if (key->expr != NULL)
            n.key = key->text(key->expr, t->hello->scope);
        if (n.certificate.len == 0)
            continue;
        n.certificate = mw_tls_path(a, c->ctx->folder, n.certificate);
        n.key = mw_tls_path(a, c->ctx->folder, n.key);
        if (!mw_tls_use_certificate(t, &n, c->cache, t->conn->log))
            fine = 0;
    }
    mw_arena_free(a);
    return fine;
}

static mw_rc add_certificates(mw_bind *b, mw_tls_ctx *x, const mw_tls_conf *c)
{
    x->dynamic = has_variables(c);
    if (x->dynamic) {
        SSL_CTX_set_cert_cb(x->ssl, certificates_now, NULL);
        return MW_OK;
    }
    for (unsigned i = 0; i < c->certificates.n; i++) {
        mw_tls_names n = { mw_tls_path(b->arena, b->folder, c->certificates.at[i]),
                           mw_tls_path(b->arena, b->folder, c->keys.at[i]), &c->password_file, !b->testing };

        if (mw_tls_ctx_certificate(b, x, &n) != MW_OK)
            return MW_ERR;
    }
    return MW_OK;
}

mw_rc mw_tls_ctx_make(mw_bind *b, mw_tls_conf *c)
{
    mw_tls_ctx *x;

    if (c->made)
        return MW_OK;
    c->made = true;
    x = make(b, c->protocols);
    if (x == NULL)
        return MW_ERR;
    x->conf = c;
    if (c->prefer_server_ciphers)
        (void)SSL_CTX_set_options(x->ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (!c->session_tickets)
        (void)SSL_CTX_set_options(x->ssl, SSL_OP_NO_TICKET);
    if (add_certificates(b, x, c) != MW_OK || set_ciphers(b, x, c->ciphers) != MW_OK
        || set_curves(b, x, c->curves) != MW_OK || set_dhparam(b, x, c->dhparam) != MW_OK
        || mw_tls_verify_ready(b, x) != MW_OK || mw_tls_sessions_ready(b, x) != MW_OK)
        return MW_ERR;
    mw_tls_sni_ready(x->ssl);
    mw_tls_alpn_ready(x->ssl);
    if (c->early_data) {
        /* the library would keep each ticket in a cache that we do not have; no request is begun before the handshake
         * is complete, and who replays cannot complete it */
        (void)SSL_CTX_set_options(x->ssl, SSL_OP_NO_ANTI_REPLAY);
        if (SSL_CTX_set_max_early_data(x->ssl, EARLY_DATA) != 1)
            return mw_tls_bad(b, "SSL_CTX_set_max_early_data() failed");
    }
    if (run_commands(b, x, &c->commands, SSL_CONF_FLAG_SERVER) != MW_OK)
        return MW_ERR;
    c->ctx = x;
    return MW_OK;
}

/* --- a client's --------------------------------------------------------------------------------------------------- */

mw_rc mw_tls_client_ready(mw_bind *b, mw_tls_client *c)
{
    mw_tls_ctx  *x = make(b, c->protocols);
    mw_tls_names own = { mw_tls_path(b->arena, b->folder, c->certificate), mw_tls_path(b->arena, b->folder, c->key),
                         &c->password_file, !b->testing };

    if (x == NULL)
        return MW_ERR;
    x->client = c;
    mw_tls_client_sessions(x->ssl);
    if (c->certificate.len > 0 && c->key.len == 0)
        return mw_tls_bad(b, "no \"proxy_ssl_certificate_key\" is defined for certificate \"%.*s\"",
            MW_S(c->certificate));
    if (c->certificate.len > 0 && mw_tls_ctx_certificate(b, x, &own) != MW_OK)
        return MW_ERR;
    if (c->verify && c->trusted_certificate.len == 0)
        return mw_tls_bad(b, "no proxy_ssl_trusted_certificate for proxy_ssl_verify");
    if (c->verify && c->trusted_certificate.len > 0 && mw_tls_trust(b, x, c->trusted_certificate, false) != MW_OK)
        return MW_ERR;
    SSL_CTX_set_verify_depth(x->ssl, (int)(c->verify_depth < 100 ? c->verify_depth : 100));
    if (set_ciphers(b, x, c->ciphers) != MW_OK || (c->verify && mw_tls_crl(b, x, c->crl) != MW_OK)
        || run_commands(b, x, &c->commands, SSL_CONF_FLAG_CLIENT) != MW_OK)
        return MW_ERR;
    c->ctx = x;
    return MW_OK;
}
