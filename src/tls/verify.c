/* verify.c - whom we trust: client certificates, and those of upstreams with their names.
 *
 * The handshake never fails for a client's certificate.  What was found is remembered, and the request is answered with
 * 495 or 496, which a browser shows, instead of an alert, which it does not.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tls/room.h"

static bool ended_well(void)            /* a PEM file was read to its end */
{
    unsigned long e = ERR_peek_last_error();

    if (ERR_GET_LIB(e) != ERR_LIB_PEM || ERR_GET_REASON(e) != PEM_R_NO_START_LINE)
        return false;
    ERR_clear_error();
    return true;
}

/* The next certificate, or NULL: the end, or *failed. */
static X509 *next_certificate(BIO *file, bool first, bool *failed)
{
    X509 *one = first ? PEM_read_bio_X509_AUX(file, NULL, NULL, NULL) : PEM_read_bio_X509(file, NULL, NULL, NULL);

    *failed = one == NULL && (first || !ended_well());
    return one;
}

static int by_name(const X509_NAME *const *a, const X509_NAME *const *b) { return X509_NAME_cmp(*a, *b); }

/* Adds the subject to what clients are told to choose from, once; false: no memory. */
static bool announce_name(STACK_OF(X509_NAME) *names, X509 *one)
{
    X509_NAME *name = X509_get_subject_name(one);

    if (sk_X509_NAME_find(names, name) >= 0)
        return true;
    name = X509_NAME_dup(name);
    return name != NULL && sk_X509_NAME_push(names, name) > 0;
}

/* Twice the same certificate is no error. */
static bool trust(X509_STORE *store, X509 *one)
{
    unsigned long e;

    if (X509_STORE_add_cert(store, one) == 1)
        return true;
    e = ERR_peek_last_error();
    if (ERR_GET_LIB(e) != ERR_LIB_X509 || ERR_GET_REASON(e) != X509_R_CERT_ALREADY_IN_HASH_TABLE)
        return false;
    ERR_clear_error();
    return true;
}

mw_rc mw_tls_trust(mw_bind *b, mw_tls_ctx *x, mw_str file, bool announce)
{
    mw_str      path = mw_bind_conf_path(b, file);
    BIO        *bio = BIO_new_file(mw_arena_z(b->arena, path), "r");
    X509_STORE *store = SSL_CTX_get_cert_store(x->ssl);
    STACK_OF(X509_NAME) *names;
    X509       *one;
    bool        failed = false, fine = true, first = true;

    if (bio == NULL)
        return mw_tls_bad(b, "cannot load certificate \"%.*s\": BIO_new_file() failed", MW_S(path));
    names = sk_X509_NAME_new(by_name);
    while (fine && (one = next_certificate(bio, first, &failed)) != NULL) {
        fine = trust(store, one) && (!announce || announce_name(names, one));
        X509_free(one);
        first = false;
    }
    (void)BIO_free(bio);
    if (announce && fine && !failed)
        SSL_CTX_set_client_CA_list(x->ssl, names);
    else
        sk_X509_NAME_pop_free(names, X509_NAME_free);
    if (failed)
        return mw_tls_bad(b, "cannot load certificate \"%.*s\": %s failed", MW_S(path),
                          first ? "PEM_read_bio_X509_AUX()" : "PEM_read_bio_X509()");
    return fine ? MW_OK : mw_tls_bad(b, "X509_STORE_add_cert(\"%.*s\") failed", MW_S(path));
}

mw_rc mw_tls_crl(mw_bind *b, mw_tls_ctx *x, mw_str file)
{
    mw_str      path;
    X509_STORE *store = SSL_CTX_get_cert_store(x->ssl);
    X509_CRL   *one;
    BIO        *bio;
    bool        fine = true, first = true;

    if (file.len == 0)
        return MW_OK;
    path = mw_bind_conf_path(b, file);
    bio = BIO_new_file(mw_arena_z(b->arena, path), "r");
    if (bio == NULL)
        return mw_tls_bad(b, "cannot load CRL \"%.*s\": BIO_new_file() failed", MW_S(path));
    while (fine && (one = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
        fine = X509_STORE_add_crl(store, one) == 1;
        X509_CRL_free(one);
        first = false;
    }
    (void)BIO_free(bio);
    if (!fine)
        return mw_tls_bad(b, "X509_STORE_add_crl(\"%.*s\") failed", MW_S(path));
    if (first || !ended_well())
        return mw_tls_bad(b, "cannot load CRL \"%.*s\": PEM_read_bio_X509_CRL() failed", MW_S(path));
    (void)X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return MW_OK;
}

static int judge_later(int fine, X509_STORE_CTX *store)
{
    (void)fine, (void)store;
    return 1;
}

/* A session may be resumed only where the same certificates are shown and the same authorities asked for. */
static mw_rc mark_sessions(mw_bind *b, mw_tls_ctx *x)
{
    const mw_tls_conf   *c = x->conf;
    STACK_OF(X509_NAME) *names = SSL_CTX_get_client_CA_list(x->ssl);
    EVP_MD_CTX          *md = EVP_MD_CTX_new();
    unsigned char        id[EVP_MAX_MD_SIZE], one[EVP_MAX_MD_SIZE];
    unsigned             n = 0;
    bool                 fine = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

    fine = fine && EVP_DigestUpdate(md, "HTTP", 4) == 1;
    for (long go = x->dynamic ? 0 : SSL_CTX_set_current_cert(x->ssl, SSL_CERT_SET_FIRST); fine && go == 1;
         go = SSL_CTX_set_current_cert(x->ssl, SSL_CERT_SET_NEXT)) {
        X509 *cert = SSL_CTX_get0_certificate(x->ssl);

        fine = cert == NULL || (X509_digest(cert, EVP_sha1(), one, &n) == 1 && EVP_DigestUpdate(md, one, n) == 1);
    }
    for (unsigned i = 0; x->dynamic && fine && i < c->certificates.n; i++)
        fine = EVP_DigestUpdate(md, c->certificates.at[i].at, c->certificates.at[i].len) == 1;
    for (int i = 0; fine && i < sk_X509_NAME_num(names); i++)
        fine = X509_NAME_digest(sk_X509_NAME_value(names, i), EVP_sha1(), one, &n) == 1
            && EVP_DigestUpdate(md, one, n) == 1;
    fine = fine && EVP_DigestFinal_ex(md, id, &n) == 1
        && SSL_CTX_set_session_id_context(x->ssl, id, n < SSL_MAX_SID_CTX_LENGTH ? n : SSL_MAX_SID_CTX_LENGTH) == 1;
    EVP_MD_CTX_free(md);
    return fine ? MW_OK : mw_tls_bad(b, "SSL_CTX_set_session_id_context() failed");
}

mw_rc mw_tls_verify_ready(mw_bind *b, mw_tls_ctx *x)
{
    const mw_tls_conf *c = x->conf;

    if (c->verify != 0) {
        if (c->verify != 3 && c->client_certificate.len == 0 && c->trusted_certificate.len == 0)
            return mw_tls_bad(b, "no ssl_client_certificate or ssl_trusted_certificate for ssl_verify_client");
        SSL_CTX_set_verify(x->ssl, SSL_VERIFY_PEER, judge_later);
        SSL_CTX_set_verify_depth(x->ssl, (int)(c->verify_depth < 100 ? c->verify_depth : 100));
    }
    if ((c->verify != 0 && c->client_certificate.len > 0 && mw_tls_trust(b, x, c->client_certificate, true) != MW_OK)
        || (c->trusted_certificate.len > 0 && mw_tls_trust(b, x, c->trusted_certificate, false) != MW_OK)
        || mw_tls_crl(b, x, c->crl) != MW_OK)
        return MW_ERR;
    return mark_sessions(b, x);
}

/* Of whom `optional_no_ca` does not ask that we know him. */
static bool is_unknown(long result)
{
    switch (result) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY: case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return true;
    default:
        return false;
    }
}

int mw_tls_client_status(const mw_conn *c, const mw_tls_conf *conf, const char **why)
{
    const mw_tls_conn *t = mw_tls_conn_of(c);
    long               result;

    *why = NULL;
    if (t == NULL || conf == NULL || conf->verify == 0)
        return 0;
    result = SSL_get_verify_result(t->ssl);
    if (result != X509_V_OK && !(conf->verify == 3 && is_unknown(result))) {
        *why = X509_verify_cert_error_string(result);
        (void)SSL_CTX_remove_session(t->first->ctx->ssl, SSL_get_session(t->ssl));
        return 495;
    }
    if (conf->verify == 1 && SSL_get0_peer_certificate(t->ssl) == NULL) {
        *why = "client sent no required SSL certificate";
        (void)SSL_CTX_remove_session(t->first->ctx->ssl, SSL_get_session(t->ssl));
        return 496;
    }
    return 0;
}

/* RFC 6125 6.4: an address is compared with addresses, a name with names. */
static bool names_peer(X509 *cert, mw_str name)
{
    char   text[64];
    mw_out o = mw_out_on(text, sizeof text - 1);

    mw_out_str(&o, name);
    if (!o.cut) {
        text[o.len] = '\0';
        if (X509_check_ip_asc(cert, text, 0) == 1)
            return true;
        ERR_clear_error();
    }
    return name.len > 0 && X509_check_host(cert, name.at, name.len, 0, NULL) == 1;
}

bool mw_tls_verify_peer(mw_tls_conn *t, mw_str name)
{
    long  result = SSL_get_verify_result(t->ssl);
    X509 *cert = SSL_get0_peer_certificate(t->ssl);
    bool  fine;

    if (result != X509_V_OK) {
        MW_LOG(t->conn->log, MW_LOG_ERROR, 0, "upstream SSL certificate verify error: (%ld:%s)", result,
               X509_verify_cert_error_string(result));
        return false;
    }
    fine = cert != NULL && names_peer(cert, name);
    ERR_clear_error();
    if (!fine)
        MW_LOG(t->conn->log, MW_LOG_ERROR, 0, "upstream SSL certificate does not match \"%.*s\"", MW_S(name));
    return fine;
}
