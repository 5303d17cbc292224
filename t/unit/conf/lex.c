/* lex.c - unit test of the lexer: words, quotes, escapes, and its complaints, as nginx -t has them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/lex.c"

#include "tree.h"

/* Every lexeme of a text: words in brackets, quoted ones in angle brackets, complaints after a bang. */
static const char *lexed(const char *text, size_t len)
{
    mw_lex    l = { .left = { text, len }, .line = 1, .column = 1 };
    mw_out    o = mw_arena_pen(T.arena, 2 * len + 256);
    mw_lexeme x;

    while ((x = mw_lex_next(&l, T.arena)) != MW_LEX_END) {
        if (x == MW_LEX_WORD)
            mw_out_fmt(&o, l.quoted ? "<%.*s>" : "[%.*s]", MW_S(l.word));
        else if (x == MW_LEX_BAD)
            mw_out_fmt(&o, "!%s@%u:%u!", l.why, l.pos.line, l.pos.column);
        else
            mw_out_char(&o, x == MW_LEX_OPEN ? '{' : x == MW_LEX_CLOSE ? '}' : ';');
    }
    return mw_arena_z(T.arena, mw_out_done(&o));
}

static const struct { const char *text, *lexemes; } cases[] = {
    { "", "" },
    { " \t\r\n# only { ; \"", "" },
    { "a b;c{d;}", "[a][b];[c]{[d];}" },
    { "a}b}; }", "[a}b}];}" },
    { "a#b #c\nd", "[a#b][d]" },
    { "x ${a}b{c}", "[x][${a}b]{[c}]" },
    { "${b{c", "[${b]{[c]" },
    { "\\${b", "[\\$]{[b]" },
    { "a\\;b\\ c;", "[a\\;b\\ c];" },
    { "\\\"\\'\\\\\\t\\r\\n\\q;", "[\"'\\\t\r\n\\q];" },
    { "\"a b;{}#\" 'c\"d' \"e\\\"f\\x\";", "<a b;{}#><c\"d><e\"f\\x>;" },
    { "\"\" ''", "<><>" },
    { "a\"b\"", "[a\"b\"]" },
    { "\"a\")b \"c\"{ \"d\";", "<a>[)b]<c>{<d>;" },
    { "\"a\"bc d;", "!unexpected \"b\"@1:4![d];" },
    { "\"a\"#c;", "!unexpected \"#\"@1:4!;" },
    { "\n \"a\"};", "!unexpected \"}\"@2:5!};" },
    { "a \"bc\n\n", "[a]!unexpected end of file, expecting \";\" or \"}\"@1:3!" },
    { "a\\", "[a\\]" },
    { "a\r\nb", "[a][b]" },
    { "a\vb", "[a\vb]" },
};

START_TEST(words)
{
    ck_assert_str_eq(lexed(cases[_i].text, strlen(cases[_i].text)), cases[_i].lexemes);
}
END_TEST

START_TEST(nul_bytes_are_bytes)
{
    mw_lex l = { .left = { "a\0b;", 4 }, .line = 1, .column = 1 };

    ck_assert_int_eq(mw_lex_next(&l, T.arena), MW_LEX_WORD);
    ck_assert_uint_eq(l.word.len, 3);
    ck_assert_int_eq(mw_lex_next(&l, T.arena), MW_LEX_SEMICOLON);
}
END_TEST

START_TEST(places)
{
    mw_lex l = { .left = mw_str_of("a\n  'b\n' c"), .line = 1, .column = 1 };

    (void)mw_lex_next(&l, T.arena);
    (void)mw_lex_next(&l, T.arena);
    ck_assert_uint_eq(l.pos.line, 2);
    ck_assert_uint_eq(l.pos.column, 3);
    (void)mw_lex_next(&l, T.arena);
    ck_assert_uint_eq(l.pos.line, 3);
    ck_assert_uint_eq(l.pos.column, 3);
}
END_TEST

START_TEST(plain_words_are_not_copied)
{
    const char *text = "word \"quoted\"";
    mw_lex      l = { .left = mw_str_of(text), .line = 1, .column = 1 };

    (void)mw_lex_next(&l, T.arena);
    ck_assert_ptr_eq(l.word.at, text);
    (void)mw_lex_next(&l, T.arena);
    ck_assert_ptr_eq(l.word.at, &text[6]);
}
END_TEST

/* One byte too many is refused, in its own words for each kind of word. */
START_TEST(length)
{
    static const struct { char quote; const char *why; } kinds[] = {
        { '\0', "!too long parameter \"aaaaaaaaaa...\" started@1:1!" },
        { '"', "!too long parameter, probably missing terminating \"\"\" character@1:1!" },
        { '\'', "!too long parameter, probably missing terminating \"'\" character@1:1!" },
    };
    char   room[MW_WORD_MOST + 8];
    mw_out o;

    for (size_t extra = 0; extra < 2; extra++) {
        o = mw_out_on(room, sizeof room);
        if (kinds[_i].quote)
            mw_out_char(&o, kinds[_i].quote);
        for (size_t i = 0; i < MW_WORD_MOST + extra; i++)
            mw_out_char(&o, 'a');
        if (kinds[_i].quote)
            mw_out_char(&o, kinds[_i].quote);
        if (extra == 0)
            ck_assert_uint_eq(strlen(lexed(room, o.len)), MW_WORD_MOST + 2);
        else
            ck_assert_str_eq(lexed(room, o.len), kinds[_i].why);
    }
}
END_TEST

START_TEST(a_megabyte_in_one_line)
{
    size_t n = 1 << 20;
    char  *text = mw_arena_alloc(T.arena, n);

    memset(text, 'x', n);
    ck_assert_str_eq(lexed(text, n), "!too long parameter \"xxxxxxxxxx...\" started@1:1!");
    text[0] = '"';
    ck_assert_str_eq(lexed(text, n), "!too long parameter, probably missing terminating \"\"\" character@1:1!");
    text[0] = '#';
    ck_assert_str_eq(lexed(text, n), "");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/lex");
    TCase *c = tcase_create("lex");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_loop_test(c, words, 0, sizeof cases / sizeof cases[0]);
    tcase_add_test(c, nul_bytes_are_bytes);
    tcase_add_test(c, places);
    tcase_add_test(c, plain_words_are_not_copied);
    tcase_add_loop_test(c, length, 0, 3);
    tcase_add_test(c, a_megabyte_in_one_line);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
