/* modules.c - unit test of the one list: names are there once, and what must stand before what does.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/modules.c"

#include <check.h>

static int place_of(const char *name)
{
    for (int i = 0; mw_modules[i] != NULL; i++)
        if (strcmp(mw_modules[i]->name, name) == 0) return i;
    ck_abort_msg("there is no module %s", name);
    return -1;
}

START_TEST(names_are_there_once)
{
    for (int i = 0; mw_modules[i] != NULL; i++) {
        ck_assert_ptr_nonnull(mw_modules[i]->name);
        ck_assert_int_eq(place_of(mw_modules[i]->name), i);
    }
}
END_TEST

/* The order of the list is that of a phase, and of heads from the source outwards. */
START_TEST(stands_in_order)
{
    static const char *const before[][2] = {
        { "http", "rewrite" }, { "rewrite", "access" }, { "access", "try_files" }, { "try_files", "static" },
        { "index", "autoindex" }, { "autoindex", "static" }, { "conditional", "headers" }, { "headers", "gzip" },
        { "gzip", "range" }, { "range", "access_log" },
    };

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        ck_assert_msg(place_of(before[i][0]) < place_of(before[i][1]), "%s, %s", before[i][0], before[i][1]);
}
END_TEST

/* A row that may stand somewhere has a reader or a block, and a help to make the manual from. */
START_TEST(rows_are_whole)
{
    for (int i = 0; mw_modules[i] != NULL; i++)
        for (const mw_directive *d = mw_modules[i]->directives; d != NULL && d->name != NULL; d = &d[1]) {
            ck_assert_msg(d->where != 0 && d->help != NULL && d->least <= d->most, "%s", d->name);
            ck_assert_msg(d->set != NULL || d->block != 0, "%s", d->name);
            ck_assert_msg(d->set == NULL || d->size > 0 || d->offset == 0, "%s", d->name);
        }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/modules");
    TCase *c = tcase_create("all");

    tcase_add_test(c, names_are_there_once);
    tcase_add_test(c, stands_in_order);
    tcase_add_test(c, rows_are_whole);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
