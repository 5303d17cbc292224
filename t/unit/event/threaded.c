/* threaded.c - tests of a file that is read by a pool of threads.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/threaded.c"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "event/poll.h"

enum { SIZE = 3 * PIECE + 100 };

static char        path[] = "/tmp/mw-threaded-XXXXXX";
static char        bytes[SIZE], got[SIZE];
static mw_loop    *loop;
static mw_threads *pool;
static mw_file    *file;
static mw_arena   *arena;
static mw_bell     bell;
static unsigned    rung;

static void ring(void *owner) { (void)owner; rung++; }

static void set_up(void)
{
    int fd = mkstemp(path);

    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7 + i / 1000);
    ck_assert_int_eq(write(fd, bytes, SIZE), SIZE);
    file = mw_file_new(fd);
    loop = mw_loop_new(&mw_epoll);
    pool = mw_threads_new(loop, 2, 4);
    arena = mw_arena_new(1024);
    mw_bell_init(&bell, loop, ring, NULL);
    rung = 0;
}

static void tear_down(void)
{
    mw_bell_mute(&bell);
    mw_threads_free(pool);
    mw_loop_free(loop);
    mw_arena_free(arena);
    ck_assert_uint_eq(file->refs, 1);
    mw_file_done(file);
    unlink(path);
    memcpy(path, "/tmp/mw-threaded-XXXXXX", sizeof path);
}

/* A source that does not look into the page cache: its first read is a thread's. */
static mw_source *cold(uint64_t from, uint64_t upto)
{
    mw_source *s = mw_source_threaded(arena, loop, pool, file, from, upto);

    file->direct = true;
    return s;
}

static mw_rc pull_all(mw_source *s, size_t wish, size_t *n)
{
    mw_rc rc;

    *n = 0;
    for (unsigned i = 0; i < 100000; i++) {
        mw_chain to;

        mw_chain_init(&to);
        rc = mw_source_pull(s, &to, (mw_want){ wish, false }, &bell);
        ck_assert(wish == 0 || to.bytes <= wish);
        *n += mw_chain_peek(&to, &got[*n], SIZE - *n);
        mw_chain_clear(&to);
        if (rc == MW_END || rc == MW_ERR)
            return rc;
        if (rc == MW_AGAIN)
            mw_loop_turn(loop, 1000);
    }
    return MW_AGAIN;
}

START_TEST(cached_and_cold)
{
    static const size_t wishes[] = { 0, 1000, 65536, 100000 };

    for (size_t i = 0; i < 8; i++) {
        mw_source *s;
        size_t     n;

        file->direct = false;
        s = i % 2 == 0 ? mw_source_threaded(arena, loop, pool, file, 5, SIZE - 5) : cold(5, SIZE - 5);
        ck_assert_int_eq(pull_all(s, wishes[i / 2], &n), MW_END);
        ck_assert_uint_eq(n, SIZE - 10);
        ck_assert(memcmp(got, &bytes[5], n) == 0);
        mw_source_close(s);
    }
    ck_assert_uint_gt(rung, 0);
}
END_TEST

START_TEST(shorter_than_said)
{
    mw_source *s = mw_source_threaded(arena, loop, pool, file, SIZE - 10, SIZE + 10);
    size_t     n;

    ck_assert_int_eq(pull_all(s, 0, &n), MW_ERR);
    ck_assert_uint_eq(n, 10);
    mw_source_close(s);
    s = mw_source_threaded(arena, loop, pool, file, 10, 5);
    ck_assert_int_eq(pull_all(s, 0, &n), MW_END);
    mw_source_close(s);
}
END_TEST

START_TEST(closed_while_it_waits)
{
    mw_source *s = cold(0, SIZE);
    mw_chain   to;

    mw_chain_init(&to);
    ck_assert_int_eq(mw_source_pull(s, &to, (mw_want){ 0, false }, &bell), MW_AGAIN);
    ck_assert_int_eq(mw_source_pull(s, &to, (mw_want){ 0, false }, &bell), MW_AGAIN);
    mw_source_close(s);
    ck_assert_uint_eq(to.bytes, 0);
    mw_loop_turn(loop, 20);
    ck_assert_uint_eq(rung, 0);
}
END_TEST

START_TEST(full_queue)
{
    mw_source *s[20];

    for (unsigned i = 0; i < 20; i++) {
        mw_chain to;
        mw_rc    rc;

        mw_chain_init(&to);
        s[i] = cold(0, SIZE);
        rc = mw_source_pull(s[i], &to, (mw_want){ 0, false }, &bell);
        ck_assert(rc == MW_AGAIN || (rc == MW_OK && to.bytes > 0));
        mw_chain_clear(&to);
    }
    for (unsigned i = 0; i < 20; i++)
        mw_source_close(s[i]);
    mw_loop_turn(loop, 20);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/threaded");
    TCase *t = tcase_create("threaded");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, cached_and_cold);
    tcase_add_test(t, shorter_than_said);
    tcase_add_test(t, closed_while_it_waits);
    tcase_add_test(t, full_queue);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
