/* sub_filter.c - unit test of replaced words: what is replaced, and what becomes of the head.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/sub_filter.c"

#include "house.h"

START_TEST(words)
{
    static const struct { const char *uri, *body; } rows[] = {
        { "GET /once?b=foofoo", "barfoo" }, { "GET /many?b=fooFOOfo", "barbarfo" }, { "GET /two?b=aaBBab", "1a2Bab" },
        { "GET /vars?x=ab&y=b&z=abB", "[ab]<b>" }, { "GET /vars?y=b&z=abB", "a<b><b>" }, { "GET /vars?z=abB", "abB" },
        { "GET /gone?b=xfoo", "x" }, { "GET /types?b=foo", "foo" },
    };

    house("sub_filter_types *; location /once { sub_filter foo bar; return 200 $arg_b; }"
          "location /many { sub_filter foo bar; sub_filter_once off; return 200 $arg_b; }"
          "location /two { sub_filter a 1; sub_filter b 2; return 200 $arg_b; }"
          "location /vars { sub_filter $arg_x [$arg_x]; sub_filter $arg_y <$arg_y>; sub_filter_once off;"
          "    return 200 $arg_z; }"
          "location /gone { sub_filter foo ''; return 200 $arg_b; }"
          "location /types { sub_filter foo bar; sub_filter_types text/css; return 200 $arg_b; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(ask(rows[i].uri, NULL), 200);
        ck_assert_msg(mw_str_eq(got.bytes, mw_str_of(rows[i].body)), "%s: %.*s", rows[i].uri, MW_S(got.bytes));
    }
}
END_TEST

START_TEST(head_and_large)
{
    char *text = mw_arena_zalloc(arena, 60001);

    memset(text, 'a', 60000);
    memset(&text[30000], 'b', 1);
    write_file("a.html", text);
    house("root .; sub_filter aaaaaaaaaaaaaaaaaaaaaaaaaaaab X;"
          "location /lm/ { alias ./; sub_filter_last_modified on; }");
    ck_assert_int_eq(ask("GET /a.html", NULL), 200);
    ck_assert_uint_eq(got.bytes.len, 60000 - 28);
    ck_assert_int_eq(r->res.length, -1);
    ck_assert_int_eq(r->res.modified, -1);
    ck_assert_str_eq(field("ETag"), "");
    ck_assert_int_eq(ask("GET /lm/a.html", "Range: bytes=0-1", NULL), 200);
    ck_assert(r->res.modified > 0);
    ck_assert(mw_str_starts(mw_str_of(field("ETag")), MW_STR("W/\"")));
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { sub_filter '' x; sub_filter a; server { sub_filter $ x; "
        "sub_filter_once maybe; } }"), 4);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/sub_filter");

    CASE(s, words);
    CASE(s, head_and_large);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
