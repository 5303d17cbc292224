/* static.c - unit test of files: types, tags, folders, errors and their statuses, methods.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/static.c"

#include "house.h"

START_TEST(files)
{
    char *big = mw_arena_zalloc(arena, 100001);

    memset(big, 'x', 100000);
    write_file("a.html", "<p>");
    write_file("empty", "");
    write_file("big", big);
    house("root .; types { text/html html; } default_type text/x-own; location = /no { etag off; alias empty; }");
    ck_assert_int_eq(ask("GET /a.html", NULL), 200);
    BODY("<p>");
    EQ(r->res.type, "text/html");
    ck_assert_int_eq(r->res.length, 3);
    ck_assert(r->res.modified > 0 && r->res.ranges);
    ck_assert(mw_str_ends(mw_str_of(field("ETag")), MW_STR("-3\"")));
    ck_assert_int_eq(ask("GET /empty", NULL), 200);
    ck_assert_int_eq(r->res.length, 0);
    EQ(r->res.type, "text/x-own");
    ck_assert_int_eq(ask("GET /no", NULL), 200);
    ck_assert_str_eq(field("ETag"), "");
    ck_assert_int_eq(ask("GET /big", NULL), 200);           /* too big for memory: a descriptor */
    ck_assert_int_eq(r->res.length, 100000);
    ck_assert_int_eq((int64_t)got.body.bytes, 100000);
    ck_assert_int_eq(ask("HEAD /a.html", NULL), 200);
    ck_assert(r->res.head_only);
}
END_TEST

START_TEST(what_is_no_file)
{
    ck_assert_int_eq(mkdir(in_folder("d"), 0755), 0);
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0644), 0);
    write_file("f", "x");
    house("root .; location /quiet/ { log_not_found off; }");
    ck_assert_int_eq(ask("GET /quiet/none", NULL), 404);
    ck_assert(!logged("failed"));
    ck_assert_int_eq(ask("GET /none", NULL), 404);
    ck_assert(logged("/none\" failed (2: No such file or directory)"));
    ck_assert_int_eq(ask("GET /f/below", NULL), 404);
    ck_assert_int_eq(ask("GET /pipe", NULL), 404);
    ck_assert(logged("is not a regular file"));
    ck_assert_int_eq(ask("GET /d?x=y", NULL), 301);
    ck_assert_str_eq(field("Location"), "/d/?x=y");
    ck_assert_int_eq(ask("GET /d/", NULL), 403);
    ck_assert_int_eq(ask("POST /f", NULL), 405);
    ck_assert_int_eq(ask("DELETE /f", NULL), 405);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/static");

    CASE(s, files);
    CASE(s, what_is_no_file);
    return s;
}

#include "run.h"
