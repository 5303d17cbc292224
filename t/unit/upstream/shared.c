/* shared.c - unit test of peers' states in a zone: found again by what the group is, and freed of the dead.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/shared.c"

#include <check.h>
#include <stdio.h>
#include <sys/wait.h>

enum { PEERS = 2 };

static mw_zone zone;
static mw_peer peers[PEERS];
static mw_group group;

static void set_up(void)
{
    for (unsigned i = 0; i < PEERS; i++)
        peers[i] = (mw_peer){ .name = i == 0 ? MW_STR("a:1") : MW_STR("b:1"), .weight = 1, .max_fails = 1,
                              .number = i };
    zone = (mw_zone){ .name = MW_STR("z"), .size = 64 * 1024, .kind = &mw_peers_zone, .fd = -1 };
    ck_assert_int_eq(mw_zone_open(&zone), MW_OK);
    group = (mw_group){ .name = MW_STR("u"), .peers = peers, .n = PEERS, .slots = PEERS, .zone = &zone };
}

static void tear_down(void) { mw_zone_close(&zone); }

static mw_group_state share(const mw_group *g)
{
    mw_group_state s = { 0 };

    ck_assert(mw_peers_share(g, &s));
    return s;
}

START_TEST(what_it_is_finds_it)
{
    mw_group_state one = share(&group), two = share(&group), other;
    mw_group       named = group;

    ck_assert_ptr_eq(one.peers, two.peers);
    ck_assert_ptr_ne(one.held, two.held);
    one.peers[1].fails = 7;
    ck_assert_uint_eq(two.peers[1].fails, 7);
    named.name = MW_STR("v");
    other = share(&named);
    ck_assert_ptr_ne(other.peers, one.peers);
    mw_peers_unshare(&named, &other);
    peers[0].weight = 2;                            /* a reload that changes it begins anew */
    other = share(&group);
    ck_assert_ptr_ne(other.peers, one.peers);
    ck_assert_uint_eq(other.peers[1].fails, 0);
}
END_TEST

START_TEST(what_was_held_is_given_back)
{
    mw_group_state one = share(&group), two = share(&group);

    one.held[0] = 3;
    two.held[0] = 1;
    one.peers[0].conns = 4;
    mw_peers_unshare(&group, &one);
    ck_assert_ptr_null(one.held);
    ck_assert_uint_eq(two.peers[0].conns, 1);
    mw_peers_unshare(&group, &one);                 /* twice is once */
    ck_assert_uint_eq(two.peers[0].conns, 1);
}
END_TEST

START_TEST(so_is_what_the_dead_held)
{
    mw_group_state mine = share(&group);
    pid_t          child = fork();

    if (child == 0) {
        mw_group_state s = share(&group);

        s.held[1] = 2;
        s.peers[1].conns += 2;
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_uint_eq(mine.peers[1].conns, 2);
    left(&zone, mw_zone_root(&zone), 1);
    ck_assert_uint_eq(mine.peers[1].conns, 0);
    ck_assert_ptr_nonnull(((root *)mw_zone_root(&zone))->first->rows);     /* ours */
    ck_assert_ptr_null(((root *)mw_zone_root(&zone))->first->rows->next);
}
END_TEST

/* Groups come and go; those of nobody make room for new ones. */
START_TEST(a_full_zone)
{
    mw_group       g = group;
    mw_group_state first = share(&group), s = { 0 };
    char           name[16];
    unsigned       n;

    first.peers[0].fails = 5;
    for (n = 0; n < 3000; n++) {
        g.name = (mw_str){ name, (size_t)snprintf(name, sizeof name, "g%u", n) };
        ck_assert_msg(mw_peers_share(&g, &s), "group %u", n);
        mw_peers_unshare(&g, &s);
    }
    for (n = 0; n < 3000; n++) {                    /* and when they all stay, one is told */
        g.name = (mw_str){ name, (size_t)snprintf(name, sizeof name, "h%u", n) };
        s = (mw_group_state){ 0 };
        if (!mw_peers_share(&g, &s))
            break;
    }
    ck_assert_uint_lt(n, 3000);
    ck_assert_ptr_null(s.held);
    ck_assert_uint_eq(first.peers[0].fails, 5);     /* it was in use all the time */
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/shared");
    TCase *t = tcase_create("zone");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_it_is_finds_it);
    tcase_add_test(t, what_was_held_is_given_back);
    tcase_add_test(t, so_is_what_the_dead_held);
    tcase_add_test(t, a_full_zone);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
