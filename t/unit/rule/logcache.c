/* logcache.c - tests of open_log_file_cache; the sequence of names as in nginx-tests access_log.t.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/logcache.c"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static char             dir[64], moved[80];
static mw_logcache     *cache;
static mw_logcache_rule rule = { .max = 3, .min_uses = 2, .inactive_ms = 20000, .valid_ms = 60000 };

static void begin(void)
{
    snprintf(dir, sizeof dir, "/tmp/mw_logcache_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(moved, sizeof moved, "%s_moved", dir);
    cache = mw_logcache_new(&rule);
}

static void finish(void)
{
    char command[200];

    mw_logcache_free(cache);
    mw_logcache_free(NULL);
    snprintf(command, sizeof command, "rm -rf %s %s", dir, moved);
    ck_assert_int_eq(system(command), 0);
}

/* One line to that file: 'k' kept, 'c' to be closed, '-' not opened. */
static char line_to(const char *file, uint64_t now)
{
    char path[100];
    bool kept;
    int  fd;

    snprintf(path, sizeof path, "%s/%s", dir, file);
    fd = mw_logcache_open(cache, mw_str_of(path), now, &kept);
    if (fd == -1)
        return '-';
    ck_assert_int_eq(write(fd, "/\n", 2), 2);
    if (!kept)
        close(fd);
    return kept ? 'k' : 'c';
}

START_TEST(keeps_what_is_used)
{
    ck_assert(line_to("lru", 0) == 'c' && line_to("lru", 0) == 'k' && line_to("once", 0) == 'c');
    ck_assert(line_to("first", 0) == 'c' && line_to("first", 0) == 'k');
    ck_assert(line_to("second", 0) == 'c' && line_to("second", 0) == 'k');
    ck_assert_int_eq(rename(dir, moved), 0);
    ck_assert(line_to("lru", 0) == '-' && line_to("once", 0) == '-');
    ck_assert(line_to("first", 0) == 'k' && line_to("second", 0) == 'k');
    mw_logcache_clear(cache);
    ck_assert(line_to("first", 0) == '-');
}
END_TEST

START_TEST(sees_renames_when_due)
{
    char from[100], to[100];

    ck_assert(line_to("a", 0) == 'c' && line_to("a", 0) == 'k');
    snprintf(from, sizeof from, "%s/a", dir);
    snprintf(to, sizeof to, "%s/b", dir);
    ck_assert_int_eq(rename(from, to), 0);
    cache->rule.inactive_ms = 1000000;
    ck_assert(line_to("a", 59999) == 'k');
    ck_assert_int_ne(access(from, F_OK), 0);
    ck_assert(line_to("a", 60000) == 'k');
    ck_assert_int_eq(access(from, F_OK), 0);
}
END_TEST

START_TEST(forgets_the_inactive)
{
    ck_assert(line_to("a", 0) == 'c' && line_to("a", 10000) == 'k' && line_to("b", 25000) == 'c');
    ck_assert_uint_eq(cache->n, 2);
    ck_assert(line_to("b", 30000) == 'k');
    ck_assert_uint_eq(cache->n, 1);
    ck_assert(line_to("a", 30000) == 'c');
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/logcache");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, keeps_what_is_used);
    tcase_add_test(t, sees_renames_when_due);
    tcase_add_test(t, forgets_the_inactive);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
