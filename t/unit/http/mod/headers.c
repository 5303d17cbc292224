/* headers.c - unit test of add_header, add_trailer and expires: which statuses, what inherits, which dates.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/headers.c"

#include "house.h"

START_TEST(fields_by_status)
{
    house("add_header X-All $request_method always; add_header X-Usual yes;"
          "location = /200 { return 200 a; } location = /404 { return 404; } location = /own { add_header X-Own 1; "
          "return 200; }"
          "location = /empty { add_header X-Empty $arg_none; return 200; }"
          "location /merge { add_header_inherit merge; add_header X-Own 1; return 200;"
          " location /merge/in { add_header X-Own 2; return 200; } }"
          "location /off { add_header_inherit off; return 200;"
          " location /off/own { add_header X-Own 1; return 200; location /off/own/in { return 200; } } }"
          "location = /known { add_header ETag '\"t\"'; add_header Last-Modified 'Sun, 06 Nov 1994 08:49:37 GMT'; "
          "return 200; }");
    ck_assert_int_eq(ask("GET /200", NULL), 200);
    ck_assert_str_eq(field("X-All"), "GET");
    ck_assert_str_eq(field("X-Usual"), "yes");
    ck_assert_int_eq(ask("GET /404", NULL), 404);
    ck_assert_str_eq(field("X-All"), "GET");
    ck_assert_str_eq(field("X-Usual"), "");
    ck_assert_int_eq(ask("GET /own", NULL), 200);
    ck_assert_str_eq(field("X-Own"), "1");
    ck_assert_str_eq(field("X-All"), "");                   /* one row here: none of those above */
    ck_assert_int_eq(ask("GET /empty", NULL), 200);
    ck_assert_ptr_null(mw_fields_find(&r->res.head, MW_STR("X-Empty")));
    ck_assert_int_eq(ask("GET /merge", NULL), 200);
    ck_assert_str_eq(field("X-Own"), "1");
    ck_assert_str_eq(field("X-All"), "GET");
    ck_assert_int_eq(ask("GET /off", NULL), 200);
    ck_assert_str_eq(field("X-All"), "");
    ck_assert_int_eq(ask("GET /off/own", NULL), 200);
    ck_assert_str_eq(field("X-Own"), "1");
    ck_assert_int_eq(ask("GET /off/own/in", NULL), 200);    /* off is inherited itself */
    ck_assert_str_eq(field("X-Own"), "");
    ck_assert_int_eq(ask("GET /merge/in", NULL), 200);
    ck_assert_str_eq(field("X-Own"), "2, 1");               /* the nearest first */
    ck_assert_int_eq(ask("GET /known", NULL), 200);
    ck_assert_str_eq(field("ETag"), "\"t\"");
    ck_assert_int_eq(r->res.modified, 784111777);
}
END_TEST

START_TEST(times)
{
    static const struct { const char *text; bool modified, good; expires_kind kind; int64_t seconds; } rows[] = {
        { "max", false, true, EXPIRES_MAX, 0 }, { "epoch", false, true, EXPIRES_EPOCH, 0 },
        { "off", false, true, EXPIRES_OFF, 0 }, { "1h", false, true, EXPIRES_ACCESS, 3600 },
        { "-1h", false, true, EXPIRES_ACCESS, -3600 }, { "+1d", true, true, EXPIRES_MODIFIED, 86400 },
        { "@15h30m", false, true, EXPIRES_DAILY, 55800 }, { "@25h", false, false, EXPIRES_DAILY, 0 },
        { "@1h", true, false, EXPIRES_DAILY, 0 }, { "max", true, false, EXPIRES_MAX, 0 }, { "", false, false, 0, 0 },
        { "x", false, false, 0, 0 }, { "--1", false, false, 0, 0 }, { "1ms", false, false, 0, 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expires_rule rule;

        ck_assert_msg(read_rule(mw_str_of(rows[i].text), rows[i].modified, &rule) == rows[i].good, "%s", rows[i].text);
        if (!rows[i].good)
            continue;
        ck_assert_int_eq(rule.kind, rows[i].kind);
        ck_assert_int_eq(rule.seconds, rows[i].seconds);
    }
}
END_TEST

START_TEST(expires)
{
    static const struct { const char *uri, *control; } rows[] = {
        { "GET /max", "max-age=315360000" }, { "GET /epoch", "no-cache" }, { "GET /hour", "max-age=3600" },
        { "GET /past", "no-cache" }, { "GET /off", "" }, { "GET /var?t=2h", "max-age=7200" }, { "GET /var", "" },
        { "GET /var?t=nonsense", "" },
    };

    house("location = /max { expires max; return 200; } location = /epoch { expires epoch; return 200; }"
          "location = /hour { expires 1h; return 200; } location = /past { expires -1; return 200; }"
          "location = /off { expires off; return 200; } location = /var { expires $arg_t; return 200; }"
          "location = /error { expires 1h; return 404; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(ask(rows[i].uri, NULL), 200);
        ck_assert_str_eq(field("Cache-Control"), rows[i].control);
        ck_assert(rows[i].control[0] == '\0' || field("Expires")[0] != '\0');
    }
    ck_assert_int_eq(ask("GET /epoch", NULL), 200);
    ck_assert_str_eq(field("Expires"), "Thu, 01 Jan 1970 00:00:01 GMT");
    ck_assert_int_eq(ask("GET /error", NULL), 404);
    ck_assert_str_eq(field("Expires"), "");
}
END_TEST

START_TEST(daily)
{
    mw_clock c = { .sec = 86400 * 10 + 3600 };              /* one o'clock */

    ck_assert_int_eq(next_daily(&c, 7200), 86400 * 10 + 7200);
    ck_assert_int_eq(next_daily(&c, 1800), 86400 * 11 + 1800);
    c.zone = 3600 * 2;                                      /* three o'clock there */
    ck_assert_int_eq(next_daily(&c, 4 * 3600), 86400 * 10 + 7200);
}
END_TEST

START_TEST(trailers)
{
    house("location = /t { add_trailer X-T \"$uri\"; add_trailer X-A a always; return 200 abc; }"
          "location = /e { add_trailer X-T 1; add_trailer X-A a always; return 404; }");
    ck_assert_int_eq(ask("GET /t", NULL), 200);
    BODY("abc");
    ck_assert(r->res.trailing);                             /* it is chunked, whatever its length */
    EQ(mw_fields_joined(r->arena, &r->res.trailers, MW_STR("x-t"), ','), "/t");
    EQ(mw_fields_joined(r->arena, &r->res.trailers, MW_STR("x-a"), ','), "a");
    ck_assert_int_eq(ask("GET /e", NULL), 404);
    ck_assert_ptr_null(mw_fields_find(&r->res.trailers, MW_STR("x-t")));
    ck_assert_ptr_nonnull(mw_fields_find(&r->res.trailers, MW_STR("x-a")));
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { add_header a b c; expires x; server { expires modified max; "
                                 "add_trailer a $; } }"), 4);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/headers");

    CASE(s, fields_by_status);
    CASE(s, times);
    CASE(s, expires);
    CASE(s, daily);
    CASE(s, trailers);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
