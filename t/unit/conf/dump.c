/* dump.c - unit test of the tree as nginx.conf: what needs quotes, and that it reads back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/dump.c"

#include "tree.h"

static mw_node *one(mw_str *word)
{
    mw_node *root = MW_NEW(T.arena, mw_node), *n = MW_NEW(T.arena, mw_node);

    root->block = true;
    root->kids = n;
    n->name = MW_STR("a");
    n->args = word;
    n->nargs = 1;
    return root;
}

static const struct { const char *word, *text; } words[] = {
    { "", "a \"\";\n" },                    { "b", "a b;\n" },
    { "b c", "a \"b c\";\n" },              { "b;", "a \"b;\";\n" },
    { "b\"c", "a \"b\\\"c\";\n" },          { "b'c", "a \"b'c\";\n" },
    { "${b}", "a ${b};\n" },                { "b{", "a \"b{\";\n" },
    { "\\${b", "a \"\\\\${b\";\n" },        { "}b", "a \"}b\";\n" },
    { "b}", "a b};\n" },                    { "#b", "a \"#b\";\n" },
    { "\\.php$", "a \\.php$;\n" },          { "\\n", "a \"\\\\n\";\n" },
    { "b\n", "a \"b\n\";\n" },              { "\\", "a \"\\\\\";\n" },
    { "\xc3\xa9", "a \"\xc3\xa9\";\n" },    { "^/(a|b)$", "a ^/(a|b)$;\n" },
};

START_TEST(quoting)
{
    mw_str   word = mw_str_of(words[_i].word);
    mw_node *root = one(&word);

    ck_assert_str_eq(dumped(mw_dump_nginx, root), words[_i].text);
    ck_assert(mw_node_equal(root, from_nginx(words[_i].text)));
}
END_TEST

/* All pairs and some triples of the bytes that mean something. */
START_TEST(reads_back)
{
    static const char bytes[] = "\\\"'${};# \t\n\r)ant\0\xff";
    const size_t      n = sizeof bytes;

    for (size_t i = 0; i < n * n * n * n; i++) {
        char     text[4] = { bytes[i % n], bytes[i / n % n], bytes[i / n / n % n], bytes[i / n / n / n] };
        mw_str   word = { text, 1 + i % 4 };
        mw_node *root = one(&word);
        mw_str   dump = mw_dump_to_arena(T.arena, mw_dump_nginx, root);

        ck_assert(mw_node_equal(root, mw_read_text(&T.reader, MW_STR("x"), dump)));
        if (i % 1000 == 999) {
            end();
            begin();
        }
    }
}
END_TEST

START_TEST(grows)
{
    char  *text = mw_arena_zalloc(T.arena, 100001);
    mw_str word = { text, 100000 };

    memset(text, 'w', 100000);
    ck_assert_uint_eq(mw_dump_to_arena(T.arena, mw_dump_nginx, one(&word)).len, 100004);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/dump");
    TCase *c = tcase_create("dump");

    tcase_add_checked_fixture(c, begin, end);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, quoting, 0, sizeof words / sizeof words[0]);
    tcase_add_test(c, reads_back);
    tcase_add_test(c, grows);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
