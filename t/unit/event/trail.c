/* trail.c - tests of trails: which changes are told, which are not, and that nothing is left behind.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/trail.c"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct follower { mw_trail trail; unsigned told; } follower;

static mw_log     log_ = { .sinks = &mw_log_stderr };
static mw_loop   *loop;
static mw_trails *trails;
static char       base[32];
static char       full[2][256];

static void told(mw_trail *trail) { MW_OWNER(trail, follower, trail)->told++; }

static const char *in(unsigned i, const char *name)
{
    mw_out o = mw_out_on(full[i], sizeof full[i]);

    mw_out_fmt(&o, "%s/%s%c", base, name, '\0');
    ck_assert(!o.cut);
    return full[i];
}

static void make_dir(const char *name) { ck_assert_int_eq(mkdir(in(0, name), 0755), 0); }

static void move(const char *from, const char *to) { ck_assert_int_eq(rename(in(0, from), in(1, to)), 0); }

static void link_to(const char *target, const char *name)
{
    ck_assert_int_eq(symlink(target, in(0, name)), 0);
}

static void write_file(const char *name, const char *text)
{
    int fd = open(in(0, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void begin_most(unsigned most)
{
    static const char pattern[] = "/tmp/mw-trail-XXXXXX";

    memcpy(base, pattern, sizeof pattern);
    ck_assert_ptr_nonnull(mkdtemp(base));
    loop = mw_loop_new(&mw_epoll);
    trails = mw_trails_new(loop, most, &log_);
    ck_assert_ptr_nonnull(trails);
    make_dir("a");
    make_dir("a/b");
    make_dir("c");
    write_file("a/b/f", "1");
    write_file("c/g", "1");
    mw_loop_turn(loop, 0);
}

static void begin(void) { begin_most(100); }

static void finish(void)
{
    char command[64];

    ck_assert_int_lt(snprintf(command, sizeof command, "rm -r %s", base), (int)sizeof command);
    ck_assert_int_eq(system(command), 0);
    mw_trails_free(trails);
    mw_loop_free(loop);
}

static bool follow(follower *f, const char *name, bool links)
{
    const char *path = in(0, name);

    *f = (follower){ .trail = { .changed = told } };
    return mw_trail_follow(trails, &f->trail, mw_str_of(path), links);
}

/* Whether exactly that was told since. */
static void expect(follower *f, unsigned times)
{
    mw_loop_turn(loop, 0);
    ck_assert_uint_eq(f->told, times);
    ck_assert((f->trail.n == 0) == (times > 0));
    mw_trail_leave(trails, &f->trail);
    ck_assert_uint_eq(trails->places.n, trails->dirs.n - 1);      /* places of dirs only */
}

START_TEST(a_files_own_changes_are_told)
{
    follower f;

    ck_assert(follow(&f, "a/b/f", false));
    write_file("a/b/f", "2");
    expect(&f, 1);
    ck_assert(follow(&f, "a/b/f", false));
    ck_assert_int_eq(chmod(in(0, "a/b/f"), 0600), 0);
    expect(&f, 1);
    ck_assert(follow(&f, "a/b/f", false));
    move("c/g", "a/b/f");
    expect(&f, 1);
    ck_assert(follow(&f, "a/b/f", false));
    ck_assert_int_eq(unlink(in(0, "a/b/f")), 0);
    expect(&f, 1);
    ck_assert(follow(&f, "a/b/f", false));
    write_file("a/b/f", "3");
    expect(&f, 1);
}
END_TEST

START_TEST(the_neighbours_are_not)
{
    follower f;

    ck_assert(follow(&f, "a/b/f", false));
    write_file("a/b/other", "2");
    write_file("a/f", "2");
    make_dir("a/b/d");
    ck_assert_int_eq(unlink(in(0, "a/b/other")), 0);
    expect(&f, 0);
}
END_TEST

START_TEST(a_directory_on_the_way_is_told)
{
    follower f;

    ck_assert(follow(&f, "a/b/f", false));
    move("a", "moved");
    make_dir("a");
    expect(&f, 1);
    ck_assert(follow(&f, "a/b/f", false));      /* it ends at b, which is not there */
    move("moved/b", "a/b");
    expect(&f, 1);
    ck_assert(follow(&f, "a/b/f", false));
    ck_assert_int_eq(chmod(in(0, "a"), 0700), 0);
    expect(&f, 1);
    ck_assert(follow(&f, "a/b/f", false));      /* the watches are those of the new places */
    write_file("a/b/f", "5");
    expect(&f, 1);
}
END_TEST

START_TEST(links_are_followed)
{
    follower f;

    link_to("a/b", "to_dir");
    link_to("../to_dir/f", "c/to_file");
    ck_assert(follow(&f, "to_dir/f", false));
    write_file("a/b/f", "2");
    expect(&f, 1);
    ck_assert(follow(&f, "c/to_file", true));
    write_file("a/b/f", "3");
    expect(&f, 1);
    ck_assert(follow(&f, "c/to_file", true));
    write_file("c/g", "3");
    expect(&f, 0);
    ck_assert(follow(&f, "c/to_file", true));
    link_to("c", "new");
    move("new", "to_dir");                      /* the link in the middle is replaced */
    expect(&f, 1);
    ck_assert(follow(&f, "c/to_file", true));   /* c/../to_dir/f is c/f now, and missing */
    write_file("c/f", "3");
    expect(&f, 1);
}
END_TEST

START_TEST(loops_of_links_end)
{
    follower f;

    link_to("y", "x");
    link_to("x", "y");
    ck_assert(follow(&f, "x/f", true));
    ck_assert_int_eq(unlink(in(0, "y")), 0);
    expect(&f, 1);
}
END_TEST

START_TEST(dots_are_understood)
{
    follower f;

    ck_assert(follow(&f, ".//a/./b/../../c///g", false));
    write_file("c/g", "2");
    expect(&f, 1);
    ck_assert(follow(&f, "../../../../c", false));
    expect(&f, 0);
}
END_TEST

START_TEST(many_follow_one_place)
{
    follower f[50], other;

    for (unsigned i = 0; i < 50; i++)
        ck_assert(follow(&f[i], "a/b/f", false));
    ck_assert(follow(&other, "c/g", false));
    mw_trail_leave(trails, &f[7].trail);
    write_file("a/b/f", "2");
    mw_loop_turn(loop, 0);
    for (unsigned i = 0; i < 50; i++)
        ck_assert_uint_eq(f[i].told, i != 7);
    ck_assert_uint_eq(other.told, 0);
    mw_trails_forget(trails);
    ck_assert_uint_eq(other.told, 1);
    ck_assert_uint_eq(trails->dirs.n + trails->places.n, 0);
}
END_TEST

START_TEST(what_tells_nothing_is_not_followed)
{
    follower f = { .trail = { .changed = told } };

    ck_assert(!mw_trail_follow(trails, &f.trail, MW_STR("/proc/self/status"), false));
    ck_assert_uint_eq(f.trail.n, 0);
    ck_assert_uint_eq(trails->places.n, 0);
}
END_TEST

START_TEST(an_overflow_tells_everybody)
{
    union { struct inotify_event event; char bytes[64]; } lost = {
        .event = { .wd = -1, .mask = IN_Q_OVERFLOW }
    };
    follower f;

    ck_assert(follow(&f, "a/b/f", false));
    tell(trails, &lost.event);
    ck_assert_uint_eq(f.told, 1);
    ck_assert_ptr_null(trails->root);
}
END_TEST

START_TEST(watches_are_limited_and_idle_ones_given_up)
{
    follower f, g;

    finish();
    begin_most(4);                              /* / /tmp base and one more */
    ck_assert(follow(&f, "c/g", false));
    ck_assert(!follow(&g, "a/x", false));
    ck_assert_uint_eq(trails->dirs.n, 4);
    mw_trail_leave(trails, &f.trail);
    ck_assert(follow(&g, "a/x", false));        /* c is watched no more */
    ck_assert_uint_eq(trails->dirs.n, 4);
    write_file("a/x", "1");
    expect(&g, 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/trail");
    TCase *c = tcase_create("trail");

    tcase_add_checked_fixture(c, begin, finish);
    tcase_add_test(c, a_files_own_changes_are_told);
    tcase_add_test(c, the_neighbours_are_not);
    tcase_add_test(c, a_directory_on_the_way_is_told);
    tcase_add_test(c, links_are_followed);
    tcase_add_test(c, loops_of_links_end);
    tcase_add_test(c, dots_are_understood);
    tcase_add_test(c, many_follow_one_place);
    tcase_add_test(c, what_tells_nothing_is_not_followed);
    tcase_add_test(c, an_overflow_tells_everybody);
    tcase_add_test(c, watches_are_limited_and_idle_ones_given_up);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
