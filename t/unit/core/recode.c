/* recode.c - tests of character sets: bytes, to and from UTF-8, characters that come in pieces, and what is none.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/recode.c"

#include <check.h>

static mw_arena *a;

static const char *run(const mw_recode *x, mw_str text, size_t step)
{
    mw_recoding k = { 0 };
    mw_out      o = mw_arena_pen(a, 200);

    while (text.len > 0)
        text = mw_str_drop(text, mw_recode_run(x, &k, mw_str_take(text, step), &o));
    mw_recode_end(x, &k, &o);
    return mw_arena_z(a, mw_out_done(&o));
}

START_TEST(between_bytes)
{
    mw_recode *there, *back;

    mw_recode_bytes(a, &there, &back);
    ck_assert(mw_recode_row(there, back, 'X', MW_STR("Y")) && mw_recode_row(there, back, 0xc0, MW_STR("\xfe")));
    ck_assert(!mw_recode_row(there, back, 1, MW_STR("ab")) && !mw_recode_row(there, back, 1, MW_STR("")));
    ck_assert_str_eq(run(there, MW_STR("aX\xc0\xc1"), 1), "aY\xfe?");
    ck_assert_str_eq(run(back, MW_STR("aY\xfe\xc1"), 9), "aX\xc0?");
    ck_assert(mw_recode_keeps_length(there) && mw_recode_keeps_length(back));
}
END_TEST

START_TEST(with_utf8)
{
    static const struct { const char *from, *to; } rows[] = {
        { "a\xd1\x8e\xd0\xb0z", "a\xc0\xc1z" }, { "\xe2\x82\xac", "&#8364;" }, { "\xf0\x9f\x98\x80", "&#128512;" },
        { "\xff\xd1z", "??z" }, { "\xd1", "?" }, { "\xe2\x82", "?" }, { "\xed\xa0\x80", "?" },    /* a surrogate */
        { "\xe0\x80\x80", "?" }, { "\xc0\x80", "??" }, { "\x80", "?" }, { "\xd1\xd1\x8e", "?\xc0" }, { "", "" },
    };
    mw_recode *there, *back;

    mw_recode_utf8(a, &there, &back);
    ck_assert(mw_recode_row(there, back, 0xc0, MW_STR("\xd1\x8e")));
    ck_assert(mw_recode_row(there, back, 0xc1, MW_STR("\xd0\xb0")));
    ck_assert(!mw_recode_row(there, back, 1, MW_STR("\xc0\xc0")) && !mw_recode_row(there, back, 1, MW_STR("ab")));
    ck_assert(!mw_recode_row(there, back, 1, MW_STR("\xd1")) && !mw_recode_row(there, back, 1, MW_STR("")));
    ck_assert_str_eq(run(there, MW_STR("a\xc0\xc1\xc2"), 1), "a\xd1\x8e\xd0\xb0?");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 1; step < 6; step++)
            ck_assert_str_eq(run(back, mw_str_of(rows[i].from), step), rows[i].to);
    ck_assert(!mw_recode_keeps_length(there) && !mw_recode_keeps_length(back));
}
END_TEST

START_TEST(little_room)
{
    char        room[MW_RECODE_ROOM + 3];
    mw_out      o = mw_out_on(room, sizeof room);
    mw_recoding k = { 0 };
    mw_recode  *there, *back;

    mw_recode_utf8(a, &there, &back);
    ck_assert_uint_eq(mw_recode_run(there, &k, MW_STR("abcdefgh"), &o), 4);
    ck_assert(!o.cut);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/recode");
    TCase *t = tcase_create("all");

    a = mw_arena_new(4096);
    tcase_add_test(t, between_bytes);
    tcase_add_test(t, with_utf8);
    tcase_add_test(t, little_room);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
