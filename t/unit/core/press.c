/* press.c - tests of compression: what is pressed comes out again, however small the steps.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/press.c"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { PLAIN = 200000, ROOM = 300000 };

static char plain[PLAIN], pressed[ROOM], again[ROOM];

static void begin(void)
{
    unsigned noise = 7;
    size_t   i;

    for (i = 0; i < PLAIN; i++) {               /* text-like: compressible, but not all alike */
        noise = noise * 1103515245 + 12345;
        plain[i] = i % 7 < 4 ? "<div>\n"[i % 6] : (char)('a' + (noise >> 16) % 26);
    }
}

/* Presses all of plain in steps; returns how many bytes. */
static size_t press_in_steps(mw_press *p, size_t in_step, size_t out_step, mw_press_flush each)
{
    mw_str all = { plain, PLAIN }, step;
    mw_out o = mw_out_on(pressed, 0);
    mw_rc  rc = MW_OK;

    while (rc != MW_END) {
        mw_press_flush flush = all.len <= in_step ? MW_PRESS_FINISH : each;

        step = mw_str_take(all, in_step);
        do {
            o.room = o.len + out_step < ROOM ? o.len + out_step : ROOM;
            ck_assert_uint_gt(o.room, o.len);
            rc = mw_press_run(p, &step, &o, flush);
            ck_assert_int_ne(rc, MW_ERR);
        } while (rc == MW_AGAIN);
        ck_assert_uint_eq(step.len, 0);
        all = mw_str_drop(all, in_step);
    }
    ck_assert_uint_eq(mw_press_in(p), PLAIN);
    ck_assert_uint_eq(mw_press_out(p), o.len);
    return o.len;
}

/* The other side, by the tools of others: what is unpacked must be plain. */
static void check_with(const char *command, size_t n)
{
    FILE  *to;
    char   name[] = "/tmp/mw-press-XXXXXX", line[128];
    int    fd = mkstemp(name);
    size_t got;

    ck_assert_int_ge(fd, 0);
    to = fdopen(fd, "w");
    ck_assert_uint_eq(fwrite(pressed, 1, n, to), n);
    fclose(to);
    (void)snprintf(line, sizeof line, "%s < %s", command, name);
    to = popen(line, "r");
    ck_assert_ptr_nonnull(to);
    got = fread(again, 1, ROOM, to);
    ck_assert_int_eq(pclose(to), 0);
    remove(name);
    ck_assert(got == PLAIN && memcmp(again, plain, PLAIN) == 0);
}

static const struct { mw_press_kind kind; int level, window, memory; const char *undo, *tool; } kinds[] = {
    { MW_GZIP, 6, 15, 8, "gzip -dc", "gzip" },
    { MW_DEFLATE, 1, 9, 1, "perl -MCompress::Zlib -0777 -e 'binmode STDOUT; print uncompress(<STDIN>)'", "perl" },
    { MW_BROTLI, 4, 0, 0, "brotli -dc", "brotli" },
    { MW_ZSTD, 3, 0, 0, "zstd -dcq", "zstd" },
};

static bool has_tool(const char *tool)
{
    char line[64];

    (void)snprintf(line, sizeof line, "command -v %s >/dev/null", tool);
    return system(line) == 0;
}

START_TEST(any_steps)
{
    static const size_t steps[][2] = { { PLAIN, ROOM }, { 1000, 17 }, { 4096, 64 }, { 50000, 1 } };
    mw_press *p;
    size_t    i, n;

    for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        p = mw_press_open(kinds[_i].kind, kinds[_i].level, kinds[_i].window, kinds[_i].memory);
        ck_assert_ptr_nonnull(p);
        n = press_in_steps(p, steps[i][0], steps[i][1], MW_PRESS_MORE);
        ck_assert_uint_lt(n, PLAIN * 9 / 10);
        if (has_tool(kinds[_i].tool))
            check_with(kinds[_i].undo, n);
        mw_press_close(p);
    }
}
END_TEST

START_TEST(flushes)
{
    mw_press *p = mw_press_open(kinds[_i].kind, kinds[_i].level, kinds[_i].window, kinds[_i].memory);
    size_t    n = press_in_steps(p, 5000, 700, MW_PRESS_FLUSH);

    if (has_tool(kinds[_i].tool))
        check_with(kinds[_i].undo, n);
    mw_press_close(p);
}
END_TEST

START_TEST(a_flush_brings_all_out)
{
    mw_press   *p = mw_press_open(MW_GZIP, 9, 15, 9);
    mw_unpress *u = mw_unpress_open();
    mw_str      in = { plain, 777 }, from;
    mw_out      o = mw_out_on(pressed, ROOM), back = mw_out_on(again, ROOM);

    ck_assert_int_eq(mw_press_run(p, &in, &o, MW_PRESS_FLUSH), MW_OK);
    ck_assert_int_eq(mw_press_run(p, &in, &o, MW_PRESS_FLUSH), MW_OK);         /* nothing new: nothing comes */
    from = mw_out_done(&o);
    ck_assert_int_eq(mw_unpress_run(u, &from, &back), MW_OK);
    ck_assert(back.len == 777 && memcmp(again, plain, 777) == 0);
    ck_assert_uint_eq(mw_press_out(p), o.len);
    mw_press_close(p);
    mw_unpress_close(u);
}
END_TEST

START_TEST(state_is_kept)
{
    mw_press *first, *second, *other;
    size_t    n, m;

    first = mw_press_open(MW_GZIP, 5, 15, 8);
    n = press_in_steps(first, PLAIN, ROOM, MW_PRESS_MORE);
    mw_press_close(first);
    other = mw_press_open(MW_GZIP, 6, 15, 8);
    second = mw_press_open(MW_GZIP, 5, 15, 8);
    ck_assert(second == first && other != first);
    ck_assert_uint_eq(mw_press_in(second) + mw_press_out(second), 0);
    m = press_in_steps(second, PLAIN, ROOM, MW_PRESS_MORE);
    ck_assert_uint_eq(n, m);
    mw_press_close(second);
    mw_press_close(other);
    mw_press_close(NULL);
    second = mw_press_open(MW_GZIP, 5, 15, 8);              /* closed before its end: as new all the same */
    (void)mw_press_run(second, &(mw_str){ plain, 5000 }, &(mw_out){ .at = pressed, .room = ROOM }, MW_PRESS_MORE);
    mw_press_close(second);
    second = mw_press_open(MW_GZIP, 5, 15, 8);
    ck_assert_uint_eq(press_in_steps(second, PLAIN, ROOM, MW_PRESS_MORE), n);
    mw_press_close(second);
}
END_TEST

START_TEST(header_is_short)
{
    mw_press *p = mw_press_open(MW_GZIP, 1, 0, 0);
    mw_str    in = MW_STR("");
    mw_out    o = mw_out_on(pressed, ROOM);

    in.at = NULL;
    ck_assert_int_eq(mw_press_run(p, &in, &o, MW_PRESS_FINISH), MW_END);
    ck_assert_int_eq(mw_press_run(p, &in, &o, MW_PRESS_FINISH), MW_END);
    ck_assert_uint_eq(o.len, 20);
    ck_assert(memcmp(pressed, "\x1f\x8b\x08\0\0\0\0\0", 8) == 0);
    mw_press_close(p);
}
END_TEST

START_TEST(unpresses_in_steps)
{
    mw_press   *p = mw_press_open(MW_GZIP, 6, 15, 8);
    size_t      n = press_in_steps(p, PLAIN, ROOM, MW_PRESS_MORE), eaten = 0;
    mw_unpress *u = mw_unpress_open();
    mw_out      o = mw_out_on(again, 0);
    mw_rc       rc = MW_OK;
    mw_str      step;

    while (rc != MW_END) {
        step = mw_str_part((mw_str){ pressed, n }, eaten, eaten + 33);
        eaten += step.len;
        do {
            o.room = o.len + 100;
            rc = mw_unpress_run(u, &step, &o);
            ck_assert_int_ne(rc, MW_ERR);
        } while (rc == MW_AGAIN);
    }
    ck_assert(o.len == PLAIN && memcmp(again, plain, PLAIN) == 0 && eaten == n);
    mw_unpress_close(u);
    mw_press_close(p);
}
END_TEST

START_TEST(unpresses_members_and_refuses_others)
{
    static const unsigned char hello[] = { 31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 72, 205, 201, 201,
                                           7, 0, 134, 166, 16, 54, 5, 0, 0, 0 };
    char        twice[2 * sizeof hello + 3];
    mw_unpress *u = mw_unpress_open();
    mw_str      in = { twice, sizeof twice };
    mw_out      o = mw_out_on(again, ROOM);

    memcpy(twice, hello, sizeof hello);
    memcpy(&twice[sizeof hello], hello, sizeof hello);
    memset(&twice[2 * sizeof hello], 0, 3);
    ck_assert_int_eq(mw_unpress_run(u, &in, &o), MW_END);
    ck_assert(mw_str_eq(mw_out_done(&o), MW_STR("hellohello")) && in.len == 3);
    mw_unpress_close(u);
    u = mw_unpress_open();
    in = MW_STR("no gzip at all");
    ck_assert_int_eq(mw_unpress_run(u, &in, &o), MW_ERR);
    mw_unpress_close(u);
    u = mw_unpress_open();                      /* a broken one is as new after it */
    in = (mw_str){ twice, sizeof hello };
    o.len = 0;
    ck_assert_int_eq(mw_unpress_run(u, &in, &o), MW_END);
    ck_assert(mw_str_eq(mw_out_done(&o), MW_STR("hello")));
    mw_unpress_close(u);
    u = mw_unpress_open();
    twice[18] ^= 1;                             /* its sum */
    in = (mw_str){ twice, sizeof hello };
    ck_assert_int_eq(mw_unpress_run(u, &in, &o), MW_ERR);
    mw_unpress_close(u);
}
END_TEST

START_TEST(settings_are_clamped)
{
    settings s = settle(MW_GZIP, 99, 8, 99);

    ck_assert(s.level == 9 && s.window == 9 && s.memory == 9);
    s = settle(MW_BROTLI, -1, 99, 5);
    ck_assert(s.level == 0 && s.window == 24 && s.memory == 0);
    s = settle(MW_ZSTD, 22, 0, 0);
    ck_assert(s.window == 23);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/press");
    TCase *t = tcase_create("press");

    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, begin, NULL);
    tcase_add_loop_test(t, any_steps, 0, 4);
    tcase_add_loop_test(t, flushes, 0, 4);
    tcase_add_test(t, a_flush_brings_all_out);
    tcase_add_test(t, state_is_kept);
    tcase_add_test(t, header_is_short);
    tcase_add_test(t, unpresses_in_steps);
    tcase_add_test(t, unpresses_members_and_refuses_others);
    tcase_add_test(t, settings_are_clamped);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
