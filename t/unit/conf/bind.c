/* bind.c - unit test of the walk: what is refused and how, what is called in which order, levels.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/bind.c"

#include "modules.h"

static const struct { const char *text, *faults; } refused[] = {
    { "gzpi on; http { gzpi on; }", "unknown directive \"gzpi\" in x:1 (did you mean \"gzip\"?)\n"
                                    "unknown directive \"gzpi\" in x:1 (did you mean \"gzip\"?)\n" },
    { "foo\nbar;", "unknown directive \"foo\" in x:2\n" },
    { "foo { gzip; }", "unknown directive \"foo\" in x:1\n" },
    { "gzip on;",
      "\"gzip\" directive is not allowed here in x:1 (it may stand in: http, server, location, if in location)\n" },
    { "http { daemon on; }", "\"daemon\" directive is not allowed here in x:1 (it may stand in: main)\n" },
    { "http { server { server; } }",
      "\"server\" directive is not allowed here in x:1 (it may stand in: http, upstream)\n" },
    { "daemon on {}", "directive \"daemon\" is not terminated by \";\" in x:1\n" },
    { "events;", "directive \"events\" has no opening \"{\" in x:1\n" },
    { "events a {}", "invalid number of arguments in \"events\" directive in x:1 (it takes 0, here are 1)\n" },
    { "http { gzip; }", "invalid number of arguments in \"gzip\" directive in x:1 (it takes 1, here are 0)\n" },
    { "http { index; }",
      "invalid number of arguments in \"index\" directive in x:1 (it takes 1 or more, here are 0)\n" },
    { "http { server { location a b c {} } }",
      "invalid number of arguments in \"location\" directive in x:1 (it takes 1 to 2, here are 3)\n" },
    { "daemon on; daemon\noff;", "\"daemon\" directive is duplicate in x:2\n" },
    { "http {} http {}", "\"http\" directive is duplicate in x:1\n" },
    { "http { gzip foo; gzip on; body x; server { tries x; location / { mode y; } } }",
      "invalid value \"foo\" in \"gzip\" directive, it must be \"on\" or \"off\" in x:1\n"
      "\"gzip\" directive is duplicate in x:1\n\"body\" directive invalid value in x:1\n"
      "\"tries\" directive invalid number in x:1\n\"mode\" directive invalid number in x:1\n" },
};

START_TEST(refusals)
{
    (void)bound(refused[_i].text);
    ck_assert_str_eq(faults(), refused[_i].faults);
    ck_assert_ptr_null(strstr(calls, "finish"));
}
END_TEST

START_TEST(order)
{
    (void)bound("http {\n gzip on; server a { location / { if (x) { } gzip on; } tries 1; if (y) { } }\n"
                "map a b { c d; } upstream u { server s; } server b; server { } }");
    ck_assert_str_eq(faults(), "directive \"server\" has no opening \"{\" in x:3\n");
    ck_assert_str_eq(calls, "ready(main) enter(http) server(a) map(a) server(http) ready(http) "
                            "enter(a) location(/) if((y)) ready(a) enter(/) if((x)) ready(/) enter((x)) "
                            "server(s) enter(server)");
}
END_TEST

START_TEST(finish_when_all_is_well)
{
    (void)bound("daemon off;");
    ck_assert_str_eq(calls, "ready(main) finish()");
}
END_TEST

/* A block whose setter or enter says no is not read; what failed is not made ready, nor what is inside. */
START_TEST(what_failed_is_left)
{
    (void)bound("http { server bad { server; } server closed { nothing; } server fine { tries x;"
                "location / { body 1; } } server good { body 1; } }");
    ck_assert_str_eq(faults(), "bad in x:1\n\"tries\" directive invalid number in x:1\n");
    ck_assert_ptr_null(strstr(calls, "ready(fine)"));
    ck_assert_ptr_null(strstr(calls, "ready(/)"));
    ck_assert_ptr_null(strstr(calls, "ready(good)"));       /* http itself failed: server bad is its row */
    ck_assert_ptr_nonnull(strstr(calls, "enter(closed)"));
    ck_assert_ptr_null(strstr(calls, "enter(bad)"));
}
END_TEST

START_TEST(readies_are_independent)
{
    (void)bound("http { server a { tries 99; location /a { body 2; } } server b { tries 99; } }");
    ck_assert_str_eq(faults(), "99 tries in x:1\n99 tries in x:1\n");
    ck_assert_ptr_null(strstr(calls, "ready(/a)"));
}
END_TEST

START_TEST(levels)
{
    mw_level *top = bound("http {\n server a { }\n server b { location / { } }\n }"), *http = down(top, "http");
    mw_level *b = http->kids->next;

    ck_assert_uint_eq(top->where, IN_MAIN);
    ck_assert_uint_eq(http->where, IN_HTTP);
    ck_assert_ptr_eq(http->parent, top);
    ck_assert_uint_eq(b->where, IN_SERVER);
    ck_assert_uint_eq((uintptr_t)b->user, 3);
    ck_assert_ptr_eq(b->kids->parent, b);
    ck_assert_ptr_null(b->next);
    ck_assert_uint_eq(b->kids->where, IN_LOCATION);
}
END_TEST

START_TEST(optional_blocks)
{
    mw_level *http = down(bound("http { perhaps x; }"), "http");

    ck_assert_str_eq(faults(), "");
    ck_assert_ptr_null(http->kids);
    http = down(bound("http { perhaps { gzip on; } }"), "http");
    ck_assert(web(http->kids)->gzip && !web(http)->gzip);
}
END_TEST

START_TEST(written)
{
    mw_level *http = down(bound("http { gzip on; server { body 1; } }"), "http");

    ck_assert(mw_bind_written(&B, http, &mw_web_module, "gzip"));
    ck_assert(!mw_bind_written(&B, http, &mw_web_module, "body"));
    ck_assert(!mw_bind_written(&B, http->kids, &mw_web_module, "gzip"));
    ck_assert(mw_bind_written(&B, http->kids, &mw_web_module, "body"));
    ck_assert(!mw_bind_written(&B, http, &mw_main_module, "daemon"));
}
END_TEST

START_TEST(paths)
{
    B = (mw_bind){ .arena = T.arena, .prefix = MW_STR("/p/"), .folder = MW_STR("/c/") };
    ck_assert(mw_str_eq(mw_bind_path(&B, MW_STR("a")), MW_STR("/p/a")));
    ck_assert(mw_str_eq(mw_bind_path(&B, MW_STR("/a")), MW_STR("/a")));
    ck_assert(mw_str_eq(mw_bind_conf_path(&B, MW_STR("a")), MW_STR("/c/a")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/bind");
    TCase *c = tcase_create("bind");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_loop_test(c, refusals, 0, sizeof refused / sizeof refused[0]);
    tcase_add_test(c, order);
    tcase_add_test(c, finish_when_all_is_well);
    tcase_add_test(c, what_failed_is_left);
    tcase_add_test(c, readies_are_independent);
    tcase_add_test(c, levels);
    tcase_add_test(c, optional_blocks);
    tcase_add_test(c, written);
    tcase_add_test(c, paths);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
