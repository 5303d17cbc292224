/* access.c - tests of allow and deny.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/access.c"

#include "setup.h"

static const mw_directive allow = { .name = "allow", .extra = 1 }, deny = { .name = "deny" };

static mw_access *rules(const char *text)
{
    mw_access *a = NULL;

    for (mw_node *n = nodes_of(text); n != NULL; n = n->next)
        ck_assert_int_eq(mw_set_access(&bind_of_test, n, text_is(n->name, "allow") ? &allow : &deny, &a), MW_OK);
    return a;
}

static int says(const mw_access *a, const char *who)
{
    mw_addr addr = { .family = MW_UNIX };

    if (strcmp(who, "unix:") != 0)
        ck_assert(mw_addr_ip(mw_str_of(who), &addr));
    return mw_access_says(a, &addr);
}

START_TEST(first_that_fits_decides)
{
    mw_access *a = rules("deny 192.168.1.1; allow 192.168.1.0/24; allow 2001:db8::/32; deny unix:; deny 10.0.0.0/8;");

    ck_assert_int_eq(says(a, "192.168.1.1"), 0);
    ck_assert_int_eq(says(a, "192.168.1.2"), 1);
    ck_assert_int_eq(says(a, "::ffff:192.168.1.2"), 1);
    ck_assert_int_eq(says(a, "::ffff:192.168.1.1"), 0);
    ck_assert_int_eq(says(a, "2001:db8::1"), 1);
    ck_assert_int_eq(says(a, "2001:db9::1"), -1);
    ck_assert_int_eq(says(a, "unix:"), 0);
    ck_assert_int_eq(says(a, "172.16.0.1"), -1);
    ck_assert_int_eq(says(NULL, "172.16.0.1"), -1);
}
END_TEST

START_TEST(all_is_everybody)
{
    mw_access *a = rules("allow unix:; deny all;"), *v6 = rules("deny ::ffff:0:0/96;");

    ck_assert_int_eq(says(a, "unix:"), 1);
    ck_assert_int_eq(says(a, "::1"), 0);
    ck_assert_int_eq(says(a, "127.0.0.1"), 0);
    ck_assert_int_eq(says(v6, "::ffff:127.0.0.1"), 0);          /* no IPv4 rules: judged as it is */
}
END_TEST

START_TEST(complains_as_nginx)
{
    mw_access *a = NULL;
    mw_node   *n = nodes_of("allow 10.0.0.1/8; allow foo; allow 10.0.0.0/33; allow ALL; allow unix:/x;");

    ck_assert_int_eq(mw_set_access(&bind_of_test, n, &allow, &a), MW_OK);
    ck_assert(said("low address bits of 10.0.0.1/8 are meaningless"));
    ck_assert_int_eq(says(a, "10.9.9.9"), 1);
    for (n = n->next; n != NULL; n = n->next) {
        mw_str text = mw_arena_fmt(arena, "invalid parameter \"%.*s\"", MW_S(n->args[0]));

        ck_assert_int_eq(mw_set_access(&bind_of_test, n, &allow, &a), MW_ERR);
        ck_assert(said(text.at));
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/access");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, first_that_fits_decides);
    tcase_add_test(t, all_is_everybody);
    tcase_add_test(t, complains_as_nginx);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
