/* filepart.c - tests of reading pieces of files, through the page cache and around it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/filepart.c"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SIZE = 200000 };

static mw_file *f;
static int      writing;           /* to the same */
static char     bytes[SIZE];

static void setup(void)
{
    char name[] = "/tmp/mw-unit-XXXXXX";
    int  fd = mkstemp(name);

    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)('a' + i % 23);
    ck_assert_int_eq(write(fd, bytes, SIZE), SIZE);
    ck_assert_int_eq(fsync(fd), 0);
    f = mw_file_new(open(name, O_RDONLY | O_CLOEXEC));
    unlink(name);
    writing = fd;
}

static void teardown(void)
{
    mw_file_done(f);
    close(writing);
}

static void reads(uint64_t from, uint64_t upto, size_t least)
{
    mw_str    got;
    mw_block *b = mw_filepart_read(f, from, upto, &got);

    ck_assert_ptr_nonnull(b);
    ck_assert_uint_ge(got.len, least);
    ck_assert_uint_le(got.len, upto - from);
    ck_assert_mem_eq(got.at, &bytes[from], got.len);
    mw_block_done(b);
}

static void reads_all_places(void)
{
    mw_str got;

    reads(0, 1, 1);
    reads(4095, 4098, 3);
    reads(100, 60000, 50000);
    reads(7, SIZE, 50000);
    reads(SIZE - 1, SIZE, 1);
    reads(SIZE - 10, SIZE - 5, 5);
    ck_assert_ptr_null(mw_filepart_read(f, SIZE, SIZE + 10, &got));
    ck_assert_int_eq(errno, ENODATA);
}

START_TEST(reads_pieces) { reads_all_places(); }
END_TEST

START_TEST(reads_pieces_around_the_cache)
{
    if (fcntl(f->fd, F_SETFL, O_DIRECT) != 0)
        return;                         /* not on this file system */
    f->direct = true;
    reads_all_places();
}
END_TEST

START_TEST(says_what_failed)
{
    mw_file broken = { .refs = 1, .fd = -1 };
    mw_str  got;

    ck_assert_ptr_null(mw_filepart_read(&broken, 0, 10, &got));
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(nothing_of_another_time)
{
    struct stat st;
    mw_str      got;

    ck_assert_int_eq(fstat(f->fd, &st), 0);
    mw_file_mind(f, &st);
    usleep(20000);                      /* time stamps are no finer than that */
    ck_assert_int_eq(fchmod(f->fd, 0640), 0);
    reads(0, 10, 10);
    ck_assert_int_eq(fstat(f->fd, &st), 0);
    mw_file_mind(f, &st);
    usleep(20000);
    ck_assert_int_eq(pwrite(writing, "Y", 1, 100), 1);
    ck_assert_int_eq(futimens(writing, (const struct timespec[]){ st.st_atim, st.st_mtim }), 0);
    ck_assert_ptr_null(mw_filepart_read(f, 0, 10, &got));
    ck_assert_int_eq(errno, ESTALE);
    ck_assert_int_eq(ftruncate(writing, 5000), 0);
    ck_assert_ptr_null(mw_filepart_read(f, 0, 10, &got));
    ck_assert_int_eq(errno, ESTALE);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/filepart");
    TCase *t = tcase_create("read");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, reads_pieces);
    tcase_add_test(t, reads_pieces_around_the_cache);
    tcase_add_test(t, says_what_failed);
    tcase_add_test(t, nothing_of_another_time);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
