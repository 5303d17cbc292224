/* file.c - tests of files by name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.c"

#include <check.h>

static mw_arena *arena;
static mw_str    home;

static void begin(void)
{
    char name[] = "/tmp/mw-file-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(name));
    arena = mw_arena_new(4096);
    home = mw_arena_copy(arena, mw_str_of(name));
}

static void finish(void)
{
    mw_str command = mw_arena_fmt(arena, "rm -rf '%.*s'", MW_S(home));

    ck_assert_int_eq(system(command.at), 0);
    mw_arena_free(arena);
}

static mw_str under_home(const char *name) { return mw_path_join(arena, home, mw_str_of(name)); }

START_TEST(names)
{
    char long_name[MW_PATH_MAX + 1];

    memset(long_name, 'a', sizeof long_name);
    ck_assert(mw_open((mw_str){ "/etc\0x", 6 }, O_RDONLY, 0) == -1 && errno == ENOENT);
    ck_assert(mw_open(MW_STR(""), O_RDONLY, 0) == -1 && errno == ENOENT);
    ck_assert(mw_open((mw_str){ long_name, sizeof long_name }, O_RDONLY, 0) == -1 && errno == ENAMETOOLONG);
    ck_assert(mw_str_eq(mw_path_join(arena, MW_STR("/a"), MW_STR("b")), MW_STR("/a/b")));
    ck_assert(mw_str_eq(mw_path_join(arena, MW_STR("/a/"), MW_STR("b")), MW_STR("/a/b")));
    ck_assert(mw_str_eq(mw_path_join(arena, MW_STR("/a"), MW_STR("/b")), MW_STR("/b")));
    ck_assert(mw_str_eq(mw_path_join(arena, MW_STR(""), MW_STR("b")), MW_STR("b")));
}
END_TEST

START_TEST(replaces_and_reads)
{
    mw_str      path = under_home("x"), bytes, cut = mw_str_take((mw_str){ path.at, 4000 }, path.len);
    struct stat st;

    ck_assert_int_eq(mw_file_replace(cut, MW_STR("one"), 0644), MW_OK);
    ck_assert_int_eq(mw_file_read_all(arena, path, 3, &bytes), MW_OK);
    ck_assert(mw_str_eq(bytes, MW_STR("one")));
    ck_assert_int_eq(mw_file_replace(path, MW_STR("other"), 0600), MW_OK);
    ck_assert(mw_stat(path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 5);
    ck_assert_int_eq(mw_file_read_all(arena, path, 4, &bytes), MW_ERR);
    ck_assert_int_eq(errno, EFBIG);
    ck_assert_int_eq(mw_file_replace(path, MW_STR(""), 0600), MW_OK);
    ck_assert(mw_file_read_all(arena, path, 0, &bytes) == MW_OK && bytes.len == 0);
    ck_assert_int_eq(mw_file_replace(under_home("no/x"), MW_STR("x"), 0644), MW_ERR);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(mw_file_read_all(arena, home, 100, &bytes), MW_ERR);
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_int_eq(mw_dir_make(under_home("d"), 0755, (uid_t)-1), MW_OK);
    ck_assert_int_eq(mw_file_replace(under_home("d"), MW_STR("x"), 0644), MW_ERR);      /* and leaves nothing behind */
    ck_assert_int_eq(rmdir(mw_arena_z(arena, under_home("d"))), 0);
    ck_assert_int_eq(unlink(mw_arena_z(arena, path)), 0);
    ck_assert_int_eq(rmdir(home.at), 0);
    ck_assert_int_eq(mkdir(home.at, 0700), 0);
}
END_TEST

START_TEST(reads_what_does_not_tell_its_size)
{
    mw_str bytes;
    int    pipes[2], i;
    char   page[1000], name[32];

    ck_assert_int_eq(mw_file_read_all(arena, MW_STR("/proc/self/status"), 100000, &bytes), MW_OK);
    ck_assert(bytes.len > 100 && mw_str_starts(bytes, MW_STR("Name:")));
    ck_assert_int_eq(pipe(pipes), 0);
    memset(page, 'p', sizeof page);
    for (i = 0; i < 20; i++)
        ck_assert_int_eq(write(pipes[1], page, sizeof page), sizeof page);
    close(pipes[1]);
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", pipes[0]);
    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(name), 20000, &bytes), MW_OK);
    ck_assert(bytes.len == 20000 && bytes.at[19999] == 'p');
}
END_TEST

START_TEST(makes_directories)
{
    mw_str      path = under_home("a//b/c/");
    struct stat st;
    uid_t       owner = getuid() == 0 ? 4242 : getuid();

    ck_assert_int_eq(mw_dir_make(path, 0700, (uid_t)-1), MW_OK);
    ck_assert(mw_stat(under_home("a/b/c"), &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0700);
    ck_assert_int_eq(mw_dir_make(under_home("a/b/c"), 0700, owner), MW_OK);
    ck_assert(mw_stat(under_home("a/b/c"), &st) == 0 && st.st_uid == owner);
    ck_assert(mw_stat(under_home("a/b"), &st) == 0 && st.st_uid == getuid());
    ck_assert_int_eq(mw_dir_make(under_home("n/m"), 0700, owner), MW_OK);
    ck_assert(mw_stat(under_home("n"), &st) == 0 && st.st_uid == owner);
    ck_assert_int_eq(mw_file_replace(under_home("f"), MW_STR("x"), 0644), MW_OK);
    ck_assert_int_eq(mw_dir_make(under_home("f"), 0700, (uid_t)-1), MW_ERR);
    ck_assert_int_eq(errno, ENOTDIR);
    ck_assert_int_eq(mw_dir_make(under_home("f/g"), 0700, (uid_t)-1), MW_ERR);
    ck_assert_int_eq(mw_dir_make(MW_STR("/"), 0700, (uid_t)-1), MW_OK);
}
END_TEST

START_TEST(temporary_files)
{
    struct stat st;
    mw_str      path;
    int         fd = mw_temp_open(home);

    ck_assert_int_ge(fd, 0);
    ck_assert(fstat(fd, &st) == 0 && st.st_nlink == 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    ck_assert(write(fd, "x", 1) == 1 && lseek(fd, 0, SEEK_SET) == 0 && close(fd) == 0);
    ck_assert(mw_temp_open(under_home("none")) == -1 && errno == ENOENT);
    fd = mw_temp_named(arena, home, 7, &path);
    ck_assert_int_ge(fd, 0);
    ck_assert(mw_str_eq(path, under_home("0000000007")) && mw_stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
    close(fd);
    ck_assert(mw_temp_named(arena, home, 7, &path) == -1 && errno == EEXIST);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/file");
    TCase *t = tcase_create("file");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, names);
    tcase_add_test(t, replaces_and_reads);
    tcase_add_test(t, reads_what_does_not_tell_its_size);
    tcase_add_test(t, makes_directories);
    tcase_add_test(t, temporary_files);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
