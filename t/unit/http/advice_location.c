/* advice_location.c - unit test of locations that nothing gets to, and of all that look like those and are not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/advice_location.c"

#include "house.h"

static const struct { const char *text, *said; } rows[] = {
    { "location foo { }", "location \"foo\" can never match: a URI begins with \"/\"" },
    { "location = foo/ { }", "begins with" },
    { "location /x?a=b { }", "arguments are no part" },
    { "location /a%20b { }", "is decoded before" },
    { "location /a/../b { }", "dots are resolved" },
    { "location /a//b { }", "adjacent slashes" },
    { "location /a/ { location ~ ^/b { } }", "location \"^/b\" can never match inside location \"/a/\"" },
    { "location ^~ /a/ { location ~* ^/B/x$ { } }", "inside location \"/a/\"" },
    { "location ~ .* { } location ~ \\.php$ { }", "location \"\\.php$\" can never match: that of /tmp/" },
    { "location ~* \\.PHP$ { } location ~ \\.PHP$ { }", "can never match: that of" },
    { "return 301 /x; location /a { }", "location \"/a\" can never match: the \"return\" of /tmp/" },
    { "location / { } return 403; location /a { }", "location \"/\" can never match: the \"return\"" },
};

static const char *const silent[] = {
    "location / { } location /a { } location = /a { } location ^~ /b/ { } location ~ \\.php$ { } location @n { }",
    "merge_slashes off; location /a//b { }",
    "location /100% { } location /a%zz { } location /.well-known/ { } location /a.b/..c { }",
    ("location /a/ { location ~ \\.php$ { } location ~ ^/a/b { } location ~ ^/a? { } location ~ ^(/a|/b) { } "
     "location ~ ^/[ab] { } location /a/c { } location ~ ^/A/ { } }"),
    "location ~ ^/a { location ~ ^/b { } }",
    "location ~ \\.php$ { } location ~ ^/ { }",
    "location ~ a$ { } location ~* a$ { }",
    "if ($arg_a) { return 403; } location / { }",
    "if ($arg_a) { break; } return 403; location / { }",
    "return 404; error_page 404 = @n; location @n { return 200; }",
    "return 301 https://$host$request_uri;",
};

static void bind_server(const char *text)
{
    ck_assert_uint_eq(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp {\naccess_log off;\nserver {\n"
                                                                "listen 127.0.0.1:8080;\n%s\n}\n}\n", text))), 0);
}

START_TEST(warns)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const mw_diag_line *l;

        bind_server(rows[i].text);
        ck_assert_msg(cycle->diag.warnings == 1, "%u: %s", cycle->diag.warnings, rows[i].text);
        l = cycle->diag.first;
        ck_assert_msg(mw_str_find(l->text, mw_str_of(rows[i].said)) < l->text.len, "%.*s", MW_S(l->text));
        ck_assert(l->level == MW_LOG_WARN && l->pos.line == 6 && l->hint.len > 0);
    }
}
END_TEST

START_TEST(is_silent)
{
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++) {
        bind_server(silent[i]);
        ck_assert_msg(cycle->diag.warnings == 0, "%s: %.*s", silent[i], MW_S(cycle->diag.first->text));
    }
}
END_TEST

START_TEST(reads_patterns)
{
    EQ(first_bytes(MW_STR("^/api/v1")), "/api/v1");
    EQ(first_bytes(MW_STR("^/api/?$")), "/api");
    EQ(first_bytes(MW_STR("^/ap.i")), "/ap");
    EQ(first_bytes(MW_STR("/api")), "");
    EQ(first_bytes(MW_STR("^/a|^/b")), "");
    EQ(first_bytes(MW_STR("^")), "");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/advice_location");

    CASE(s, warns);
    CASE(s, is_silent);
    CASE(s, reads_patterns);
    return s;
}

#include "run.h"
