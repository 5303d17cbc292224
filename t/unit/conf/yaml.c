/* yaml.c - unit test of the YAML front end: its forms, its complaints, and the golden pairs in t/conf.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/yaml.c"

#include <glob.h>

#include "tree.h"

/* YAML, the faults, and the tree as nginx.conf. */
static const struct { const char *text, *faults, *tree; } cases[] = {
    { "", "", "" },
    { "# nothing\n", "", "" },
    { "{}", "", "" },
    { "a: b c", "", "a \"b c\";\n" },
    { "a:\nb: ''\nc: []\nd: {}", "", "a;\nb \"\";\nc;\nd {}\n" },
    { "a: [b, 'c d', 1e3, null, ~, on]", "", "a b \"c d\" 1e3 null ~ on;\n" },
    { "a: [[b, c], [d], [], e]", "", "a b c;\na d;\na;\na e;\n" },
    { "a: {b: c, d: e}", "", "a {\n    b c;\n    d e;\n}\n" },
    { "a: [{b: c}, {}]", "", "a {\n    b c;\n}\na {}\n" },
    { "a: [b, {c: d}, {c: e}]", "", "a b {\n    c d;\n    c e;\n}\n" },
    { "a: [[b, {c: d}], [e, f]]", "", "a b {\n    c d;\n}\na e f;\n" },
    { "- a: b\n- c: d\n- a: e", "", "a b;\nc d;\na e;\n" },
    { "a: b\nc: d\na: e", "", "a b;\nc d;\na e;\n" },
    { "location: {/: , \"~ \\\\.php$\": {a: b}}", "", "location / {}\nlocation ~ \\.php$ {\n    a b;\n}\n" },
    { "if: {'($a = \"b c\")': {d: e}}", "", "if ($a = \"b c\" ) {\n    d e;\n}\n" },
    { "if: {'($a ~ \"b \\\" c\" )': {}}", "", "if ($a ~ \"b \\\" c\" ) {}\n" },
    { "location: [{/: {a: }}, {/b: {}}]", "", "location / {\n    a;\n}\nlocation /b {}\n" },
    { "location: [[{}]]", "", "location {}\n" },
    { "location: [/, {a: b}]", "", "location / {\n    a b;\n}\n" },
    { "location: {/: [{a: }, {b: }]}", "", "location / {\n    a;\n}\nlocation / {\n    b;\n}\n" },
    { "map: {$a $b: {'~x y': z, '': w}}", "", "map $a $b {\n    \"~x y\" z;\n    \"\" w;\n}\n" },
    { "x: &x [a, b]\ny: *x", "", "x a b;\ny a b;\n" },
    { "a: !!binary '/w=='", "", "a \"\xff\";\n" },
    { "a: !!binary '*'", "invalid base64 in a binary scalar in y:1\n", "" },
    { "a: b\nlocation: {/: c}\nd: e", "a map of directives is expected here in y:2\n", "a b;\nlocation / {}\nd e;\n" },
    { "a: [b, [c]]\nd: e", "a scalar is expected here in y:1\n", "d e;\n" },
    { "a: [b, {c: }, d]", "a map of directives is expected here in y:1\n", "a b {\n    c;\n}\n" },
    { "[a]: b\nc: d", "a scalar is expected here in y:1\n", "c d;\n" },
    { "a", "a map of directives is expected here in y:1\n", "" },
    { "- a", "a map of directives is expected here in y:1\n", "" },
    { "a: b\n---\nc: d", "a second YAML document in y:3\n", "a b;\n" },
    { "a: [b", "invalid YAML: did not find expected ',' or ']' in y:2\n", "" },
    { "a: b\n c: d", "invalid YAML: mapping values are not allowed in this context in y:2\n", "" },
    { "a: b\nc: \xff", "invalid YAML: invalid leading UTF-8 octet in y:2\n", "" },
    { "a: *b", "invalid YAML: found undefined alias in y:1\n", "" },
    { "a: &x {b: *x}", "more than 64 blocks inside each other in y:1\n", NULL },
    { "a: &x [*x]", "a scalar is expected here in y:1\n", "" },
    { "include: [a, b]", "invalid number of arguments in \"include\" directive in y:1\n", "" },
    { "include: {a: b}", "directive \"include\" is not terminated by \";\" in y:1\n", "" },
    { "a: b\ninclude: /none/x", "open() \"/none/x\" failed (2: No such file or directory) in y:2\n", "a b;\n" },
};

START_TEST(texts)
{
    mw_node *root = from_yaml(cases[_i].text);

    ck_assert_str_eq(faults(), cases[_i].faults);
    if (cases[_i].tree != NULL)
        ck_assert_str_eq(dumped(mw_dump_nginx, root), cases[_i].tree);
}
END_TEST

START_TEST(places)
{
    mw_node *n = from_yaml("a:\n  b: [c,\n      d]\n")->kids->kids;

    ck_assert_uint_eq(n->pos.line, 2);
    ck_assert_uint_eq(n->pos.column, 3);
    ck_assert_uint_eq(n->end_line, 2);
    ck_assert_uint_eq(n->places[1].line, 3);
    ck_assert_uint_eq(n->places[1].column, 7);
}
END_TEST

START_TEST(long_words)
{
    mw_out o = mw_arena_pen(T.arena, 10000);

    mw_out_str(&o, MW_STR("a: "));
    for (int i = 0; i < MW_WORD_MOST; i++)
        mw_out_char(&o, 'x');
    ck_assert_uint_eq(mw_read_yaml_text(&T.reader, MW_STR("y"), mw_out_done(&o))->kids->args[0].len, MW_WORD_MOST);
    mw_out_char(&o, 'x');
    (void)mw_read_yaml_text(&T.reader, MW_STR("y"), mw_out_done(&o));
    ck_assert_str_eq(faults(), "too long parameter in y:1\n");
}
END_TEST

/* Ten aliases of ten aliases of ... */
START_TEST(laughs)
{
    mw_out o = mw_arena_pen(T.arena, 4096);

    mw_out_str(&o, MW_STR("a0: &a0 {x: y}\n"));
    for (int i = 1; i < 12; i++) {
        mw_out_fmt(&o, "a%d: &a%d {", i, i);
        for (int j = 0; j < 10; j++)
            mw_out_fmt(&o, "%s%c: *a%d", j > 0 ? ", " : "", 'a' + j, i - 1);
        mw_out_str(&o, MW_STR("}\n"));
    }
    (void)mw_read_yaml_text(&T.reader, MW_STR("y"), mw_out_done(&o));
    ck_assert_uint_eq(T.diag.errors, 1);
    ck_assert_ptr_nonnull(strstr(faults(), "aliases make the document too large in y:"));
}
END_TEST

static void same_when_dumped(const mw_node *root)
{
    ck_assert(mw_node_equal(root, from_nginx(dumped(mw_dump_nginx, root))));
    ck_assert(mw_node_equal(root, from_yaml(dumped(mw_dump_yaml, root))));
    ck_assert_str_eq(faults(), "");
}

static mw_node *golden(mw_str path, bool yaml)
{
    mw_node *root;

    mw_reader_init(&T.reader, T.arena, &T.diag, path);
    root = yaml ? mw_read_yaml(&T.reader, path) : mw_read_nginx(&T.reader, path);
    ck_assert_str_eq(faults(), "");
    ck_assert_ptr_nonnull(root);
    same_when_dumped(root);
    return root;
}

/* Each t/conf/NAME.conf has a NAME.yaml beside it that says the same. */
START_TEST(golden_pairs)
{
    glob_t   found;
    mw_node *a, *b;
    mw_str   path, stem;

    ck_assert_int_eq(glob("t/conf/*.conf", 0, NULL, &found), 0);
    ck_assert_uint_ge(found.gl_pathc, 3);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        path = mw_str_of(found.gl_pathv[i]);
        stem = mw_str_take(path, path.len - 5);
        a = golden(path, false);
        b = golden(mw_arena_fmt(T.arena, "%.*s.yaml", MW_S(stem)), true);
        ck_assert_str_eq(dumped(mw_dump_nginx, a), dumped(mw_dump_nginx, b));
        ck_assert(mw_node_equal(a, b));
    }
    globfree(&found);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/yaml");
    TCase *c = tcase_create("yaml");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_loop_test(c, texts, 0, sizeof cases / sizeof cases[0]);
    tcase_add_test(c, places);
    tcase_add_test(c, long_words);
    tcase_add_test(c, laughs);
    tcase_add_test(c, golden_pairs);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
