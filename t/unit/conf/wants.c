/* wants.c - unit test of the lists of what a configuration asks for: each once, and zones that clash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/wants.c"

#include "tree.h"

static mw_wants W;

static void setup(void)
{
    begin();
    mw_wants_init(&W);
}

START_TEST(logs_are_shared)
{
    mw_log_file *a = mw_wants_log(&W, T.arena, MW_STR("/a")), *stderr_log = mw_wants_log(&W, T.arena, MW_STR(""));

    ck_assert_ptr_eq(mw_wants_log(&W, T.arena, MW_STR("/a")), a);
    ck_assert_ptr_ne(mw_wants_log(&W, T.arena, MW_STR("/b")), a);
    ck_assert_int_eq(a->fd, -1);
    ck_assert_int_eq(stderr_log->fd, 2);
    ck_assert_ptr_eq(MW_OWNER(W.logs.next, mw_log_file, all), a);
}
END_TEST

START_TEST(zones_clash)
{
    static const mw_zone_kind kind = { .name = "k" }, other = { .name = "o" };
    int      me = 0, you = 0;
    mw_zone *z = mw_wants_zone(&W, T.arena, MW_STR("z"), 0, &kind, &me);

    ck_assert_ptr_nonnull(z);
    ck_assert_int_eq(z->fd, -1);
    ck_assert_ptr_eq(mw_wants_zone(&W, T.arena, MW_STR("z"), 4096, &kind, &me), z);
    ck_assert_uint_eq(z->size, 4096);
    ck_assert_ptr_eq(mw_wants_zone(&W, T.arena, MW_STR("z"), 0, &kind, &me), z);
    ck_assert_uint_eq(z->size, 4096);
    ck_assert_ptr_null(mw_wants_zone(&W, T.arena, MW_STR("z"), 8192, &kind, &me));
    ck_assert_ptr_null(mw_wants_zone(&W, T.arena, MW_STR("z"), 0, &kind, &you));
    ck_assert_ptr_null(mw_wants_zone(&W, T.arena, MW_STR("z"), 0, &other, &me));
    ck_assert_ptr_ne(mw_wants_zone(&W, T.arena, MW_STR("y"), 8192, &kind, &me), z);
}
END_TEST

START_TEST(dirs_once)
{
    mw_wants_dir(&W, T.arena, MW_STR("/a"));
    mw_wants_dir(&W, T.arena, MW_STR("/b"));
    mw_wants_dir(&W, T.arena, MW_STR("/a"));
    ck_assert_ptr_eq(W.dirs.next->next->next, &W.dirs);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/wants");
    TCase *c = tcase_create("wants");

    tcase_add_checked_fixture(c, setup, end);
    tcase_add_test(c, logs_are_shared);
    tcase_add_test(c, zones_clash);
    tcase_add_test(c, dirs_once);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
