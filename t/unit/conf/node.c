/* node.c - unit test of the tree: appending, comparing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/node.c"

#include "tree.h"

START_TEST(append)
{
    mw_node *a = from_nginx("a; b { c; }"), *b = from_nginx("d { e; } f;");

    mw_node_append(a, b);
    ck_assert_str_eq(dumped(mw_dump_nginx, a), "a;\nb {\n    c;\n}\nd {\n    e;\n}\nf;\n");
    ck_assert_ptr_null(b->kids);
    ck_assert_ptr_eq(a->kids->next->next->parent, a);
    mw_node_append(b, from_nginx("g;"));
    ck_assert_str_eq(dumped(mw_dump_nginx, b), "g;\n");
}
END_TEST

static const struct { const char *a, *b; bool equal; } pairs[] = {
    { "a b;", "a\n  'b' ;", true },           { "a { b; }", "a{b;}", true },
    { "a;", "b;", false },                    { "a b;", "a c;", false },
    { "a b;", "a b c;", false },              { "a;", "a {}", false },
    { "a { b; }", "a { b; c; }", false },     { "a { b; c; }", "a { b; }", false },
    { "a { b; c; }", "a { c; b; }", false },  { "", "", true },
};

START_TEST(equal)
{
    ck_assert(mw_node_equal(from_nginx(pairs[_i].a), from_nginx(pairs[_i].b)) == pairs[_i].equal);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/node");
    TCase *c = tcase_create("node");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, append);
    tcase_add_loop_test(c, equal, 0, sizeof pairs / sizeof pairs[0]);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
