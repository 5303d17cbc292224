/* tls.c - unit test of the ssl_* directives: what their values become, and which are refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/tls.c"

#include "http/secure.h"

#include "house.h"

static const mw_tls_conf *rules(const char *text)
{
    house_of(mw_arena_z(arena, mw_arena_fmt(arena, "error_log memory:32k info;\nevents { }\nhttp { access_log off; "
                                            "server { listen 127.0.0.1:8080; %s } }", text)));
    return mw_secure_conf(first_server());
}

START_TEST(otherwise)
{
    const mw_tls_conf *c = rules("");

    ck_assert(c->session_tickets && !c->prefer_server_ciphers && !c->early_data && !c->reject_handshake);
    ck_assert_uint_eq(c->protocols, MW_TLS_1_2 | MW_TLS_1_3);
    ck_assert_int_eq(c->session_timeout.seconds, 300);
    ck_assert_uint_eq(c->buffer_size.bytes, 16384);
    ck_assert_uint_eq(c->verify_depth, 1);
    ck_assert(!c->session.off && !c->session.builtin && c->session.zone == NULL);
    ck_assert_ptr_null(c->cache);
    ck_assert_ptr_null(c->ctx);
}
END_TEST

START_TEST(session_caches)
{
    const mw_tls_conf *c = rules("ssl_session_cache builtin:77 shared:name:1m;");

    ck_assert(c->session.builtin && c->session.size == 77);
    ck_assert_ptr_nonnull(c->session.zone);
    EQ(c->session.zone->name, "name");
    ck_assert_uint_eq(c->session.zone->size, 1048576);
}
END_TEST

START_TEST(passwords)
{
    const mw_tls_conf *c;

    write_file("words", "one\n\ntwo \r\nthree");
    c = rules("ssl_password_file words;");
    ck_assert_uint_eq(c->password_file.n, 3);
    EQ(c->password_file.at[0], "one");
    EQ(c->password_file.at[1], "two ");
    EQ(c->password_file.at[2], "three");
}
END_TEST

START_TEST(commands)
{
    const mw_tls_conf *c = rules("ssl_conf_command Options A; ssl_conf_command Groups B;");

    ck_assert_uint_eq(c->commands.n, 2);
    EQ(MW_ITEM(&c->commands, mw_tls_command, 1).name, "Groups");
    EQ(MW_ITEM(&c->commands, mw_tls_command, 1).value, "B");
}
END_TEST

static const struct { const char *text, *why; } bad[] = {
    { "ssl_session_cache some;", "invalid session cache \"some\"" },
    { "ssl_session_cache builtin:x;", "invalid session cache \"builtin:x\"" },
    { "ssl_session_cache shared:;", "invalid session cache \"shared:\"" },
    { "ssl_session_cache shared::1m;", "invalid session cache \"shared::1m\"" },
    { "ssl_session_cache shared:a:1q;", "invalid session cache \"shared:a:1q\"" },
    { "ssl_session_cache shared:a:4k;", "session cache \"shared:a:4k\" is too small" },
    { "ssl_certificate_cache max=0;", "invalid parameter \"max=0\"" },
    { "ssl_certificate_cache max=1 valid=;", "invalid parameter \"valid=\"" },
    { "ssl_certificate_cache inactive=3s;", "\"ssl_certificate_cache\" must have the \"max\" parameter" },
    { "ssl_certificate_cache off max=1;", "invalid parameter \"off\"" },
    { "ssl_password_file none;", "open() \"" },
    { "ssl_protocols TLSv9;", "invalid value \"TLSv9\"" },
    { "ssl_verify_client maybe;", "invalid value \"maybe\"" },
    { "ssl_certificate a; ", "no \"ssl_certificate_key\" is defined for certificate \"a\"" },
    { "ssl_certificate a; ssl_certificate b; ssl_certificate_key a;", "no \"ssl_certificate_key\" is defined for "
      "certificate \"b\"" },
};

START_TEST(refused)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp { server { listen "
                                                                "127.0.0.1:8080; %s } }", bad[_i].text))), 1);
    ck_assert_msg(mw_str_find(cycle->diag.first->text, mw_str_of(bad[_i].why)) < cycle->diag.first->text.len,
                  "%s: %.*s", bad[_i].text, MW_S(cycle->diag.first->text));
}
END_TEST

START_TEST(one_zone_two_sizes)
{
    ck_assert_uint_eq(bind_house("events { }\nhttp { server { ssl_session_cache shared:a:1m; } server { "
                                 "ssl_session_cache shared:a:2m; } }"), 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/tls");
    TCase *t = tcase_create("refused");

    CASE(s, otherwise);
    CASE(s, session_caches);
    CASE(s, passwords);
    CASE(s, commands);
    CASE(s, one_zone_two_sizes);
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_loop_test(t, refused, 0, sizeof bad / sizeof *bad);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
