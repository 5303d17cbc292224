/* upstream.c - unit test of `upstream` blocks: what their directives take, and what they refuse.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/upstream.c"

#include "house.h"

static const struct { const char *inside, *why; } refused[] = {
    { "", "no servers are inside upstream" },
    { "server 127.0.0.1 backup;", "no servers in upstream \"u\"" },
    { "server 127.0.0.1 weight=x;", "invalid parameter \"weight=x\"" },
    { "server 127.0.0.1 weight=4294967296;", "invalid parameter \"weight=4294967296\"" },
    { "server 127.0.0.1 max_fails=-1;", "invalid parameter \"max_fails=-1\"" },
    { "server 127.0.0.1 fail_timeout=;", "invalid parameter \"fail_timeout=\"" },
    { "server 127.0.0.1 route=;", "route is empty" },
    { "server 127.0.0.1 backup=1;", "invalid parameter \"backup=1\"" },
    { "server 127.0.0.1 slow_start=1s;", "parameter \"slow_start=1s\" of \"server\" is not in this build" },
    { "zone \"\" 64k; server 127.0.0.1;", "invalid zone name \"\"" },
    { "zone z 64q; server 127.0.0.1;", "invalid zone size \"64q\"" },
    { "zone z 4k; server 127.0.0.1;", "zone \"z\" is too small" },
    { "zone z; server 127.0.0.1;", "zone \"z\" has no size" },
    { "server 127.0.0.1; keepalive x;", "invalid value \"x\" in \"keepalive\" directive" },
    { "server 127.0.0.1; keepalive 3 global;", "invalid parameter \"global\"" },
    { "server 127.0.0.1; } upstream U { server 127.0.0.2;", "duplicate upstream \"U\"" },
};

START_TEST(refusals)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp { upstream u { %s } }",
                                                                refused[_i].inside))), 1);
    ck_assert_msg(mw_str_eq(cycle->diag.first->text, mw_str_of(refused[_i].why)), "%s: %.*s", refused[_i].inside,
                  MW_S(cycle->diag.first->text));
}
END_TEST

START_TEST(keepalive_limits)
{
    const mw_group *g;

    house("} upstream u { server 127.0.0.1; keepalive 7 local; keepalive_requests 8; keepalive_time 9s; "
          "keepalive_timeout 10s; } upstream plain { server 127.0.0.1; } upstream shared { server 127.0.0.1; keepalive "
          "3;");
    g = mw_group_named(&worker, MW_STR("u"), 80);
    ck_assert(g->keep.connections == 7 && g->keep.local && g->keep.requests == 8 && g->keep.time_ms == 9000
              && g->keep.timeout_ms == 10000);
    g = mw_group_named(&worker, MW_STR("PLAIN"), 80);
    ck_assert(g->keep.connections == 32 && g->keep.local && g->keep.requests == 1000 && g->keep.time_ms == 3600000
              && g->keep.timeout_ms == 60000);
    ck_assert(!mw_group_named(&worker, MW_STR("shared"), 80)->keep.local);
}
END_TEST

START_TEST(states_of_a_worker)
{
    const mw_group *g;
    mw_upstreams   *u;

    house("} upstream u { server 127.0.0.1; server 127.0.0.2; } upstream v { server 127.0.0.3 weight=4;");
    u = mw_upstreams_of(&worker);
    ck_assert_ptr_nonnull(u);
    ck_assert_uint_eq(u->n, 2);
    g = mw_group_named(&worker, MW_STR("v"), 80);
    ck_assert_ptr_eq(mw_group_state_of(&worker, g), &u->groups[g->number]);
    ck_assert_int_eq(u->groups[g->number].peers[0].effective, 4);
    ck_assert_ptr_null(u->groups[g->number].held);
    ck_assert(!mw_list_empty(&worker.leavers));
}
END_TEST

START_TEST(no_groups_no_states)
{
    house("location / { return 204; }");
    ck_assert_uint_eq(mw_upstreams_of(&worker)->n, 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/upstream");
    TCase *t = tcase_create("refused");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_loop_test(t, refusals, 0, sizeof refused / sizeof *refused);
    suite_add_tcase(s, t);
    CASE(s, keepalive_limits);
    CASE(s, states_of_a_worker);
    CASE(s, no_groups_no_states);
    return s;
}

#include "run.h"
