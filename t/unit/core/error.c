/* error.c - tests of the texts of errno, and of the last words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/error.c"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

START_TEST(texts)
{
    ck_assert_str_eq(mw_error_text(ENOENT), "No such file or directory");
    ck_assert_str_eq(mw_error_text(ECONNREFUSED), "Connection refused");
    ck_assert_str_eq(mw_error_text(0), "Success");
    ck_assert_str_eq(mw_error_text(99999), "Unknown error");
    ck_assert_str_eq(mw_error_text(-1), "Unknown error");
}
END_TEST

static size_t last_words(const char *what, char *words, size_t room)   /* of a child that fails at x.c:42 */
{
    int    fds[2], status = 0;
    size_t n = 0;
    pid_t  pid;

    ck_assert_int_eq(pipe(fds), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        (void)dup2(fds[1], STDERR_FILENO);
        mw_must_fail("x.c", 42, what);
    }
    (void)close(fds[1]);
    for (ssize_t got; n < room && (got = read(fds[0], &words[n], room - n)) > 0;)
        n += (size_t)got;
    (void)close(fds[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    return n;
}

START_TEST(a_failure_says_where)
{
    char words[1024] = "", what[1000];

    (void)last_words("n > 0", words, sizeof words - 1);
    ck_assert_str_eq(words, "x.c:42: must be: n > 0\n");
    memset(what, 'w', sizeof what - 1);
    what[sizeof what - 1] = '\0';
    ck_assert_uint_eq(last_words(what, words, sizeof words), 512);
    ck_assert_mem_eq(&words[509], "ww\n", 3);
}
END_TEST

START_TEST(what_holds_is_silent)
{
    MW_MUST(1 + 1 == 2);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/error");
    TCase *t = tcase_create("error");

    tcase_add_test(t, texts);
    tcase_add_test(t, a_failure_says_where);
    tcase_add_test(t, what_holds_is_silent);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
