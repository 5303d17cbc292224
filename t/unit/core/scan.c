/* scan.c - tests of the cursor.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/scan.c"

#include <check.h>

#define EQ(s, literal)  ck_assert_msg(mw_str_eq((s), MW_STR(literal)), "'%.*s' is not '%s'", MW_S(s), literal)

static unsigned size_of(const mw_set *set)
{
    unsigned n = 0;

    for (unsigned c = 0; c < 256; c++)
        n += mw_set_has(set, (char)c);
    return n;
}

START_TEST(sets)
{
    mw_set token = mw_set_of("a-zA-Z0-9!#$"), dash = mw_set_of("-a"), last = mw_set_of("a-"),
           high = mw_set_of("\x80-\xff"), one = mw_set_of("m-m"), none = mw_set_of("");

    ck_assert_uint_eq(size_of(&token), 26 + 26 + 10 + 3);
    ck_assert(mw_set_has(&token, 'q') && mw_set_has(&token, 'Z') && mw_set_has(&token, '$'));
    ck_assert(!mw_set_has(&token, '-') && !mw_set_has(&token, '\0'));
    ck_assert(size_of(&dash) == 2 && mw_set_has(&dash, '-') && mw_set_has(&dash, 'a'));
    ck_assert(size_of(&last) == 2 && mw_set_has(&last, '-') && mw_set_has(&last, 'a'));
    ck_assert(size_of(&high) == 128 && mw_set_has(&high, '\xff') && !mw_set_has(&high, '\x7f'));
    ck_assert_uint_eq(size_of(&one), 1);
    ck_assert_uint_eq(size_of(&none), 0);
}
END_TEST

START_TEST(a_request_line)
{
    mw_scan  s = { MW_STR("GET /a HTTP/1.25") };
    mw_set   upper = mw_set_of("A-Z"), blank = mw_set_of(" \t");
    uint64_t n = 0;
    mw_str   uri = { 0 };

    EQ(mw_scan_while(&s, &upper), "GET");
    EQ(mw_scan_while(&s, &upper), "");
    ck_assert(!mw_scan_char(&s, '/'));
    ck_assert(mw_scan_char(&s, ' '));
    EQ(mw_scan_break(&s, &blank), "/a");
    ck_assert(mw_scan_until(&s, ' ', &uri));
    EQ(uri, "");
    ck_assert(!mw_scan_str(&s, MW_STR("http/")));
    ck_assert(mw_scan_istr(&s, MW_STR("http/")));
    ck_assert(mw_scan_u64(&s, &n) && n == 1);
    ck_assert(!mw_scan_u64(&s, &n));
    ck_assert(mw_scan_str(&s, MW_STR(".")));
    ck_assert_int_eq(mw_scan_peek(&s), '2');
    EQ(mw_scan_take(&s, 1), "2");
    EQ(mw_scan_take(&s, 100), "5");
    ck_assert(mw_scan_end(&s));
    ck_assert_int_eq(mw_scan_peek(&s), '\0');
}
END_TEST

START_TEST(what_fails_takes_nothing)
{
    mw_scan  s = { MW_STR("18446744073709551616;") };
    mw_set   none = mw_set_of("");
    uint64_t n = 7;
    mw_str   before = MW_STR("kept");

    ck_assert(!mw_scan_u64(&s, &n));
    ck_assert(!mw_scan_until(&s, ',', &before));
    ck_assert(!mw_scan_str(&s, MW_STR("18446744073709551616;,")));
    ck_assert_uint_eq(s.left.len, 21);
    ck_assert_uint_eq(n, 7);
    EQ(before, "kept");
    EQ(mw_scan_break(&s, &none), "18446744073709551616;");
}
END_TEST

START_TEST(at_the_end)
{
    mw_scan  s = { { NULL, 0 } };
    mw_set   all = mw_set_of("\x01-\xff");
    uint64_t n;
    mw_str   before;

    ck_assert(mw_scan_end(&s));
    ck_assert(!mw_scan_char(&s, '\0'));
    ck_assert(mw_scan_str(&s, MW_STR("")));
    ck_assert(!mw_scan_istr(&s, MW_STR("a")));
    ck_assert(!mw_scan_until(&s, 'a', &before));
    ck_assert(!mw_scan_u64(&s, &n));
    ck_assert_uint_eq(mw_scan_while(&s, &all).len, 0);
    ck_assert_uint_eq(mw_scan_break(&s, &all).len, 0);
    ck_assert_uint_eq(mw_scan_take(&s, 1).len, 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/scan");
    TCase *t = tcase_create("scan");

    tcase_add_test(t, sets);
    tcase_add_test(t, a_request_line);
    tcase_add_test(t, what_fails_takes_nothing);
    tcase_add_test(t, at_the_end);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
