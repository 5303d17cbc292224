/* range.c - unit test of parts of a body: what is read of the field, what is cut, and how several are put together.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/range.c"

#include "house.h"

typedef struct row { const char *range; int status; const char *content_range, *body; } row;

static const row rows[] = {
    { "Range: bytes=0-3", 206, "bytes 0-3/10", "0123" }, { "Range: bytes=8-", 206, "bytes 8-9/10", "89" },
    { "Range: bytes=-2", 206, "bytes 8-9/10", "89" }, { "Range: bytes=-20", 206, "bytes 0-9/10", "0123456789" },
    { "Range: bytes=2-99", 206, "bytes 2-9/10", "23456789" }, { "Range: BYTES=0-0", 206, "bytes 0-0/10", "0" },
    { "Range: bytes= 1 - 2 ", 206, "bytes 1-2/10", "12" },
    { "Range: bytes=10-", 416, "bytes */10", NULL }, { "Range: bytes=-0", 416, "bytes */10", NULL },
    { "Range: bytes=5-3", 416, "bytes */10", NULL }, { "Range: bytes=", 200, "", "0123456789" },
    { "Range: bytes=a-b", 416, "bytes */10", NULL }, { "Range: lines=1-2", 200, "", "0123456789" },
    { "Range: bytes=99999999999999999999-", 416, "bytes */10", NULL },
    { "Range: bytes=0-9,0-9", 200, "", "0123456789" },          /* more than there is */
    { "Range: bytes=0-0,1-1,2-2,3-3", 200, "", "0123456789" },  /* more than max_ranges */
    { "Range: bytes=20-,30-,40-,1-1", 206, "bytes 1-1/10", "1" },       /* where nothing lies does not count */
};

START_TEST(one_part_is_cut)
{
    write_file("a", "0123456789");
    house("root .; max_ranges 3;");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(ask("GET /a", rows[i].range, NULL), rows[i].status);
        ck_assert_str_eq(field("Content-Range"), rows[i].content_range);
        if (rows[i].body != NULL)
            ck_assert_msg(mw_str_eq(got.bytes, mw_str_of(rows[i].body)), "%s: \"%.*s\"", rows[i].range,
                MW_S(got.bytes));
    }
}
END_TEST

START_TEST(several_are_multipart)
{
    mw_str boundary, rest;

    write_file("a", "0123456789");
    house("root .;");
    ck_assert_int_eq(ask("GET /a", "Range: bytes=0-1,20-30,-3", NULL), 206);    /* one lies behind the body */
    ck_assert_str_eq(field("Content-Range"), "");
    ck_assert(mw_str_cut(r->res.type, '=', &rest, &boundary));
    EQ(rest, "multipart/byteranges; boundary");
    ck_assert_int_eq((int64_t)got.bytes.len, r->res.length);
    ck_assert(mw_str_eq(got.bytes, mw_arena_fmt(arena,
        "\r\n--%.*s\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01"
        "\r\n--%.*s\r\nContent-Type: text/plain\r\nContent-Range: bytes 7-9/10\r\n\r\n789\r\n--%.*s--\r\n",
        MW_S(boundary), MW_S(boundary), MW_S(boundary))));
}
END_TEST

START_TEST(any_order)
{
    static const char *const asked[] = { "Range: bytes=5-6,0-1", "Range: bytes=-1,2-3,3-4", "Range: bytes=1-1,1-1" };
    static const char *const parts[][3] = { { "56", "01" }, { "9", "23", "34" }, { "1", "1" } };
    char *large = mw_arena_zalloc(arena, MOST_GATHERED + 2);

    memset(large, 'x', MOST_GATHERED + 1);
    write_file("a", "0123456789");
    write_file("large", large);
    house("root .;");
    for (size_t i = 0; i < 3; i++) {
        mw_str left;

        ck_assert_int_eq(ask("GET /a", asked[i], NULL), 206);
        ck_assert_int_eq((int64_t)got.bytes.len, r->res.length);
        left = got.bytes;
        for (size_t k = 0; k < 3 && parts[i][k] != NULL; k++) {
            mw_str needle = mw_arena_fmt(arena, "\r\n\r\n%s\r\n--", parts[i][k]);
            size_t at = mw_str_find(left, needle);

            ck_assert_msg(at < left.len, "%s: %s", asked[i], parts[i][k]);
            left = mw_str_drop(left, at + 4);
        }
    }
    ck_assert_int_eq(ask("HEAD /large", "Range: bytes=5-6,0-1", NULL), 200);     /* too large to be gathered */
}
END_TEST

START_TEST(trailers_stay_behind)
{
    write_file("a", "0123456789");
    house("root .; add_trailer X-T $sent_http_content_range;");
    ck_assert_int_eq(ask("GET /a", NULL), 200);
    ck_assert_str_eq(field("Accept-Ranges"), "bytes");
    ck_assert_int_eq(ask("GET /a", "Range: bytes=2-4", NULL), 206);
    BODY("234");
    ck_assert(r->res.trailing);
    EQ(mw_fields_joined(r->arena, &r->res.trailers, MW_STR("x-t"), ','), "bytes 2-4/10");
}
END_TEST

START_TEST(if_range_asks_first)
{
    write_file("a", "0123456789");
    house("root .; location = /text { return 200 abc; } location = /none { max_ranges 0; alias a; }");
    ck_assert_int_eq(ask("GET /a", NULL), 200);
    ck_assert_str_eq(field("Accept-Ranges"), "bytes");
    {
        const char *same = mw_arena_z(arena, mw_arena_fmt(arena, "If-Range: %s", field("ETag")));

        ck_assert_int_eq(ask("GET /a", "Range: bytes=1-1", same, NULL), 206);
        ck_assert_int_eq(ask("GET /a", "Range: bytes=1-1", "If-Range: \"other\"", NULL), 200);
        ck_assert_int_eq(ask("GET /a", "Range: bytes=1-1", "If-Range: Thu, 01 Jan 1970 00:00:01 GMT", NULL), 200);
        ck_assert_int_eq(ask("GET /a", "Range: bytes=1-1", "If-Range: nonsense", NULL), 200);
    }
    ck_assert_int_eq(ask("GET /text", "Range: bytes=1-1", NULL), 200);
    ck_assert_int_eq(ask("GET /none", "Range: bytes=1-1", NULL), 200);
    ck_assert_str_eq(field("Accept-Ranges"), "");
    ck_assert_int_eq(ask("HEAD /a", "Range: bytes=1-2", NULL), 206);
    ck_assert_int_eq(r->res.length, 2);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/range");

    CASE(s, one_part_is_cut);
    CASE(s, several_are_multipart);
    CASE(s, any_order);
    CASE(s, trailers_stay_behind);
    CASE(s, if_range_asks_first);
    return s;
}

#include "run.h"
