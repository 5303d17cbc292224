/* response.c - unit test of what a step may say: texts, refusals, redirects, other places, and how often.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/response.c"

#include "house.h"

START_TEST(refusals_and_connections)
{
    static const struct { const char *uri; int status; bool kept; } rows[] = {
        { "GET /400", 400, false }, { "GET /403", 403, true }, { "GET /404", 404, true }, { "GET /413", 413, false },
        { "GET /414", 414, false }, { "GET /500", 500, false }, { "GET /501", 501, false }, { "GET /502", 502, true },
        { "GET /503", 503, true }, { "GET /444", 0, false }, { "GET /499", 0, false }, { "GET /408", 0, false },
    };

    house("location = /400 { return 400; } location = /403 { return 403; } location = /404 { return 404; }"
          "location = /413 { return 413; } location = /414 { return 414; } location = /500 { return 500; }"
          "location = /501 { return 501; } location = /502 { return 502; } location = /503 { return 503; }"
          "location = /444 { return 444; } location = /499 { return 499; } location = /408 { return 408; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(ask(rows[i].uri, NULL) == rows[i].status, "%s: %d", rows[i].uri, r->res.status);
        if (rows[i].status != 0)
            ck_assert_msg(r->keep_alive == rows[i].kept, "%s", rows[i].uri);
    }
}
END_TEST

START_TEST(clearing)
{
    write_file("a", "0123456789");
    house("root .;");
    ck_assert_int_eq(ask("GET /a", NULL), 200);
    r->res.live = r->res.judged = true;
    mw_head_clear(r);
    ck_assert_ptr_null(r->res.body);
    ck_assert_int_eq(r->res.length, -1);
    ck_assert_int_eq(r->res.modified, -1);
    ck_assert_int_eq((int)r->res.type.len, 0);
    ck_assert(!r->res.live && !r->res.ranges && !r->res.judged);
    ck_assert_str_eq(field("ETag"), "");
}
END_TEST

START_TEST(moved)
{
    house("location = /page { return 200; } location /a { return 301 /b; }"
          "location /c { error_page 301 =200 /page; return 301 /d; } location /e { error_page 302 http://x/; return "
          "302 /f; }");
    ck_assert_int_eq(ask("GET /a", NULL), 301);
    ck_assert_str_eq(field("Location"), "/b");
    ck_assert_int_eq(ask("GET /c", NULL), 200);
    ck_assert_str_eq(field("Location"), "/d");
    ck_assert_int_eq(ask("GET /e", NULL), 302);
    ck_assert_str_eq(field("Location"), "http://x/");
}
END_TEST

START_TEST(denials)
{
    house("");
    (void)ask("GET /", NULL);
    r->denied = 0;
    ck_assert_int_eq(mw_deny(r, 403), MW_DENY);
    ck_assert_int_eq(r->denied, 403);
    (void)mw_deny(r, 401);
    ck_assert_int_eq(r->denied, 401);
    (void)mw_deny(r, 403);                      /* who may still name himself is asked to */
    ck_assert_int_eq(r->denied, 401);
}
END_TEST

START_TEST(ten_hops)
{
    uint8_t hops = 0;

    house("");
    (void)ask("GET /", NULL);
    for (unsigned i = 0; i < 10; i++)
        ck_assert_int_eq(mw_hop(r, &hops, first_server()->own, MW_LOCATE), MW_REROUTE);
    ck_assert_int_eq(mw_hop(r, &hops, first_server()->own, MW_LOCATE), MW_ANSWERED);
    ck_assert_int_eq(r->res.status, 500);
    ck_assert_int_eq(mw_named(r, MW_STR("@none")), MW_ANSWERED);
    r->uri.len = 0;
    ck_assert_int_eq(mw_named(r, MW_STR("@none")), MW_ANSWERED);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/response");

    CASE(s, refusals_and_connections);
    CASE(s, clearing);
    CASE(s, moved);
    CASE(s, denials);
    CASE(s, ten_hops);
    return s;
}

#include "run.h"
