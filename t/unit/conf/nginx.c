/* nginx.c - unit test of nginx.conf's reader: trees, and what is said of bad ones (compare nginx -t).
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/nginx.c"

#include "tree.h"

#define EARLY "unexpected end of file, expecting "

/* The text, the faults, and the tree that remains. */
static const struct { const char *text, *faults, *tree; } cases[] = {
    { "", "", "" },
    { "a; b c 'd e';", "", "a;\nb c \"d e\";\n" },
    { "a { b; c { } }", "", "a {\n    b;\n    c {}\n}\n" },
    { "a b", EARLY "\";\" or \"}\" in x:1\n", "" },
    { "a;\nb 'c\n\n", EARLY "\";\" or \"}\" in x:4 (this quote is not closed)\n", "a;\n" },
    { "a {\nb;\n", EARLY "\"}\" in x:3\n", "a {\n    b;\n}\n" },
    { "a { b { c", EARLY "\";\" or \"}\" in x:1\n", "a {\n    b {}\n}\n" },
    { "}\na;}", "unexpected \"}\" in x:1\nunexpected \"}\" in x:2\n", "a;\n" },
    { "a { b }\nc;", "unexpected \"}\" in x:1\n", "a {}\nc;\n" },
    { "; a;;", "unexpected \";\" in x:1\nunexpected \";\" in x:1\n", "a;\n" },
    { "a {} { b; { } c; } d;", "unexpected \"{\" in x:1\n", "a {}\nd;\n" },
    { "a 'b'c d; e;", "unexpected \"c\" in x:1\n", "e;\n" },
    { "a 'b'c { d 'e'f; } g;", "unexpected \"c\" in x:1\nunexpected \"f\" in x:1\n", "g;\n" },
    { "a 'b'};\nc;", "unexpected \"}\" in x:1\nunexpected \";\" in x:1\n", "c;\n" },
    { "z { a 'b'}\nc;", "unexpected \"}\" in x:1\n", "z {}\nc;\n" },
    { "include;", "invalid number of arguments in \"include\" directive in x:1\n", "" },
    { "include a\nb;", "invalid number of arguments in \"include\" directive in x:2\n", "" },
    { "include a { b; } c;", "directive \"include\" is not terminated by \";\" in x:1\n", "c;\n" },
    { "include /none/there\n;", "open() \"/none/there\" failed (2: No such file or directory) in x:2\n", "" },
    { "include there;", "open() \"/none/there\" failed (2: No such file or directory) in x:1\n", "" },
    { "include /none/*.conf; a;", "", "a;\n" },
    { "include /tmp;", "pread() \"/tmp\" failed (21: Is a directory) in x:1\n", "" },
};

START_TEST(texts)
{
    mw_node *root = from_nginx(cases[_i].text);

    ck_assert_str_eq(faults(), cases[_i].faults);
    ck_assert_str_eq(dumped(mw_dump_nginx, root), cases[_i].tree);
}
END_TEST

START_TEST(lines_are_nginxs)
{
    mw_node *n = from_nginx("a\n b\n {\n c\n;}")->kids;

    ck_assert_uint_eq(n->pos.line, 1);
    ck_assert_uint_eq(n->end_line, 3);
    ck_assert_uint_eq(n->places[0].line, 2);
    ck_assert_uint_eq(n->places[0].column, 2);
    ck_assert_uint_eq(n->kids->end_line, 5);
    ck_assert_ptr_eq(n->kids->parent, n);
}
END_TEST

START_TEST(parameters)
{
    static const struct { const char *text, *text_of_fault; } all[] = {
        { "a b", "unexpected end of parameter, expecting \";\"" },
        { "a { b; } c;", "block directives are not supported in -g option" },
        { "a; }", "unexpected \"}\"" },
    };

    (void)mw_read_text(&T.reader, MW_STR("command line"), mw_str_of(all[_i].text));
    ck_assert_uint_eq(T.diag.errors, 1);
    ck_assert_str_eq(mw_arena_z(T.arena, T.diag.first->text), all[_i].text_of_fault);
}
END_TEST

START_TEST(deep)
{
    mw_out o = mw_arena_pen(T.arena, 1 << 20);

    for (int i = 0; i < 100000; i++)
        mw_out_str(&o, MW_STR("a {\n"));
    for (int i = 0; i < 100000; i++)
        mw_out_str(&o, MW_STR("}\n"));
    mw_out_str(&o, MW_STR("b;"));
    mw_node *root = mw_read_text(&T.reader, MW_STR("x"), mw_out_done(&o));
    ck_assert_str_eq(faults(), "more than 64 blocks inside each other in x:65\n");
    ck_assert_str_eq(mw_arena_z(T.arena, root->kids->next->name), "b");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/nginx");
    TCase *c = tcase_create("nginx");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_loop_test(c, texts, 0, sizeof cases / sizeof cases[0]);
    tcase_add_test(c, lines_are_nginxs);
    tcase_add_loop_test(c, parameters, 0, 3);
    tcase_add_test(c, deep);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
