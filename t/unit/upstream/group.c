/* group.c - unit test of groups: names found and made, addresses, and what is wrong with a server line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/group.c"

#include "house.h"

START_TEST(found_by_name)
{
    const mw_group *g;

    house("location /a { proxy_pass http://u; } location /b { proxy_pass http://127.0.0.1:9; }"
          "} upstream u { server 127.0.0.5:1 weight=3 max_fails=2 fail_timeout=7s max_conns=4; server unix:/x "
          "backup; keepalive 5;");
    g = mw_group_named(&worker, MW_STR("u"), 80);
    ck_assert_ptr_nonnull(g);
    ck_assert_uint_eq(g->n, 2);
    ck_assert(g->has_backup && !g->single && !g->implicit);
    ck_assert_uint_eq(g->peers[0].weight, 3);
    ck_assert_uint_eq(g->peers[0].max_fails, 2);
    ck_assert_uint_eq(g->peers[0].fail_timeout_ms, 7000);
    ck_assert_uint_eq(g->peers[0].max_conns, 4);
    EQ(g->peers[0].name, "127.0.0.5:1");
    EQ(g->peers[1].name, "unix:/x");
    ck_assert_uint_eq(g->keep.connections, 5);
    g = mw_group_named(&worker, MW_STR("127.0.0.1:9"), 80);
    ck_assert_ptr_nonnull(g);
    ck_assert(g->implicit && g->single);
    ck_assert_ptr_null(mw_group_named(&worker, MW_STR("nobody"), 80));
}
END_TEST

START_TEST(unresolved)
{
    const mw_group *g;
    mw_try          t = { 0 };

    house("} upstream u { server name.invalid; server 127.0.0.1;");
    g = mw_group_named(&worker, MW_STR("u"), 80);
    ck_assert_uint_eq(g->n, 2);
    ck_assert(g->peers[0].unresolved);
    mw_try_begin(&t, g, &worker, arena, NULL);
    ck_assert_int_eq(mw_try_pick(&t), MW_OK);
    EQ(t.peer->name, "127.0.0.1:80");
    mw_try_done(&t, MW_PEER_FINE);
}
END_TEST

START_TEST(bad_servers)
{
    static const struct { const char *server, *why; } rows[] = {
        { "server unix:;", "no path in the unix domain socket in upstream \"unix:\"" },
        { "server 127.0.0.1:0;", "invalid port in upstream \"127.0.0.1:0\"" },
        { "server a:b;", "invalid port in upstream \"a:b\"" }, { "server :80;", "no host in upstream \":80\"" },
        { "server [::1;", "invalid host in upstream \"[::1\"" }, { "server 1.1.1.1 nonsense;", "invalid parameter "
            "\"nonsense\"" },
        { "server 1.1.1.1 weight=0;", "invalid parameter \"weight=0\"" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_uint_eq(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { upstream u { %s } }",
                                                                    rows[i].server))), 1);
        ck_assert_msg(mw_str_eq(cycle->diag.first->text, mw_str_of(rows[i].why)), "%s: %.*s", rows[i].server,
                      MW_S(cycle->diag.first->text));
        mw_cycle_free(cycle);
        cycle = NULL;
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/group");

    CASE(s, found_by_name);
    CASE(s, unresolved);
    CASE(s, bad_servers);
    return s;
}

#include "run.h"
