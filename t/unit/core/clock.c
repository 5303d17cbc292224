/* clock.c - tests of times, their texts, and the dates of HTTP.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/clock.c"

#include <check.h>

static const mw_time example = 784111777;       /* of RFC 9110 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT */

START_TEST(texts)
{
    mw_clock c = { .sec = example, .zone = 0 };

    write_texts(&c);
    ck_assert_str_eq(c.http, "Sun, 06 Nov 1994 08:49:37 GMT");
    ck_assert_str_eq(c.log, "06/Nov/1994:08:49:37 +0000");
    ck_assert_str_eq(c.iso, "1994-11-06T08:49:37+00:00");
    ck_assert_str_eq(c.error, "1994/11/06 08:49:37");
    ck_assert_str_eq(c.syslog, "Nov  6 08:49:37");
    c.zone = -(3 * 3600 + 1800);
    write_texts(&c);
    ck_assert_str_eq(c.log, "06/Nov/1994:05:19:37 -0330");
    ck_assert_str_eq(c.iso, "1994-11-06T05:19:37-03:30");
    c.sec = 1709251199;                         /* 2024-02-29 23:59:59 */
    c.zone = 3600;
    write_texts(&c);
    ck_assert_str_eq(c.http, "Thu, 29 Feb 2024 23:59:59 GMT");
    ck_assert_str_eq(c.error, "2024/03/01 00:59:59");
    ck_assert_str_eq(c.syslog, "Mar  1 00:59:59");
}
END_TEST

START_TEST(reads_and_renews_once_a_second)
{
    mw_clock       c = { 0 };
    const mw_clock *here;
    uint64_t       before;

    setenv("TZ", "ABC-05:30", 1);
    tzset();
    mw_clock_read(&c);
    ck_assert_int_eq(c.zone, 5 * 3600 + 1800);
    ck_assert(llabs((long long)(c.sec - time(NULL))) <= 1 && c.msec < 1000);
    before = c.now;
    c.error[0] = 'x';
    c.sec = (mw_time)time(NULL);
    mw_clock_read(&c);
    ck_assert(c.now >= before);
    ck_assert(c.error[0] == 'x' || c.sec != (mw_time)time(NULL) || c.msec < 100);
    c.sec--;                                    /* another second: written anew */
    mw_clock_read(&c);
    ck_assert(c.error[0] == '2');
    here = mw_clock_here();
    ck_assert(llabs((long long)(here->sec - c.sec)) <= 1 && here->http[28] == 'T');
}
END_TEST

START_TEST(agrees_with_the_library)
{
    int64_t   t;
    struct tm tm;

    for (t = -3000000000; t < 8000000000; t += 7654321) {
        time_t system = (time_t)t;
        civil  c = civil_of(t);

        ck_assert_ptr_nonnull(gmtime_r(&system, &tm));
        ck_assert_int_eq(c.year, tm.tm_year + 1900);
        ck_assert_int_eq((int)c.month, tm.tm_mon + 1);
        ck_assert_int_eq((int)c.day, tm.tm_mday);
        ck_assert_int_eq((int)c.hour, tm.tm_hour);
        ck_assert_int_eq((int)(c.minute * 60 + c.second), tm.tm_min * 60 + tm.tm_sec);
        ck_assert_int_eq(mw_time_from_utc(c.year, c.month, c.day, c.hour, c.minute, c.second), t);
    }
}
END_TEST

START_TEST(dates_of_http)
{
    static const char *const rows[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 08:49:37 GMT; length=12",
    };
    mw_time t;
    size_t  i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        t = 0;
        ck_assert_msg(mw_http_date(mw_str_of(rows[i]), &t) && t == example, "%s", rows[i]);
    }
    ck_assert(mw_http_date(MW_STR("Thu Nov 10 08:49:37 2016"), &t) && t == 1478767777);
    ck_assert(mw_http_date(MW_STR("Tuesday, 01-Jan-30 00:00:00 GMT"), &t) && t == 1893456000);
    ck_assert(mw_http_date(MW_STR("Thu, 29 Feb 2024 00:00:00 GMT"), &t) && t == 1709164800);
}
END_TEST

START_TEST(no_dates_of_http)
{
    static const char *const rows[] = {
        "Sun Feb  2 08:49:37 0000", "Fri, 31 Dec 9999 23:59:60 GMT",
        "", ",", "Sun,", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Wed, 29 Feb 2023 00:00:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov 6 08:49:37 1994",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Thu, 29 Feb 2100 00:00:00 GMT", "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMTx",
    };
    mw_time t = 5;
    size_t  i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(!mw_http_date(mw_str_of(rows[i]), &t), "%s", rows[i]);
    ck_assert_int_eq(t, 5);
}
END_TEST

START_TEST(strftime_into_a_pen)
{
    char   room[64];
    mw_out o = mw_out_on(room, sizeof room);

    mw_out_strftime(&o, "%Y-%m-%d %H:%M:%S %Z", example, false);
    ck_assert(mw_str_eq(mw_out_done(&o), MW_STR("1994-11-06 08:49:37 GMT")));
    setenv("TZ", "ABC-2", 1);
    tzset();
    o = mw_out_on(room, 5);
    mw_out_strftime(&o, "%H:%M:%S", example, true);
    ck_assert(o.cut && mw_str_eq(mw_out_done(&o), MW_STR("10:49")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/clock");
    TCase *t = tcase_create("clock");

    tcase_add_test(t, texts);
    tcase_add_test(t, reads_and_renews_once_a_second);
    tcase_add_test(t, agrees_with_the_library);
    tcase_add_test(t, dates_of_http);
    tcase_add_test(t, no_dates_of_http);
    tcase_add_test(t, strftime_into_a_pen);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
