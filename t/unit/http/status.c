/* status.c - tests of phrases and pages, as nginx says them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/status.c"

#include <check.h>

START_TEST(table_is_sorted)
{
    for (size_t i = 1; i < sizeof statuses / sizeof statuses[0]; i++)
        ck_assert_int_lt(statuses[i - 1].code, statuses[i].code);
}
END_TEST

START_TEST(lines_and_pages)
{
    ck_assert(mw_str_eq(mw_status_line(200), MW_STR("200 OK")));
    ck_assert(mw_str_eq(mw_status_line(302), MW_STR("302 Moved Temporarily")));
    ck_assert(mw_str_eq(mw_status_line(494), MW_STR("400 Bad Request")));
    ck_assert_uint_eq(mw_status_line(598).len, 0);
    ck_assert_uint_eq(mw_status_page(200).len, 0);
    ck_assert_uint_eq(mw_status_page(417).len, 0);
    ck_assert(mw_str_eq(mw_status_page(404), MW_STR(
        "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n"
        "<center><h1>404 Not Found</h1></center>\r\n")));
    ck_assert(mw_str_find(mw_status_page(302), MW_STR("<title>302 Found</")) < mw_status_page(302).len);
    ck_assert(mw_str_ends(mw_status_page(497),
                          MW_STR("<center>The plain HTTP request was sent to HTTPS port</center>\r\n")));
}
END_TEST

START_TEST(on_the_wire)
{
    ck_assert_int_eq(mw_status_on_wire(494), 400);
    ck_assert_int_eq(mw_status_on_wire(497), 400);
    ck_assert_int_eq(mw_status_on_wire(499), 499);
    ck_assert_int_eq(mw_status_on_wire(200), 200);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/status");
    TCase *t = tcase_create("status");

    tcase_add_test(t, table_is_sorted);
    tcase_add_test(t, lines_and_pages);
    tcase_add_test(t, on_the_wire);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
