/* slice.c - unit test of slices: where they begin, what Content-Range says, and that an answer without is let be.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/slice.c"

#include <stdio.h>

#include "house.h"

START_TEST(content_ranges)
{
    static const struct { const char *text; bool well; uint64_t from, upto, whole; } rows[] = {
        { "bytes 0-99/1000", true, 0, 100, 1000 },
        { " bytes 5-5/6 ", true, 5, 6, 6 }, { "bytes 5-4/6", false, 0, 0, 0 },
        { "bytes 0-6/6", false, 0, 0, 0 }, { "bytes */6", false, 0, 0, 0 }, { "bytes 0-5/*", false, 0, 0, 0 },
        { "bytes 0-5/6x", false, 0, 0, 0 }, { "lines 0-5/6", false, 0, 0, 0 }, { "", false, 0, 0, 0 },
        { "bytes 0-18446744073709551615/18446744073709551615", false, 0, 0, 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t from, upto, whole;
        bool     well = read_content_range(mw_str_of(rows[i].text), &from, &upto, &whole);

        ck_assert_msg(well == rows[i].well, "%s", rows[i].text);
        if (well)
            ck_assert(from == rows[i].from && upto == rows[i].upto && whole == rows[i].whole);
    }
}
END_TEST

START_TEST(where_it_begins)
{
    static const struct { const char *range, *said; } rows[] = {
        { "X: y", "bytes=0-99" }, { "Range: bytes=250-", "bytes=200-299" }, { "Range: bytes=99-5000", "bytes=0-99" },
        { "Range: bytes=-5", "bytes=0-99" }, { "Range: bytes=500-,1-2", "bytes=0-99" }, { "Range: x", "bytes=0-99" },
        { "Range: bytes=99999999999999999999-", "bytes=0-99" },
    };

    house("slice 100; location / { return 200 [$slice_range]; } location /off { slice 0; return 200 [$slice_range]; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(ask("GET /", rows[i].range, NULL), 200);
        ck_assert_msg(mw_str_eq(got.bytes, mw_arena_fmt(arena, "[%s]", rows[i].said)), "%s", rows[i].range);
    }
    ck_assert_int_eq(ask("GET /off", NULL), 200);
    ck_assert(mw_str_eq(got.bytes, MW_STR("[]")));
}
END_TEST

START_TEST(bad_rows) { ck_assert_uint_eq(bind_house("events { } http { slice; server { slice x; } }"), 2); }
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/slice");

    CASE(s, content_ranges);
    CASE(s, where_it_begins);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
