/* match.c - tests of names, wildcards and patterns.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/match.c"

#include "setup.h"

static mw_match *names(const char *const *list, bool hostnames)
{
    mw_match *m = mw_match_new(arena);

    for (; *list != NULL; list = &list[1])
        ck_assert_int_eq(mw_match_add(m, mw_str_of(*list), hostnames, *list), MW_OK);
    return m;
}

static bool finds(const mw_match *m, const char *subject, const char *value)
{
    const char *found = mw_match_find(m, &scope, mw_str_of(subject));

    return value == NULL ? found == NULL : found != NULL && strcmp(found, value) == 0;
}

START_TEST(order_is_nginx)
{
    static const char *const list[] = {
        "", "www.example.com", "*.example.com", "*.pref.example.com", "www.example.*", "www.example.net.*",
        ".dot.org", NULL
    };
    mw_match *m = names(list, true);

    mw_match_add_regex(m, mw_scope_regex(&bind_of_test, NULL, MW_STR("^(r)e"), true), "first");
    mw_match_add_regex(m, mw_scope_regex(&bind_of_test, NULL, MW_STR("^res"), false), "second");
    mw_match_freeze(m);
    ck_assert(finds(m, "", "") && finds(m, "WWW.example.COM", "www.example.com"));
    ck_assert(finds(m, "a.example.com", "*.example.com") && finds(m, "a.b.Example.com", "*.example.com"));
    ck_assert(finds(m, "example.com", NULL) && finds(m, "xexample.com", NULL));
    ck_assert(finds(m, "a.pref.example.com", "*.pref.example.com") && finds(m, "pref.example.com", "*.example.com"));
    ck_assert(finds(m, "www.example.org", "www.example.*") && finds(m, "www.example.co.uk", "www.example.*"));
    ck_assert(finds(m, "www.example", NULL) && finds(m, "www.example.net.x", "www.example.net.*"));
    ck_assert(finds(m, "dot.org", ".dot.org") && finds(m, "a.DOT.org", ".dot.org"));
    ck_assert(finds(m, "res", "first") && text_is(mw_captures_get(mw_scope_captures(&scope), 1), "r"));
    ck_assert_str_eq(mw_match_find(m, NULL, MW_STR("RE")), "first");
    ck_assert(!mw_match_empty(m) && mw_match_has_regex(m));
}
END_TEST

START_TEST(plain_names_have_no_wildcards)
{
    static const char *const list[] = { "*.a", ".b", "c.*", NULL };
    mw_match *m = names(list, false);

    mw_match_freeze(m);
    ck_assert(finds(m, "*.A", "*.a") && finds(m, "x.a", NULL) && finds(m, "b", NULL) && finds(m, "c.d", NULL));
    ck_assert(!mw_match_has_regex(m) && mw_match_empty(mw_match_new(arena)));
}
END_TEST

START_TEST(same_name_is_said)
{
    static const char *const list[] = { "a", "*.b", "c.*", ".d", NULL };
    static const char *const again[] = { "A", "*.B", "c.*", ".d", "d", "*.d", ".a", ".b" };
    mw_match *m = names(list, true);

    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++)
        ck_assert_msg(mw_match_add(m, mw_str_of(again[i]), true, "x") == MW_END, "%s", again[i]);
    ck_assert_int_eq(mw_match_add(m, MW_STR("b"), true, "x"), MW_OK);
}
END_TEST

START_TEST(long_subjects_meet_limits)
{
    static const char *const list[] = { "*.x", "y.*", NULL };
    mw_match *m = names(list, true);
    char      room[300];

    mw_match_freeze(m);
    memset(room, '.', sizeof room);
    room[254] = 'x';
    ck_assert_ptr_null(mw_match_find(m, NULL, (mw_str){ room, 255 }));      /* beyond 127 labels */
    memset(room, 'a', sizeof room);
    room[252] = '.';
    room[253] = 'x';
    ck_assert_ptr_nonnull(mw_match_find(m, NULL, (mw_str){ room, 254 }));
    ck_assert_ptr_null(mw_match_find(m, NULL, (mw_str){ room, 300 }));
    room[297] = '.';
    ck_assert_ptr_null(mw_match_find(m, NULL, (mw_str){ room, 299 }));
}
END_TEST

START_TEST(well_formed_names)
{
    static const char *const good[] = { "", "a", "a.b", "a.", ".a", "*.a", "a.*", ".a.*", ".*", "a_b", "*.a." };
    static const char *const bad[] = { "*", "*.", ".", "a..b", "..a", "a*", "*a", "a.*.b", "*.a.*", "a.*.", "*.*" };
    mw_str why = MW_STR("");

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(mw_name_wildcard(mw_str_of(good[i]), &why), "%s", good[i]);
    ck_assert_uint_eq(why.len, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!mw_name_wildcard(mw_str_of(bad[i]), NULL), "%s", bad[i]);
    ck_assert(!mw_name_wildcard(MW_STR("a\0b"), &why) && text_is(why, "invalid server name or wildcard"));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/match");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, order_is_nginx);
    tcase_add_test(t, plain_names_have_no_wildcards);
    tcase_add_test(t, same_name_is_said);
    tcase_add_test(t, long_subjects_meet_limits);
    tcase_add_test(t, well_formed_names);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
