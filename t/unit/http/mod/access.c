/* access.c - unit test of allow and deny, and of what `satisfy` makes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/access.c"

#include "house.h"

START_TEST(by_address)
{
    house("location /in { allow 192.0.2.0/24; deny all; return 200; }"      /* return comes before access */
          "location /a { allow 192.0.2.1; deny all; } location /b { deny 192.0.2.0/28; allow all; }"
          "location /c { deny 10.0.0.0/8; } location /d { allow unix:; deny all; }"
          "location /e { satisfy any; deny all; } location /f { satisfy any; allow all; }"
          "location /g { deny all; limit_except POST { allow all; } }");
    ck_assert_int_eq(ask("GET /in", NULL), 200);
    ck_assert_int_eq(ask("GET /a", NULL), 404);             /* in, and there is no such file */
    ck_assert_int_eq(ask("GET /b", NULL), 403);
    ck_assert(logged("access forbidden by rule"));
    ck_assert_int_eq(ask("GET /c", NULL), 404);
    ck_assert_int_eq(ask("GET /d", NULL), 403);
    ck_assert_int_eq(ask("GET /e", NULL), 403);
    ck_assert_int_eq(ask("GET /f", NULL), 404);
    ck_assert_int_eq(ask("GET /g", NULL), 404);
    ck_assert_int_eq(ask("POST /g", NULL), 403);
}
END_TEST

START_TEST(inheritance)
{
    house("deny all; location /own { allow all; } location /same { }");
    ck_assert_int_eq(ask("GET /own", NULL), 404);           /* one row here: none of those above */
    ck_assert_int_eq(ask("GET /same", NULL), 403);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/access");

    CASE(s, by_address);
    CASE(s, inheritance);
    return s;
}

#include "run.h"
