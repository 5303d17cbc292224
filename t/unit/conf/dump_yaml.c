/* dump_yaml.c - unit test of the tree as YAML: the forms it chooses, and that every word reads back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/dump_yaml.c"

#include "tree.h"

static const struct { const char *nginx, *yaml; } forms[] = {
    { "", "{}\n" },
    { "a; b c; d e f;", "a:\nb: c\nd: [e, f]\n" },
    { "a b; a c d; a;", "a:\n  - [b]\n  - [c, d]\n  - []\n" },
    { "a {} b { c; }", "a: {}\nb:\n  c:\n" },
    { "a { b; } a { }", "a:\n  - b:\n  - {}\n" },
    { "a { b; c; } a { d { e; } }", "a:\n  - b:\n    c:\n  - d:\n      e:\n" },
    { "location / { a; } location ~ \"b c\" {}", "location:\n  /:\n    a:\n  \"~ \\\"b c\\\"\": {}\n" },
    { "location / {} location / {}", "location:\n  - - /\n    - {}\n  - - /\n    - {}\n" },
    { "location {}", "location:\n  - - {}\n" },
    { "location /;", "location: /\n" },
    { "a b { c; }", "a:\n  - - b\n    - c:\n" },
    { "a; b; a;", "- a:\n  b:\n- a:\n" },
    { "z { a; b; a; }", "z:\n  - - a:\n      b:\n    - a:\n" },
    { "a b; a c {}", "a:\n  - [b]\n  - - c\n    - {}\n" },
    { "a on ~ \"\" - 1:2 '#' \"a\nb\" x: '<<' é;",
      "a: [on, \"~\", \"\", \"-\", 1:2, \"#\", \"a\\nb\", \"x:\", \"<<\", \"é\"]\n" },
    { "a \"\xe9\" \"\xc2\x85\" \"\xe2\x80\xa8\" \"\x01\";",
      "a: [!!binary \"6Q==\", !!binary \"woU=\", !!binary \"4oCo\", \"\\x01\"]\n" },
};

START_TEST(text_forms)
{
    mw_node *root = from_nginx(forms[_i].nginx);

    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(dumped(mw_dump_yaml, root), forms[_i].yaml);
    ck_assert(mw_node_equal(root, from_yaml(forms[_i].yaml)));
    ck_assert_str_eq(faults(), "");
}
END_TEST

static mw_node *with_word(mw_node *n, mw_str *word, unsigned how)
{
    mw_node *root = MW_NEW(T.arena, mw_node);

    *n = (mw_node){ .name = how == 0 ? *word : how == 1 ? MW_STR("a") : MW_STR("location"), .block = how == 2 };
    n->args = word;
    n->nargs = 1;
    root->block = true;
    root->kids = n;
    return root;
}

static void check_word(mw_str word)
{
    mw_node n;

    for (unsigned how = 0; how < 3; how++) {
        mw_node *root = with_word(&n, &word, how);
        mw_str   dump = mw_dump_to_arena(T.arena, mw_dump_yaml, root);

        ck_assert(mw_node_equal(root, mw_read_yaml_text(&T.reader, MW_STR("y"), dump)));
    }
}

/* As a name, an argument, and a key: triples of the bytes that mean something to YAML, and every code point. */
START_TEST(triples)
{
    static const char bytes[] = "\\\"':,[]{}#&*!|>%@`?-~<.=/ \n\r\ta\0\xc2\xa0\xe2\x80";
    const size_t      n = sizeof bytes;

    for (size_t i = 0; i < n * n * n; i++) {
        char text[3] = { bytes[i % n], bytes[i / n % n], bytes[i / n / n] };

        check_word((mw_str){ text, 1 + i % 3 });
        if (i % 1000 == 999) {
            end();
            begin();
        }
    }
}
END_TEST

START_TEST(code_points)
{
    for (unsigned c = 0x80; c < 0x110000; c += c < 0x3000 || c % 0x1000 > 0xff0 ? 1 : 15) {
        char text[4] = { (char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3f)), (char)(0x80 | (c >> 6 & 0x3f)),
                         (char)(0x80 | (c & 0x3f)) };
        mw_str word = { text, 4 };

        if (c < 0x800)
            text[2] = (char)(0xc0 | c >> 6);
        else if (c < 0x10000)
            text[1] = (char)(0xe0 | c >> 12);
        word = mw_str_drop(word, c < 0x800 ? 2 : c < 0x10000 ? 1 : 0);
        check_word(word);
        if (c % 512 < 15) {
            end();
            begin();
        }
    }
}
END_TEST

START_TEST(long_keys)
{
    char text[MW_WORD_MOST];

    for (size_t n = 150; n <= MW_WORD_MOST; n += 263) {
        memset(text, 'x', n);
        check_word((mw_str){ text, n });
        memset(text, '\x01', n);
        check_word((mw_str){ text, n });
        memset(text, '\xff', n);
        check_word((mw_str){ text, n });
        text[1] = ' ';
        memset(&text[2], '"', n - 2);
        check_word((mw_str){ text, n / 2 });
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/dump_yaml");
    TCase *c = tcase_create("dump_yaml");

    tcase_add_checked_fixture(c, begin, end);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, text_forms, 0, sizeof forms / sizeof forms[0]);
    tcase_add_test(c, triples);
    tcase_add_test(c, code_points);
    tcase_add_test(c, long_keys);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
