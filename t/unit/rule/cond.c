/* cond.c - tests of the conditions of `if`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/cond.c"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "setup.h"

static mw_cond *compile(const char *text)
{
    mw_str line = mw_arena_fmt(arena, "if %s { }", text);

    return mw_cond_compile(&bind_of_test, nodes_of(line.at));
}

static bool holds_for(const char *text)
{
    mw_cond *c = compile(text);

    ck_assert_ptr_nonnull(c);
    ck_assert_int_eq(settle(), MW_OK);
    scope.values = NULL;
    return mw_cond_true(c, &scope, false);
}

START_TEST(asks_variables)
{
    define("a", "Food");
    define("zero", "0");
    define("empty", "");
    define("none", NULL);
    ck_assert(holds_for("($a)") && holds_for("( $a )") && !holds_for("($zero)") && !holds_for("($empty)"));
    ck_assert(!holds_for("($none)") && mw_text_true(MW_STR("00")));
    ck_assert(holds_for("($a = Food)") && !holds_for("($a = food)") && holds_for("( $a != food )"));
    ck_assert(holds_for("($a = $a)") && holds_for("($none = \"\")") && holds_for("($empty = '')"));
    ck_assert(!holds_for("($a = \"\")") && holds_for("($a != \"\")") && holds_for("($a = \"Food\")"));
    ck_assert(holds_for("($a ~ oo)") && !holds_for("($a ~ foo)") && holds_for("($a ~* foo)"));
    ck_assert(!holds_for("($a !~ oo)") && holds_for("($a !~ foo)") && !holds_for("($a !~* foo)"));
}
END_TEST

START_TEST(leaves_captures)
{
    define("a", "xyz");
    ck_assert(holds_for("($a ~ (?<mid>y)(.))"));
    ck_assert(text_is(mw_captures_get(mw_scope_captures(&scope), 2), "z"));
    ck_assert(value_is(need_named("mid"), "y"));
}
END_TEST

START_TEST(asks_files)
{
    char dir[] = "/tmp/mw_cond_XXXXXX", plain[64];

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(plain, sizeof plain, "%s/file", dir);
    close(mw_open(mw_str_of(plain), O_CREAT | O_WRONLY, 0644));
    bind_of_test.prefix = mw_arena_fmt(arena, "%s/", dir);
    define("dir", dir);
    ck_assert(holds_for("(-f $dir/file)") && holds_for("(-f file)") && !holds_for("(-f $dir)") &&
              !holds_for("(!-f file)"));
    ck_assert(holds_for("(-d $dir)") && !holds_for("(-d file)") && holds_for("(!-d file)"));
    ck_assert(holds_for("(-e file)") && !holds_for("(-e nx)") && holds_for("(!-e nx)") && holds_for("( !-e file/nx )"));
    ck_assert(!holds_for("(-x file)") && holds_for("(-x $dir)") && holds_for("(!-x file)"));
    unlink(plain);
    rmdir(dir);
    ck_assert(!logged("stat()"));
}
END_TEST

START_TEST(shows_itself)
{
    static const char *const texts[] = {
        "($a)", "($a = b)", "($a != b)", "($a ~ b)", "($a !~* b)", "(-f b)", "(!-d b)", "(-e b)", "(!-x b)"
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char   room[64];
        mw_out o = mw_out_on(room, sizeof room);

        mw_cond_show(&o, compile(texts[i]));
        ck_assert(text_is(mw_out_done(&o), texts[i]));
    }
}
END_TEST

START_TEST(complains_as_nginx)
{
    static const char *const bad[][2] = {
        { "$a", "invalid condition \"$a\"" }, { "($a", "invalid condition \"$a\"" },
        { "($a =)", "invalid condition \"$a\"" }, { "($a = )", "invalid condition \"$a\"" },
        { "($a == 1)", "unexpected \"==\" in condition" }, { "($a ! 1)", "unexpected \"!\" in condition" },
        { "($a = 1 2)", "invalid condition \"$a\"" }, { "($a ~)", "invalid condition \"$a\"" },
        { "(-z /a)", "invalid condition \"-z\"" }, { "(-f)", "invalid condition \"-f\"" },
        { "(-f a b)", "invalid condition \"-f\"" }, { "(! -f a)", "invalid condition \"!\"" },
        { "(!-q a)", "invalid condition \"!-q\"" }, { "(-fx a)", "invalid condition \"-fx\"" },
        { "(abc)", "invalid condition \"abc\"" }, { "()", "invalid condition \")\"" },
        { "( )", "invalid condition \")\"" },
        { "($)", "invalid condition \"$\"" }, { "(= b)", "invalid condition \"=\"" },
        { "(-f \"$\")", "invalid variable name" }, { "($a = \"$\")", "invalid variable name" },
        { "($a ~ \"(\")", "pcre2_compile() failed: missing closing parenthesis in \"(\"" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(compile(bad[i][0]) == NULL, "%s", bad[i][0]);
        ck_assert(said(bad[i][1]));
    }
    ck_assert_ptr_nonnull(compile("($a$b = 1)"));
    ck_assert_int_eq(settle(), MW_ERR);
    ck_assert(said("unknown \"a$b\" variable"));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/cond");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, asks_variables);
    tcase_add_test(t, leaves_captures);
    tcase_add_test(t, asks_files);
    tcase_add_test(t, shows_itself);
    tcase_add_test(t, complains_as_nginx);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
