/* ctx.c - unit test of contexts: protocols, ciphers, curves, parameters, commands, and certificates with variables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/ctx.c"

#include "pair.h"

/* Who of the versions is let in. */
static const struct { const char *text; bool old, now; } versions[] = {
    { "TLSv1.2 TLSv1.3", true, true }, { "TLSv1.2", true, false }, { "TLSv1.3", false, true },
    { "TLSv1.1 TLSv1.3", false, true },
};

static bool met(int version)
{
    bool fine;

    (void)SSL_CTX_set_min_proto_version(client, version);
    (void)SSL_CTX_set_max_proto_version(client, version);
    fine = meet() == MW_OK;
    part();
    return fine;
}

START_TEST(protocols)
{
    secure(mw_arena_z(arena, mw_arena_fmt(arena, "ssl_protocols %s;", versions[_i].text)));
    ck_assert(met(TLS1_2_VERSION) == versions[_i].old);
    ck_assert(met(TLS1_3_VERSION) == versions[_i].now);
}
END_TEST

START_TEST(whose_ciphers)
{
    static const char *const wish[] = { "off", "on" };
    static const char *const got_it[] = { "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384" };

    secure(mw_arena_z(arena, mw_arena_fmt(arena, "ssl_protocols TLSv1.2; ssl_prefer_server_ciphers %s; ssl_ciphers "
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256;", wish[_i])));
    SSL_CTX_set_cipher_list(client, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_str_eq(SSL_get_cipher_name(far), got_it[_i]);
    part();
}
END_TEST

START_TEST(commands)
{
    secure("ssl_conf_command MaxProtocol TLSv1.2; ssl_conf_command Options ServerPreference;");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_str_eq(SSL_get_version(far), "TLSv1.2");
    ck_assert((SSL_CTX_get_options(rules()->ctx->ssl) & SSL_OP_CIPHER_SERVER_PREFERENCE) != 0);
    part();
}
END_TEST

START_TEST(switches)
{
    uint64_t options;

    secure("ssl_session_tickets off; ssl_early_data on;");
    options = SSL_CTX_get_options(rules()->ctx->ssl);
    ck_assert((options & SSL_OP_NO_TICKET) != 0 && (options & SSL_OP_NO_RENEGOTIATION) != 0
              && (options & SSL_OP_NO_COMPRESSION) != 0);
    ck_assert_uint_gt(SSL_CTX_get_max_early_data(rules()->ctx->ssl), 0);
    ck_assert(!rules()->ctx->dynamic);
}
END_TEST

static mw_str named(const void *expr, void *scope)
{
    ck_assert_ptr_eq(scope, &worker);
    return mw_str_of(expr);
}

static const struct { const char *certificate, *key; bool fine; } names[] = {
    { "other.crt", "other.key", true }, { "none.crt", "other.key", false }, { "other.crt", "none.key", false },
    { "other.crt", "house.test.key", false }, { "", "", false }, { "data:x", "other.key", false },
};

START_TEST(at_a_handshake)
{
    mw_tls_conf *c;
    X509        *cert;
    mw_rc        rc = MW_AGAIN;
    int          there = -1;

    certificate("other", NULL);
    secure("set $name other; ssl_certificate $name.crt; ssl_certificate_key $name.key;");
    c = (mw_tls_conf *)(uintptr_t)rules();
    ck_assert(c->ctx->dynamic && c->certificates.n == 2);
    c->certificates.at[0] = c->certificates.at[1];      /* the one without variables is not the matter here */
    c->certificates.n = 1;
    c->certificate_texts[0] = (mw_tls_text){ names[_i].certificate, named };
    c->key_texts[0] = (mw_tls_text){ names[_i].key, named };
    dial();
    for (unsigned i = 0; i < HOUSE_TURNS && rc == MW_AGAIN; i++) {
        there = SSL_do_handshake(far);
        mw_loop_turn(worker.loop, 2);
        rc = mw_tls_accept(&asker, &hand, near, c, NULL, NULL, &worker);
    }
    ck_assert(rc == (names[_i].fine ? MW_OK : MW_ERR));
    if (names[_i].fine) {
        ck_assert_int_eq(there, 1);
        cert = SSL_get1_peer_certificate(far);
        ck_assert_int_eq(X509_check_host(cert, "other", 5, 0, NULL), 1);
        X509_free(cert);
    }
    ck_assert_uint_eq(ERR_peek_error() == 0 || !names[_i].fine, 1);
    part();
}
END_TEST

static const struct { const char *text, *why; } bad[] = {
    { "ssl_ciphers NONSENSE;", "SSL_CTX_set_cipher_list(\"NONSENSE\") failed" },
    { "ssl_ecdh_curve nonsense;", "SSL_CTX_set1_curves_list(\"nonsense\") failed" },
    { "ssl_dhparam none;", "BIO_new_file(\"" },
    { "ssl_dhparam house.test.crt;", "PEM_read_bio_Parameters(\"" },
    { "ssl_conf_command Nonsense x;", "SSL_CONF_cmd(\"Nonsense\", \"x\") failed" },
    { "ssl_conf_command Options Nonsense;", "SSL_CONF_cmd(\"Options\", \"Nonsense\") failed" },
    { "ssl_certificate none; ssl_certificate_key none;", "cannot load certificate \"" },
    { "ssl_certificate other.crt; ssl_certificate_key none;", "cannot load certificate key \"" },
    { "ssl_certificate other.crt; ssl_certificate_key third.key;", "SSL_CTX_use_PrivateKey(\"" },
    { "location / { proxy_pass https://127.0.0.1; proxy_ssl_certificate other.crt; }",
      "no \"proxy_ssl_certificate_key\" is defined" },
    { "location / { proxy_pass https://127.0.0.1; proxy_ssl_verify on; }",
      "no proxy_ssl_trusted_certificate for proxy_ssl_verify" },
    { "location / { proxy_pass https://127.0.0.1; proxy_ssl_ciphers NONSENSE; }", "SSL_CTX_set_cipher_list" },
    { "location / { proxy_pass https://127.0.0.1; proxy_ssl_conf_command Options x; }", "SSL_CONF_cmd(\"Options\"" },
};

START_TEST(refused)
{
    certificate("house.test", NULL);
    certificate("other", NULL);
    certificate("third", NULL);
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp { server { listen "
        "127.0.0.1:8443 ssl; ssl_certificate house.test.crt; ssl_certificate_key house.test.key; %s } }",
        bad[_i].text))), 1);
    ck_assert_msg(mw_str_find(cycle->diag.first->text, mw_str_of(bad[_i].why)) < cycle->diag.first->text.len,
                  "%s: %.*s", bad[_i].text, MW_S(cycle->diag.first->text));
}
END_TEST

#define LOOP(suite, name, rows)  do {                                   \
        TCase *name##_case = tcase_create(#name);                       \
        tcase_add_checked_fixture(name##_case, begin, leave_secure);    \
        tcase_add_loop_test(name##_case, name, 0, (int)(rows));         \
        suite_add_tcase(suite, name##_case);                            \
    } while (0)

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/ctx");

    LOOP(s, protocols, sizeof versions / sizeof *versions);
    LOOP(s, whose_ciphers, 2);
    SECURE_CASE(s, commands);
    SECURE_CASE(s, switches);
    LOOP(s, at_a_handshake, sizeof names / sizeof *names);
    LOOP(s, refused, sizeof bad / sizeof *bad);
    return s;
}

#include "run.h"
