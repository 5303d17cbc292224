/* process.c - unit test of what a process is to the system: names, title, environment, standard descriptors.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/process.c"

#include <check.h>
#include <sys/wait.h>

static mw_arena *arena;

static void setup(void)
{
    arena = mw_arena_new(4096);
    self.parent = -1;
}

static void teardown(void)
{
    mw_arena_free(arena);
    if (self.arena != NULL)
        mw_arena_free(self.arena);
    self.arena = NULL;
}

/* Arguments that lie side by side, as the kernel puts them. */
static char strings[64];

static void called(const char *name)
{
    static char *list[3];
    int          n = snprintf(strings, sizeof strings, "%s", name);

    memset(&strings[n + 1], 'x', 20);
    strings[n + 21] = '\0';
    list[0] = strings;
    list[1] = &strings[n + 1];
    list[2] = NULL;
    mw_process_keep_args(2, list);
}

START_TEST(names)
{
    mw_arena *first;

    called("/usr/sbin/nginx");
    ck_assert_str_eq(mw_process_program(), "nginx");
    ck_assert_str_eq(mw_process_path(), "/usr/sbin/nginx");
    ck_assert(mw_str_eq(mw_process_command(arena), MW_STR("/usr/sbin/nginx xxxxxxxxxxxxxxxxxxxx")));
    ck_assert_ptr_null(mw_process_args()[2]);
    first = self.arena;
    called("server");
    mw_arena_free(first);               /* the environment, too, was copied again */
    ck_assert_str_eq(mw_process_program(), "miwidothttp");
    ck_assert_ptr_nonnull(strstr(mw_process_path(), "process"));        /* found by PATH: the file itself */
}
END_TEST

START_TEST(titles)
{
    called("./nginx");
    mw_process_title("worker process");
    ck_assert_str_eq(strings, "nginx: worker process");
    mw_process_title("master");
    ck_assert_str_eq(strings, "nginx: master");
    mw_process_title("a title that is much longer than there is room for it");
    ck_assert_uint_eq(strlen(strings), self.size - 2);
    ck_assert_str_eq(mw_process_args()[0], "./nginx");                  /* the copies stay as they were */
}
END_TEST

static bool has(char **list, const char *text)
{
    for (; *list != NULL; list = &list[1])
        if (strcmp(*list, text) == 0) return true;
    return false;
}

START_TEST(environments)
{
    mw_main_conf conf = { .env = { 0 } };
    mw_str       more = MW_STR("NGINX=5;");
    char       **list;

    ck_assert(setenv("MW_KEPT", "1", 1) == 0 && setenv("MW_OTHER", "2", 1) == 0 && setenv("TZ", "UTC", 1) == 0);
    *MW_PUSH(arena, &conf.env, mw_str) = MW_STR("MW_KEPT");
    *MW_PUSH(arena, &conf.env, mw_str) = MW_STR("MW_SET=a=b");
    *MW_PUSH(arena, &conf.env, mw_str) = MW_STR("MW_NOT_THERE");
    list = mw_process_environ(arena, &conf, &more, 1);
    ck_assert(has(list, "MW_KEPT=1") && has(list, "MW_SET=a=b") && has(list, "TZ=UTC") && has(list, "NGINX=5;"));
    ck_assert_ptr_null(list[4]);
    *MW_PUSH(arena, &conf.env, mw_str) = MW_STR("TZ=CET");
    list = mw_process_environ(arena, &conf, NULL, 0);
    ck_assert(has(list, "TZ=CET") && !has(list, "TZ=UTC"));
}
END_TEST

START_TEST(closed_descriptors)
{
    pid_t child = fork();
    int   status;

    if (child == 0) {
        (void)close(0), (void)close(1), (void)close(2);
        mw_process_fill_stdio();
        _exit(fcntl(0, F_GETFD) < 0 || fcntl(1, F_GETFD) < 0 || fcntl(2, F_GETFD) < 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* The parent ends well when it was told, and badly when its child ended without a word. */
static int daemonized(void)
{
    pid_t child = fork();
    int   status;

    if (child == 0) {
        mw_log log = { .sinks = &mw_log_stderr };

        if (mw_process_daemonize(&log) != MW_OK)
            _exit(3);
        mw_process_tell_parent();
        mw_process_tell_parent();               /* once more is nothing */
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static int died(void)
{
    pid_t child = fork();
    int   status;

    if (child == 0) {
        mw_log log = { .sinks = &mw_log_stderr };

        (void)mw_process_daemonize(&log);
        _exit(1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

START_TEST(to_the_background)
{
    ck_assert_int_eq(daemonized(), 0);
    ck_assert_int_eq(died(), 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/process");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, names);
    tcase_add_test(c, titles);
    tcase_add_test(c, environments);
    tcase_add_test(c, closed_descriptors);
    tcase_add_test(c, to_the_background);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
