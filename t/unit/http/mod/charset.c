/* charset.c - unit test of character sets: what is said, and what is made.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/charset.c"

#include "house.h"

START_TEST(what_stands_in_a_type)
{
    static const struct { const char *type, *charset, *bare; } rows[] = {
        { "text/html", "", "text/html" }, { "text/html; charset=a", "a", "text/html" },
        { "text/html;Charset=\"a\"; x=y", "a", "text/html" }, { "text/html; x=y; charset=a", "a", "text/html; x=y" },
        { "text/html; xcharset=a", "", "text/html; xcharset=a" }, { "; charset=", "", "" }, { "", "", "" },
        { "text/html; charset=\"", "", "text/html" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_str bare, charset = said(mw_str_of(rows[i].type), &bare);

        ck_assert_msg(mw_str_eq(charset, mw_str_of(rows[i].charset)), "%s: %.*s", rows[i].type, MW_S(charset));
        ck_assert_msg(mw_str_eq(bare, mw_str_of(rows[i].bare)), "%s: %.*s", rows[i].type, MW_S(bare));
    }
}
END_TEST

START_TEST(answers)
{
    static const struct { const char *uri, *type, *charset, *body; int length; } rows[] = {
        { "GET /said", "text/html", "utf-8", "X", 1 }, { "GET /other", "text/css", "", "X", 1 },
        { "GET /made", "text/html", "A", "Y?", 2 }, { "GET /wide", "text/html", "utf-8", "X\xd1\x8e", -1 },
        { "GET /narrow", "text/html", "koi8-r", "\xc0&#8364;", -1 }, { "GET /off", "text/html", "", "X", 1 },
        { "GET /any?c=a", "text/html", "A", "Y", 1 }, { "GET /any?c=none", "text/html", "", "X", 1 },
        { "GET /any", "text/html", "", "X", 1 }, { "GET /moved", "text/html", "", NULL, -2 },
        { "GET /coded", "text/html", "", "X", 1 },
    };

    write_file("narrow", "\xd1\x8e\xe2\x82\xac");
    ck_assert_uint_eq(bind_house("events { } http { charset a; source_charset b; }"), 1);
    house_of("events { } http { default_type text/html; charset_map B A { 58 59; }"
             "charset_map koi8-r utf-8 { C0 D18E; }"
             "server { location /said { charset utf-8; return 200 X; }"
             "location /other { charset utf-8; default_type text/css; return 200 X; }"
             "location /made { charset a; source_charset b; return 200 X\xc0; }"
             "location /wide { charset utf-8; source_charset koi8-r; return 200 X\xc0; }"
             "location /narrow { charset koi8-r; source_charset utf-8; root .; }"
             "location /off { charset off; source_charset B; return 200 X; }"
             "location /any { charset $arg_c; source_charset B; return 200 X; }"
             "location /moved { charset A; return 301 /x; }"
             "location /coded { charset A; source_charset B; add_header Content-Encoding x; return 200 X; } } }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)ask(rows[i].uri, NULL);
        ck_assert_msg(mw_str_eq(r->res.type, mw_str_of(rows[i].type)), "%s", rows[i].uri);
        ck_assert_msg(mw_str_eq(r->res.charset, mw_str_of(rows[i].charset)), "%s: %.*s", rows[i].uri,
                      MW_S(r->res.charset));
        ck_assert_msg(rows[i].body == NULL || mw_str_eq(got.bytes, mw_str_of(rows[i].body)), "%s", rows[i].uri);
        ck_assert_msg(rows[i].length == -2 || r->res.length == rows[i].length, "%s", rows[i].uri);
    }
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { charset_map a a { } charset_map utf-8 b { } "
        "charset_map a b { XX 20; } "
        "charset_map b a { } charset_map c d { 20; 100 1; 1 100; } charset_map e utf-8 { C0 C0C0; C1 D; } "
        "charset $; override_charset x; }"), 11);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/charset");

    CASE(s, what_stands_in_a_type);
    CASE(s, answers);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
