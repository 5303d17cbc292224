/* errlog.c - unit test of error_log: targets, levels, lists, and what it refuses.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/errlog.c"

#include "tree.h"

static mw_bind  B;
static mw_wants W;

static void setup(void)
{
    begin();
    mw_wants_init(&W);
    B = (mw_bind){ .arena = T.arena, .diag = &T.diag, .wants = &W, .prefix = MW_STR("/p/") };
}

/* The setter on each directive of a text, in order, on one field. */
static const mw_sinks *run(const char *text)
{
    const mw_sinks *sinks = NULL;

    for (const mw_node *n = from_nginx(text)->kids; n != NULL; n = n->next)
        (void)mw_set_error_log(&B, n, NULL, &sinks);
    return sinks;
}

START_TEST(targets)
{
    const mw_sinks *s = run("error_log logs/e.log;");

    ck_assert(mw_str_eq(s->first->file->path, MW_STR("/p/logs/e.log")));
    ck_assert_int_eq(s->first->level, MW_LOG_ERROR);
    ck_assert_int_eq(s->most, MW_LOG_ERROR);
    ck_assert_int_eq(run("error_log stderr info;")->first->file->fd, 2);
    ck_assert_uint_eq(run("error_log memory:32k debug;")->first->ring->size, 32768);
    ck_assert_ptr_nonnull(run("error_log syslog:server=127.0.0.1 warn;")->first->syslog);
    ck_assert_str_eq(faults(), "");
}
END_TEST

START_TEST(several)
{
    const mw_sinks *s = run("error_log a warn; error_log b info; error_log c crit;");
    unsigned        n = 0;

    for (const mw_sink *sink = s->first; sink != NULL; sink = sink->next)
        n++;
    ck_assert_uint_eq(n, 3);
    ck_assert_int_eq(s->most, MW_LOG_INFO);
}
END_TEST

static const struct { const char *text, *faults; } refused[] = {
    { "error_log a loud;", "invalid log level \"loud\" in x:1\n" },
    { "error_log '';", "invalid log name \"\" in x:1\n" },
    { "error_log memory:1k;", "invalid buffer size \"1k\" defined by \"memory:1k\" in x:1\n" },
    { "error_log memory:x;", "invalid buffer size \"x\" defined by \"memory:x\" in x:1\n" },
    { "error_log a b c;", "invalid number of arguments in \"error_log\" directive in x:1\n" },
};

START_TEST(refusals)
{
    ck_assert_ptr_null(run(refused[_i].text));
    ck_assert_str_eq(faults(), refused[_i].faults);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/errlog");
    TCase *c = tcase_create("errlog");

    tcase_add_checked_fixture(c, setup, end);
    tcase_add_test(c, targets);
    tcase_add_test(c, several);
    tcase_add_loop_test(c, refusals, 0, sizeof refused / sizeof refused[0]);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
