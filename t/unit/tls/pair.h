/* pair.h - what tests of tls stand on: certificates made on the spot, and a server's connection with a client of the
 * library at its other end.
 *
 * certificate() writes NAME.crt and NAME.key into the house's folder, secure() makes a house whose only server speaks
 * TLS, meet() lets a client shake hands with it: `near` is our side, `far` the client's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UNIT_TLS_PAIR_H
#define MW_UNIT_TLS_PAIR_H

#include "house.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "http/secure.h"
#include "tls/room.h"

static mw_conn     *near;
static SSL         *far;
static SSL_CTX     *client;             /* of `far`; made by secure() */
static mw_asker     asker;
static mw_handshake hand;

__attribute__((unused)) static EVP_PKEY *key_in(const char *name)
{
    BIO      *bio = BIO_new_file(in_folder(mw_arena_z(arena, mw_arena_fmt(arena, "%s.key", name))), "r");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

    ck_assert_ptr_nonnull(key);
    BIO_free(bio);
    return key;
}

__attribute__((unused)) static X509 *cert_in(const char *name)
{
    BIO  *bio = BIO_new_file(in_folder(mw_arena_z(arena, mw_arena_fmt(arena, "%s.crt", name))), "r");
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    ck_assert_ptr_nonnull(cert);
    BIO_free(bio);
    return cert;
}

static void put_pem(const char *name, const char *kind, BIO *text)
{
    char *at;
    long  n = BIO_get_mem_data(text, &at);

    write_file(mw_arena_z(arena, mw_arena_fmt(arena, "%s.%s", name, kind)),
               mw_arena_z(arena, (mw_str){ at, (size_t)n }));
    BIO_free(text);
}

/* Signed by `by`, or by itself (NULL); good for NAME and 10.0.0.1. */
__attribute__((unused)) static void certificate(const char *name, const char *by)
{
    EVP_PKEY       *key = EVP_EC_gen("P-256"), *signer = by != NULL ? key_in(by) : key;
    X509           *cert = X509_new(), *issuer = by != NULL ? cert_in(by) : cert;
    BIO            *pem = BIO_new(BIO_s_mem()), *secret = BIO_new(BIO_s_mem());
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
        (char *)(uintptr_t)mw_arena_z(arena, mw_arena_fmt(arena, "DNS:%s,IP:10.0.0.1", name)));
    X509_NAME      *subject;

    ck_assert(X509_set_version(cert, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(cert), 0xA1) == 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -100);
    X509_gmtime_adj(X509_getm_notAfter(cert), 9 * 86400 + 3600);
    subject = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, (const unsigned char *)"Miwi", -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(issuer));
    X509_set_pubkey(cert, key);
    X509_add_ext(cert, names, -1);
    X509_EXTENSION_free(names);
    if (by == NULL) {
        X509_EXTENSION *issues = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");

        X509_add_ext(cert, issues, -1);
        X509_EXTENSION_free(issues);
    }
    ck_assert_int_gt(X509_sign(cert, signer, EVP_sha256()), 0);
    ck_assert(PEM_write_bio_X509(pem, cert) == 1
              && PEM_write_bio_PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) == 1);
    put_pem(name, "crt", pem);
    put_pem(name, "key", secret);
    if (by != NULL) {
        EVP_PKEY_free(signer);
        X509_free(issuer);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* TEXT stands in the server, below the certificate of house.test. */
__attribute__((unused)) static void secure(const char *text)
{
    certificate("house.test", NULL);
    house_of(mw_arena_z(arena, mw_arena_fmt(arena, "error_log memory:32k info;\nevents { }\nhttp {\naccess_log off;\n"
        "server {\nlisten 127.0.0.1:8443 ssl;\nserver_name house.test;\nssl_certificate house.test.crt;\n"
        "ssl_certificate_key house.test.key;\n%s\n}\n}\n", text)));
    worker.log.sinks = cycle->main->errors;
    client = SSL_CTX_new(TLS_client_method());
    mw_asker_init(&asker, worker.loop, NULL, NULL);
}

__attribute__((unused)) static const mw_tls_conf *rules(void) { return mw_secure_conf(first_server()); }

static void nothing(mw_conn *c) { (void)c; }

static const mw_conn_use nobody = { .name = "nobody", .ready = nothing, .late = nothing };

/* The two ends, before any greeting. */
__attribute__((unused)) static void dial(void)
{
    int     fds[2];
    mw_addr peer;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    ck_assert(mw_addr_parse(MW_STR("192.0.2.1:4711"), 0, &peer));
    near = mw_conn_new(worker.loop, fds[0], &peer, &nobody, NULL, &worker.log);
    ck_assert_ptr_nonnull(near);
    far = SSL_new(client);
    ck_assert_int_eq(SSL_set_fd(far, fds[1]), 1);
    SSL_set_connect_state(far);
    hand = (mw_handshake){ .why = NULL };
}

__attribute__((unused)) static mw_rc shake(void)
{
    mw_rc rc = MW_AGAIN;
    int   met = -1;

    for (unsigned i = 0; i < HOUSE_TURNS && (rc == MW_AGAIN || (rc == MW_OK && met != 1)); i++) {
        if (met != 1)
            met = SSL_do_handshake(far);
        mw_loop_turn(worker.loop, met == 1 && rc == MW_OK ? 0 : 2);
        rc = mw_tls_accept(&asker, &hand, near, rules(), NULL, NULL, NULL);
    }
    ERR_clear_error();
    return rc;
}

__attribute__((unused)) static mw_rc meet(void)
{
    dial();
    return shake();
}

/* What the client reads, or -1: nothing. */
__attribute__((unused)) static int hear(char *to, int room)
{
    int n = -1;

    for (unsigned i = 0; i < HOUSE_TURNS && n <= 0; i++) {
        n = SSL_read(far, to, room);
        if (n <= 0 && SSL_get_error(far, n) != SSL_ERROR_WANT_READ)
            break;
        mw_loop_turn(worker.loop, 1);
    }
    ERR_clear_error();
    return n;
}

__attribute__((unused)) static void part(void)
{
    int fd = SSL_get_fd(far);

    mw_asker_cancel(&asker);
    mw_conn_close(near);
    SSL_set_shutdown(far, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);    /* or its session could not be resumed */
    SSL_free(far);
    close(fd);
    mw_loop_turn(worker.loop, 0);
    ERR_clear_error();
}

__attribute__((unused)) static void leave_secure(void)
{
    SSL_CTX_free(client);
    client = NULL;
    finish();
}

#define SECURE_CASE(suite, name)  do {                                  \
        TCase *name##_case = tcase_create(#name);                       \
        tcase_add_checked_fixture(name##_case, begin, leave_secure);    \
        tcase_add_test(name##_case, name);                              \
        suite_add_tcase(suite, name##_case);                            \
    } while (0)

#endif
