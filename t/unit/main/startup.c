/* startup.c - unit test of who speaks before the server runs: the log with time and process,
    the terminal with our name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/startup.c"

#include <fcntl.h>

#include "house.h"

static mw_startup s_;

/* What went to standard error, in a file. */
static mw_str told(void)
{
    mw_str text;

    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("stderr")), 65536, &text), MW_OK);
    return text;
}

static void catch_stderr(void)
{
    int fd = open(in_folder("stderr"), O_CREAT | O_WRONLY | O_APPEND, 0644);

    ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    close(fd);
}

START_TEST(to_both)
{
    mw_str log;

    catch_stderr();
    mw_startup_begin(&s_, "prog", mw_str_of(in_folder("error.log")));
    MW_LOG(&s_.log, MW_LOG_WARN, 0, "careful");
    MW_LOG(&s_.log, MW_LOG_NOTICE, 0, "only for the log");
    MW_LOG(&s_.log, MW_LOG_EMERG, ENOENT, "open() \"x\" failed");
    EQ(told(), "");
    mw_startup_tell(&s_);
    EQ(told(), "prog: [warn] careful\nprog: [emerg] open() \"x\" failed (2: No such file or directory)\n");
    mw_startup_tell(&s_);                       /* once */
    ck_assert_uint_eq(told().len, mw_str_of("prog: [warn] careful\n").len
                      + mw_str_of("prog: [emerg] open() \"x\" failed (2: No such file or directory)\n").len);
    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("error.log")), 65536, &log), MW_OK);
    ck_assert(mw_str_find(log, MW_STR(" [notice] ")) < log.len && mw_str_find(log, MW_STR(": careful\n")) < log.len);
    mw_startup_end(&s_);
}
END_TEST

START_TEST(no_log)
{
    catch_stderr();
    mw_startup_begin(&s_, "prog", mw_str_of(in_folder("none/error.log")));
    ck_assert(mw_str_starts(told(), MW_STR("prog: [alert] could not open error log file: open() \"")));
    ck_assert_int_eq(s_.file.fd, -1);
    mw_startup_end(&s_);
}
END_TEST

START_TEST(says)
{
    catch_stderr();
    mw_say("%s: %d\n", "x", 5);
    EQ(told(), "x: 5\n");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/startup");

    CASE(s, to_both);
    CASE(s, no_log);
    CASE(s, says);
    return s;
}

#include "run.h"
