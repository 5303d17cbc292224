/* vars.c - unit test of $upstream_* and $proxy_*: one attempt, several, several exchanges, none.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/vars.c"

#include "origin.h"

static const char *value(const char *name)
{
    for (const mw_var *v = mw_proxy_vars; v->name != NULL; v++) {
        size_t n = strlen(v->name);
        mw_var one = *v;
        mw_str text = { "", 0 };

        if (v->prefix ? strncmp(v->name, name, n) != 0 : strcmp(v->name, name) != 0)
            continue;
        one.rest = v->prefix ? mw_str_of(&name[n]) : MW_STR("");
        return one.get(&r->scope, &one, &text) ? mw_arena_z(arena, text) : "none";
    }
    ck_abort_msg("%s", name);
    return NULL;
}

START_TEST(of_one_attempt)
{
    origin("HTTP/1.1 201 Made\r\nX-Own: a\r\nX-Own: b\r\nSet-Cookie: one=1; Path=/\r\nSet-Cookie: two = 2\r\n"
           "Set-Cookie: bare\r\nContent-Length: 2\r\n\r\nok");
    behind("location / { proxy_pass http://%:/u; }");
    ck_assert_int_eq(ask("GET /", "X-Forwarded-For: 1.1.1.1", NULL), 201);
    ck_assert_str_eq(value("upstream_addr"), mw_arena_z(arena, mw_arena_fmt(arena, "unix:%s/origin", folder)));
    ck_assert_str_eq(value("upstream_status"), "201");
    ck_assert_str_eq(value("upstream_response_length"), "2");
    ck_assert_str_eq(value("upstream_http_x_own"), "a, b");
    ck_assert_str_eq(value("upstream_http_none"), "none");
    ck_assert_str_eq(value("upstream_cookie_one"), "1");
    ck_assert_str_eq(value("upstream_cookie_two"), "2");
    ck_assert_str_eq(value("upstream_cookie_bare"), "none");
    ck_assert_str_eq(value("upstream_trailer_x"), "none");
    ck_assert_str_eq(value("proxy_add_x_forwarded_for"), "1.1.1.1, 192.0.2.1");
    ck_assert_int_eq(strncmp(value("upstream_response_time"), "0.", 2), 0);
    ck_assert_uint_eq(strlen(value("upstream_header_time")), 5);
    ck_assert_uint_eq(strlen(value("upstream_bytes_received")), 3);
    ck_assert_uint_ge(strlen(value("upstream_bytes_sent")), 2);
}
END_TEST

START_TEST(of_several)
{
    const char *addr;

    origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    behind("location / { proxy_pass http://u; } } upstream u { server unix:/nobody; server % backup;");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    addr = mw_arena_z(arena, mw_arena_fmt(arena, "unix:/nobody, unix:%s/origin", folder));
    ck_assert_str_eq(value("upstream_addr"), addr);
    ck_assert_str_eq(value("upstream_status"), "502, 200");
    ck_assert_str_eq(value("proxy_host"), "u");
    ck_assert_str_eq(value("proxy_port"), "80");
}
END_TEST

START_TEST(of_two_exchanges)
{
    origin("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    behind("error_page 500 = /second; location / { proxy_pass http://%; proxy_intercept_errors on; } "
           "location /second { proxy_pass http://%; }");
    ck_assert_int_eq(ask("GET /", NULL), 500);
    ck_assert_str_eq(value("upstream_status"), "500 : 500");
}
END_TEST

START_TEST(of_none)
{
    static const char *const names[] = { "upstream_addr", "upstream_status", "upstream_http_x", "upstream_cookie_x",
                                         "upstream_trailer_x", "upstream_bytes_sent", "proxy_host", "proxy_port" };

    house("location / { return 204; }");
    ck_assert_int_eq(ask("GET /", NULL), 204);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_str_eq(value(names[i]), "none");
    ck_assert_str_eq(value("proxy_add_x_forwarded_for"), "192.0.2.1");
}
END_TEST

START_TEST(times)
{
    static const struct { int64_t ms; const char *text; } rows[] = {
        { MW_UNTOLD, "-" }, { 0, "0.000" }, { 7, "0.007" }, { 1234, "1.234" }, { 60000, "60.000" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_out o = mw_arena_pen(arena, 32);

        put_ms(&o, rows[i].ms);
        ck_assert_str_eq(mw_arena_z(arena, mw_out_done(&o)), rows[i].text);
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/vars");

    ORIGIN_CASE(s, of_one_attempt);
    ORIGIN_CASE(s, of_several);
    ORIGIN_CASE(s, of_two_exchanges);
    ORIGIN_CASE(s, of_none);
    ORIGIN_CASE(s, times);
    return s;
}

#include "run.h"
