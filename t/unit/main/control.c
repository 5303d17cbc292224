/* control.c - unit test of what `-s` does: which signal, to whom, and what is said of a pid file that is none.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/control.c"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char      folder[32];
static mw_arena *arena;
static mw_log    quiet = { .sinks = &mw_log_stderr };

static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/mw-control-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    arena = mw_arena_new(1024);
}

static void teardown(void)
{
    ck_assert_int_eq(system(mw_arena_z(arena, mw_arena_fmt(arena, "rm -r %s", folder))), 0);
    mw_arena_free(arena);
}

static mw_str pid_file(const char *text)
{
    mw_str path = mw_arena_fmt(arena, "%s/pid", folder);

    ck_assert_int_eq(mw_file_replace(path, mw_str_of(text), 0644), MW_OK);
    return path;
}

START_TEST(words)
{
    ck_assert(number_of(MW_STR("stop")) == SIGTERM && number_of(MW_STR("quit")) == SIGQUIT);
    ck_assert(number_of(MW_STR("reopen")) == SIGUSR1 && number_of(MW_STR("reload")) == SIGHUP);
    ck_assert_int_eq(number_of(MW_STR("restart")), 0);
}
END_TEST

START_TEST(pid_files)
{
    static const struct { const char *text; pid_t pid; } rows[] = {
        { "12\n", 12 }, { "12", 12 }, { "12\r\n\n", 12 }, { "", 0 }, { "0\n", 0 }, { "-1\n", 0 }, { "12 13\n", 0 },
        { "99999999999\n", 0 }, { "x\n", 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pid_t pid = 0;

        ck_assert_msg(read_pid(arena, pid_file(rows[i].text), &pid, &quiet) == (rows[i].pid != 0), "%s", rows[i].text);
        ck_assert_int_eq(pid, rows[i].pid);
    }
    ck_assert(!read_pid(arena, MW_STR("/nowhere/pid"), &(pid_t){ 0 }, &quiet));
}
END_TEST

/* A process stands for a master that tells nothing of its reloads, as nginx is. */
START_TEST(sends_signals)
{
    static const struct { const char *word; int signal; } rows[] = {
        { "stop", SIGTERM }, { "quit", SIGQUIT }, { "reopen", SIGUSR1 }, { "reload", SIGHUP },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pid_t  child = fork();
        int    status;
        mw_str path;

        if (child == 0) {
            (void)signal(rows[i].signal, SIG_DFL);
            (void)alarm(10);
            for (;;)
                (void)pause();
        }
        path = pid_file(mw_arena_z(arena, mw_arena_fmt(arena, "%d\n", (int)child)));
        ck_assert_int_eq(mw_control("x", path, mw_str_of(rows[i].word), true, &quiet), 0);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(WTERMSIG(status), rows[i].signal);
        ck_assert_int_eq(mw_control("x", path, mw_str_of(rows[i].word), true, &quiet), 1);      /* it is gone */
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/control");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, words);
    tcase_add_test(c, pid_files);
    tcase_add_test(c, sends_signals);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
