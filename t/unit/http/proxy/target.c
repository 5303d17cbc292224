/* target.c - unit test of what is asked of an upstream: the client's own target, or another in its place.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/target.c"

#include "origin.h"

static const struct { const char *location, *line, *asked; } rows[] = {
    { "location / { proxy_pass http://%; }", "GET /a%20b//c?x=%26", "GET /a%20b//c?x=%26 HTTP/1.1" },
    { "location /a/ { proxy_pass http://%:/; }", "GET /a/b c?x", "GET /b%20c?x HTTP/1.1" },
    { "location /a/ { proxy_pass http://%:/z; }", "GET /a/b", "GET /zb HTTP/1.1" },
    { "location /a { proxy_pass http://%:/z/; }", "GET /a", "GET /z/ HTTP/1.1" },
    { "location / { rewrite ^/a(.*) /b$1 break; proxy_pass http://%; }", "GET /a c?x", "GET /b%20c?x HTTP/1.1" },
    { "location / { rewrite ^/a(.*) /b$1 break; proxy_pass http://%:/z/; }", "GET /ac", "GET /bc HTTP/1.1" },
    { "location / { set $to /v?w; proxy_pass http://%:$to; }", "GET /a?x", "GET /v?w HTTP/1.1" },
    { "location / { set $to ''; proxy_pass http://%$to; }", "GET /a?x", "GET /a?x HTTP/1.1" },
};

START_TEST(asked_for)
{
    origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    behind(rows[_i].location);
    ck_assert_int_eq(ask(rows[_i].line, NULL), 200);
    ck_assert_msg(mw_str_eq(asked(), mw_str_of(rows[_i].asked)), "%.*s", MW_S(asked()));
}
END_TEST

static const struct { const char *to, *why; } bad[] = {
    { "nonsense", "invalid URL prefix in \"nonsense\"" }, { "ftp://a/", "invalid URL prefix in \"ftp://a/\"" },
    { "http://", "no host in upstream \"http://\"" },
};

START_TEST(of_no_use)
{
    house("location / { proxy_pass $arg_to; }");
    ck_assert_int_eq(ask(mw_arena_z(arena, mw_arena_fmt(arena, "GET /?to=%s", bad[_i].to)), NULL), 500);
    ck_assert_msg(logged(bad[_i].why), "%s", bad[_i].why);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/target");
    TCase *t = tcase_create("asked"), *b = tcase_create("bad");

    tcase_add_checked_fixture(t, begin, end_of_origin);
    tcase_add_loop_test(t, asked_for, 0, sizeof rows / sizeof *rows);
    tcase_add_checked_fixture(b, begin, end_of_origin);
    tcase_add_loop_test(b, of_no_use, 0, sizeof bad / sizeof *bad);
    suite_add_tcase(s, t);
    suite_add_tcase(s, b);
    return s;
}

#include "run.h"
