/* addition.c - unit test of what stands before and behind a body.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/addition.c"

#include "house.h"

START_TEST(before_and_behind)
{
    static const struct { const char *uri, *body; int length; } rows[] = {
        { "GET /both", "[body]", -1 }, { "GET /before", "[body", -1 }, { "GET /none", "body", 4 },
        { "GET /other", "body", 4 }, { "GET /202", "body", 4 }, { "GET /empty", "[]", -1 },
    };

    house("default_type text/html; add_before_body /a; add_after_body /b; location /a { return 200 [; }"
          "location /b { return 200 ]; } location /both { return 200 body; }"
          "location /before { add_after_body ''; return 200 body; }"
          "location /none { add_before_body ''; add_after_body ''; return 200 body; }"
          "location /other { default_type text/css; return 200 body; } location /202 { return 202 body; }"
          "location /empty { return 200; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)ask(rows[i].uri, NULL);
        ck_assert_msg(mw_str_eq(got.bytes, mw_str_of(rows[i].body)), "%s: %.*s", rows[i].uri, MW_S(got.bytes));
        ck_assert_int_eq(r->res.length, rows[i].length);
    }
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { add_before_body; add_after_body a b; addition_types; }"), 3);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/addition");

    CASE(s, before_and_behind);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
