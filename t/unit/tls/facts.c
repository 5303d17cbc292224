/* facts.c - unit test of what is told of a connection that speaks TLS.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/facts.c"

#include "pair.h"

static const char *tell(mw_tls_fact what)
{
    mw_str text = { "", 0 };
    bool   there = mw_tls_tell(near, what, arena, &text);

    ck_assert(there == (text.len > 0));
    return mw_arena_z(arena, text);
}

static void own(const char *name)
{
    X509     *cert = cert_in(name);
    EVP_PKEY *key = key_in(name);

    ck_assert(SSL_CTX_use_certificate(client, cert) == 1 && SSL_CTX_use_PrivateKey(client, key) == 1);
    X509_free(cert);
    EVP_PKEY_free(key);
}

START_TEST(of_the_session)
{
    secure("ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve prime256v1:secp384r1;");
    SSL_CTX_set_ciphersuites(client, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
    SSL_CTX_set1_groups_list(client, "P-384:P-256");
    SSL_CTX_set_alpn_protos(client, (const unsigned char *)"\3foo\x8http/1.1", 13);
    dial();
    ck_assert_int_eq(SSL_set_tlsext_host_name(far, "some.name"), 1);
    ck_assert_int_eq(shake(), MW_OK);
    ck_assert_str_eq(tell(MW_TLS_PROTOCOL), "TLSv1.3");
    ck_assert_str_eq(tell(MW_TLS_CIPHER), "TLS_AES_128_GCM_SHA256");
    ck_assert_int_eq(strncmp(tell(MW_TLS_CIPHERS), "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384", 45), 0);
    ck_assert_str_eq(tell(MW_TLS_CURVE), "secp384r1");
    ck_assert_str_eq(tell(MW_TLS_CURVES), "secp384r1:prime256v1");
    ck_assert_str_eq(tell(MW_TLS_SIGALG), "id-ecPublicKey");
    ck_assert_str_eq(tell(MW_TLS_SESSION_REUSED), ".");
    ck_assert_str_eq(tell(MW_TLS_EARLY_DATA), "");
    ck_assert_str_eq(tell(MW_TLS_SERVER_NAME), "some.name");
    ck_assert_str_eq(tell(MW_TLS_ALPN), "http/1.1");
    part();
}
END_TEST

START_TEST(without_a_certificate)
{
    secure("ssl_verify_client optional_no_ca;");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_str_eq(tell(MW_TLS_CLIENT_VERIFY), "NONE");
    for (int what = MW_TLS_CLIENT_CERT; what <= MW_TLS_CLIENT_SIGALG; what++)
        if (what != MW_TLS_CLIENT_VERIFY) ck_assert_str_eq(tell((mw_tls_fact)what), "");
    ck_assert_str_eq(tell(MW_TLS_ALPN), "");
    ck_assert_str_eq(tell(MW_TLS_SERVER_NAME), "");
    part();
}
END_TEST

START_TEST(of_a_certificate)
{
    const char *pem, *folded, *escaped;
    mw_str      text, line;

    certificate("root", NULL);
    certificate("alice", "root");
    secure("ssl_verify_client on; ssl_client_certificate root.crt;");
    own("alice");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_str_eq(tell(MW_TLS_CLIENT_VERIFY), "SUCCESS");
    ck_assert_str_eq(tell(MW_TLS_CLIENT_S_DN), "CN=alice,O=Miwi");
    ck_assert_str_eq(tell(MW_TLS_CLIENT_I_DN), "CN=root,O=Miwi");
    ck_assert_str_eq(tell(MW_TLS_CLIENT_S_DN_LEGACY), "/O=Miwi/CN=alice");
    ck_assert_str_eq(tell(MW_TLS_CLIENT_I_DN_LEGACY), "/O=Miwi/CN=root");
    ck_assert_str_eq(tell(MW_TLS_CLIENT_SERIAL), "A1");
    ck_assert_uint_eq(strlen(tell(MW_TLS_CLIENT_FINGERPRINT)), 40);
    ck_assert_str_eq(tell(MW_TLS_CLIENT_V_REMAIN), "9");
    ck_assert_ptr_nonnull(strstr(tell(MW_TLS_CLIENT_V_END), " GMT"));
    ck_assert_ptr_nonnull(strstr(tell(MW_TLS_CLIENT_V_START), " GMT"));
    ck_assert_str_eq(tell(MW_TLS_CLIENT_SIGALG), "id-ecPublicKey");

    pem = tell(MW_TLS_CLIENT_RAW_CERT);
    ck_assert_int_eq(strncmp(pem, "-----BEGIN CERTIFICATE-----\n", 28), 0);
    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("alice.crt")), 65536, &text), MW_OK);
    ck_assert(mw_str_eq(text, mw_str_of(pem)));
    folded = tell(MW_TLS_CLIENT_CERT);
    ck_assert_ptr_null(strstr(folded, "-----\nM"));
    ck_assert_ptr_nonnull(strstr(folded, "-----\n\tM"));
    (void)mw_str_cut(mw_str_of(folded), '\n', &line, &text);
    EQ(line, "-----BEGIN CERTIFICATE-----");
    ck_assert(mw_str_ends(text, MW_STR("-----END CERTIFICATE-----")));
    escaped = tell(MW_TLS_CLIENT_ESCAPED_CERT);
    ck_assert_int_eq(strncmp(escaped, "-----BEGIN%20CERTIFICATE-----%0AM", 33), 0);
    part();
}
END_TEST

START_TEST(of_a_stranger)
{
    certificate("stranger", NULL);
    secure("ssl_verify_client optional_no_ca;");
    own("stranger");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_int_eq(strncmp(tell(MW_TLS_CLIENT_VERIFY), "FAILED:", 7), 0);
    part();
}
END_TEST

START_TEST(again)
{
    char         room[16];
    const char  *id;
    SSL_SESSION *session;

    secure("ssl_protocols TLSv1.2;");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_str_eq(tell(MW_TLS_PROTOCOL), "TLSv1.2");
    session = SSL_get1_session(far);
    part();
    dial();
    ck_assert_int_eq(SSL_set_session(far, session), 1);
    ck_assert_int_eq(shake(), MW_OK);
    ck_assert_str_eq(tell(MW_TLS_SESSION_REUSED), "r");
    id = tell(MW_TLS_SESSION_ID);
    ck_assert_uint_eq(strspn(id, "0123456789abcdef"), strlen(id));
    ck_assert_uint_eq(strlen(id), 64);
    ck_assert_int_eq(hear(room, sizeof room), -1);
    part();
    SSL_SESSION_free(session);
}
END_TEST

START_TEST(of_a_plain_one)
{
    mw_str text = { "x", 1 };

    secure("");
    dial();
    for (int what = MW_TLS_PROTOCOL; what <= MW_TLS_CLIENT_SIGALG; what++)
        ck_assert(!mw_tls_tell(near, (mw_tls_fact)what, arena, &text));
    part();
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/facts");

    SECURE_CASE(s, of_the_session);
    SECURE_CASE(s, without_a_certificate);
    SECURE_CASE(s, of_a_certificate);
    SECURE_CASE(s, of_a_stranger);
    SECURE_CASE(s, again);
    SECURE_CASE(s, of_a_plain_one);
    return s;
}

#include "run.h"
