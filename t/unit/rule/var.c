/* var.c - tests of variables: needs and definitions, what is cached, cycles, captures.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/var.c"

#include "setup.h"

START_TEST(caches_what_is_not_fleeting)
{
    unsigned counted = need_named("counted"), fleeting = need_named("fleeting"), gone = need_named("Gone");
    mw_str   text;

    ck_assert_uint_eq(need_named("COUNTED"), counted);
    ck_assert_uint_eq(mw_vars_count(bind_of_test.vars), 3);
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(value_is(counted, "1") && value_is(counted, "1"));
    ck_assert(value_is(fleeting, "2") && value_is(fleeting, "3"));
    ck_assert(!mw_var_get(&scope, gone, &text) && text.len == 0);
    ck_assert(!mw_var_get(&scope, gone, &text) && text.len == 0);
    ck_assert_uint_eq(asked, 4);
    mw_var_forget(&scope, counted);
    ck_assert(value_is(counted, "5"));
}
END_TEST

START_TEST(peeks_without_remembering)
{
    unsigned counted = need_named("counted"), own = need_named("own"), id = need_named("id");
    mw_str   text;

    define("own", "x")->get = get_counted;
    mw_vars_define(&bind_of_test, NULL, MW_STR("own"))->data = 0;
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(mw_var_peek(&scope, counted, &text) && text_is(text, "1"));
    ck_assert_ptr_null(scope.values);
    ck_assert(mw_var_peek(&scope, own, &text) && text_is(text, "2"));
    ck_assert(mw_var_peek(&scope, own, &text) && text_is(text, "2"));
    ck_assert(value_is(counted, "3"));
    ck_assert(mw_var_peek(&scope, counted, &text) && text_is(text, "3"));
    ck_assert(mw_var_peek(&scope, id, &text) && text_is(text, "4"));
    ck_assert(mw_var_peek(&scope, id, &text) && text_is(text, "4"));
}
END_TEST

START_TEST(settles_names)
{
    unsigned agent = need_named("HTTP_User_Agent"), longer = need_named("http_x_y"), bare = need_named("http_");

    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(value_is(agent, "user_agent") && value_is(longer, "longer") && value_is(bare, ""));
    need_named("nobody");
    ck_assert_int_eq(settle(), MW_ERR);
    ck_assert(said("unknown \"nobody\" variable"));
}
END_TEST

START_TEST(defines_once_over_again_or_not)
{
    mw_var *first = define("mine", "one");

    ck_assert_ptr_eq(define("MINE", "two"), first);
    ck_assert_str_eq(first->name, "mine");
    ck_assert_ptr_null(mw_vars_define(&bind_of_test, NULL, MW_STR("counted")));
    ck_assert(said("the duplicate \"counted\" variable"));
    ck_assert_ptr_null(mw_vars_define(&bind_of_test, NULL, MW_STR("")));
    ck_assert(said("invalid variable name \"$\""));
    ck_assert_ptr_ne(mw_vars_define(&bind_of_test, NULL, MW_STR("args")), &test_vars[4]);
}
END_TEST

START_TEST(sets)
{
    unsigned plain = need_named("plain"), args = need_named("args"), header = need_named("http_foo");

    ck_assert_ptr_nonnull(mw_vars_define(&bind_of_test, NULL, MW_STR("plain")));
    ck_assert_ptr_nonnull(mw_vars_define(&bind_of_test, NULL, MW_STR("http_foo")));
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(value_is(header, "foo"));                 /* rewrite_set.t: `set` elsewhere changes nothing here */
    mw_var_set(&scope, header, MW_STR("set"));
    ck_assert(value_is(header, "set"));
    ck_assert(value_is(plain, "") && logged("[warn]") && logged("using uninitialized \"plain\" variable"));
    mw_var_set(&scope, plain, MW_STR("now"));
    ck_assert(value_is(plain, "now"));
    ck_assert(value_is(args, "1"));
    mw_var_set(&scope, args, MW_STR("a=b"));
    ck_assert(text_is(assigned, "a=b") && value_is(args, "2"));
}
END_TEST

START_TEST(unset_getter_can_be_given)
{
    unsigned plain = need_named("plain");

    ck_assert_ptr_nonnull(mw_vars_define(&bind_of_test, NULL, MW_STR("plain")));
    mw_vars_unset(bind_of_test.vars, get_counted);
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(value_is(plain, "1") && value_is(plain, "1") && !logged("uninitialized"));
}
END_TEST

static bool get_other(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_var_get(s, (unsigned)v->data, text);
    return true;
}

START_TEST(sees_cycles)
{
    unsigned  a = need_named("a"), b = need_named("b");
    mw_var   *va = define("a", NULL), *vb = define("b", NULL);

    va->get = vb->get = get_other;
    va->data = b;
    vb->data = a;
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(value_is(a, ""));
    ck_assert(logged("[error]") && logged("cycle while evaluating variable \"a\""));
}
END_TEST

START_TEST(finds_by_name)
{
    unsigned counted = need_named("counted");
    mw_str   text;

    define("mine", "one");
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(mw_var_by_name(&scope, MW_STR("mine"), &text) && text_is(text, "one"));
    ck_assert(mw_var_by_name(&scope, MW_STR("http_Host"), &text) && text_is(text, "host"));
    ck_assert(!mw_var_by_name(&scope, MW_STR("http_none"), &text) && text.len == 0);
    ck_assert(!mw_var_by_name(&scope, MW_STR("nobody"), &text) && text.len == 0);
    ck_assert(mw_var_by_name(&scope, MW_STR("counted"), &text) && text_is(text, "1") && value_is(counted, "1"));
}
END_TEST

START_TEST(matches_and_captures)
{
    mw_regex *named = mw_scope_regex(&bind_of_test, NULL, MW_STR("(?<first>\\w)(?<second>\\d)?"), false);
    mw_regex *plain = mw_scope_regex(&bind_of_test, NULL, MW_STR("A(.)"), true);
    unsigned  first = need_named("first"), second = need_named("second");
    mw_str    text;

    ck_assert_ptr_nonnull(named);
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert_ptr_null(mw_scope_captures(&scope));
    ck_assert(!mw_var_get(&scope, first, &text));
    mw_var_forget(&scope, first);
    ck_assert(!mw_scope_match(&scope, named, MW_STR("-")));
    ck_assert_ptr_null(mw_scope_captures(&scope));
    ck_assert(mw_scope_match(&scope, named, MW_STR("x")));
    ck_assert(value_is(first, "x") && value_is(second, ""));
    ck_assert(mw_scope_match(&scope, plain, MW_STR("ab")));
    ck_assert(text_is(mw_captures_get(mw_scope_captures(&scope), 1), "b"));
    ck_assert(value_is(first, "x"));                                    /* named ones outlive the next match */
    ck_assert(!mw_scope_match(&scope, plain, MW_STR("-")));
    ck_assert(text_is(mw_captures_get(mw_scope_captures(&scope), 1), "b"));
}
END_TEST

START_TEST(refuses_patterns)
{
    ck_assert_ptr_null(mw_scope_regex(&bind_of_test, NULL, MW_STR("("), false));
    ck_assert(said("pcre2_compile() failed: missing closing parenthesis in \"(\""));
    ck_assert_ptr_null(mw_scope_regex(&bind_of_test, NULL, MW_STR("(?<counted>.)"), false));
    ck_assert(said("the duplicate \"counted\" variable"));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/var");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, caches_what_is_not_fleeting);
    tcase_add_test(t, peeks_without_remembering);
    tcase_add_test(t, settles_names);
    tcase_add_test(t, defines_once_over_again_or_not);
    tcase_add_test(t, sets);
    tcase_add_test(t, unset_getter_can_be_given);
    tcase_add_test(t, sees_cycles);
    tcase_add_test(t, finds_by_name);
    tcase_add_test(t, matches_and_captures);
    tcase_add_test(t, refuses_patterns);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
