/* route.c - unit test of compiled routes: who is on them, in which order, and how they are shown.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/route.c"

#include "house.h"

static const char *way_of(const mw_place *p)
{
    mw_out o = mw_arena_pen(arena, 4096);

    for (unsigned i = 0; i < p->route.nstops; i++)
        mw_out_fmt(&o, "%s ", p->route.stops[i].module != NULL ? p->route.stops[i].module->name
                              : p->route.stops[i].run == locate ? "locate"
                              : p->route.stops[i].run == verdict ? "verdict" : "missing");
    return mw_arena_z(arena, mw_out_done(&o));
}

START_TEST(who_applies)
{
    house("set $a 1; location /files { } location /all { satisfy any; allow all; try_files /x /y; rewrite ^/z$ /q; "
        "autoindex on; }"
          "location /proxy { proxy_pass http://127.0.0.1:9; deny all; } location /status { stub_status; index a; }"
          "location /if { if ($a) { add_header b c; } deny all; }");
    ck_assert_str_eq(way_of(first_server()->own), "rewrite locate missing ");
    (void)ask("GET /files", NULL);
    ck_assert_str_eq(way_of(r->walked), "index static missing ");
    (void)ask("GET /status", NULL);
    ck_assert_str_eq(way_of(r->walked), "stub_status missing ");        /* sole: it drives out the others */
    (void)ask("GET /if", NULL);
    ck_assert_int_eq(r->res.status, 403);
    ck_assert_str_eq(way_of(r->walked), "access index static missing ");     /* an `if`: its rewrites ran outside */
    ck_assert_str_eq(field("b"), "");
    ck_assert_str_eq(way_of(mw_locations_find(first_server()->locations, &r->scope, MW_STR("/all")).place),
                     "rewrite access verdict try_files index autoindex static missing ");
}
END_TEST

START_TEST(slashes)
{
    house("location /p/ { proxy_pass http://127.0.0.1:9; } location /in { internal; } location /big { "
        "client_max_body_size 5; }");
    ck_assert_int_eq(ask("GET /p?x=1", NULL), 301);
    ck_assert_str_eq(field("Location"), "/p/?x=1");
    ck_assert_int_eq(ask("GET /in", NULL), 404);
}
END_TEST

START_TEST(shown)
{
    mw_out o = mw_arena_pen(arena, 4096);

    house("location / {\ndeny 10.0.0.1;\n\nallow all; return 200;\n}");
    (void)ask("GET /", NULL);
    mw_route_show(&o, r->walked);
    ck_assert(mw_str_starts(mw_out_done(&o), mw_arena_fmt(arena, "  in    rewrite         %s/house.conf:11\n"
        "        access          %s/house.conf:9,11\n        index           (by default)\n", folder, folder)));
    ck_assert(mw_str_find(mw_out_done(&o), MW_STR("\n        missing\n  head  ")) < mw_out_done(&o).len);
}
END_TEST

START_TEST(memory_of_hooks)
{
    house("location / { return 200; }");
    (void)ask("GET /", NULL);
    ck_assert_uint_gt(r->walked->route.ctx_bytes, 0);
    for (unsigned i = 0; i < r->walked->route.nheads; i++)
        ck_assert_uint_eq(r->walked->route.heads[i].ctx % 16, 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/route");

    CASE(s, who_applies);
    CASE(s, slashes);
    CASE(s, shown);
    CASE(s, memory_of_hooks);
    return s;
}

#include "run.h"
