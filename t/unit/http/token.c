/* token.c - tests of known names: each is found, in any letters, and nothing else is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/token.c"

#include "core/out.h"

#include <check.h>

START_TEST(every_name_is_found)
{
    for (unsigned t = MW_T_NONE + 1; t < MW_TOKENS; t++) {
        char   room[64];
        mw_out lower = mw_out_on(room, sizeof room);
        mw_str name = mw_token_name((mw_token)t);

        ck_assert_uint_gt(name.len, 0);
        ck_assert_uint_eq(mw_token_of(name), t);
        mw_out_lower(&lower, name);
        ck_assert_uint_eq(mw_token_of(mw_out_done(&lower)), t);
        room[lower.len - 1] ^= 0x40;            /* the last letter is another */
        ck_assert_uint_eq(mw_token_of(mw_out_done(&lower)), MW_T_NONE);
    }
}
END_TEST

START_TEST(others_are_not)
{
    static const char *const others[] = {
        "", "X", "Hos", "Hosts", "X-Custom", "content_length", "Content-Leng",
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_uint_eq(mw_token_of(mw_str_of(others[i])), MW_T_NONE);
    ck_assert_uint_eq(mw_token_name(MW_T_NONE).len, 0);
}
END_TEST

START_TEST(methods_by_name)
{
    ck_assert_int_eq(mw_method_of(MW_STR("GET")), MW_GET);
    ck_assert_int_eq(mw_method_of(MW_STR("PROPPATCH")), MW_PROPPATCH);
    ck_assert_int_eq(mw_method_of(MW_STR("CONNECT")), MW_CONNECT);
    ck_assert_int_eq(mw_method_of(MW_STR("get")), MW_OTHER);
    ck_assert_int_eq(mw_method_of(MW_STR("GETS")), MW_OTHER);
    ck_assert_int_eq(mw_method_of(MW_STR("")), MW_OTHER);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/token");
    TCase *t = tcase_create("names");

    tcase_add_test(t, every_name_is_found);
    tcase_add_test(t, others_are_not);
    tcase_add_test(t, methods_by_name);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
