/* try_files.c - unit test of try_files: files, folders, the last resort in its three forms, alias.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/try_files.c"

#include "house.h"

START_TEST(the_first_that_is_there)
{
    write_file("b", "bee");
    ck_assert_int_eq(mkdir(in_folder("d"), 0755), 0);
    write_file("d/index.html", "index");
    house("root .; location / { try_files $uri.none $uri $uri/ /last?x=1; } location = /last { return 200 \"last "
        "$args\"; }"
          "location /code { try_files $uri =410; } location /named { try_files $uri @name; }"
          "location @name { return 200 \"named $uri\"; } location /folder/ { alias d/; try_files $uri /b; }");
    ck_assert_int_eq(ask("GET /b", NULL), 200);
    BODY("bee");
    ck_assert(r->same_uri);
    ck_assert_int_eq(ask("GET /d", NULL), 301);             /* the folder: its links need the slash */
    ck_assert_int_eq(ask("GET /d/", NULL), 200);
    BODY("index");
    ck_assert_int_eq(ask("GET /nothing?y=2", NULL), 200);
    BODY("last x=1");
    ck_assert(r->internal);
    ck_assert_int_eq(ask("GET /code", NULL), 410);
    ck_assert_int_eq(ask("GET /named", NULL), 200);
    BODY("named /named");
    ck_assert_int_eq(ask("GET /folder/index.html", NULL), 200);     /* alias: the location's part is cut off */
    BODY("index");
    ck_assert_int_eq(ask("GET /folder/none", NULL), 200);
    BODY("bee");
}
END_TEST

START_TEST(faults)
{
    house("root .; location /circle { try_files $uri /circle/x; } location /lost { try_files $uri @nobody; }");
    ck_assert_int_eq(ask("GET /circle", NULL), 500);
    ck_assert(logged("redirection cycle"));
    ck_assert_int_eq(ask("GET /lost", NULL), 500);
    ck_assert(logged("could not find named location \"@nobody\""));
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { server { try_files a =b; location / { try_files a =1000; } } "
        "}"), 2);
    ck_assert(mw_str_eq(mw_cycle_why(cycle, arena), mw_arena_fmt(arena, "[emerg] invalid code \"=b\" in "
        "%s/house.conf:1",
                                                                 folder)));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/try_files");

    CASE(s, the_first_that_is_there);
    CASE(s, faults);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
