/* facts.c - what is known of a connection that speaks TLS: the values behind $ssl_*.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <time.h>

#include "core/codec.h"
#include "core/must.h"
#include "tls/room.h"

enum { NAME = 64 };             /* bytes of one cipher or group, at most */

static mw_str text_of(mw_arena *a, const char *z)
{
    return z == NULL ? (mw_str){ "", 0 } : mw_arena_copy(a, mw_str_of(z));
}

static void put_hex(mw_out *o, const unsigned char *bytes, size_t n, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        mw_out_char(o, digits[bytes[i] >> 4]);
        mw_out_char(o, digits[bytes[i] & 15]);
    }
}

/* What a BIO gathered; the BIO is gone. */
static mw_str gathered(mw_arena *a, BIO *bio, bool fine)
{
    char  *at;
    long   n = bio != NULL && fine ? BIO_get_mem_data(bio, &at) : 0;
    mw_str text = { "", 0 };

    if (n > 0)
        text = mw_arena_copy(a, (mw_str){ at, (size_t)n });
    (void)BIO_free(bio);
    return text;
}

/* --- the session -------------------------------------------------------------------------------------------------- */

static mw_str ciphers(SSL *ssl, mw_arena *a)
{
    unsigned char *raw;
    long           each = SSL_get0_raw_cipherlist(ssl, NULL), all = each > 0 ? SSL_get0_raw_cipherlist(ssl, &raw) : 0;
    size_t         n = each > 0 ? (size_t)each : 0, bytes = all > 0 ? (size_t)all : 0;
    mw_out         o = mw_arena_pen(a, bytes * NAME + 1);

    for (size_t i = 0; n > 0 && i + n <= bytes; i += n) {
        const SSL_CIPHER *c = SSL_CIPHER_find(ssl, &raw[i]);

        if (o.len > 0)
            mw_out_char(&o, ':');
        if (c != NULL) {
            mw_out_str(&o, mw_str_of(SSL_CIPHER_get_name(c)));
        } else {
            mw_out_str(&o, MW_STR("0x"));
            put_hex(&o, &raw[i], n, false);
        }
    }
    return mw_out_done(&o);
}

static void put_group(mw_out *o, int nid)
{
    if ((nid & TLSEXT_nid_unknown) != 0) {
        unsigned char id[2] = { (unsigned char)(nid >> 8 & 255), (unsigned char)(nid & 255) };

        mw_out_str(o, MW_STR("0x"));
        put_hex(o, id, 2, false);
    } else {
        mw_out_str(o, mw_str_of(OBJ_nid2sn(nid)));
    }
}

static mw_str curves(SSL *ssl, mw_arena *a)
{
    int   *list, n = (int)SSL_get1_curves(ssl, NULL);
    mw_out o = mw_arena_pen(a, (size_t)(n > 0 ? n : 0) * NAME + 1);

    if (n <= 0)
        return (mw_str){ "", 0 };
    list = mw_arena_alloc(a, (size_t)n * sizeof *list);
    n = (int)SSL_get1_curves(ssl, list);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            mw_out_char(&o, ':');
        put_group(&o, list[i]);
    }
    return mw_out_done(&o);
}

static mw_str curve(SSL *ssl, mw_arena *a)
{
    int    nid = (int)SSL_get_negotiated_group(ssl);
    mw_out o = mw_arena_pen(a, NAME);

    if (nid != 0)
        put_group(&o, nid);
    return mw_out_done(&o);
}

static mw_str session_id(SSL *ssl, mw_arena *a)
{
    unsigned             n = 0;
    SSL_SESSION         *s = SSL_get0_session(ssl);
    const unsigned char *id = s != NULL ? SSL_SESSION_get_id(s, &n) : NULL;
    mw_out               o = mw_arena_pen(a, 2 * n + 1);

    put_hex(&o, id, n, false);
    return mw_out_done(&o);
}

static mw_str alpn(SSL *ssl, mw_arena *a)
{
    const unsigned char *at;
    unsigned             n;

    SSL_get0_alpn_selected(ssl, &at, &n);
    return mw_arena_copy(a, n > 0 ? (mw_str){ (const char *)at, n } : MW_STR(""));
}

static mw_str sigalg(SSL *ssl, mw_arena *a, bool of_peer)
{
    int nid, fine = of_peer ? SSL_get_peer_signature_type_nid(ssl, &nid) : SSL_get_signature_type_nid(ssl, &nid);

    return fine == 1 ? text_of(a, OBJ_nid2sn(nid)) : (mw_str){ "", 0 };
}

/* --- the client's certificate ------------------------------------------------------------------------------------- */

static mw_str pem(X509 *cert, mw_arena *a)
{
    BIO   *bio = BIO_new(BIO_s_mem());
    bool   fine = bio != NULL && PEM_write_bio_X509(bio, cert) == 1;

    return gathered(a, bio, fine);
}

/* As a header field took it once: lines go on behind a tab, the last end of line is left out. */
static mw_str folded_pem(X509 *cert, mw_arena *a)
{
    mw_str text = pem(cert, a), line;
    mw_out o = mw_arena_pen(a, 2 * text.len + 1);

    while (text.len > 0) {
        (void)mw_str_cut(text, '\n', &line, &text);
        if (o.len > 0)
            mw_out_str(&o, MW_STR("\n\t"));
        mw_out_str(&o, line);
    }
    return mw_out_done(&o);
}

static mw_str escaped_pem(X509 *cert, mw_arena *a)
{
    mw_set plain = mw_set_of("-A-Za-z0-9._~");
    mw_str text = pem(cert, a);
    mw_out o = mw_arena_pen(a, 3 * text.len + 1);

    mw_percent(&o, text, &plain);
    return mw_out_done(&o);
}

static mw_str name_text(const X509_NAME *name, mw_arena *a)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool fine = bio != NULL && name != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0;

    return gathered(a, bio, fine);
}

static mw_str legacy_name(const X509_NAME *name, mw_arena *a)
{
    char  *z = name != NULL ? X509_NAME_oneline(name, NULL, 0) : NULL;
    mw_str text = text_of(a, z);

    OPENSSL_free(z);
    return text;
}

static mw_str serial(X509 *cert, mw_arena *a)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool fine = bio != NULL && i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(cert)) > 0;

    return gathered(a, bio, fine);
}

static mw_str fingerprint(X509 *cert, mw_arena *a)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned      n = 0;
    mw_out        o = mw_arena_pen(a, 2 * EVP_MAX_MD_SIZE);

    if (X509_digest(cert, EVP_sha1(), bytes, &n) == 1)
        put_hex(&o, bytes, n, false);
    return mw_out_done(&o);
}

static mw_str when(const ASN1_TIME *t, mw_arena *a)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool fine = bio != NULL && ASN1_TIME_print(bio, t) == 1;

    return gathered(a, bio, fine);
}

static mw_str days_left(X509 *cert, mw_arena *a)
{
    int    days = 0, seconds = 0;
    mw_out o = mw_arena_pen(a, 24);

    if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) != 1)
        return (mw_str){ "", 0 };
    mw_out_u64(&o, days > 0 ? (uint64_t)days : 0);
    return mw_out_done(&o);
}

static mw_str verdict(SSL *ssl, mw_arena *a)
{
    long   result = SSL_get_verify_result(ssl);
    mw_str parts[2] = { MW_STR("FAILED:"), { "", 0 } };

    if (SSL_get0_peer_certificate(ssl) == NULL)
        return MW_STR("NONE");
    if (result == X509_V_OK)
        return MW_STR("SUCCESS");
    parts[1] = mw_str_of(X509_verify_cert_error_string(result));
    return mw_arena_join(a, parts, 2);
}

static mw_str of_certificate(SSL *ssl, mw_tls_fact what, mw_arena *a)
{
    X509 *cert = SSL_get0_peer_certificate(ssl);

    if (cert == NULL)
        return (mw_str){ "", 0 };
    switch (what) {
    case MW_TLS_CLIENT_CERT:         return folded_pem(cert, a);
    case MW_TLS_CLIENT_RAW_CERT:     return pem(cert, a);
    case MW_TLS_CLIENT_ESCAPED_CERT: return escaped_pem(cert, a);
    case MW_TLS_CLIENT_S_DN:         return name_text(X509_get_subject_name(cert), a);
    case MW_TLS_CLIENT_I_DN:         return name_text(X509_get_issuer_name(cert), a);
    case MW_TLS_CLIENT_S_DN_LEGACY:  return legacy_name(X509_get_subject_name(cert), a);
    case MW_TLS_CLIENT_I_DN_LEGACY:  return legacy_name(X509_get_issuer_name(cert), a);
    case MW_TLS_CLIENT_SERIAL:       return serial(cert, a);
    case MW_TLS_CLIENT_FINGERPRINT:  return fingerprint(cert, a);
    case MW_TLS_CLIENT_V_START:      return when(X509_get0_notBefore(cert), a);
    case MW_TLS_CLIENT_V_END:        return when(X509_get0_notAfter(cert), a);
    case MW_TLS_CLIENT_V_REMAIN:     return days_left(cert, a);
    case MW_TLS_CLIENT_SIGALG:       return sigalg(ssl, a, true);
    default:                         return (mw_str){ "", 0 };      /* not of a certificate */
    }
}

bool mw_tls_tell(const mw_conn *c, mw_tls_fact what, mw_arena *a, mw_str *text)
{
    const mw_tls_conn *t = mw_tls_conn_of(c);

    if (t == NULL || t->client != NULL)
        return false;
    switch (what) {
    case MW_TLS_PROTOCOL:       *text = mw_str_of(SSL_get_version(t->ssl));                                break;
    case MW_TLS_CIPHER:         *text = mw_str_of(SSL_get_cipher_name(t->ssl));                            break;
    case MW_TLS_CIPHERS:        *text = ciphers(t->ssl, a);                                                break;
    case MW_TLS_CURVE:          *text = curve(t->ssl, a);                                                  break;
    case MW_TLS_CURVES:         *text = curves(t->ssl, a);                                                 break;
    case MW_TLS_SIGALG:         *text = sigalg(t->ssl, a, false);                                          break;
    case MW_TLS_SESSION_ID:     *text = session_id(t->ssl, a);                                             break;
    case MW_TLS_SESSION_REUSED: *text = SSL_session_reused(t->ssl) ? MW_STR("r") : MW_STR(".");            break;
    case MW_TLS_EARLY_DATA:     *text = t->early != NULL ? MW_STR("1") : MW_STR("");                       break;
    case MW_TLS_SERVER_NAME:    *text = text_of(a, SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name)); break;
    case MW_TLS_ALPN:           *text = alpn(t->ssl, a);                                                   break;
    case MW_TLS_CLIENT_VERIFY:  *text = verdict(t->ssl, a);                                                break;
    default:                    *text = of_certificate(t->ssl, what, a);                                   break;
    }
    return text->len > 0;
}
