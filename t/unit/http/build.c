/* build.c - unit test of what becomes of blocks: names and marks of locations, nesting, limit_except, doubles.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/build.c"

#include "house.h"

static const char *place_at(const char *uri)
{
    mw_found found = mw_locations_find(first_server()->locations, NULL, mw_str_of(uri));

    return found.place == NULL ? "" : mw_arena_z(arena, found.place->name);
}

START_TEST(marks)
{
    house("location / { } location = /exact { } location ^~ /pre/ { } location /pre/x { } location /deep/ { location "
        "/deep/er { } }"
          "location =/stuck { } location ^~/stuck2 { }");
    ck_assert_str_eq(place_at("/nothing"), "/");
    ck_assert_str_eq(place_at("/exact"), "/exact");
    ck_assert_str_eq(place_at("/exact/"), "/");
    ck_assert_str_eq(place_at("/pre/y"), "/pre/");
    ck_assert_str_eq(place_at("/pre/xy"), "/pre/x");
    ck_assert_str_eq(place_at("/deep/erer"), "/deep/er");
    ck_assert_str_eq(place_at("/stuck"), "/stuck");
    ck_assert_str_eq(place_at("/stuck2x"), "/stuck2");
}
END_TEST

START_TEST(exceptions)
{
    house("location / { deny all; limit_except GET POST { allow all; } } location /get { limit_except GET { deny "
        "all; } }");
    (void)ask("GET /", NULL);
    ck_assert_int_eq(r->res.status, 403);
    (void)ask("PUT /", NULL);
    ck_assert_int_eq(r->res.status, 405);
    ck_assert_int_eq(ask("HEAD /get", NULL), 404);          /* who may GET may HEAD */
    ck_assert_int_eq(ask("POST /get", NULL), 403);
}
END_TEST

START_TEST(faults)
{
    static const struct { const char *text, *why; } rows[] = {
        { "location / { } location / { }", "duplicate location \"/\"" },
        { "location = / { } location = / { }", "duplicate location \"/\"" },
        { "location @a { } location @a { }", NULL },
        { "location = /a { location /a/b { } }", "location \"/a/b\" cannot be inside the exact location \"/a\"" },
        { "location @a { location /b { } }", "location \"/b\" cannot be inside the named location \"@a\"" },
        { "location /a { location @b { } }", "named location \"@b\" can be on the server level only" },
        { "location /a { location /b { } }", "location \"/b\" is outside location \"/a\"" },
        { "location ! /a { }", "invalid location modifier \"!\"" },
        { "location / { limit_except NOPE { } }", "invalid method \"NOPE\"" },
        { "location / { limit_except GET { } limit_except PUT { } }", "\"limit_except\" directive is duplicate" },
        { "location ~ a { location /any { } }", NULL },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned errors = bind_house(mw_arena_z(arena, mw_arena_fmt(arena,
            "events { } http { access_log off; server { listen 127.0.0.1:8080; %s } }", rows[i].text)));

        ck_assert_msg(errors == (rows[i].why != NULL), "%s: %u", rows[i].text, errors);
        if (errors > 0)
            ck_assert_msg(mw_str_eq(cycle->diag.first->text, mw_str_of(rows[i].why)), "%s: %.*s", rows[i].text,
                          MW_S(cycle->diag.first->text));
        mw_cycle_free(cycle);
        cycle = NULL;
    }
}
END_TEST

START_TEST(one_http_block)
{
    ck_assert_uint_eq(bind_house("events { } http { } http { }"), 1);
    EQ(cycle->diag.first->text, "\"http\" directive is duplicate");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/build");

    CASE(s, marks);
    CASE(s, exceptions);
    CASE(s, faults);
    CASE(s, one_http_block);
    return s;
}

#include "run.h"
