/* out.c - tests of the pen: what it writes, and that it stays on its paper.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/out.c"

#include <check.h>
#include <inttypes.h>
#include <time.h>

static char   paper[256 + 1];
static mw_out o;

static void setup(void)
{
    memset(paper, '#', sizeof paper);
    o = mw_out_on(paper, sizeof paper - 1);
}

static void room(size_t n) { o = mw_out_on(paper, n); }

static void wrote(const char *text)
{
    mw_str s = mw_out_done(&o);

    ck_assert_msg(mw_str_eq(s, mw_str_of(text)), "'%.*s' is not '%s'", MW_S(s), text);
    ck_assert_int_eq(paper[o.room], '#');               /* and nothing behind the paper */
}

START_TEST(bytes)
{
    mw_out_char(&o, '<');
    mw_out_str(&o, MW_STR("One"));
    mw_out_str(&o, (mw_str){ NULL, 0 });
    mw_out_lower(&o, MW_STR("Content-Length: @[`{\xC4Z"));
    wrote("<Onecontent-length: @[`{\xC4z");
    ck_assert(!o.cut);
}
END_TEST

START_TEST(what_does_not_fit_is_cut)
{
    room(4);
    mw_out_str(&o, MW_STR("abcd"));
    ck_assert(!o.cut);
    mw_out_char(&o, 'e');
    ck_assert(o.cut);
    wrote("abcd");
    room(10);
    mw_out_lower(&o, MW_STR("ABCDEFGHIJKL"));
    ck_assert(o.cut);
    wrote("abcdefghij");
    room(3);
    mw_out_u64(&o, 1234);
    ck_assert(o.cut);
    o = mw_out_on(NULL, 0);
    mw_out_str(&o, (mw_str){ NULL, 0 });
    mw_out_lower(&o, MW_STR(""));
    mw_out_fmt(&o, "%s", "");
    ck_assert(!o.cut);
    mw_out_fmt(&o, "%s", "x");
    ck_assert(o.cut);
}
END_TEST

START_TEST(numbers)
{
    static const uint64_t some[] = { 0, 9, 10, 99, 100, 101, 999, 1000, 12345, UINT32_MAX, UINT64_MAX };
    char                  text[32];

    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        setup();
        mw_out_u64(&o, some[i]);
        (void)snprintf(text, sizeof text, "%" PRIu64, some[i]);
        wrote(text);
        setup();
        mw_out_hex(&o, some[i]);
        (void)snprintf(text, sizeof text, "%" PRIx64, some[i]);
        wrote(text);
        setup();
        mw_out_padded(&o, some[i], 10);
        (void)snprintf(text, sizeof text, "%010" PRIu64, some[i]);
        wrote(text);
    }
    setup();
    mw_out_i64(&o, INT64_MIN);
    mw_out_i64(&o, -1);
    mw_out_i64(&o, INT64_MAX);
    wrote("-9223372036854775808-19223372036854775807");
    room(5);
    mw_out_padded(&o, 1, UINT32_MAX);
    ck_assert(o.cut);
    setup();
    mw_out_hex_bytes(&o, (mw_str){ "\x00\x0f\xa5\xff", 4 });
    wrote("000fa5ff");
}
END_TEST

START_TEST(dates_are_the_systems)
{
    char      text[64];
    struct tm tm;

    for (mw_time t = INT64_C(-62135596800); t <= INT64_C(253402300799); t += INT64_C(10000019) * 7) {
        time_t system = (time_t)t;

        setup();
        mw_out_http_date(&o, t);
        ck_assert_ptr_nonnull(gmtime_r(&system, &tm));
        ck_assert_uint_eq(strftime(text, sizeof text, "%a, %d %b ", &tm), 12);
        (void)snprintf(text + 12, sizeof text - 12, "%04d %02d:%02d:%02d GMT", tm.tm_year + 1900, tm.tm_hour,
                       tm.tm_min, tm.tm_sec);
        wrote(text);
    }
}
END_TEST

START_TEST(dates_of_note)
{
    mw_out_http_date(&o, 784111777);
    wrote("Sun, 06 Nov 1994 08:49:37 GMT");             /* RFC 9110 5.6.7 */
    setup();
    mw_out_http_date(&o, 951782399);
    wrote("Mon, 28 Feb 2000 23:59:59 GMT");
    setup();
    mw_out_http_date(&o, 951782400);
    wrote("Tue, 29 Feb 2000 00:00:00 GMT");
    setup();
    mw_out_http_date(&o, -1);
    wrote("Wed, 31 Dec 1969 23:59:59 GMT");
    setup();
    mw_out_http_date(&o, INT64_MAX);
    wrote("Fri, 31 Dec 9999 23:59:59 GMT");
    setup();
    mw_out_http_date(&o, INT64_MIN);
    wrote("Mon, 01 Jan 0001 00:00:00 GMT");
}
END_TEST

START_TEST(formats)
{
    mw_out_fmt(&o, "%d %s|", -5, "five");
    mw_out_fmt(&o, "%.*s", MW_S(MW_STR("six")));
    wrote("-5 five|six");
    setup();
    room(6);
    mw_out_fmt(&o, "%s", "sixsix");                     /* to the last byte: no NUL takes its place */
    ck_assert(!o.cut);
    wrote("sixsix");
    setup();
    room(6);
    mw_out_char(&o, '1');
    mw_out_fmt(&o, "%s", "sixsix");
    ck_assert(o.cut);
    wrote("1sixsi");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/out");
    TCase *t = tcase_create("out");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, bytes);
    tcase_add_test(t, what_does_not_fit_is_cut);
    tcase_add_test(t, numbers);
    tcase_add_test(t, dates_are_the_systems);
    tcase_add_test(t, dates_of_note);
    tcase_add_test(t, formats);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
