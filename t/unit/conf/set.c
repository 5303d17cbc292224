/* set.c - unit test of the readers of values: what nginx -t takes and refuses, and in which words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/set.c"

#include "tree.h"

static mw_bind B;

static void setup(void)
{
    begin();
    B = (mw_bind){ .arena = T.arena, .diag = &T.diag, .prefix = MW_STR("/p/"), .folder = MW_STR("/p/conf/") };
}

/* In milliseconds and in seconds; -1: refused. */
static const struct { const char *text; int64_t ms, seconds; } times[] = {
    { "0", 0, 0 },               { "5", 5000, 5 },            { "0010s", 10000, 10 },   { "1m", 60000, 60 },
    { "1h", 3600000, 3600 },     { "1d", 86400000, 86400 },   { "1w", 604800000, 604800 },
    { "1M", -1, 2592000 },       { "1y", -1, 31536000 },      { "500ms", 500, -1 },     { "1s500ms", 1500, -1 },
    { "1h 30m", 5400000, 5400 }, { "1h30m", 5400000, 5400 },  { "1h30", 3630000, 3630 }, { "1h  1m", 3660000, 3660 },
    { "30m1h", -1, -1 },         { "1m1m", -1, -1 },          { "1s1s", -1, -1 },       { " 1h", -1, -1 },
    { "1h ", 3600000, 3600 },    { "5 s", -1, -1 },           { "", -1, -1 },           { " ", -1, -1 },
    { "1 2", 3000, 3 },          { "1 2 3", -1, -1 },         { "1 2s", -1, -1 },       { "1 1h", -1, -1 },
    { "5s5", 10000, 10 },        { "1ms5", 5001, -1 },        { "1ms1s", -1, -1 },      { "1mss", -1, -1 },
    { "s", -1, -1 },             { "1H", -1, -1 },            { "-1", -1, -1 },         { "1.5", -1, -1 },
    { "1h\t5", -1, -1 },         { "1h 1 1", 3602000, 3602 }, { "5000000000", 5000000000000, 5000000000 },
    { "9223372036854775", 9223372036854775000, 9223372036854775 },
    { "9223372036854776", -1, -1 }, { "99999999999999999999", -1, -1 }, { "106751991168d", -1, -1 },
};

START_TEST(time_texts)
{
    uint64_t ms = 0;
    int64_t  seconds = -1;

    ck_assert_int_eq(mw_read_msec(mw_str_of(times[_i].text), &ms) ? (int64_t)ms : -1, times[_i].ms);
    ck_assert_int_eq(mw_read_sec(mw_str_of(times[_i].text), &seconds) ? seconds : -1, times[_i].seconds);
}
END_TEST

static const struct { const char *text; int64_t bytes; } sizes[] = {
    { "0", 0 }, { "1", 1 }, { "1k", 1024 }, { "1K", 1024 }, { "2m", 2097152 }, { "2M", 2097152 }, { "3g", 3221225472 },
    { "3G", 3221225472 }, { "", -1 }, { "k", -1 }, { "1kb", -1 }, { "1 k", -1 }, { "-1", -1 }, { "0x10", -1 },
    { "9223372036854775807", INT64_MAX }, { "9223372036854775808", -1 }, { "9007199254740991k", 9223372036854774784 },
    { "9007199254740992k", -1 }, { "99999999999999999999", -1 },
};

START_TEST(size_texts)
{
    uint64_t bytes = 0;

    ck_assert_int_eq(mw_read_size(mw_str_of(sizes[_i].text), &bytes) ? (int64_t)bytes : -1, sizes[_i].bytes);
}
END_TEST

static const mw_choice some[] = { { "off", 0 }, { "first", 1 }, { "Second", 2 }, { "both", 3 }, { NULL, 0 } };
static const mw_directive row = { .name = "d", .choices = some };

typedef union field {
    bool flag; mw_msec msec; mw_sec sec; mw_bytes bytes; int64_t i64; uint32_t u32; mw_str str; mw_strs strs;
    mw_bufs bufs; mw_enum choice; mw_flags flags;
} field;

static mw_rc run(mw_setter *set, const char *text, field *f)
{
    return set(&B, from_nginx(text)->kids, &row, f);
}

static const struct { mw_setter *set; const char *text, *faults; } refused[] = {
    { mw_set_flag, "d foo;", "invalid value \"foo\" in \"d\" directive, it must be \"on\" or \"off\" in x:1\n" },
    { mw_set_flag, "d\nfoo\n;", "invalid value \"foo\" in \"d\" directive, it must be \"on\" or \"off\" in x:3\n" },
    { mw_set_msec, "d x;", "\"d\" directive invalid value in x:1\n" },
    { mw_set_sec, "d 1ms;", "\"d\" directive invalid value in x:1\n" },
    { mw_set_bytes, "d -1;", "\"d\" directive invalid value in x:1\n" },
    { mw_set_int, "d x;", "\"d\" directive invalid number in x:1\n" },
    { mw_set_int, "d 9223372036854775808;", "\"d\" directive invalid number in x:1\n" },
    { mw_set_int, "d --1;", "\"d\" directive invalid number in x:1\n" },
    { mw_set_uint, "d -1;", "\"d\" directive invalid number in x:1\n" },
    { mw_set_uint, "d '';", "\"d\" directive invalid number in x:1\n" },
    { mw_set_bufs, "d x 4k;", "\"d\" directive invalid value in x:1\n" },
    { mw_set_bufs, "d 0 4k;", "\"d\" directive invalid value in x:1\n" },
    { mw_set_bufs, "d 4 0;", "\"d\" directive invalid value in x:1\n" },
    { mw_set_bufs, "d 4;", "\"d\" directive invalid value in x:1\n" },
    { mw_set_choice, "d frist;", "invalid value \"frist\" in x:1 (did you mean \"first\"?)\n" },
    { mw_set_choice, "d x;", "invalid value \"x\" in x:1 (it may be \"off\", \"first\", \"Second\", \"both\")\n" },
    { mw_set_flags, "d first x;", "invalid value \"x\" in x:1 (it may be \"off\", \"first\", \"Second\", \"both\")\n" },
};

START_TEST(refusals)
{
    field f;

    memset(&f, 0, sizeof f);
    ck_assert_int_eq(run(refused[_i].set, refused[_i].text, &f), MW_ERR);
    ck_assert_str_eq(faults(), refused[_i].faults);
}
END_TEST

START_TEST(values)
{
    field f;

    memset(&f, 0, sizeof f);
    ck_assert(run(mw_set_flag, "d ON;", &f) == MW_OK && f.flag);
    ck_assert(run(mw_set_flag, "d off;", &f) == MW_OK && !f.flag);
    ck_assert(run(mw_set_msec, "d 2s;", &f) == MW_OK && f.msec.ms == 2000);
    ck_assert(run(mw_set_sec, "d 2m;", &f) == MW_OK && f.sec.seconds == 120);
    ck_assert(run(mw_set_bytes, "d 2k;", &f) == MW_OK && f.bytes.bytes == 2048);
    ck_assert(run(mw_set_int, "d -20;", &f) == MW_OK && f.i64 == -20);
    ck_assert(run(mw_set_uint, "d 20;", &f) == MW_OK && f.u32 == 20);
    ck_assert(run(mw_set_uint, "d 4294967297;", &f) == MW_OK && f.u32 == UINT32_MAX);
    ck_assert(run(mw_set_str, "d 'a b';", &f) == MW_OK && mw_str_eq(f.str, MW_STR("a b")));
    ck_assert(run(mw_set_bufs, "d 8 16k;", &f) == MW_OK && f.bufs.n == 8 && f.bufs.size.bytes == 16384);
    ck_assert(run(mw_set_choice, "d second;", &f) == MW_OK && f.choice == 2);
    ck_assert(run(mw_set_path, "d a/b;", &f) == MW_OK && mw_str_eq(f.str, MW_STR("/p/a/b")));
    ck_assert(run(mw_set_path, "d /a;", &f) == MW_OK && mw_str_eq(f.str, MW_STR("/a")));
    ck_assert(run(mw_set_conf_path, "d a;", &f) == MW_OK && mw_str_eq(f.str, MW_STR("/p/conf/a")));
    ck_assert(run(mw_set_ignored, "d a;", NULL) == MW_OK);
    ck_assert_str_eq(faults(), "");
}
END_TEST

START_TEST(flags)
{
    field f = { .flags = 0 };

    ck_assert_int_eq(run(mw_set_flags, "d first SECOND;", &f), MW_OK);
    ck_assert_uint_eq(f.flags, 3);
    f.flags = 0;
    ck_assert_int_eq(run(mw_set_flags, "d first off first;", &f), MW_OK);
    ck_assert_uint_eq(f.flags, 1);
    ck_assert_str_eq(faults(), "[warn] duplicate value \"first\" in x:1\n");
}
END_TEST

START_TEST(lists_are_copied_when_they_grow)
{
    field f = { .strs = { NULL, 0 } }, outer;

    ck_assert_int_eq(run(mw_set_strs, "d a b;", &f), MW_OK);
    outer = f;
    ck_assert_int_eq(run(mw_set_strs, "d c;", &f), MW_OK);
    ck_assert_uint_eq(f.strs.n, 3);
    ck_assert(mw_str_eq(f.strs.at[0], MW_STR("a")) && mw_str_eq(f.strs.at[2], MW_STR("c")));
    ck_assert_uint_eq(outer.strs.n, 2);
    ck_assert_ptr_ne(outer.strs.at, f.strs.at);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/set");
    TCase *c = tcase_create("set");

    tcase_add_checked_fixture(c, setup, end);
    tcase_add_loop_test(c, time_texts, 0, sizeof times / sizeof times[0]);
    tcase_add_loop_test(c, size_texts, 0, sizeof sizes / sizeof sizes[0]);
    tcase_add_loop_test(c, refusals, 0, sizeof refused / sizeof refused[0]);
    tcase_add_test(c, values);
    tcase_add_test(c, flags);
    tcase_add_test(c, lists_are_copied_when_they_grow);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
