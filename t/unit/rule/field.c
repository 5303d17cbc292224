/* field.c - tests of fields that hold compiled text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/field.c"

#include "setup.h"

typedef struct foo_conf { mw_expr *one; mw_exprs many; mw_access *who; } foo_conf;

static const mw_directive rows[] = {
    { .name = "one", MW_RULE_FIELD(foo_conf, one) },
    { .name = "many", MW_RULE_FIELD(foo_conf, many) },
    { .name = "allow", MW_RULE_FIELD(foo_conf, who) },
};

START_TEST(reads_fields)
{
    foo_conf outer = { 0 }, inner;
    mw_node *n = nodes_of("one a$counted; many 0 ''; many $gone x; bad $; worse a $;");

    ck_assert(rows[2].set == mw_set_access);
    ck_assert_int_eq(rows[0].set(&bind_of_test, n, &rows[0], &outer.one), MW_OK);
    ck_assert_int_eq(rows[1].set(&bind_of_test, n->next, &rows[1], &outer.many), MW_OK);
    inner = outer;
    ck_assert_int_eq(rows[1].set(&bind_of_test, n->next->next, &rows[1], &inner.many), MW_OK);
    ck_assert_int_eq(settle(), MW_OK);
    ck_assert(text_is(mw_expr_text(outer.one, &scope), "a1"));
    ck_assert_uint_eq(outer.many.n, 2);
    ck_assert_uint_eq(inner.many.n, 4);
    ck_assert(!mw_exprs_any(&outer.many, &scope) && mw_exprs_any(&inner.many, &scope));
    ck_assert_int_eq(rows[0].set(&bind_of_test, n->next->next->next, &rows[0], &outer.one), MW_ERR);
    ck_assert_int_eq(rows[1].set(&bind_of_test, n->next->next->next->next, &rows[1], &outer.many), MW_ERR);
    ck_assert_uint_eq(outer.many.n, 2);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/field");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, reads_fields);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
