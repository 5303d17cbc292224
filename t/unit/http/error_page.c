/* error_page.c - unit test of error_page and the built-in pages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/error_page.c"

#include "house.h"

START_TEST(ways)
{
    static const struct { const char *uri; int status; const char *location, *body; } rows[] = {
        { "GET /same", 404, "", "page of /same" }, { "GET /other", 200, "", "page of /other" },
        { "GET /own", 503, "", "own" }, { "GET /named", 410, "", "named" },
        { "GET /away", 302, "http://other.test/x", NULL }, { "GET /moved", 301, "http://other.test/", NULL },
        { "GET /args", 404, "", "q=1" }, { "GET /var", 404, "", "var" },
    };

    house("location = /page { return 200 \"page of $request_uri\"; } location = /own-page { return 503 own; }"
          "location = /with { return 200 $args; } location = /var.404 { return 200 var; }"
          "location = /same { error_page 404 /page; return 404; } location = /other { error_page 404 =200 /page; "
          "return 404; }"
          "location = /own { error_page 404 = /own-page; return 404; }"
          "location = /named { error_page 410 @n; return 410; } location @n { return 200 named; }"
          "location = /away { error_page 404 http://other.test/x; return 404; }"
          "location = /moved { error_page 404 =301 http://other.test/; return 404; }"
          "location = /args { error_page 404 /with?q=1; return 404; }"
          "location = /var { error_page 404 $uri.404; return 404; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(ask(rows[i].uri, NULL) == rows[i].status, "%s: %d", rows[i].uri, r->res.status);
        ck_assert_str_eq(field("Location"), rows[i].location);
        if (rows[i].body != NULL)
            ck_assert_msg(mw_str_eq(got.bytes, mw_str_of(rows[i].body)), "%s: %.*s", rows[i].uri, MW_S(got.bytes));
    }
}
END_TEST

START_TEST(only_once)
{
    house("error_page 404 /a; error_page 403 /b; location = /a { return 403; } location = /b { return 200 b; }"
          "location /r { recursive_error_pages on; return 404; location = /r/x { return 404; } }"
          "location = /first { return 404; }");
    ck_assert_int_eq(ask("GET /first", NULL), 403);         /* an error of an error page: built in */
    ck_assert(mw_str_starts(got.bytes, MW_STR("<html>\r\n<head><title>403 Forbidden")));
    ck_assert_int_eq(ask("POST /first", NULL), 403);
    ck_assert_int_eq(r->method, MW_GET);                    /* a page is asked for with GET */
    ck_assert_int_eq(ask("HEAD /first", NULL), 403);
    ck_assert_int_eq(r->method, MW_HEAD);
}
END_TEST

START_TEST(built_in)
{
    house("server_tokens off; location /on { server_tokens on; return 404; } location /pad { return 404; }"
          "location /build { server_tokens build; return 404; }");
    ck_assert_int_eq(ask("GET /x", NULL), 404);
    BODY("<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
         "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
    ck_assert_int_eq(r->res.length, (int64_t)got.bytes.len);
    ck_assert_int_eq(ask("GET /on", NULL), 404);
    ck_assert(mw_str_find(got.bytes, MW_STR("<center>nginx/" MW_NGINX_VERSION "</center>")) < got.bytes.len);
    ck_assert_int_eq(ask("GET /build", NULL), 404);
    ck_assert(mw_str_find(got.bytes, MW_STR("nginx/" MW_NGINX_VERSION " (" MW_BUILD ")")) < got.bytes.len);
    ck_assert_int_eq(ask("GET /pad", "User-Agent: x Chrome/1", NULL), 404);
    ck_assert(mw_str_ends(got.bytes, MW_STR("friendly error page -->\r\n")));
}
END_TEST

START_TEST(refreshes)
{
    static const char *const old = "User-Agent: Mozilla/4.0 (compatible; MSIE 6.0)";

    house("msie_refresh on; location = /a { return 301 '/b?x=\"<'; } location = /b { return 303 /c; }"
          "location = /c { error_page 404 http://x/; return 404; } location = /d { msie_refresh off; return 302 /c; }");
    ck_assert_int_eq(ask("GET /a", old, NULL), 200);
    BODY("<html><head><meta http-equiv=\"Refresh\" content=\"0; URL=/b?x=%22%3C\"></head><body></body></html>\r\n");
    ck_assert_str_eq(field("Location"), "");
    ck_assert_int_eq(ask("GET /c", old, NULL), 200);
    ck_assert(mw_str_find(got.bytes, MW_STR("URL=http://x/\"")) < got.bytes.len);
    ck_assert_int_eq(ask("GET /b", old, NULL), 303);
    ck_assert_int_eq(ask("GET /d", old, NULL), 302);
    ck_assert_int_eq(ask("GET /a", "User-Agent: other", NULL), 301);
    ck_assert_str_eq(field("Location"), "/b?x=\"<");
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { error_page 404 =x /; server { error_page x /; error_page 200 /; "
                                 "error_page 600 /; error_page 499 /; error_page 404 /$; } }"), 6);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/error_page");

    CASE(s, ways);
    CASE(s, only_once);
    CASE(s, built_in);
    CASE(s, refreshes);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
