/* source.c - tests of the sources at the bottom, and of closing a stack.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/source.c"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static mw_arena *a;
static mw_chain  to;

static void setup(void)
{
    a = mw_arena_new(2048);
    mw_chain_init(&to);
}

static void teardown(void)
{
    mw_chain_clear(&to);
    mw_arena_free(a);
}

/* All a source has, pulled n bytes at a time, as text; how it ended in *rc. */
static mw_str pull_all(mw_source *s, size_t n, bool memory, mw_rc *rc)
{
    static char room[200000];
    mw_out      o = mw_out_on(room, sizeof room);
    unsigned    pulls = 0;

    do {
        size_t had = o.len;

        *rc = mw_source_pull(s, &to, (mw_want){ n, memory }, NULL);
        ck_assert(n == 0 || to.bytes <= n);
        ck_assert(!memory || !mw_chain_has_file(&to));
        while (to.bytes > 0) {
            mw_str  got;
            mw_buf *b = to.head;

            if (b->file == NULL) {
                got = b->mem;
                mw_out_str(&o, got);
            } else {
                mw_block *block = mw_filepart_read(b->file, b->from, b->upto, &got);

                ck_assert_ptr_nonnull(block);
                mw_out_str(&o, got);
                mw_block_done(block);
            }
            mw_chain_drop(&to, got.len);
        }
        ck_assert(*rc != MW_OK || o.len > had);
        ck_assert_uint_lt(pulls++, 100000);
    } while (*rc == MW_OK);
    return mw_out_done(&o);
}

static mw_file *file_of(mw_str text)
{
    char name[] = "/tmp/mw-unit-XXXXXX";
    int  fd = mkstemp(name);

    ck_assert_int_ge(fd, 0);
    unlink(name);
    ck_assert_int_eq(write(fd, text.at, text.len), (ssize_t)text.len);
    return mw_file_new(fd);
}

START_TEST(text_is_lent)
{
    mw_source *s = mw_source_of_text(a, MW_STR("Hello, world"));
    mw_rc      rc;

    ck_assert(mw_str_eq(pull_all(s, (size_t)_i, true, &rc), MW_STR("Hello, world")));
    ck_assert_int_eq(rc, MW_END);
    ck_assert_int_eq(mw_source_pull(s, &to, (mw_want){ 5, false }, NULL), MW_END);
    ck_assert_uint_eq(to.bytes, 0);
    mw_source_close(s);

    s = mw_source_of_text(a, MW_STR("x"));
    ck_assert_int_eq(mw_source_pull(s, &to, (mw_want){ 5, false }, NULL), MW_END);
    ck_assert(to.head->lent);
}
END_TEST

START_TEST(a_block_is_counted)
{
    mw_block  *b = mw_block_new(1024);
    mw_source *s;
    mw_rc      rc;

    memcpy(b->data, "0123456789", 10);
    s = mw_source_of_block(a, b, (mw_str){ &b->data[2], 6 });
    ck_assert_uint_eq(b->refs, 2);
    ck_assert(mw_str_eq(pull_all(s, 4, true, &rc), MW_STR("234567")));
    ck_assert_int_eq(rc, MW_END);
    mw_source_close(s);
    ck_assert_uint_eq(b->refs, 1);
    mw_block_done(b);
}
END_TEST

START_TEST(a_chain_is_taken_over)
{
    mw_chain   from;
    mw_file   *f = file_of(MW_STR("abcdefgh"));
    mw_source *s;
    mw_rc      rc;

    mw_chain_init(&from);
    mw_chain_add_static(&from, MW_STR("12"));
    mw_chain_add_copy(&from, MW_STR("34"));
    mw_chain_add_file(&from, f, 1, 7);
    mw_chain_add_static(&from, MW_STR("56"));
    s = mw_source_of_chain(a, &from);
    ck_assert_uint_eq(from.bytes, 0);
    ck_assert(mw_str_eq(pull_all(s, (size_t)_i % 7, _i >= 7, &rc), MW_STR("1234bcdefg56")));
    ck_assert_int_eq(rc, MW_END);
    mw_source_close(s);
    mw_file_done(f);
}
END_TEST

START_TEST(a_chain_that_is_left_is_cleared)
{
    mw_chain   from;
    mw_block  *b = mw_block_new(256);
    mw_source *s;

    mw_chain_init(&from);
    mw_chain_add_block(&from, b, (mw_str){ b->data, 100 });
    s = mw_source_of_chain(a, &from);
    ck_assert_int_eq(mw_source_pull(s, &to, (mw_want){ 10, true }, NULL), MW_OK);
    mw_source_close(s);
    mw_chain_clear(&to);
    ck_assert_uint_eq(b->refs, 1);
    mw_block_done(b);
}
END_TEST

START_TEST(a_file_comes_as_parts_or_blocks)
{
    static char big[150000];
    mw_file    *f;
    mw_source  *s;
    mw_rc       rc;
    mw_str      got;

    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)('a' + i * 7 % 26);
    f = file_of((mw_str){ big, sizeof big });
    s = mw_source_of_file(a, f, 5, sizeof big);
    ck_assert_uint_eq(f->refs, 2);
    got = pull_all(s, _i == 0 ? 0 : 33333, _i != 1, &rc);
    ck_assert_int_eq(rc, MW_END);
    ck_assert_uint_eq(got.len, sizeof big - 5);
    ck_assert_mem_eq(got.at, &big[5], got.len);
    mw_source_close(s);
    ck_assert_uint_eq(f->refs, 1);

    s = mw_source_of_file(a, f, sizeof big - 3, sizeof big + 10);      /* shorter than it was said to be */
    got = pull_all(s, 0, true, &rc);
    ck_assert_int_eq(rc, MW_ERR);
    ck_assert_uint_eq(got.len, 3);
    mw_source_close(s);
    mw_file_done(f);
}
END_TEST

static unsigned closed[3], closed_n;

typedef struct level { mw_source source; unsigned number; } level;

static void note(mw_source *s) { closed[closed_n++] = MW_OWNER(s, level, source)->number; }

START_TEST(a_stack_is_closed_from_its_top)
{
    static const mw_source_kind kind = { .name = "level", .close = note }, quiet = { .name = "quiet" };
    level                       bottom = { { &kind, NULL }, 3 }, middle = { { &quiet, &bottom.source }, 2 };
    level                       top = { { &kind, &middle.source }, 1 };

    closed_n = 0;
    mw_source_close(&top.source);
    mw_source_close(NULL);
    ck_assert_uint_eq(closed_n, 2);
    ck_assert_uint_eq(closed[0], 1);
    ck_assert_uint_eq(closed[1], 3);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/source");
    TCase *t = tcase_create("source");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, text_is_lent, 0, 14);
    tcase_add_test(t, a_block_is_counted);
    tcase_add_loop_test(t, a_chain_is_taken_over, 0, 14);
    tcase_add_test(t, a_chain_that_is_left_is_cleared);
    tcase_add_loop_test(t, a_file_comes_as_parts_or_blocks, 0, 3);
    tcase_add_test(t, a_stack_is_closed_from_its_top);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
