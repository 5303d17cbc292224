/* slab.c - tests of the allocator inside shared memory, against a model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/slab.c"

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

enum { PIECE = 256 * 1024, THINGS = 600, STEPS = 60000 };

typedef struct thing { unsigned char *at; size_t n; unsigned char mark; } thing;

static uint32_t noise = 12345;

static uint32_t next_noise(void)                /* xorshift32 */
{
    noise ^= noise << 13;
    noise ^= noise >> 17;
    noise ^= noise << 5;
    return noise;
}

static void *dirty_piece(size_t size)           /* not zeroed: a wiped zone is not either */
{
    void *piece = aligned_alloc(PAGE, size);

    ck_assert_ptr_nonnull(piece);
    return memset(piece, 0xa5, size);
}

static uint32_t list_length(const mw_slab *s, uint32_t i, uint32_t before)
{
    uint32_t n = 0;

    for (; i != NONE; before = i, i = s->table[i].next, n++)
        ck_assert_uint_eq(s->table[i].prev, before);
    return n;
}

/* Free runs and pages in use tile the piece; no two free runs touch; all lists are whole. */
static void check_whole(const mw_slab *s)
{
    uint32_t i, unused = 0, runs = 0, partial = 0, listed = 0, k;
    bool     was_free = false;

    for (i = 0; i < s->pages; i += s->table[i].kind == PAGE_PIECES ? 1 : s->table[i].run) {
        const page *p = &s->table[i];

        ck_assert(p->kind != PAGE_INSIDE);
        if (p->kind == PAGE_FREE) {
            ck_assert(!was_free && p->run > 0 && i + p->run <= s->pages && s->table[i + p->run - 1].run == p->run);
            unused += p->run;
            runs++;
        }
        was_free = p->kind == PAGE_FREE;
        if (p->kind == PAGE_PIECES) {
            ck_assert(p->used > 0 && p->used <= PAGE >> p->shift);
            partial += p->used < PAGE >> p->shift;
        }
    }
    ck_assert_uint_eq(i, s->pages);
    ck_assert_uint_eq(unused, s->pages_free);
    for (k = 0; k < BINS; k++)
        listed += list_length(s, s->bins[k], NONE);
    ck_assert_uint_eq(listed, runs);
    for (listed = 0, k = 0; k < CLASSES; k++)
        listed += list_length(s, s->classes[k], NONE);
    ck_assert_uint_eq(listed, partial);
}

static size_t random_size(void)
{
    switch (next_noise() % 8) {
    case 0:
        return next_noise() % 20000;
    case 1:
        return 2048 + next_noise() % 3000;
    default:
        return next_noise() % (1u << (next_noise() % 12));
    }
}

static bool all_are(const thing *t, unsigned char byte)
{
    return t->n == 0 || (t->at[0] == byte && memcmp(t->at, &t->at[1], t->n - 1) == 0);
}

static void fill(thing *t, mw_slab *s, const void *piece)
{
    t->n = random_size();
    t->at = mw_slab_take(s, t->n);
    if (t->at == NULL)
        return;
    ck_assert((const char *)t->at >= (const char *)piece && (const char *)t->at + t->n <= (const char *)piece + PIECE);
    ck_assert_uint_eq((uintptr_t)t->at % 8, 0);
    ck_assert_msg(all_are(t, 0), "not zeroed");
    t->mark = (unsigned char)(next_noise() | 1);
    memset(t->at, t->mark, t->n);
}

static void empty(thing *t, mw_slab *s)
{
    ck_assert_msg(all_are(t, t->mark), "somebody else's bytes");
    mw_slab_give(s, t->at);
    t->at = NULL;
}

START_TEST(agrees_with_a_model)
{
    static thing things[THINGS];
    void        *piece = dirty_piece(PIECE);
    mw_slab     *s = mw_slab_make(piece, PIECE);
    size_t       all = mw_slab_pages_free(s);
    unsigned     i, full = 0;

    for (i = 0; i < STEPS; i++) {
        thing *t = &things[next_noise() % THINGS];

        if (t->at != NULL) {
            empty(t, s);
        } else {
            fill(t, s, piece);
            full += t->at == NULL;
        }
        if (i % 512 == 0)
            check_whole(s);
    }
    ck_assert_uint_gt(full, 0);
    for (i = 0; i < THINGS; i++)
        if (things[i].at != NULL)
            empty(&things[i], s);
    check_whole(s);
    ck_assert_uint_eq(mw_slab_pages_free(s), all);
    free(piece);
}
END_TEST

START_TEST(uses_all_of_it)
{
    void    *piece = dirty_piece(PIECE), *p;
    mw_slab *s = mw_slab_make(piece, PIECE);
    size_t   pages = mw_slab_pages_free(s), n;
    unsigned i;

    ck_assert_uint_eq(pages, 62);               /* of 64: the rows of the table take the rest */
    for (n = 0; (p = mw_slab_take(s, 64)) != NULL; n++)
        ;
    ck_assert_uint_eq(n, pages * 64);
    ck_assert_ptr_null(mw_slab_take(s, 1));
    ck_assert_ptr_null(mw_slab_take(s, PAGE));
    s = mw_slab_make(piece, PIECE);             /* wiped */
    p = mw_slab_take(s, pages * PAGE);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(mw_slab_pages_free(s), 0);
    mw_slab_give(s, p);
    ck_assert_ptr_null(mw_slab_take(s, pages * PAGE + 1));
    ck_assert_ptr_null(mw_slab_take(s, SIZE_MAX));
    for (i = 0; i < 3; i++)
        mw_slab_give(s, NULL);
    ck_assert_uint_eq(mw_slab_pages_free(s), pages);
    free(piece);
}
END_TEST

START_TEST(sizes_have_classes)
{
    ck_assert_uint_eq(shift_for(0), 3);
    ck_assert_uint_eq(shift_for(8), 3);
    ck_assert_uint_eq(shift_for(9), 4);
    ck_assert_uint_eq(shift_for(2047), 11);
    ck_assert_uint_eq(shift_for(2048), 11);
    ck_assert_uint_eq(log2_floor(1), 0);
    ck_assert_uint_eq(log2_floor(7), 2);
    ck_assert_uint_eq(log2_floor(8), 3);
}
END_TEST

START_TEST(small_pieces)
{
    void    *piece = dirty_piece(PAGE);
    mw_slab *s = mw_slab_make(piece, PAGE);

    ck_assert_uint_eq(mw_slab_pages_free(s), 0);
    ck_assert_ptr_null(mw_slab_take(s, 8));
    ck_assert_ptr_null(mw_slab_take(s, 8192));
    free(piece);
}
END_TEST

/* 0 twice, 1 twice a big one, 2 the middle of a piece, 3 within a big one, 4 outside, 5 a free page */
START_TEST(stops_at_misuse)
{
    char    *piece = dirty_piece(PIECE);
    mw_slab *s = mw_slab_make(piece, PIECE);
    char    *small = mw_slab_take(s, 32), *other = mw_slab_take(s, 32), *big = mw_slab_take(s, 3 * PAGE);

    (void)other;
    switch (_i) {
    case 0:
        mw_slab_give(s, small);
        mw_slab_give(s, small);
        break;
    case 1:
        mw_slab_give(s, big);
        mw_slab_give(s, big);
        break;
    case 2:
        mw_slab_give(s, &small[8]);
        break;
    case 3:
        mw_slab_give(s, &big[PAGE]);
        break;
    case 4:
        mw_slab_give(s, piece);
        break;
    default:
        mw_slab_give(s, &piece[PIECE - PAGE]);
        break;
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/slab");
    TCase *t = tcase_create("slab");

    tcase_set_timeout(t, 20);
    tcase_add_test(t, agrees_with_a_model);
    tcase_add_test(t, uses_all_of_it);
    tcase_add_test(t, sizes_have_classes);
    tcase_add_test(t, small_pieces);
    tcase_add_loop_test_raise_signal(t, stops_at_misuse, SIGABRT, 0, 6);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
