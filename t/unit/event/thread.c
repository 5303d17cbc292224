/* thread.c - tests of the pool: what is read arrives, what is cancelled does not, and nothing is left behind.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/thread.c"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>

enum { SIZE = 100000 };

static mw_loop    *loop;
static mw_threads *pool;
static mw_file    *file;
static mw_asker    who;
static unsigned    woken;
static char        path[32];

static void wake(void *owner)
{
    (void)owner;
    woken++;
}

static char byte_at(size_t i) { return (char)(i * 2654435761u >> 11); }

static void set_up(void)
{
    static const char pattern[] = "/tmp/mw-pread-XXXXXX";
    static char       bytes[SIZE];
    int               fd;

    memcpy(path, pattern, sizeof pattern);
    fd = mkstemp(path);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = byte_at(i);
    ck_assert_int_eq(write(fd, bytes, SIZE), SIZE);
    file = mw_file_new(fd);
    loop = mw_loop_new(&mw_epoll);
    pool = mw_threads_new(loop, 2, 8);
    mw_asker_init(&who, loop, wake, NULL);
    woken = 0;
}

static void tear_down(void)
{
    mw_asker_cancel(&who);
    mw_threads_free(pool);
    mw_loop_free(loop);
    ck_assert_uint_eq(file->refs, 1);
    mw_file_done(file);
    unlink(path);
}

static mw_rc wait_for(mw_pread *p)
{
    for (unsigned i = 0; i < 100 && p->op.state == MW_OP_PENDING; i++)
        mw_loop_turn(loop, 100);
    ck_assert_uint_eq(p->op.state, MW_OP_FINISHED);
    return (mw_rc)p->op.rc;
}

static void expect(const mw_pread *p, size_t from, size_t n)
{
    size_t wrong = 0;

    ck_assert_uint_eq(p->got, n);
    for (size_t i = 0; i < n; i++)
        wrong += p->block->data[i] != byte_at(from + i);
    ck_assert_uint_eq(wrong, 0);
}

START_TEST(parts_are_read)
{
    static const struct { uint64_t from; uint32_t size; size_t got; } parts[] = {
        { 0, 10, 10 }, { 777, 60000, 60000 }, { SIZE - 5, 100, 5 }, { SIZE, 10, 0 }, { SIZE + 99, 10, 0 }
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        mw_pread p = { 0 };

        ck_assert_int_eq(mw_thread_pread(&who, &p, pool, file, parts[i].from, parts[i].size), MW_AGAIN);
        ck_assert_int_eq(mw_thread_pread(&who, &p, pool, file, parts[i].from, parts[i].size), MW_AGAIN);
        ck_assert_int_eq(wait_for(&p), MW_OK);
        ck_assert_uint_eq(woken, i + 1);
        ck_assert_int_eq(mw_thread_pread(&who, &p, pool, file, parts[i].from, parts[i].size), MW_OK);
        expect(&p, parts[i].from, parts[i].got);
        mw_block_done(p.block);
    }
}
END_TEST

START_TEST(direct_parts_are_read)
{
    static const struct { uint64_t from; uint32_t size; size_t got; } parts[] = {
        { 0, 4096, 4096 }, { 777, 60000, 60000 }, { 4095, 2, 2 }, { SIZE - 5, 100, 5 }, { SIZE + 9000, 10, 0 }
    };
    int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);

    if (fd < 0)
        return;                             /* not with this file system */
    mw_file_done(file);
    file = mw_file_new(fd);
    file->direct = true;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        mw_pread p = { 0 };

        ck_assert_int_eq(mw_thread_pread(&who, &p, pool, file, parts[i].from, parts[i].size), MW_AGAIN);
        ck_assert_int_eq(wait_for(&p), MW_OK);
        expect(&p, parts[i].from, parts[i].got);
        mw_block_done(p.block);
    }
}
END_TEST

START_TEST(errors_arrive)
{
    mw_pread p   = { 0 };
    mw_file *dir = mw_file_new(open("/tmp", O_RDONLY | O_CLOEXEC));

    ck_assert_int_eq(mw_thread_pread(&who, &p, pool, dir, 0, 10), MW_AGAIN);
    ck_assert_int_eq(wait_for(&p), MW_ERR);
    ck_assert_int_eq(p.err, EISDIR);
    ck_assert_ptr_null(p.block);
    ck_assert_uint_eq(dir->refs, 1);
    mw_file_done(dir);
}
END_TEST

/* Jobs that no thread takes, so that the queue's state is certain. */
static mw_threads *idle_pool(unsigned most)
{
    mw_threads *t = mw_threads_new(loop, 1, most);

    t->most = 0;
    t->started = 0;
    t->idle = most;
    return t;
}

START_TEST(the_queue_is_bounded)
{
    mw_threads *t    = idle_pool(2);
    mw_pread    p[3] = { 0 };

    ck_assert_int_eq(mw_thread_pread(&who, &p[0], t, file, 0, 10), MW_AGAIN);
    ck_assert_int_eq(mw_thread_pread(&who, &p[1], t, file, 0, 10), MW_AGAIN);
    ck_assert_int_eq(mw_thread_pread(&who, &p[2], t, file, 0, 10), MW_ERR);
    ck_assert_int_eq(p[2].err, EAGAIN);
    ck_assert_int_eq(mw_thread_pread(&who, &p[2], t, file, 0, 10), MW_ERR);
    mw_asker_cancel(&who);                      /* they had not begun: their places are free again */
    ck_assert_uint_eq(t->n_waiting, 0);
    ck_assert_uint_eq(file->refs, 1);
    p[0] = (mw_pread){ 0 };
    ck_assert_int_eq(mw_thread_pread(&who, &p[0], t, file, 0, 10), MW_AGAIN);
    mw_threads_free(t);
    ck_assert_uint_eq(p[0].op.state, MW_OP_FINISHED);
    ck_assert_int_eq(p[0].err, ECANCELED);
}
END_TEST

START_TEST(cancelled_ones_end_unheard)
{
    for (unsigned round = 0; round < 200; round++) {
        mw_pread p[4] = { 0 };

        for (unsigned i = 0; i < 4; i++)
            ck_assert_int_eq(mw_thread_pread(&who, &p[i], pool, file, i, 30000), MW_AGAIN);
        if (round % 3 == 0)
            mw_loop_turn(loop, 0);
        mw_asker_cancel(&who);
        for (unsigned i = 0; i < 4; i++) {
            if (p[i].op.state == MW_OP_FINISHED)
                expect(&p[i], i, 30000);
            mw_block_done(p[i].block);
        }
    }
    ck_assert_uint_le(pool->started, 2);
}
END_TEST

typedef struct thing { bool worked; unsigned *dropped; } thing;

static void work_on(void *v) { ((thing *)v)->worked = true; }

static void drop_thing(void *v)
{
    ++*((thing *)v)->dropped;
    mw_free(v);
}

static thing *new_thing(unsigned *dropped)
{
    thing *x = mw_alloc(sizeof *x);

    x->dropped = dropped;
    return x;
}

START_TEST(calls)
{
    mw_call  c = { .data = NULL };
    unsigned dropped = 0;

    ck_assert_int_eq(mw_thread_call(&who, &c, pool, work_on, drop_thing, new_thing(&dropped)), MW_AGAIN);
    ck_assert_int_eq(mw_thread_call(&who, &c, pool, work_on, drop_thing, NULL), MW_AGAIN);
    for (unsigned i = 0; i < 100 && c.op.state == MW_OP_PENDING; i++)
        mw_loop_turn(loop, 100);
    ck_assert_int_eq(mw_thread_call(&who, &c, pool, work_on, drop_thing, NULL), MW_OK);
    ck_assert(((thing *)c.data)->worked);
    ck_assert_uint_eq(dropped, 0);
    drop_thing(c.data);
    c = (mw_call){ .data = NULL };
    dropped = 0;
    ck_assert_int_eq(mw_thread_call(&who, &c, pool, work_on, drop_thing, new_thing(&dropped)), MW_AGAIN);
    mw_asker_cancel(&who);
    for (unsigned i = 0; i < 100 && dropped == 0; i++)
        mw_loop_turn(loop, 10);
    ck_assert_uint_eq(dropped, 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/thread");
    TCase *c = tcase_create("thread");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, parts_are_read);
    tcase_add_test(c, calls);
    tcase_add_test(c, direct_parts_are_read);
    tcase_add_test(c, errors_arrive);
    tcase_add_test(c, the_queue_is_bounded);
    tcase_add_test(c, cancelled_ones_end_unheard);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
