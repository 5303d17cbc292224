/* rules.c - unit test of proxy_redirect and proxy_cookie_*: what an upstream's fields become.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/rules.c"

#include "origin.h"

static const struct { const char *rule, *before, *after; } locations[] = {
    { "", "http://elsewhere/x", "http://elsewhere/x" },
    { "proxy_redirect http://app/ /;", "http://app/x", "/x" },
    { "proxy_redirect http://app/ /;", "http://other/x", "http://other/x" },
    { "proxy_redirect http://app/ https://$host/deep/;", "http://app/x?y", "https://house.test/deep/x?y" },
    { "proxy_redirect ~^http://([a-z]+)/(.*)$ /$1-$2;", "http://app/x", "/app-x" },
    { "proxy_redirect ~*^HTTP://APP /up;", "http://app/x", "/up" },
    { "proxy_redirect ~^HTTP://APP /up;", "http://app/x", "http://app/x" },
    { "proxy_redirect http://a/ /a/; proxy_redirect http://b/ /b/;", "http://b/x", "/b/x" },
    { "proxy_redirect off; ", "http://app/x", "http://app/x" },
};

START_TEST(of_locations)
{
    origin(mw_arena_z(arena, mw_arena_fmt(arena, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n"
        "Refresh: 3; url=%s\r\n\r\n", locations[_i].before, locations[_i].before)));
    behind(mw_arena_z(arena, mw_arena_fmt(arena, "location / { proxy_pass http://%%; %s }", locations[_i].rule)));
    ck_assert_int_eq(ask("GET /", NULL), 302);
    ck_assert_str_eq(field("Location"), locations[_i].after);
    ck_assert_str_eq(field("Refresh"), mw_arena_z(arena, mw_arena_fmt(arena, "3; url=%s", locations[_i].after)));
}
END_TEST

static const struct { const char *rule, *before, *after; } cookies[] = {
    { "", "a=b; Domain=app", "a=b; Domain=app" },
    { "proxy_cookie_domain app house.test;", "a=b; Domain=app; HttpOnly", "a=b; Domain=house.test; HttpOnly" },
    { "proxy_cookie_domain app house.test;", "a=b; domain=.APP", "a=b; domain=.house.test" },
    { "proxy_cookie_domain app house.test;", "a=b; Domain=myapp", "a=b; Domain=myapp" },
    { "proxy_cookie_domain ~^(.+)\\.app$ $1.out;", "a=b; Domain=x.app", "a=b; Domain=x.out" },
    { "proxy_cookie_path /in/ /out/;", "a=b; Path=/in/x", "a=b; Path=/out/x" },
    { "proxy_cookie_path /in/ /out/;", "a=b; Path=/other", "a=b; Path=/other" },
    { "proxy_cookie_path /in/ /out/;", "Path=/in/; x", "Path=/in/; x" },                /* its name, no attribute */
    { "proxy_cookie_flags a secure samesite=lax;", "a=b", "a=b; Secure; SameSite=Lax" },
    { "proxy_cookie_flags a nosecure;", "a=b; Secure; HttpOnly", "a=b; HttpOnly" },
    { "proxy_cookie_flags a samesite=strict;", "a=b; SameSite=None; Path=/", "a=b; SameSite=Strict; Path=/" },
    { "proxy_cookie_flags other secure;", "a=b", "a=b" },
    { "proxy_cookie_flags ~^A httponly;", "ab=c", "ab=c; HttpOnly" },
};

START_TEST(of_cookies)
{
    origin(mw_arena_z(arena, mw_arena_fmt(arena, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: %s\r\n\r\n",
                                          cookies[_i].before)));
    behind(mw_arena_z(arena, mw_arena_fmt(arena, "location / { proxy_pass http://%%; %s }", cookies[_i].rule)));
    ck_assert_int_eq(ask("GET /", NULL), 200);
    ck_assert_str_eq(field("Set-Cookie"), cookies[_i].after);
}
END_TEST

/* A flag that a variable makes, and that is none. */
START_TEST(an_unknown_flag)
{
    origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\n\r\n");
    behind("location / { proxy_pass http://%; proxy_cookie_flags a $arg_flag; }");
    ck_assert_int_eq(ask("GET /?flag=nonsense", NULL), 200);
    ck_assert_str_eq(field("Set-Cookie"), "a=b");
    ck_assert(logged("invalid proxy_cookie_flags flag \"nonsense\""));
    ck_assert_int_eq(ask("GET /?flag=secure", NULL), 200);
    ck_assert_str_eq(field("Set-Cookie"), "a=b; Secure");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/rules");
    TCase *l = tcase_create("locations"), *c = tcase_create("cookies");

    tcase_add_checked_fixture(l, begin, end_of_origin);
    tcase_add_loop_test(l, of_locations, 0, sizeof locations / sizeof *locations);
    tcase_add_checked_fixture(c, begin, end_of_origin);
    tcase_add_loop_test(c, of_cookies, 0, sizeof cookies / sizeof *cookies);
    suite_add_tcase(s, l);
    suite_add_tcase(s, c);
    ORIGIN_CASE(s, an_unknown_flag);
    return s;
}

#include "run.h"
