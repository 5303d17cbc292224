/* needles.c - tests of several words looked for at once: which one comes first, pieces, words that are left out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/needles.c"

#include <check.h>

/* All that is found in text, given in pieces of `step` bytes: "word@from " */
static const char *found_in(mw_arena *a, const mw_needles *x, const mw_str *words, mw_str text, size_t step)
{
    mw_out   o = mw_arena_pen(a, 200);
    uint64_t base = 0;
    mw_seek  k = { 0 };

    for (;;) {
        bool certain = false;

        while (!certain && k.at < text.len)
            certain = mw_needles_seek(x, &k, mw_str_take(mw_str_drop(text, (size_t)k.at), step));
        if (!certain && !k.found)
            break;
        mw_out_fmt(&o, "%u@%u ", k.word, (unsigned)(base + k.from));
        base += k.from + words[k.word].len;
        text = mw_str_drop(text, (size_t)k.from + words[k.word].len);
        k = (mw_seek){ 0 };
    }
    return mw_arena_z(a, mw_out_done(&o));
}

START_TEST(first_and_in_order)
{
    static const struct { const char *words[3], *text, *found; } rows[] = {
        { { "ab", "abc" }, "xabcabd", "0@1 0@4 " }, { { "abc", "ab" }, "xabcabdab", "0@1 1@4 1@7 " },
        { { "bc", "abcd" }, "xabcd abce", "1@1 0@7 " }, { { "aab" }, "aaaab", "0@2 " }, { { "A" }, "aa", "0@0 0@1 " },
        { { "abcx", "bc", "ab" }, "abcdabcx", "2@0 0@4 " }, { { "", "b" }, "ab", "1@1 " }, { { "ab" }, "a", "" },
        { { "ab", "ab" }, "ab", "0@0 " }, { { "FooBar" }, "fOObAR", "0@0 " }, { { "x" }, "", "" },
        { { "\xd0\xbf" }, "a\xd0\xbf", "0@1 " }, { { "a[" }, "a{", "" },
    };
    mw_arena *a = mw_arena_new(4096);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_str words[3] = { mw_str_of(rows[i].words[0]), mw_str_of(rows[i].words[1]), mw_str_of(rows[i].words[2]) };
        mw_needles *x = mw_needles_new(a, words, 3);

        for (size_t step = 1; step < 9; step++)
            ck_assert_str_eq(found_in(a, x, words, mw_str_of(rows[i].text), step), rows[i].found);
    }
    mw_arena_free(a);
}
END_TEST

START_TEST(what_is_open)
{
    mw_arena   *a = mw_arena_new(4096);
    mw_str      words[2] = { MW_STR("za"), MW_STR("za") };
    mw_needles *x = mw_needles_new(a, words, 2);
    bool        without[2] = { true, false };
    mw_seek     k = { 0 };

    ck_assert(!mw_needles_seek(x, &k, MW_STR("xyz")));
    ck_assert_uint_eq(mw_needles_open(x, &k), 2);
    ck_assert(!mw_needles_seek(x, &k, MW_STR("y")));
    ck_assert_uint_eq(mw_needles_open(x, &k), 4);
    k = (mw_seek){ .without = without };
    (void)mw_needles_seek(x, &k, MW_STR("za"));
    ck_assert(k.found);
    ck_assert_uint_eq(k.word, 1);
    without[1] = true;
    k = (mw_seek){ .without = without };
    ck_assert(!mw_needles_seek(x, &k, MW_STR("za")) && !k.found);
    mw_arena_free(a);
}
END_TEST

START_TEST(limits)
{
    mw_arena *a = mw_arena_new(4096);
    mw_str    words[2] = { { mw_arena_zalloc(a, MW_NEEDLES_MOST), MW_NEEDLES_MOST }, MW_STR("x") };

    ck_assert_ptr_nonnull(mw_needles_new(a, words, 1));
    ck_assert_ptr_null(mw_needles_new(a, words, 2));
    ck_assert_ptr_nonnull(mw_needles_new(a, words, 0));
    mw_arena_free(a);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/needles");
    TCase *t = tcase_create("all");

    tcase_add_test(t, first_and_in_order);
    tcase_add_test(t, what_is_open);
    tcase_add_test(t, limits);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
