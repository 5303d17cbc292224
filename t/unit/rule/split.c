/* split.c - tests of split_clients; the shares as in nginx-tests split_clients.t, and seen from nginx 1.31.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/split.c"

#include "setup.h"

static const char *client;

static bool get_client(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)s;
    (void)v;
    *text = mw_str_of(client);
    return true;
}

static mw_rc read_split(const char *text)
{
    return mw_split_directives[0].set(&bind_of_test, nodes_of(text), &mw_split_directives[0], NULL);
}

static bool gives(unsigned x, const char *of, const char *value)
{
    client = of;
    scope.values = NULL;
    return value_is(x, value);
}

START_TEST(shares_are_those_of_nginx)
{
    static const char *const seen[][2] = {
        { "15", ".one" }, { "16", ".three" }, { "17", ".one" }, { "18", ".three" }, { "19", ".one" },
        { "20", ".three" },
        { "21", ".one" }, { "22", ".three" }, { "23", ".one" }, { "24", ".one" }, { "25", ".one" }, { "26", ".three" },
    };
    unsigned one = 0, two = 0, three = 0, x = need_named("x");

    define("s", NULL)->get = get_client;
    ck_assert_int_eq(read_split("split_clients $s $x { 51.2% .one; 10% .two; * .three; }"), MW_OK);
    ck_assert_int_eq(settle(), MW_OK);
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
        ck_assert_msg(gives(x, seen[i][0], seen[i][1]), "%s", seen[i][0]);
    for (unsigned i = 1; i <= 20; i++) {                    /* connections of split_clients.t */
        const char *number = mw_arena_fmt(arena, "%u", i).at;

        one += gives(x, number, ".one");
        two += gives(x, number, ".two");
        three += gives(x, number, ".three");
    }
    ck_assert(one == 12 && two == 2 && three == 6);
}
END_TEST

START_TEST(reads_percents)
{
    static const struct { const char *text; unsigned value; } list[] = {
        { "50%", 5000 }, { ".5%", 50 }, { "5.%", 500 }, { "0.01%", 1 }, { "12.34%", 1234 }, { "100%", 10000 },
        { "1.2%", 120 },
        { "50", 0 }, { "x%", 0 }, { "50.123%", 0 }, { "0%", 0 }, { "%", 0 }, { "5.5.5%", 0 }, { "100.01%", 10001 },
        { ".%", 0 }, { "101%", 10100 }, { "99999999999999999999%", 0 }, { "-1%", 0 }, { "", 0 },
    };
    uint32_t n;

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        ck_assert_msg(read_percent(mw_str_of(list[i].text), &n) == (list[i].value != 0) &&
                      (list[i].value == 0 || n == list[i].value), "%s", list[i].text);
}
END_TEST

START_TEST(leaves_the_rest_empty)
{
    unsigned x = need_named("x");

    define("s", NULL)->get = get_client;
    ck_assert_int_eq(read_split("split_clients $s $x { 0.01% a; }"), MW_OK);
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(gives(x, "15", ""));
}
END_TEST

START_TEST(complains_as_nginx)
{
    static const char *const bad[][2] = {
        { "split_clients $s $x { 50% a; 60% b; }", "percent total is greater than 100%" },
        { "split_clients $s $x { 50% a; * b; 10% c; }", "percent total is greater than 100%" },
        { "split_clients $s $x { 50 a; }", "invalid percent value \"50\"" },
        { "split_clients $s x { 50% a; }", "invalid variable name \"x\"" },
        { "split_clients $s $counted { 50% a; }", "the duplicate \"counted\" variable" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(read_split(bad[i][0]) == MW_ERR, "%s", bad[i][0]);
        ck_assert(said(bad[i][1]));
    }
    ck_assert_int_eq(read_split("split_clients $s $x { * 1; * 2; }"), MW_OK);
    ck_assert_int_eq(read_split("split_clients $s $x { }"), MW_OK);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/split");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, shares_are_those_of_nginx);
    tcase_add_test(t, reads_percents);
    tcase_add_test(t, leaves_the_rest_empty);
    tcase_add_test(t, complains_as_nginx);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
