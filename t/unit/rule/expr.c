/* expr.c - tests of text with variables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/expr.c"

#include "setup.h"

static mw_expr *compile(const char *text)
{
    return mw_expr_compile(&bind_of_test, NULL, mw_str_of(text));
}

static bool gives(const char *text, const char *value)
{
    mw_expr *e = compile(text);

    ck_assert_ptr_nonnull(e);
    ck_assert_int_eq(settle(), MW_OK);
    scope.values = NULL;
    return text_is(mw_expr_text(e, &scope), value);
}

START_TEST(evaluates)
{
    define("a", "AA");
    define("none", NULL);
    ck_assert(gives("", "") && gives("plain", "plain") && gives("$a", "AA") && gives("$none", ""));
    ck_assert(gives("x$a-${a}y$none", "xAA-AAy") && gives("$a$a", "AAAA") && gives("$A", "AA"));
    ck_assert(gives("$1", "") && gives("a$1b", "ab"));
    ck_assert(gives("$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    ck_assert(text_is(mw_expr_text(NULL, &scope), ""));
}
END_TEST

START_TEST(copies_nothing_needlessly)
{
    static const char bytes[] = "lent";
    mw_expr *one, *constant = mw_expr_constant(arena, MW_STR("c"));
    mw_str   text;

    define("a", bytes);
    one = compile("$a");
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert_ptr_eq(mw_expr_text(one, &scope).at, bytes);
    ck_assert(mw_expr_is_constant(constant, &text) && text_is(text, "c") && !mw_expr_is_constant(one, &text));
    ck_assert(mw_expr_is_constant(compile("x"), &text) && !mw_expr_is_constant(NULL, &text));
}
END_TEST

START_TEST(uses_captures)
{
    mw_regex *re = mw_scope_regex(&bind_of_test, NULL, MW_STR("(.)(.+)"), false);
    mw_expr  *e = compile("/$2?x=$10");

    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(mw_expr_has_captures(e) && !mw_expr_has_captures(compile("x")) && !mw_expr_has_captures(NULL));
    ck_assert(mw_scope_match(&scope, re, MW_STR("a% &+;\x7f""b<~")));
    ck_assert(text_is(mw_expr_text(e, &scope), "/% &+;\x7f""b<~?x=a0"));
    ck_assert(text_is(mw_expr_escaped(e, &scope, false), "/%25%20&+;%7Fb%3C~?x=a0"));
    ck_assert(text_is(mw_expr_escaped(e, &scope, true), "/%25%20%26%2B%3B%7Fb%3C~?x=a0"));
    ck_assert(text_is(mw_expr_escaped(compile("% "), &scope, true), "% "));
    ck_assert(text_is(mw_expr_escaped(compile("$2"), &scope, true), "%25%20%26%2B%3B%7Fb%3C~"));
}
END_TEST

START_TEST(ends_in_nul_and_writes)
{
    char     room[4];
    mw_out   o = mw_out_on(room, sizeof room);
    mw_expr *one, *two;

    define("a", "AA");
    one = compile("$a");
    two = compile("-$a-$a");
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert_str_eq(mw_expr_z(one, &scope), "AA");
    ck_assert_str_eq(mw_expr_z(two, &scope), "-AA-AA");
    ck_assert_str_eq(mw_expr_z(compile("c"), &scope), "c");
    ck_assert_str_eq(mw_expr_z(mw_expr_constant(arena, mw_str_take(MW_STR("cd"), 1)), &scope), "c");
    ck_assert_str_eq(mw_expr_z(NULL, &scope), "");
    ck_assert_uint_eq(mw_expr_write(two, &scope, &o), 6);
    ck_assert(o.cut && o.len <= 4);
    o = mw_out_on(room, sizeof room);
    ck_assert_uint_eq(mw_expr_write(compile("abc"), &scope, &o), 3);
    ck_assert(text_is(mw_out_done(&o), "abc"));
}
END_TEST

START_TEST(complains_as_nginx)
{
    static const char *const bad[][2] = {
        { "a$", "invalid variable name" }, { "$-", "invalid variable name" }, { "${}", "invalid variable name" },
        { "${abc", "the closing bracket in \"abc\" variable is missing" },
        { "a${a-b}", "the closing bracket in \"a\" variable is missing" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_ptr_null(compile(bad[i][0]));
        ck_assert(said(bad[i][1]));
    }
    ck_assert_ptr_nonnull(compile("$0${1}"));
    ck_assert_int_eq(settle(), MW_ERR);
    ck_assert(said("unknown \"1\" variable"));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/expr");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, evaluates);
    tcase_add_test(t, copies_nothing_needlessly);
    tcase_add_test(t, uses_captures);
    tcase_add_test(t, ends_in_nul_and_writes);
    tcase_add_test(t, complains_as_nginx);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
