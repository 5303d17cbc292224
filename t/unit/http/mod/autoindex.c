/* autoindex.c - unit test of listings: order, widths, escapes, the four formats, callbacks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/autoindex.c"

#include "house.h"

static bool listed(const char *text) { return mw_str_find(got.bytes, mw_str_of(text)) < got.bytes.len; }

static void fill(void)
{
    ck_assert_int_eq(mkdir(in_folder("d"), 0755), 0);
    ck_assert_int_eq(mkdir(in_folder("d/zz"), 0755), 0);
    write_file("d/a&b", "12345");
    write_file("d/.hidden", "x");
    write_file("d/c\"\\\x01", "x");
    write_file("d/a-name-that-is-longer-than-fifty-characters-and-is-cut-there", "x");
}

START_TEST(html)
{
    fill();
    house("root .; autoindex on; location /none/ { } location = /d { return 204; }");
    ck_assert_int_eq(ask("GET /d/", NULL), 200);
    EQ(r->res.type, "text/html");
    ck_assert(listed("<html>\r\n<head><title>Index of /d/</title></head>\r\n<body>\r\n<h1>Index of /d/</h1><hr><pre>"
                     "<a href=\"../\">../</a>\r\n<a href=\"zz/\">zz/</a>       "));
    ck_assert(listed("<a href=\"a%26b\">a&amp;b</a>      "));
    ck_assert(listed("                   5\r\n"));
    ck_assert(listed(">a-name-that-is-longer-than-fifty-characters-and..&gt;</a>"));
    ck_assert(!listed("hidden"));
    ck_assert_int_eq(ask("GET /none/", NULL), 404);
    ck_assert(logged("is not found"));
    ck_assert_int_eq(ask("POST /d/", NULL), 403);
}
END_TEST

START_TEST(other_formats)
{
    fill();
    house("root .; autoindex on; location /d/ { autoindex_format json; } location /x/ { alias d/; autoindex_format "
        "xml; }"
          "location /p/ { alias d/; autoindex_format jsonp; }");
    ck_assert_int_eq(ask("GET /d/", NULL), 200);
    EQ(r->res.type, "application/json");
    ck_assert(listed("[\r\n{ \"name\":\"zz\", \"type\":\"directory\", \"mtime\":\""));
    ck_assert(listed("\"name\":\"c\\\"\\\\\\u0001\""));
    ck_assert(listed("\", \"size\":5 }"));
    ck_assert_int_eq(ask("GET /x/", NULL), 200);
    EQ(r->res.type, "text/xml");
    ck_assert(listed("<directory mtime=\""));
    ck_assert(listed(" size=\"5\">a&amp;b</file>\r\n"));
    ck_assert_int_eq(ask("GET /p/?callback=a.b", NULL), 200);
    EQ(r->res.type, "application/javascript");
    ck_assert(mw_str_starts(got.bytes, MW_STR("/* callback */\r\na.b([")));
    ck_assert(mw_str_ends(got.bytes, MW_STR("\r\n]);")));
    ck_assert_int_eq(ask("GET /p/", NULL), 200);
    EQ(r->res.type, "application/json");
    ck_assert_int_eq(ask("GET /p/?callback=alert(1)", NULL), 400);
}
END_TEST

START_TEST(sizes)
{
    static const struct { uint64_t n; const char *text; } rows[] = {
        { 0, "       0" }, { 9999, "    9999" }, { 10000, "     10K" }, { 10751, "     10K" }, { 10752, "     11K" },
        { UINT64_C(10) << 20, "     10M" }, { UINT64_C(20) << 30, "     20G" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char   room[64];
        mw_out o = mw_out_on(room, sizeof room);

        write_size(&o, &(item){ .size = rows[i].n }, false);
        ck_assert_msg(mw_str_eq(mw_out_done(&o), mw_str_of(rows[i].text)), "%s: \"%.*s\"", rows[i].text,
                      MW_S(mw_out_done(&o)));
    }
}
END_TEST

START_TEST(cut_by_characters)
{
    size_t n = 2;

    EQ(characters(MW_STR("\303\244\303\266\303\274"), &n), "\303\244\303\266");
    n = 2;
    EQ(characters(MW_STR("\303\303\303"), &n), "\303\303");     /* no UTF-8: bytes */
    n = 9;
    EQ(characters(MW_STR("abc"), &n), "abc");
    ck_assert_uint_eq(n, 3);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/autoindex");

    CASE(s, html);
    CASE(s, other_formats);
    CASE(s, sizes);
    CASE(s, cut_by_characters);
    return s;
}

#include "run.h"
