/* conditional.c - unit test of If-*: what they are compared with, which of them wins, and what is left of the answer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/conditional.c"

#include "house.h"

START_TEST(lists_of_tags)
{
    static const struct { const char *list, *tag; bool weak, listed; } rows[] = {
        { "\"a\"", "\"a\"", false, true }, { "*", "\"a\"", false, true }, { " * ", "\"a\"", true, true },
        { "\"b\", \"a\"", "\"a\"", false, true }, { "\"b\",,, \"a\" ", "\"a\"", false, true },
        { "W/\"a\"", "\"a\"", false, false }, { "W/\"a\"", "\"a\"", true, true }, { "\"a\"", "W/\"a\"", true, true },
        { "\"a\"", "W/\"a\"", false, false }, { "\"ab\"", "\"a\"", true, false }, { "\"a\"b", "\"a\"", true, false },
        { "", "\"a\"", true, false }, { ",", "\"a\"", true, false }, { "\"x\", W/", "\"a\"", true, false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(tag_listed(mw_str_of(rows[i].list), mw_str_of(rows[i].tag), rows[i].weak) == rows[i].listed,
                      "%s in %s", rows[i].tag, rows[i].list);
}
END_TEST

START_TEST(tags_and_dates)
{
    const char *tag, *date;
    mw_out      o = mw_arena_pen(arena, 64);

    write_file("a", "0123456789");
    house("root .; location = /b { alias a; if_modified_since before; } location = /c { alias a; if_modified_since "
        "off; }");
    ck_assert_int_eq(ask("GET /a", NULL), 200);
    tag = mw_arena_z(arena, mw_arena_fmt(arena, "If-None-Match: \"x\", %s", field("ETag")));
    mw_out_str(&o, MW_STR("If-Modified-Since: "));
    mw_out_http_date(&o, r->res.modified);
    date = mw_arena_z(arena, mw_out_done(&o));

    ck_assert_int_eq(ask("GET /a", tag, NULL), 304);
    ck_assert(r->res.head_only);
    ck_assert_int_eq((int)got.bytes.len, 0);
    ck_assert_int_eq((int)r->res.type.len, 0);
    ck_assert_str_ne(field("ETag"), "");
    ck_assert_int_eq(ask("GET /a", date, NULL), 304);
    ck_assert_int_eq(ask("GET /a", tag, date, NULL), 304);
    ck_assert_int_eq(ask("GET /a", tag, "If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT", NULL), 200);
    ck_assert_int_eq(ask("GET /a", "If-None-Match: \"x\"", date, NULL), 200);
    ck_assert_int_eq(ask("GET /a", "If-Modified-Since: Fri, 01 Jan 2100 00:00:01 GMT", NULL), 200);     /* exact */
    ck_assert_int_eq(ask("GET /b", "If-Modified-Since: Fri, 01 Jan 2100 00:00:01 GMT", NULL), 304);     /* before */
    ck_assert_int_eq(ask("GET /c", date, NULL), 200);                                                   /* off */
    ck_assert_int_eq(ask("GET /a", "If-Modified-Since: nonsense", NULL), 200);
}
END_TEST

START_TEST(preconditions)
{
    const char *same;

    write_file("a", "0123456789");
    house("root .; location = /text { return 200 abc; } location = /gone { return 404; }");
    ck_assert_int_eq(ask("GET /a", "If-Match: \"x\"", NULL), 412);
    ck_assert_int_eq(ask("GET /a", "If-Match: *", NULL), 200);
    same = mw_arena_z(arena, mw_arena_fmt(arena, "If-Match: %s", field("ETag")));
    ck_assert_int_eq(ask("GET /a", same, NULL), 200);
    ck_assert_int_eq(ask("GET /a", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:01 GMT", NULL), 412);
    ck_assert_int_eq(ask("GET /a", "If-Unmodified-Since: Fri, 01 Jan 2100 00:00:01 GMT", NULL), 200);
    ck_assert_int_eq(ask("GET /a", "If-Unmodified-Since: nonsense", NULL), 412);
    ck_assert_int_eq(ask("GET /text", "If-None-Match: *", NULL), 304);
    ck_assert_int_eq(ask("GET /text", "If-Match: \"x\"", NULL), 412);       /* it has no tag */
    ck_assert_int_eq(ask("GET /gone", "If-None-Match: *", NULL), 404);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/conditional");

    CASE(s, lists_of_tags);
    CASE(s, tags_and_dates);
    CASE(s, preconditions);
    return s;
}

#include "run.h"
