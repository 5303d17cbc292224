/* symlink.c - tests of careful opening: which links stop it, which owners may, and what is trusted.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/symlink.c"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static char base[32], full[256];

static const char *in(const char *name)
{
    mw_out o = mw_out_on(full, sizeof full);

    mw_out_fmt(&o, "%s/%s%c", base, name, '\0');
    ck_assert(!o.cut);
    return full;
}

static void set_up(void)
{
    static const char pattern[] = "/tmp/mw-links-XXXXXX";

    memcpy(base, pattern, sizeof pattern);
    ck_assert_ptr_nonnull(mkdtemp(base));
    ck_assert_int_eq(mkdir(in("d"), 0755), 0);
    close(open(in("d/f"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    ck_assert_int_eq(symlink("f", in("d/link")), 0);
    ck_assert_int_eq(symlink("d", in("dlink")), 0);
    ck_assert_int_eq(symlink("nothing", in("dangling")), 0);
}

static void tear_down(void)
{
    char command[64];

    ck_assert_int_lt(snprintf(command, sizeof command, "rm -r %s", base), (int)sizeof command);
    ck_assert_int_eq(system(command), 0);
}

/* 0, or the errno. */
static int try_from(const char *name, mw_links links, int flags, size_t from)
{
    const char *failed = NULL;
    int         fd     = mw_open_careful(in(name), from, links, flags, &failed);
    int         err    = fd < 0 ? errno : 0;

    ck_assert_ptr_nonnull(failed);
    if (fd >= 0)
        close(fd);
    return err;
}

static int try(const char *name, mw_links links)
{
    int err = try_from(name, links, O_RDONLY, 0);

    ck_assert_int_eq(try_from(name, links, O_PATH, 0), err);
    return err;
}

START_TEST(links_stop_it)
{
    ck_assert_int_eq(try("d/f", MW_LINKS_OFF), 0);
    ck_assert_int_eq(try("./d/../d//f", MW_LINKS_OFF), 0);
    ck_assert_int_eq(try("d/", MW_LINKS_OFF), 0);
    ck_assert_int_eq(try("d/link", MW_LINKS_OFF), ELOOP);
    ck_assert_int_eq(try("dlink/f", MW_LINKS_OFF), ELOOP);
    ck_assert_int_eq(try("dlink/", MW_LINKS_OFF), ELOOP);
    ck_assert_int_eq(try("dlink/f", MW_LINKS_ON), 0);
    ck_assert_int_eq(try("d/x", MW_LINKS_OFF), ENOENT);
    ck_assert_int_eq(try("d/f/x", MW_LINKS_OFF), ENOTDIR);
}
END_TEST

START_TEST(owners_are_compared)
{
    ck_assert_int_eq(try("d/link", MW_LINKS_OWNER), 0);
    ck_assert_int_eq(try("dlink/link", MW_LINKS_OWNER), 0);
    ck_assert_int_eq(try("dangling", MW_LINKS_OWNER), ENOENT);
    if (geteuid() == 0) {
        ck_assert_int_eq(lchown(in("d/link"), 12345, 12345), 0);
        ck_assert_int_eq(try("dlink/link", MW_LINKS_OWNER), ELOOP);
        ck_assert_int_eq(lchown(in("dlink"), 12345, 12345), 0);
        ck_assert_int_eq(try("dlink/f", MW_LINKS_OWNER), ELOOP);
    }
}
END_TEST

START_TEST(a_part_is_trusted)
{
    size_t root = strlen(base);

    ck_assert_int_eq(try_from("dlink/f", MW_LINKS_OFF, O_RDONLY, root), ELOOP);
    ck_assert_int_eq(try_from("dlink/f", MW_LINKS_OFF, O_RDONLY, root + 6), 0);
    ck_assert_int_eq(try_from("dlink/f", MW_LINKS_OFF, O_RDONLY, root + 7), 0);
    ck_assert_int_eq(try_from("dlink/link", MW_LINKS_OFF, O_RDONLY, root + 7), ELOOP);
    ck_assert_int_eq(try_from("dlink/link", MW_LINKS_OFF, O_RDONLY, root + 11), 0);
    /* not the end of a name */
    ck_assert_int_eq(try_from("dlink/f", MW_LINKS_OFF, O_RDONLY, root + 3), ELOOP);
}
END_TEST

START_TEST(lengths_are_bounded)
{
    char z[NAME_MAX + 3] = { '/' };
    const char *failed;

    memset(&z[1], 'x', NAME_MAX + 1);
    ck_assert_int_eq(mw_open_careful(z, 0, MW_LINKS_OFF, O_RDONLY, &failed), -1);
    ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/symlink");
    TCase *c = tcase_create("symlink");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, links_stop_it);
    tcase_add_test(c, owners_are_compared);
    tcase_add_test(c, a_part_is_trusted);
    tcase_add_test(c, lengths_are_bounded);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
