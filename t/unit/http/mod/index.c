/* index.c - unit test of index files: which is chosen, where an absolute one leads, folders that are not there.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/index.c"

#include "house.h"

START_TEST(chooses)
{
    ck_assert_int_eq(mkdir(in_folder("d"), 0755), 0);
    ck_assert_int_eq(mkdir(in_folder("empty"), 0755), 0);
    write_file("d/b.html", "b");
    write_file("file", "x");
    house("root .; index a.html $arg_name b.html; location /empty/ { index none /other; } location = /other { return "
        "200 o; }");
    ck_assert_int_eq(ask("GET /d/", NULL), 200);
    BODY("b");
    EQ(r->uri, "/d/b.html");
    ck_assert_int_eq(ask("GET /empty/?x=1", NULL), 200);
    BODY("o");
    EQ(r->args, "x=1");
    ck_assert_int_eq(ask("POST /d/", NULL), 405);           /* a file, and a method that files do not take */
    ck_assert_int_eq(ask("PUT /d/", NULL), 405);
    ck_assert_int_eq(ask("GET /none/", NULL), 404);
    ck_assert(logged("is not found"));
    ck_assert_int_eq(ask("GET /file/", NULL), 404);
}
END_TEST

START_TEST(nothing_to_show)
{
    ck_assert_int_eq(mkdir(in_folder("d"), 0755), 0);
    house("root .;");
    ck_assert_int_eq(ask("GET /d/", NULL), 403);
    ck_assert(logged("directory index of"));
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { index ''; server { index /a b; } }"), 1);
    ck_assert_ptr_nonnull(cycle->diag.first);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/index");

    CASE(s, chooses);
    CASE(s, nothing_to_show);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
