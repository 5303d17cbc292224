/* str.c - tests of slices: comparing, finding, cutting, numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/str.c"

#include <check.h>
#include <ctype.h>

static const mw_str nothing;            /* NULL and 0: every call must bear it */

#define EQ(s, literal)  ck_assert_msg(mw_str_eq((s), MW_STR(literal)), "'%.*s' is not '%s'", MW_S(s), literal)

START_TEST(letters_as_the_c_locale_has_them)
{
    for (int i = 0; i < 256; i++) {
        char c = (char)i;

        ck_assert_int_eq((unsigned char)mw_lower(c), i < 128 ? tolower(i) : i);
        ck_assert_int_eq((unsigned char)mw_upper(c), i < 128 ? toupper(i) : i);
        ck_assert_int_eq(mw_is_digit(c), i < 128 && isdigit(i) != 0);
        ck_assert_int_eq(mw_is_alpha(c), i < 128 && isalpha(i) != 0);
        ck_assert_int_eq(mw_hex_digit(c) >= 0, i < 128 && isxdigit(i) != 0);
    }
    ck_assert_int_eq(mw_hex_digit('7'), 7);
    ck_assert_int_eq(mw_hex_digit('a'), 10);
    ck_assert_int_eq(mw_hex_digit('F'), 15);
}
END_TEST

START_TEST(eight_letters_at_once_are_as_one_by_one)
{
    for (int i = 0; i < 256; i++) {
        for (int near = 0; near < 256; near += 17) {
            char     bytes[8];
            uint64_t low;

            for (int at = 0; at < 8; at++)
                bytes[at] = (char)(at % 2 == 0 ? i : near);
            low = mw_lower8(word_at(bytes));
            for (int at = 0; at < 8; at++)
                ck_assert_int_eq(((const char *)&low)[at], mw_lower(bytes[at]));
        }
    }
}
END_TEST

START_TEST(equality)
{
    ck_assert(mw_str_ieq(MW_STR("Content-LENGTH"), MW_STR("cONTENT-length")));
    ck_assert(!mw_str_ieq(MW_STR("content-length"), MW_STR("content-lengtg")));
    ck_assert(!mw_str_ieq(MW_STR("Xontent-length"), MW_STR("content-length")));
    ck_assert(!mw_str_ieq(MW_STR("@[`{@[`{"), MW_STR("`{@[`{@[")));         /* a bit apart, but no letters */
    ck_assert(!mw_str_ieq(MW_STR("abc"), MW_STR("ab")));
    ck_assert(mw_str_ieq(nothing, MW_STR("")));
    ck_assert(mw_str_istarts(MW_STR("BASIC abc"), MW_STR("basic ")));
    ck_assert(!mw_str_istarts(MW_STR("basi"), MW_STR("basic")));
    ck_assert(mw_str_istarts(nothing, nothing));
    ck_assert(mw_str_ends(MW_STR("a.html"), MW_STR(".html")));
    ck_assert(!mw_str_ends(MW_STR("html"), MW_STR(".html")));
    ck_assert(mw_str_ends(MW_STR("x"), nothing));
}
END_TEST

START_TEST(order)
{
    ck_assert_int_lt(mw_str_cmp(MW_STR("ab"), MW_STR("abc")), 0);
    ck_assert_int_gt(mw_str_cmp(MW_STR("b"), MW_STR("abc")), 0);
    ck_assert_int_gt(mw_str_cmp(MW_STR("\xff"), MW_STR("a")), 0);
    ck_assert_int_eq(mw_str_cmp(nothing, MW_STR("")), 0);
    ck_assert_int_lt(mw_str_cmp(MW_STR("B"), MW_STR("a")), 0);
    ck_assert_int_gt(mw_str_icmp(MW_STR("B"), MW_STR("a")), 0);
    ck_assert_int_eq(mw_str_icmp(MW_STR("aBc"), MW_STR("AbC")), 0);
    ck_assert_int_lt(mw_str_icmp(MW_STR("AB"), MW_STR("abc")), 0);
    ck_assert_int_gt(mw_str_icmp(MW_STR("\xff"), MW_STR("z")), 0);
}
END_TEST

START_TEST(finding)
{
    mw_str s = MW_STR("a/b/c");

    ck_assert_uint_eq(mw_str_index(s, '/'), 1);
    ck_assert_uint_eq(mw_str_rindex(s, '/'), 3);
    ck_assert_uint_eq(mw_str_index(s, 'x'), 5);
    ck_assert_uint_eq(mw_str_rindex(s, 'x'), 5);
    ck_assert_uint_eq(mw_str_index(nothing, 'x'), 0);
    ck_assert_uint_eq(mw_str_rindex(nothing, 'x'), 0);
    ck_assert_uint_eq(mw_str_find(s, MW_STR("b/c")), 2);
    ck_assert_uint_eq(mw_str_find(s, MW_STR("b/d")), 5);
    ck_assert_uint_eq(mw_str_find(s, MW_STR("a/b/c/")), 5);
    ck_assert_uint_eq(mw_str_find(s, nothing), 0);
    ck_assert_uint_eq(mw_str_find(nothing, s), 0);
}
END_TEST

START_TEST(cutting_and_trimming)
{
    mw_str head, tail;

    ck_assert(mw_str_cut(MW_STR("key=a=b"), '=', &head, &tail));
    EQ(head, "key");
    EQ(tail, "a=b");
    ck_assert(mw_str_cut(MW_STR("key="), '=', &head, &tail));
    EQ(tail, "");
    ck_assert(!mw_str_cut(MW_STR("key"), '=', &head, &tail));
    EQ(head, "key");
    EQ(tail, "");
    ck_assert(!mw_str_cut(nothing, '=', &head, &tail));
    EQ(mw_str_trim(MW_STR(" \t a b\t ")), "a b");
    EQ(mw_str_trim(MW_STR(" \t ")), "");
    EQ(mw_str_trim(nothing), "");
    EQ(mw_str_part(MW_STR("abcdef"), 2, 4), "cd");
    EQ(mw_str_part(MW_STR("abc"), 2, 99), "c");
    EQ(mw_str_part(MW_STR("abc"), 5, 4), "");
}
END_TEST

START_TEST(numbers)
{
    uint64_t n = 7;

    ck_assert(mw_str_u64(MW_STR("18446744073709551615"), &n) && n == UINT64_MAX);
    ck_assert(mw_str_u64(MW_STR("000"), &n) && n == 0);
    ck_assert(mw_str_hex(MW_STR("fFfFfFfFfFfFfFfF"), &n) && n == UINT64_MAX);
    ck_assert(mw_str_hex(MW_STR("00000000000000000001a"), &n) && n == 26);
    n = 7;
    ck_assert(!mw_str_u64(MW_STR("18446744073709551616"), &n));
    ck_assert(!mw_str_u64(MW_STR("99999999999999999999"), &n));
    ck_assert(!mw_str_u64(MW_STR("1 "), &n));
    ck_assert(!mw_str_u64(MW_STR("-1"), &n));
    ck_assert(!mw_str_u64(nothing, &n));
    ck_assert(!mw_str_hex(MW_STR("10000000000000000"), &n));
    ck_assert(!mw_str_hex(MW_STR("0x1"), &n));
    ck_assert(!mw_str_hex(nothing, &n));
    ck_assert_uint_eq(n, 7);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/str");
    TCase *t = tcase_create("str");

    tcase_add_test(t, letters_as_the_c_locale_has_them);
    tcase_add_test(t, eight_letters_at_once_are_as_one_by_one);
    tcase_add_test(t, equality);
    tcase_add_test(t, order);
    tcase_add_test(t, finding);
    tcase_add_test(t, cutting_and_trimming);
    tcase_add_test(t, numbers);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
