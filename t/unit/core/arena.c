/* arena.c - tests of memory that dies together.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.c"

#include <check.h>
#include <signal.h>

/* AddressSanitizer asks: what the system would refuse shall be refused, not end the test. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

static mw_arena *a;

static void setup(void) { a = mw_arena_new(4096); }
static void teardown(void) { mw_arena_free(a); }

START_TEST(pieces_are_aligned_apart_and_writable)
{
    enum { PIECES = 400 };
    char *piece[PIECES];

    for (size_t i = 0; i < PIECES; i++) {
        piece[i] = mw_arena_alloc(a, i * 7 + 1);
        ck_assert_uint_eq((uintptr_t)piece[i] % 16, 0);
        memset(piece[i], (int)(i & 127), i * 7 + 1);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t at = 0; at < i * 7 + 1; at++)
            ck_assert_int_eq(piece[i][at], (char)(i & 127));
}
END_TEST

START_TEST(zeroed_even_in_used_memory)
{
    memset(mw_arena_alloc(a, 3000), 'x', 3000);
    mw_arena_free(a);
    a = mw_arena_new(4096);
    for (unsigned n = 0; n < 3; n++) {
        const char *p = n < 2 ? mw_arena_zalloc(a, 1500) : mw_arena_try(a, 100000);

        for (unsigned i = 0; i < 1500; i++)
            ck_assert_int_eq(p[i], 0);
    }
    ck_assert_ptr_nonnull(mw_arena_alloc(a, 0));
    ck_assert_ptr_nonnull(mw_arena_try(a, 0));
    ck_assert_ptr_nonnull(mw_arena_try(a, 10));
}
END_TEST

static volatile size_t all = SIZE_MAX;         /* volatile: a compiler that knew it would warn */

START_TEST(the_impossible_is_refused)
{
    ck_assert_ptr_null(mw_arena_try(a, all));
    ck_assert_ptr_null(mw_arena_try(a, all - 8));
    ck_assert_ptr_null(mw_arena_try(a, all / 4));
    ck_assert_uint_eq(mw_arena_bytes(a), 4096);
}
END_TEST

START_TEST(the_impossible_stops)
{
    (void)mw_arena_alloc(a, all - 8);
}
END_TEST

START_TEST(chunks_grow_and_big_ones_stand_apart)
{
    size_t left = a->left;
    char  *p;

    if (!MW_POOLS_KEEP)
        return;
    ck_assert_uint_eq(mw_arena_bytes(a), 4096);
    ck_assert_uint_ge(left, 4096 - 128);                /* what an arena itself costs */
    (void)mw_arena_alloc(a, 1 << 20);
    ck_assert_uint_eq(a->left, left);                   /* the first chunk is still the one in use */
    (void)mw_arena_alloc(a, left);
    ck_assert_uint_eq(a->left, 0);
    ck_assert_uint_eq(mw_arena_bytes(a), 4096 + (1 << 20) + sizeof(chunk));
    (void)mw_arena_alloc(a, 1);
    ck_assert_uint_eq(mw_arena_bytes(a), 8192 + (1 << 20) + sizeof(chunk));
    ck_assert_uint_eq(a->grow, 8192);
    p = mw_arena_alloc(a, 1);
    ck_assert_ptr_eq(mw_arena_alloc(a, 1), p + 16);
    for (unsigned i = 0; i < 1000; i++)
        (void)mw_arena_alloc(a, 1000);
    ck_assert_uint_eq(a->grow, CHUNK_MOST);
}
END_TEST

START_TEST(first_chunks_come_from_lists)
{
    mw_arena *two = mw_arena_new(2048), *odd = mw_arena_new(1), *big = mw_arena_new(100001);

    ck_assert_uint_eq(mw_arena_bytes(two), 2048);
    ck_assert_uint_eq(mw_arena_bytes(odd), FIRST_LEAST);
    ck_assert_uint_eq(mw_arena_bytes(big), 100016);
    memset(mw_arena_alloc(odd, 100), 1, 100);
    memset(mw_arena_alloc(big, 90000), 1, 90000);
    mw_arena_free(two);
    mw_arena_free(odd);
    mw_arena_free(big);
    if (MW_POOLS_KEEP) {
        ck_assert_uint_eq(two_kb.kept, 1);
        ck_assert_ptr_eq(mw_arena_new(2048), two);
        mw_arena_free(two);
    }
    mw_pools_drain();
    ck_assert_uint_eq(two_kb.kept, 0);
    mw_arena_free(NULL);
}
END_TEST

static char   order[16];
static size_t ran;

static void note(void *what) { order[ran++] = *(const char *)what; }

static void note_late(void *arena) { mw_arena_on_free(arena, note, mw_arena_z(arena, MW_STR("z"))); }

START_TEST(cleanups_run_newest_first)
{
    mw_arena *b = mw_arena_new(2048);
    char     *name = mw_arena_z(b, MW_STR("abc"));

    for (unsigned i = 0; i < 3; i++)
        mw_arena_on_free(b, note, &name[i]);
    mw_arena_free(b);
    ck_assert_mem_eq(order, "cba", 3);
    ck_assert_uint_eq(ran, 3);
    b = mw_arena_new(2048);
    mw_arena_on_free(b, note_late, b);                  /* what a cleanup registers runs too */
    mw_arena_free(b);
    ck_assert_mem_eq(order, "cbaz", 4);
}
END_TEST

START_TEST(texts)
{
    mw_str parts[] = { MW_STR("/srv"), MW_STR(""), { NULL, 0 }, MW_STR("/www") };
    mw_str s = mw_arena_join(a, parts, 4), filler;
    mw_out o = mw_arena_pen(a, 3);
    char   big[9001];

    ck_assert_str_eq(s.at, "/srv/www");
    ck_assert_uint_eq(s.len, 8);
    ck_assert_uint_eq(mw_arena_join(a, NULL, 0).len, 0);
    s = mw_arena_copy(a, mw_str_take(s, 4));
    ck_assert_str_eq(s.at, "/srv");
    ck_assert_str_eq(mw_arena_z(a, (mw_str){ NULL, 0 }), "");
    mw_out_str(&o, MW_STR("four"));
    ck_assert(o.cut && o.len == 3);
    s = mw_arena_fmt(a, "%s-%d", "x", 5);
    filler = mw_arena_fmt(a, "%s", "");
    ck_assert_str_eq(s.at, "x-5");
    ck_assert_uint_eq(s.len, 3);
    ck_assert_uint_eq(filler.len, 0);
    memset(big, 'b', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    s = mw_arena_fmt(a, "%s", big);                     /* beyond the chunk */
    ck_assert_str_eq(s.at, big);
    ck_assert_uint_eq(s.len, sizeof big - 1);
}
END_TEST

START_TEST(a_text_to_the_chunks_last_byte)
{
    char big[4096] = "";

    for (size_t short_by = 0; short_by < 3 && MW_POOLS_KEEP; short_by++) {
        mw_arena *b = mw_arena_new(4096);
        size_t    len = b->left - short_by;
        mw_str    s;

        memset(big, 'b', len);
        big[len] = '\0';
        s = mw_arena_fmt(b, "%s", big);
        ck_assert_uint_eq(s.len, len);
        ck_assert_str_eq(s.at, big);
        ck_assert_uint_eq(mw_arena_bytes(b), short_by > 0 ? 4096 : 4096 + sizeof(chunk) + len + 1);
        mw_arena_free(b);
    }
}
END_TEST

START_TEST(arrays_grow)
{
    mw_array v = { 0 };

    for (unsigned i = 0; i < 1000; i++) {
        unsigned *last = MW_PUSH(a, &v, unsigned);

        ck_assert_uint_eq(*last, 0);
        *last = i;
    }
    ck_assert_uint_eq(v.n, 1000);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_uint_eq(MW_ITEM(&v, unsigned, i), i);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/arena");
    TCase *t = tcase_create("arena");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, pieces_are_aligned_apart_and_writable);
    tcase_add_test(t, zeroed_even_in_used_memory);
    tcase_add_test(t, the_impossible_is_refused);
    tcase_add_test_raise_signal(t, the_impossible_stops, SIGABRT);
    tcase_add_test(t, chunks_grow_and_big_ones_stand_apart);
    tcase_add_test(t, first_chunks_come_from_lists);
    tcase_add_test(t, cleanups_run_newest_first);
    tcase_add_test(t, texts);
    tcase_add_test(t, a_text_to_the_chunks_last_byte);
    tcase_add_test(t, arrays_grow);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
