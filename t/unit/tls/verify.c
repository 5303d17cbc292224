/* verify.c - unit test of who is trusted: clients by ssl_verify_client, upstreams by their names; revoked certificates.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/verify.c"

#include "pair.h"

static void own(const char *name)
{
    X509     *cert = cert_in(name);
    EVP_PKEY *key = key_in(name);

    ck_assert(SSL_CTX_use_certificate(client, cert) == 1 && SSL_CTX_use_PrivateKey(client, key) == 1);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static const struct { const char *mode, *who; int status; const char *why; } clients[] = {
    { "off", "alice", 0, NULL }, { "off", NULL, 0, NULL }, { "on", "alice", 0, NULL },
    { "on", NULL, 496, "client sent no required SSL certificate" }, { "on", "stranger", 495, "self" },
    { "optional", NULL, 0, NULL }, { "optional", "alice", 0, NULL }, { "optional", "stranger", 495, "self" },
    { "optional_no_ca", NULL, 0, NULL }, { "optional_no_ca", "stranger", 0, NULL },
    { "optional_no_ca", "orphan", 0, NULL }, { "on", "orphan", 495, "first certificate" },
};

START_TEST(of_clients)
{
    const char *why;

    certificate("root", NULL);
    certificate("alice", "root");
    certificate("stranger", NULL);
    certificate("orphan", "stranger");
    secure(mw_arena_z(arena, mw_arena_fmt(arena, "ssl_client_certificate root.crt; ssl_verify_client %s;",
                                          clients[_i].mode)));
    if (clients[_i].who != NULL)
        own(clients[_i].who);
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_int_eq(mw_tls_client_status(near, rules(), &why), clients[_i].status);
    if (clients[_i].why == NULL)
        ck_assert_ptr_null(why);
    else
        ck_assert_msg(strstr(why, clients[_i].why) != NULL, "%s", why);
    part();
}
END_TEST

/* Without TLS there is nobody to judge: that is for others to refuse. */
START_TEST(of_plain_ones)
{
    const char *why;

    certificate("root", NULL);
    secure("ssl_client_certificate root.crt; ssl_verify_client on;");
    dial();
    ck_assert_int_eq(mw_tls_client_status(near, rules(), &why), 0);
    ck_assert_int_eq(mw_tls_client_status(near, NULL, &why), 0);
    part();
}
END_TEST

START_TEST(names)
{
    static const struct { const char *name; bool fine; } rows[] = {
        { "a.example", true }, { "A.Example", true }, { "b.example", false }, { "x.a.example", false }, { "", false },
        { "10.0.0.1", true }, { "10.0.0.2", false }, { "10.0.0", false },
        { "a-name-that-is-longer-than-any-address-may-be-and-therefore-is-none.a.example", false },
    };
    X509 *cert;

    certificate("a.example", NULL);
    cert = cert_in("a.example");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(names_peer(cert, mw_str_of(rows[i].name)) == rows[i].fine, "%s", rows[i].name);
    ERR_clear_error();
    X509_free(cert);
}
END_TEST

static void withdraw(const char *by, const char *whom)
{
    X509_CRL     *crl = X509_CRL_new();
    X509_REVOKED *one = X509_REVOKED_new();
    X509         *issuer = cert_in(by), *cert = cert_in(whom);
    EVP_PKEY     *key = key_in(by);
    ASN1_TIME    *t = ASN1_TIME_new();
    BIO          *pem = BIO_new(BIO_s_mem());

    ck_assert(X509_CRL_set_version(crl, 1) == 1
              && X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1);
    X509_gmtime_adj(t, -10);
    ck_assert(X509_CRL_set1_lastUpdate(crl, t) == 1 && X509_REVOKED_set_revocationDate(one, t) == 1);
    X509_gmtime_adj(t, 86400);
    ck_assert(X509_CRL_set1_nextUpdate(crl, t) == 1
              && X509_REVOKED_set_serialNumber(one, X509_get_serialNumber(cert)) == 1
              && X509_CRL_add0_revoked(crl, one) == 1);
    ck_assert_int_gt(X509_CRL_sign(crl, key, EVP_sha256()), 0);
    ck_assert_int_eq(PEM_write_bio_X509_CRL(pem, crl), 1);
    put_pem("list", "pem", pem);
    ASN1_TIME_free(t);
    X509_CRL_free(crl);
    X509_free(issuer);
    X509_free(cert);
    EVP_PKEY_free(key);
}

START_TEST(revoked)
{
    const char *why;

    certificate("root", NULL);
    certificate("alice", "root");
    withdraw("root", "alice");
    secure("ssl_client_certificate root.crt; ssl_verify_client optional_no_ca; ssl_crl list.pem;");
    own("alice");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_int_eq(mw_tls_client_status(near, rules(), &why), 495);
    ck_assert_str_eq(why, "certificate revoked");
    part();
}
END_TEST

static const struct { const char *text, *why; } bad[] = {
    { "ssl_verify_client on;", "no ssl_client_certificate or ssl_trusted_certificate for ssl_verify_client" },
    { "ssl_verify_client on; ssl_client_certificate none.crt;", "none.crt\"" },
    { "ssl_verify_client on; ssl_client_certificate empty;", "empty\"" },
    { "ssl_verify_client on; ssl_client_certificate broken;", "broken\"" },
    { "ssl_trusted_certificate broken;", "broken\"" },
    { "ssl_crl none.pem;", "cannot load CRL" }, { "ssl_crl empty;", "cannot load CRL" },
    { "ssl_crl broken;", "cannot load CRL" },
};

START_TEST(bad_files)
{
    certificate("house.test", NULL);
    write_file("empty", "");
    write_file("broken", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp { server { listen "
        "127.0.0.1:8443 ssl; ssl_certificate house.test.crt; ssl_certificate_key house.test.key; %s } }",
        bad[_i].text))), 1);
    ck_assert_msg(mw_str_find(cycle->diag.first->text, mw_str_of(bad[_i].why)) < cycle->diag.first->text.len, "%.*s",
                  MW_S(cycle->diag.first->text));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/verify");
    TCase *t = tcase_create("clients"), *files = tcase_create("files");

    tcase_add_checked_fixture(t, begin, leave_secure);
    tcase_add_loop_test(t, of_clients, 0, sizeof clients / sizeof *clients);
    suite_add_tcase(s, t);
    SECURE_CASE(s, of_plain_ones);
    SECURE_CASE(s, names);
    SECURE_CASE(s, revoked);
    tcase_add_checked_fixture(files, begin, leave_secure);
    tcase_add_loop_test(files, bad_files, 0, sizeof bad / sizeof *bad);
    suite_add_tcase(s, files);
    return s;
}

#include "run.h"
