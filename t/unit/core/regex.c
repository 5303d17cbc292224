/* regex.c - tests of regular expressions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/regex.c"

#include <check.h>

static mw_arena *arena;

static void begin(void) { arena = mw_arena_new(4096); }
static void finish(void) { mw_arena_free(arena); }

static mw_regex *compile(const char *pattern, bool fold, bool jit)
{
    mw_regex *re = NULL;
    mw_str    why = MW_STR("");

    ck_assert_msg(mw_regex_new(arena, mw_str_of(pattern), fold, jit, &re, &why) == MW_OK, "%.*s", MW_S(why));
    return re;
}

static bool group_is(const mw_captures *c, unsigned group, const char *text)
{
    return mw_str_eq(mw_captures_get(c, group), mw_str_of(text));
}

START_TEST(matches)
{
    mw_regex   *re = compile("^/(\\w+)/(x)?(\\d*)$", false, _i == 1);
    mw_captures c = { .n = 0 };

    ck_assert(group_is(&c, 0, ""));
    ck_assert_int_eq(mw_regex_match(re, MW_STR("/abc/12"), &c), MW_OK);
    ck_assert_uint_eq(c.n, 4);
    ck_assert(group_is(&c, 0, "/abc/12") && group_is(&c, 1, "abc") && group_is(&c, 2, "") && group_is(&c, 3, "12"));
    ck_assert_uint_eq(c.at[2].from, UINT32_MAX);
    ck_assert(group_is(&c, 4, "") && group_is(&c, 99, ""));
    ck_assert_int_eq(mw_regex_match(re, MW_STR("/abc/12 "), &c), MW_END);
    ck_assert_int_eq(mw_regex_match(re, MW_STR("/ABC/"), NULL), MW_OK);
    ck_assert_int_eq(mw_regex_match(re, (mw_str){ NULL, 0 }, &c), MW_END);
    ck_assert_uint_eq(mw_regex_groups(re), 3);
}
END_TEST

START_TEST(folds_when_asked)
{
    ck_assert_int_eq(mw_regex_match(compile("\\.PHP$", true, true), MW_STR("/x.php"), NULL), MW_OK);
    ck_assert_int_eq(mw_regex_match(compile("\\.PHP$", false, true), MW_STR("/x.php"), NULL), MW_END);
    ck_assert_int_eq(mw_regex_match(compile("(*UTF8)^.$", false, true), MW_STR("\xc3\xa4"), NULL), MW_OK);
    ck_assert_int_eq(mw_regex_match(compile("(*UTF8)^.$", false, true), MW_STR("\xc3"), NULL), MW_ERR);
}
END_TEST

START_TEST(names_groups)
{
    mw_regex *re = compile("(?<user>\\w+)@(?<host>\\w+)|(?<host>x)", false, false);
    mw_str    name;
    unsigned  i, users = 0, hosts = 0, group;

    ck_assert_uint_eq(mw_regex_names(re), 3);
    for (i = 0; i < 3; i++) {
        group = mw_regex_name(re, i, &name);
        if (mw_str_eq(name, MW_STR("user")))
            users += group;
        else if (mw_str_eq(name, MW_STR("host")))
            hosts += group;
    }
    ck_assert_uint_eq(users, 1);
    ck_assert_uint_eq(hosts, 5);
}
END_TEST

START_TEST(more_groups_than_kept)
{
    char        pattern[3 * 40 + 1];
    mw_captures c;
    unsigned    i;
    mw_regex   *re;

    for (i = 0; i < 40; i++)
        memcpy(&pattern[3 * i], "(.)", 3);
    pattern[sizeof pattern - 1] = '\0';
    re = compile(pattern, false, _i == 1);
    ck_assert_int_eq(mw_regex_match(re, MW_STR("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"), &c), MW_OK);
    ck_assert_uint_eq(c.n, MW_CAPTURES);
    ck_assert(group_is(&c, 31, "4") && group_is(&c, 32, ""));
}
END_TEST

START_TEST(says_what_is_wrong)
{
    static const struct { const char *pattern, *why; } rows[] = {
        { "(", "pcre2_compile() failed: missing closing parenthesis in \"(\"" },
        { "a)b", "pcre2_compile() failed: unmatched closing parenthesis in \"a)b\" at \")b\"" },
        { "a[b", "pcre2_compile() failed: missing terminating ] for character class in \"a[b\"" },
        { "*x", "pcre2_compile() failed: quantifier does not follow a repeatable item in \"*x\" at \"*x\"" },
    };
    mw_regex *re;
    mw_str    why;
    size_t    i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(mw_regex_new(arena, mw_str_of(rows[i].pattern), false, true, &re, &why), MW_ERR);
        ck_assert_msg(mw_str_eq(why, mw_str_of(rows[i].why)), "%.*s", MW_S(why));
    }
}
END_TEST

START_TEST(hostile_subjects_hit_a_limit)
{
    char   subject[64];
    mw_str s = { subject, sizeof subject };

    memset(subject, 'a', sizeof subject);
    subject[sizeof subject - 1] = '!';
    ck_assert_int_eq(mw_regex_match(compile("^(a+)+$", false, _i == 1), s, NULL), MW_ERR);
    /* And the next one is fine. */
    ck_assert_int_eq(mw_regex_match(compile("^a+!$", false, _i == 1), s, NULL), MW_OK);
}
END_TEST

START_TEST(long_subjects_are_fine)
{
    static char subject[8 * 1024];           /* a whole buffer of large_client_header_buffers */
    mw_str      s = { subject, sizeof subject };

    memset(subject, 'a', sizeof subject);
    ck_assert_int_eq(mw_regex_match(compile("^(?:a|b)*$", false, _i == 1), s, NULL), MW_OK);
}
END_TEST

START_TEST(knows_its_library)
{
    ck_assert_int_eq(mw_regex_library()[0], '1');
    ck_assert_ptr_nonnull(strchr(mw_regex_library(), '.'));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/regex");
    TCase *t = tcase_create("regex");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_loop_test(t, matches, 0, 2);
    tcase_add_test(t, folds_when_asked);
    tcase_add_test(t, names_groups);
    tcase_add_loop_test(t, more_groups_than_kept, 0, 2);
    tcase_add_test(t, says_what_is_wrong);
    tcase_add_loop_test(t, hostile_subjects_hit_a_limit, 0, 2);
    tcase_add_loop_test(t, long_subjects_are_fine, 0, 2);
    tcase_add_test(t, knows_its_library);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
