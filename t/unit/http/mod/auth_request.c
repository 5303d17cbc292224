/* auth_request.c - unit test of auth_request: its verdicts, its variables, bad rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/auth_request.c"

#include "house.h"

#define AUTHS "location = /yes { return 204; } location = /no { return 401; } location = /never { return 403; }" \
              "location = /else { return 404; } location = /gone { return 444; }"

START_TEST(verdicts)
{
    house(AUTHS "location /a { auth_request /yes; } location /b { auth_request /no; }"
          "location /c { auth_request /never; } location /d { auth_request /else; } location /e { auth_request /gone; }"
          "location /f { auth_request /no; location /f/off { auth_request off; } }");
    ck_assert_int_eq(ask("GET /a", NULL), 404);
    ck_assert_int_eq(ask("GET /b", NULL), 401);
    ck_assert_int_eq(ask("GET /c", NULL), 403);
    ck_assert_int_eq(ask("GET /d", NULL), 500);
    ck_assert(logged("auth request unexpected status: 404"));
    ck_assert_int_eq(ask("GET /e", NULL), 500);
    ck_assert_int_eq(ask("GET /f", NULL), 401);
    ck_assert_int_eq(ask("GET /f/off", NULL), 404);
    ck_assert_uint_eq(r->inner, 0);
}
END_TEST

START_TEST(with_others)
{
    house(AUTHS "satisfy any; location /a { auth_request /no; allow 192.0.2.1; } location /b { auth_request /yes; "
          "deny all; } location /c { auth_request /no; deny all; }");
    ck_assert_int_eq(ask("GET /a", NULL), 404);
    ck_assert_uint_eq(r->res.challenges.n, 0);
    ck_assert_int_eq(ask("GET /b", NULL), 404);
    ck_assert_int_eq(ask("GET /c", NULL), 401);
}
END_TEST

START_TEST(variables)
{
    house("location = /yes { set $inner 1; return 204; } location = /no { return 403; }"
          "location /a { auth_request /yes; auth_request_set $who \"$uri $args $inner\"; error_page 404 = /who; }"
          "location /b { auth_request /no; auth_request_set $who denied; error_page 403 = /who; }"
          "location = /who { return 200 \"<$who>\"; }");
    ck_assert_int_eq(ask("GET /who", NULL), 200);
    BODY("<>");
    ck_assert_int_eq(ask("GET /a?x", NULL), 200);
    BODY("</yes  1>");
    ck_assert_int_eq(ask("GET /b", NULL), 200);
    BODY("<denied>");
}
END_TEST

static void bad(const char *text)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { %s }", text))), 1);
}

START_TEST(bad_name) { bad("auth_request_set who x;"); } END_TEST
START_TEST(bad_text) { bad("auth_request_set $who ${x;"); } END_TEST
START_TEST(not_ours) { bad("auth_request_set $uri x;"); } END_TEST
START_TEST(twice) { bad("auth_request /a; auth_request /b;"); } END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/auth_request");

    CASE(s, verdicts);
    CASE(s, with_others);
    CASE(s, variables);
    CASE(s, bad_name);
    CASE(s, bad_text);
    CASE(s, not_ours);
    CASE(s, twice);
    return s;
}

#include "run.h"
