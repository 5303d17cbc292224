/* outcome.c - unit test of the file that tells how a reload went: written, read, broken, gone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/outcome.c"

#include <limits.h>

#include "house.h"

START_TEST(round_trip)
{
    mw_str     pid = mw_str_of(in_folder("x.pid"));
    mw_outcome o = { .master = 17, .attempt = 3, .stage = MW_STAGE_FAILED, .why = MW_STR("[emerg] it is bad in "
        "x:1") }, back;

    ck_assert(!mw_outcome_read(arena, pid, &back));
    mw_outcome_write(arena, pid, &o);
    ck_assert(mw_outcome_read(arena, pid, &back));
    ck_assert_int_eq(back.master, 17);
    ck_assert_uint_eq(back.attempt, 3);
    ck_assert_int_eq(back.stage, MW_STAGE_FAILED);
    EQ(back.why, "[emerg] it is bad in x:1");
    o.stage = MW_STAGE_SERVES;
    o.why = MW_STR("");
    mw_outcome_write(arena, pid, &o);
    ck_assert(mw_outcome_read(arena, pid, &back));
    ck_assert_int_eq(back.stage, MW_STAGE_SERVES);
    EQ(back.why, "");
    mw_outcome_remove(arena, pid);
    ck_assert(mw_outcome_read(arena, pid, &back));              /* another master's */
    o.master = getpid();
    mw_outcome_write(arena, pid, &o);
    mw_outcome_remove(arena, pid);
    ck_assert(!mw_outcome_read(arena, pid, &back));
}
END_TEST

/* No file can be made beside one whose name has the greatest length there is: as on a full disk. */
START_TEST(in_place)
{
    char       name[NAME_MAX + 1];
    int        fd;
    mw_str     pid;
    mw_outcome o = { .master = 17, .attempt = 3, .stage = MW_STAGE_FAILED, .why = MW_STR("a long reason") }, back;

    memset(name, 'x', sizeof name);
    name[NAME_MAX - sizeof ".state" + 1] = '\0';
    pid = mw_str_of(in_folder(name));
    mw_outcome_write(arena, pid, &o);
    ck_assert(!mw_outcome_read(arena, pid, &back));
    memcpy(&name[NAME_MAX - sizeof ".state" + 1], ".state", sizeof ".state");
    fd = open(in_folder(name), O_WRONLY | O_CREAT, 0644);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(dprintf(fd, "17 2 serves something longer than what will stand there\n"), 56);
    ck_assert_int_eq(close(fd), 0);
    mw_outcome_write(arena, pid, &o);
    ck_assert(mw_outcome_read(arena, pid, &back));
    ck_assert_uint_eq(back.attempt, 3);
    EQ(back.why, "a long reason");
}
END_TEST

START_TEST(broken)
{
    static const char *const texts[] = {
        "", "x", "1", "1 ", "1 2", "1 2 ", "1 2 happy x", "99999999999 1 serves x", "1  serves x", "-1 2 serves x",
    };
    mw_outcome back;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file("x.pid.state", texts[i]);
        ck_assert_msg(!mw_outcome_read(arena, mw_str_of(in_folder("x.pid")), &back), "\"%s\"", texts[i]);
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/outcome");

    CASE(s, round_trip);
    CASE(s, in_place);
    CASE(s, broken);
    return s;
}

#include "run.h"
