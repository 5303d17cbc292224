/* env.c - unit test of ${env:NAME}: what is set, what is not, in both languages, and what may not be said.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/env.c"

#include "tree.h"

static void setup(void)
{
    begin();
    ck_assert(setenv("MW_A", "one two; {", 1) == 0 && setenv("MW_EMPTY", "", 1) == 0 && unsetenv("MW_NONE") == 0);
}

START_TEST(puts_text_in_place)
{
    const mw_node *root = from_nginx("a ${env:MW_A} x${env:MW_EMPTY}y '${env:MW_NONE:-d e}' ${env:MW_EMPTY:-f}"
                                     "${env:MW_A:-g}; b ${env:MW_NONE:-} $${env}${x}; c { d ${env:MW_EMPTY}; }");
    const mw_node *a = root->kids, *b = a->next;

    ck_assert_str_eq(faults(), "");
    ck_assert_uint_eq(a->nargs, 4);
    ck_assert(mw_str_eq(a->args[0], MW_STR("one two; {")) && mw_str_eq(a->args[1], MW_STR("xy")));
    ck_assert(mw_str_eq(a->args[2], MW_STR("d e")) && mw_str_eq(a->args[3], MW_STR("fone two; {")));
    ck_assert(b->args[0].len == 0 && mw_str_eq(b->args[1], MW_STR("$${env}${x}")));
    ck_assert_uint_eq(b->next->kids->args[0].len, 0);
}
END_TEST

START_TEST(in_yaml_as_well)
{
    const mw_node *root = from_yaml("a: '${env:MW_A}'\nb: [1, '${env:MW_NONE:-2}']\nlocation:\n"
                                    "  '/${env:MW_EMPTY:-x}':\n    c: on\n");

    ck_assert_str_eq(faults(), "");
    ck_assert(mw_str_eq(root->kids->args[0], MW_STR("one two; {")));
    ck_assert(mw_str_eq(root->kids->next->args[1], MW_STR("2")));
    ck_assert(mw_str_eq(root->kids->next->next->args[0], MW_STR("/x")));
}
END_TEST

START_TEST(says_what_is_wrong_and_goes_on)
{
    const mw_node *root = from_nginx("a;\nb ${env:MW_NONE} { x; }\nc '${env:A';\nd ${env:1A};\ne ${env:};\n"
                                     "f x${env:MW_NONE} ${env:MW_NONE};\nlast;");

    ck_assert_str_eq(faults(),
                     "environment variable \"MW_NONE\" is not set in x:2 (set it, or say what to take then: "
                     "${env:MW_NONE:-...})\n"
                     "\"${env:\" without a closing bracket in x:3\n"
                     "invalid name of an environment variable \"1A\" in x:4\n"
                     "invalid name of an environment variable \"\" in x:5\n"
                     "environment variable \"MW_NONE\" is not set in x:6 (set it, or say what to take then: "
                     "${env:MW_NONE:-...})\n");
    ck_assert_str_eq(dumped(mw_dump_nginx, root), "a;\nlast;\n");
}
END_TEST

START_TEST(yaml_says_it_too)
{
    const mw_node *root = from_yaml("a: '${env:MW_NONE}'\nserver: ['${env:MW_NONE}', {b: 1}]\nc: 1\n");

    ck_assert_str_eq(dumped(mw_dump_nginx, root), "c 1;\n");
    ck_assert_uint_eq(T.diag.errors, 2);
}
END_TEST

START_TEST(has_limits)
{
    char           text[MW_WORD_MOST + 2];
    const mw_node *root;

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(setenv("MW_LONG", text, 1), 0);
    ck_assert_int_eq(setenv("MW_AGAIN", "${env:MW_A}", 1), 0);
    root = from_nginx("a ${env:MW_LONG};\nb ${env:MW_AGAIN};\nc '${env:MW_NONE:-$}{env:x}';\nd;");
    ck_assert_str_eq(faults(), "too long parameter, with what the environment says in x:1\n"
                     "the environment may not speak of \"${env:\" itself in x:2\n"
                     "the environment may not speak of \"${env:\" itself in x:3\n");
    ck_assert_str_eq(dumped(mw_dump_nginx, root), "d;\n");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/env");
    TCase *c = tcase_create("env");

    tcase_add_checked_fixture(c, setup, end);
    tcase_add_test(c, puts_text_in_place);
    tcase_add_test(c, in_yaml_as_well);
    tcase_add_test(c, says_what_is_wrong_and_goes_on);
    tcase_add_test(c, yaml_says_it_too);
    tcase_add_test(c, has_limits);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
