/* listen.c - unit test of `listen`: its words, ranges of ports, what shares a socket, who is the default server.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/listen.c"

#include "house.h"

static unsigned sockets(const char *servers)
{
    unsigned n = 0;

    if (bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { access_log off; %s }", servers))) > 0)
        ck_abort_msg("%.*s", MW_S(mw_cycle_why(cycle, arena)));
    MW_LIST_EACH(node, &cycle->wants.listens)
        n += MW_OWNER(node, mw_listen, all)->addr.port > 0;
    return n;
}

static const mw_door *first_door(void) { return MW_OWNER(cycle->wants.listens.next, mw_listen, all)->door; }

static void again(void)
{
    mw_cycle_free(cycle);
    cycle = NULL;
}

START_TEST(which_sockets)
{
    static const struct { const char *servers; unsigned n; } rows[] = {
        { "server { listen 8000; }", 1 }, { "server { listen 8000-8003; }", 4 }, { "server { listen *:8000; listen "
            "[::]:8000; }", 2 },
        { "server { listen 8000; listen 127.0.0.1:8000; }", 1 },            /* the wildcard has it */
        { "server { listen 8000; listen 127.0.0.1:8000 bind; }", 2 },       /* unless it is told apart */
        { "server { listen 127.0.0.1:8000; } server { listen 127.0.0.1:8000; }", 1 },
        { "server { listen 127.0.0.1:8000; listen 127.0.0.2:8000; listen 127.0.0.1:8001; }", 3 },
        { "server { listen 127.0.0.1:8000-8001; listen 8000; }", 2 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(sockets(rows[i].servers) == rows[i].n, "%s", rows[i].servers);
        again();
    }
}
END_TEST

START_TEST(who_is_asked)
{
    const mw_door *door;
    mw_scope       s = { .arena = arena };

    ck_assert_uint_eq(sockets("server { listen 8000; server_name a; } server { listen 8000 default_server; "
        "server_name b *.b; }"
                              "server { listen 127.0.0.1:8000; server_name c; }"), 1);
    door = first_door();
    ck_assert_uint_eq(door->n, 2);
    EQ(mw_door_server(&door->addrs[0], &s, MW_STR("a"))->name, "a");
    EQ(mw_door_server(&door->addrs[0], &s, MW_STR("x.b"))->name, "b");
    EQ(mw_door_server(&door->addrs[0], &s, MW_STR("nobody"))->name, "b");
    EQ(mw_door_server(&door->addrs[0], &s, MW_STR(""))->name, "b");
    EQ(mw_door_server(&door->addrs[1], &s, MW_STR("a"))->name, "c");       /* only it listens there */
    ck_assert_ptr_null(door->addrs[1].names.names);
}
END_TEST

START_TEST(options)
{
    const mw_listen_options *o;

    (void)sockets("server { listen 127.0.0.1:8000 backlog=5 rcvbuf=4k sndbuf=1m fastopen=3 deferred reuseport "
                  "so_keepalive=30m::10 proxy_protocol; }");
    o = &MW_OWNER(cycle->wants.listens.next, mw_listen, all)->options;
    ck_assert(o->backlog == 5 && o->rcvbuf == 4096 && o->sndbuf == 1 << 20 && o->fastopen == 3);
    ck_assert(o->deferred && o->reuseport && !o->multipath);
    ck_assert(o->keepalive == 1 && o->keepidle == 1800 && o->keepintvl == 0 && o->keepcnt == 10);
    ck_assert(first_door()->addrs[0].proxy_protocol && !first_door()->addrs[0].ssl);
}
END_TEST

START_TEST(keepalives)
{
    static const struct { const char *text; bool good; } rows[] = {
        { "on", true }, { "off", true }, { "1m:2:3", true }, { "::5", true }, { "1m::", true }, { "::", false },
            { "", false },
        { "1m", true },
        { "1:2", true }, { "0::", false }, { "::128", true }, { "1:2:3:4", false },
        { "x::", false }, { ":x:", false }, { "::0", false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_listen_options o = plain;

        ck_assert_msg(read_keepalive(mw_str_of(rows[i].text), &o) == rows[i].good, "%s", rows[i].text);
    }
}
END_TEST

START_TEST(bad_rows)
{
    static const struct { const char *servers, *why; } rows[] = {
        { "server { listen 0; }", "invalid port in \"0\" of the \"listen\" directive" },
        { "server { listen 8000 default_server; } server { listen 8000 default_server; }", "a duplicate default "
            "server for 0.0.0.0:8000" },
        { "server { listen 8000; listen *:8000; }", "a duplicate listen 0.0.0.0:8000" },
        { "server { listen 8000 backlog=x; }", "invalid backlog \"backlog=x\"" },
        { "server { listen 8000 quic; }", "the \"quic\" parameter requires ngx_http_v3_module" },
        { "server { listen 9-8; }", "invalid port" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { access_log off; %s }",
                                                                    rows[i].servers))), 1);
        if (i < 5)
            ck_assert_msg(mw_str_eq(cycle->diag.first->text, mw_str_of(rows[i].why)), "%.*s",
                MW_S(cycle->diag.first->text));
        again();
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/listen");

    CASE(s, which_sockets);
    CASE(s, who_is_asked);
    CASE(s, options);
    CASE(s, keepalives);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
