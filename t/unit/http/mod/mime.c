/* mime.c - unit test of media types: the built-in ones, those written, what is said of doubles.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/mime.c"

#include "house.h"

static const char *type_of(const char *uri)
{
    (void)ask("GET /", NULL);
    r->res.type = MW_STR("");
    return mw_arena_z(arena, mw_mime_type(r, mw_str_of(uri)));
}

START_TEST(built_in)
{
    house("return 200;");
    ck_assert_str_eq(type_of("/a.html"), "text/html");
    ck_assert_str_eq(type_of("/a.HTML"), "text/html");
    ck_assert_str_eq(type_of("/a.gif"), "image/gif");
    ck_assert_str_eq(type_of("/a.jpg"), "image/jpeg");
    ck_assert_str_eq(type_of("/a.png"), "text/plain");
    ck_assert_str_eq(type_of("/a.html/b"), "text/plain");
}
END_TEST

START_TEST(written)
{
    house("types { text/a a A2; text/b b; } types { text/c c; } default_type d/e; location = / { return 200; }");
    ck_assert_str_eq(type_of("/x.a"), "text/a");
    ck_assert_str_eq(type_of("/x.a2"), "text/a");
    ck_assert_str_eq(type_of("/x.B"), "text/b");
    ck_assert_str_eq(type_of("/x.c"), "text/c");            /* a second block adds */
    ck_assert_str_eq(type_of("/x.html"), "d/e");
    ck_assert_str_eq(type_of("/x"), "d/e");
    r->res.type = MW_STR("of/upstream");
    EQ(mw_mime_type(r, MW_STR("/x.a")), "of/upstream");
}
END_TEST

START_TEST(doubles)
{
    ck_assert_uint_eq(bind_house("events { } http { types { a/b x; c/d x; a/b y; a/b y; } }"), 0);
    ck_assert_ptr_nonnull(cycle->diag.first);
    EQ(cycle->diag.first->text, "duplicate extension \"x\", content type: \"c/d\", previous content type: \"a/b\"");
    ck_assert_ptr_null(cycle->diag.first->next);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/mime");

    CASE(s, built_in);
    CASE(s, written);
    CASE(s, doubles);
    return s;
}

#include "run.h"
