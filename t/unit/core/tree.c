/* tree.c - tests of copying and removing files and folders.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/tree.c"

#include <check.h>
#include <stdlib.h>

static mw_arena *arena;
static mw_str    home;

static void begin(void)
{
    char name[] = "/tmp/mw-tree-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(name));
    arena = mw_arena_new(4096);
    home = mw_arena_copy(arena, mw_str_of(name));
}

static void run(const char *format)
{
    mw_str command = mw_arena_fmt(arena, "cd '%.*s' && %s", MW_S(home), format);

    ck_assert_int_eq(system(command.at), 0);
}

static void finish(void)
{
    mw_str command = mw_arena_fmt(arena, "rm -rf '%.*s'", MW_S(home));

    ck_assert_int_eq(system(command.at), 0);
    mw_arena_free(arena);
}

static mw_str at(const char *name) { return mw_path_join(arena, home, mw_str_of(name)); }

START_TEST(a_file)
{
    run("head -c 3000000 /dev/urandom > a; chmod 640 a; touch -d 2015-01-01 a");
    ck_assert_int_eq(mw_file_copy(arena, at("a"), at("b"), 0), MW_OK);
    run("cmp a b; test $(stat -c %a b) = 640; test $(stat -c %Y a) = $(stat -c %Y b)");
    ck_assert_int_eq(mw_file_copy(arena, at("a"), at("c"), 0604), MW_OK);
    run("test $(stat -c %a c) = 604");
    ck_assert(mw_file_copy(arena, at("a"), at("b"), 0) == MW_ERR && errno == EEXIST);
    ck_assert(mw_file_copy(arena, at("none"), at("d"), 0) == MW_ERR && errno == ENOENT);
    run("mkfifo p; mkdir f");
    ck_assert(mw_file_copy(arena, at("p"), at("d"), 0) == MW_ERR && errno == EINVAL);
    ck_assert(mw_file_copy(arena, at("f"), at("d"), 0) == MW_ERR);
    run("test ! -e d");
}
END_TEST

START_TEST(between_what_the_kernel_does_not_copy)
{
    int  ends[2];
    int  fd;
    char room[8] = "";

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "bytes", 5), 5);
    ck_assert_int_eq(close(ends[1]), 0);
    fd = mw_open(at("a"), O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(mw_file_append(fd, ends[0]), MW_OK);
    ck_assert_int_eq(pread(fd, room, sizeof room, 0), 5);
    ck_assert_str_eq(room, "bytes");
    close(fd);
    close(ends[0]);
}
END_TEST

START_TEST(a_folder)
{
    run("mkdir -p a/b/c out; echo 1 > a/one; echo 2 > a/b/c/two; ln -s ../out a/link; ln -s nowhere a/b/dead; "
        "mkfifo a/pipe; chmod 751 a/b; echo kept > out/kept");
    ck_assert_int_eq(mw_tree_copy(arena, at("a"), at("z"), false), MW_OK);
    run("cmp a/one z/one; cmp a/b/c/two z/b/c/two; test $(readlink z/link) = ../out; test -L z/b/dead; "
        "test $(stat -c %a z/b) = 751; test ! -e z/pipe");
    ck_assert(mw_tree_copy(arena, at("a"), at("z"), false) == MW_ERR && errno == EEXIST);
    ck_assert_int_eq(mw_tree_copy(arena, at("a"), at("y"), true), MW_OK);
    run("test -z \"$(ls y)\"");
    ck_assert_int_eq(mw_tree_remove(arena, at("z")), MW_OK);
    run("test ! -e z; test -e out/kept");
    ck_assert_int_eq(mw_tree_remove(arena, at("a/link")), MW_OK);
    ck_assert_int_eq(mw_tree_remove(arena, at("a/one")), MW_OK);
    run("test -e out/kept; test ! -e a/one");
    ck_assert(mw_tree_remove(arena, at("a/one")) == MW_ERR && errno == ENOENT);
}
END_TEST

START_TEST(depth_has_a_limit)
{
    run("i=0; p=a; while [ $i -lt 140 ]; do p=$p/d; i=$((i+1)); done; mkdir -p $p");
    ck_assert(mw_tree_copy(arena, at("a"), at("b"), false) == MW_ERR && errno == ELOOP);
    ck_assert(mw_tree_remove(arena, at("a")) == MW_ERR && errno == ELOOP);
}
END_TEST

START_TEST(beside)
{
    mw_str p = mw_path_beside(arena, MW_STR("/a/b"));

    ck_assert(mw_str_starts(p, MW_STR("/a/.b.")) && p.len > 6);
    ck_assert(mw_str_starts(mw_path_beside(arena, MW_STR("b")), MW_STR(".b.")));
    ck_assert(!mw_str_eq(p, mw_path_beside(arena, MW_STR("/a/b"))));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/tree");
    TCase *c = tcase_create("trees");

    tcase_add_checked_fixture(c, begin, finish);
    tcase_add_test(c, a_file);
    tcase_add_test(c, between_what_the_kernel_does_not_copy);
    tcase_add_test(c, a_folder);
    tcase_add_test(c, depth_has_a_limit);
    tcase_add_test(c, beside);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
