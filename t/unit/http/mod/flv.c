/* flv.c - unit test of films: from a byte on, with a header; and what is no such wish.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/flv.c"

#include "house.h"

START_TEST(from_a_byte_on)
{
    static const struct { const char *uri; bool header; const char *body; } rows[] = {
        { "GET /a.flv", false, "FLV0123456789" }, { "GET /a.flv?start=8", true, "56789" },
        { "GET /a.flv?x=y&start=12", true, "9" }, { "GET /a.flv?start=13", false, "FLV0123456789" },
        { "GET /a.flv?start=-1", false, "FLV0123456789" }, { "GET /a.flv?start=x", false, "FLV0123456789" },
        { "GET /a.flv?start=0", false, "FLV0123456789" },
    };

    write_file("a.flv", "FLV0123456789");
    house("root .; location / { flv; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_str body;

        ck_assert_int_eq(ask(rows[i].uri, NULL), 200);
        ck_assert_int_eq(r->res.length, (int64_t)got.bytes.len);
        body = rows[i].header ? mw_str_drop(got.bytes, 13) : got.bytes;
        ck_assert_msg(mw_str_eq(body, mw_str_of(rows[i].body)), "%s: %.*s", rows[i].uri, MW_S(got.bytes));
        ck_assert(!rows[i].header || mw_str_eq(mw_str_take(got.bytes, 13), flv_header));
    }
    ck_assert_int_eq(ask("GET /a.flv?start=8", "Range: bytes=12-13", NULL), 206);
    ck_assert_uint_eq(got.bytes.len, 2);
    ck_assert(mw_str_char(got.bytes, 1) == '5');
    ck_assert_int_eq(ask("POST /a.flv", NULL), 405);
    ck_assert_int_eq(ask("GET /none.flv", NULL), 404);
    ck_assert_int_eq(ask("HEAD /a.flv?start=8", NULL), 200);
    ck_assert_int_eq(r->res.length, 18);
}
END_TEST

START_TEST(bad_rows) { ck_assert_uint_eq(bind_house("events { } http { flv; server { location / { flv on; } } }"), 2); }
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/flv");

    CASE(s, from_a_byte_on);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
