/* gunzip.c - unit test of unpacking: who gets it, large output, members that follow one another, and what is broken.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/gunzip.c"

#include "house.h"

/* n bytes of text as gzip, n up to 60000; `short_by` bytes are missing at the end. */
static void write_packed(const char *name, size_t n, size_t short_by, unsigned members)
{
    char     *text = mw_arena_zalloc(arena, n + 1);
    mw_out    o = mw_arena_pen(arena, n + 1000);
    mw_press *p;
    mw_str    in;

    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + i % 7);
    for (unsigned i = 0; i < members; i++) {
        in = (mw_str){ text, n };
        p = mw_press_open(MW_GZIP, 6, 0, 0);
        ck_assert_int_eq(mw_press_run(p, &in, &o, MW_PRESS_FINISH), MW_END);
        mw_press_close(p);
    }
    ck_assert_int_eq(mw_file_replace(mw_str_of(in_folder(name)), (mw_str){ o.at, o.len - short_by }, 0644), MW_OK);
}

START_TEST(for_whom)
{
    write_packed("a.html", 60000, 0, 1);
    write_packed("two.html", 20000, 0, 2);
    write_packed("edge.html", BLOCK, 0, 1);
    write_packed("none.html", 0, 0, 1);
    house("root .; gunzip on; gzip_vary on; add_header Content-Encoding gzip; location /off/ { alias ./; gunzip off; }"
          "location /other { add_header Content-Encoding br; return 200 text; }");
    ck_assert_int_eq(ask("GET /a.html", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "");
    ck_assert_str_eq(field("Vary"), "Accept-Encoding");
    ck_assert(mw_str_starts(mw_str_of(field("ETag")), MW_STR("W/\"")));
    ck_assert_int_eq(r->res.length, -1);
    ck_assert_uint_eq(got.bytes.len, 60000);
    ck_assert(mw_str_starts(got.bytes, MW_STR("abcdefgabcd")));
    ck_assert_int_eq(ask("GET /two.html", NULL), 200);
    ck_assert_uint_eq(got.bytes.len, 40000);
    ck_assert_int_eq(ask("GET /edge.html", NULL), 200);
    ck_assert_uint_eq(got.bytes.len, BLOCK);
    ck_assert_int_eq(ask("GET /none.html", NULL), 200);
    ck_assert_uint_eq(got.bytes.len, 0);
    ck_assert_int_eq(ask("GET /a.html", "Accept-Encoding: gzip", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "gzip");
    ck_assert_int_eq(ask("GET /a.html", "Accept-Encoding: gzip", "Via: x", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "");            /* gzip_proxied off */
    ck_assert_int_eq(ask("GET /off/a.html", NULL), 200);
    ck_assert_int_eq(ask("HEAD /a.html", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "");
    ck_assert_int_eq(r->res.length, -1);
    ck_assert_int_eq(ask("GET /other", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "br");
}
END_TEST

START_TEST(broken_ones)
{
    write_packed("short.html", 50000, 10, 1);
    write_file("plain.html", "this is no gzip at all");
    house("root .; gunzip on; add_header Content-Encoding gzip;");
    (void)ask("GET /short.html", NULL);
    ck_assert(got.broken);
    (void)ask("GET /plain.html", NULL);
    ck_assert(got.broken);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/gunzip");

    CASE(s, for_whom);
    CASE(s, broken_ones);
    return s;
}

#include "run.h"
