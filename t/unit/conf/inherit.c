/* inherit.c - unit test of inheritance: defaults, sharing, shared fields, groups, and the four ways to inherit.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/inherit.c"

#include "modules.h"

static mw_level *top, *http, *server, *place, *inner;

/* http { A server { B location / { C if (x) { D } } } } */
static void nested(const char *a, const char *b, const char *c, const char *d)
{
    top = bound(mw_arena_fmt(T.arena, "http { %s server { %s location / { %s if (x) { %s } } } }", a, b, c, d).at);
    ck_assert_str_eq(faults(), "");
    http = down(top, "http");
    server = http->kids;
    place = server->kids;
    inner = place->kids;
}

START_TEST(defaults)
{
    web_conf *c = web(bound(""));

    ck_assert(!c->gzip && c->body.bytes == 1048576 && c->mode == 7 && c->tries == 0);
    ck_assert(mw_str_eq(c->root, MW_STR("html")));
    ck_assert_str_eq(listed(c->index), "index.html");
    ck_assert_str_eq(listed(c->once), "none");
    ck_assert_str_eq(listed(c->add), "");
    ck_assert_ptr_ne(c, B.table->defaults[1]);
}
END_TEST

START_TEST(a_written_default_is_replaced_not_grown)
{
    main_conf *c = mw_bind_conf(&B, bound("env A; env B;"), &mw_main_module);

    ck_assert_str_eq(listed(c->env), "A,B");
    ck_assert(c->daemon);
}
END_TEST

START_TEST(unwritten_is_shared)
{
    nested("gzip on;", "", "body 2;", "");
    ck_assert_ptr_ne(web(http), web(top));
    ck_assert_ptr_ne(web(place), web(server));
    ck_assert_ptr_eq(web(inner), web(place));
    ck_assert(web(place)->gzip && web(place)->body.bytes == 2 && web(place)->mode == 7);
    ck_assert_ptr_eq(mw_bind_conf(&B, inner, &mw_main_module), mw_bind_conf(&B, top, &mw_main_module));
}
END_TEST

/* Written behind the inner block, and yet inherited by it. */
START_TEST(later_counts)
{
    http = down(bound("http { server { body 2; } gzip on; }"), "http");
    ck_assert(web(http->kids)->gzip);
}
END_TEST

START_TEST(ignored_rows_make_no_struct)
{
    top = bound("http { hash 32; }");
    ck_assert_ptr_eq(web(top->kids), web(top));
    ck_assert(mw_bind_written(&B, top->kids, &mw_web_module, "hash"));
}
END_TEST

/* root's field is written by alias too: neither overwrites the other in one block, nor by inheritance. */
START_TEST(shared_fields)
{
    nested("root /r;", "", "alias /a; body 3;", "gzip on;");
    ck_assert(mw_str_eq(web(server)->root, MW_STR("/r")));
    ck_assert(mw_str_eq(web(place)->root, MW_STR("/a")));
    ck_assert(mw_str_eq(web(inner)->root, MW_STR("/a")));
}
END_TEST

START_TEST(lists_begin_anew_in_a_block)
{
    nested("index a b;", "index c; index d e;", "body 1;", "");
    ck_assert_str_eq(listed(web(http)->index), "a,b");
    ck_assert_str_eq(listed(web(server)->index), "c,d,e");
    ck_assert_str_eq(listed(web(place)->index), "c,d,e");
}
END_TEST

START_TEST(added_lists_grow)
{
    nested("add a;", "add b; add c;", "add d;", "");
    ck_assert_str_eq(listed(web(http)->add), "a");
    ck_assert_str_eq(listed(web(server)->add), "a,b,c");
    ck_assert_str_eq(listed(web(place)->add), "a,b,c,d");
    nested("add a;", "body 1;", "", "");
    ck_assert_str_eq(listed(web(server)->add), "a");
}
END_TEST

START_TEST(never)
{
    nested("", "once x; gzip on;", "", "");
    ck_assert_str_eq(listed(web(http)->once), "none");
    ck_assert_str_eq(listed(web(server)->once), "x");
    ck_assert_str_eq(listed(web(place)->once), "none");
    ck_assert(web(place)->gzip && web(place)->readied == 1);
    ck_assert_ptr_eq(web(inner), web(place));
}
END_TEST

START_TEST(inner_only)
{
    nested("", "", "pass p; pass_method M; location /in { }", "gzip on;");
    ck_assert(mw_str_eq(web(place)->pass, MW_STR("p")));
    inner = down(place, "(x)");
    ck_assert(mw_str_eq(web(inner)->pass, MW_STR("p")) && mw_str_eq(web(inner)->pass_method, MW_STR("M")));
    inner = down(place, "/in");
    ck_assert_uint_eq(web(inner)->pass.len, 0);
    ck_assert(mw_str_eq(web(inner)->pass_method, MW_STR("M")));
}
END_TEST

START_TEST(groups)
{
    nested("", "pass_method M;", "pass p;", "pass q;");
    ck_assert(mw_str_eq(web(place)->pass_method, MW_STR("GET")));
    ck_assert(mw_str_eq(web(inner)->pass, MW_STR("q")) && mw_str_eq(web(inner)->pass_method, MW_STR("GET")));
    nested("", "pass_method M;", "gzip on;", "pass_method N;");
    ck_assert(mw_str_eq(web(place)->pass_method, MW_STR("M")));
    ck_assert_uint_eq(web(inner)->pass.len, 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/inherit");
    TCase *c = tcase_create("inherit");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, defaults);
    tcase_add_test(c, a_written_default_is_replaced_not_grown);
    tcase_add_test(c, unwritten_is_shared);
    tcase_add_test(c, later_counts);
    tcase_add_test(c, ignored_rows_make_no_struct);
    tcase_add_test(c, shared_fields);
    tcase_add_test(c, lists_begin_anew_in_a_block);
    tcase_add_test(c, added_lists_grow);
    tcase_add_test(c, never);
    tcase_add_test(c, inner_only);
    tcase_add_test(c, groups);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
