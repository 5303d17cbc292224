/* advice.c - unit test of what -t warns of: dropped fields, an alias that can be left, an `if` that hides something.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/advice.c"

#include "house.h"

/* TEXT in a server: how many warnings there are, of which one says this. */
static unsigned warned(const char *text, const char *of)
{
    bool found = false;

    ck_assert_uint_eq(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp {\naccess_log off;\nserver {\n"
                                                                "listen 127.0.0.1:8080;\n%s\n}\n}\n", text))), 0);
    for (const mw_diag_line *l = cycle->diag.first; l != NULL; l = l->next)
        found = found || (mw_str_find(l->text, mw_str_of(of)) < l->text.len && l->hint.len > 0 && l->pos.line > 5);
    ck_assert_msg(found || of[0] == '\0', "%s", of);
    return cycle->diag.warnings;
}

#define HSTS "add_header Strict-Transport-Security max-age=1;"

START_TEST(dropped_fields)
{
    ck_assert_uint_eq(warned(HSTS "\nlocation / { add_header X-A b; }",
                             "\"Strict-Transport-Security\" of /tmp/"), 1);
    ck_assert_uint_eq(warned(HSTS " add_header X-Frame-Options DENY;\nlocation / {\nif ($arg_a) { "
                             "add_header X-A b; } }",
                             "\"Strict-Transport-Security\" of"), 1);
    ck_assert_uint_eq(warned(HSTS "location / { add_header X-A b; " HSTS " }", ""), 0);
    ck_assert_uint_eq(warned("add_header_inherit merge;" HSTS "location / { add_header X-A b; }", ""), 0);
    ck_assert_uint_eq(warned(HSTS "location / { add_header X-A b; add_header_inherit on; }", ""), 0);
    ck_assert_uint_eq(warned(HSTS "location / { add_header_inherit off; }", ""), 0);
    ck_assert_uint_eq(warned("add_header X-Mine 1; location / { add_header X-A b; }", ""), 0);
    ck_assert_uint_eq(warned("location / { " HSTS " } location /b { add_header X-A b; }", ""), 0);
    ck_assert_uint_eq(warned(HSTS "location / { root html; }", ""), 0);
}
END_TEST

START_TEST(an_alias_that_can_be_left)
{
    ck_assert_uint_eq(warned("\nlocation /i { alias /data/img/; }", "\"/i../\" leads out of this alias"), 1);
    ck_assert_uint_eq(warned("\nlocation ^~ /i { alias /data/img/; }", "leads out of this alias"), 1);
    ck_assert_uint_eq(warned("location /i/ { alias /data/img/; } location /j { alias /data/img; } "
                             "location = /k { alias /data/; } location ~ ^/l(.*)$ { alias /data/$1/; } "
                             "location / { alias /data/; }", ""), 0);
}
END_TEST

START_TEST(an_if_that_hides)
{
    ck_assert_uint_eq(warned("location / {\nif ($arg_a) { set $b 1; }\ntry_files $uri =404; }",
                             "the \"try_files\" of /tmp/"), 1);
    ck_assert_uint_eq(warned("location / {\nif ($arg_a) { add_header X-A 1; }\nif ($arg_b) { expires 1h; } }",
                             "nothing in the \"if\" of /tmp/"), 1);
    ck_assert_uint_eq(warned("location / { if ($arg_a) { return 403; } if ($arg_b) { rewrite ^ /x last; } "
                             "try_files $uri =404; }", ""), 0);
    ck_assert_uint_eq(warned("location / { if ($arg_a) { set $a 1; } if ($arg_b) { set $a 2; } }", ""), 0);
    ck_assert_uint_eq(warned("location / { if ($request_method = POST) { add_header X-A 1; } "
                             "if ($request_method = GET) { add_header X-A 2; } }", ""), 0);
    ck_assert_uint_eq(warned("if ($arg_a) { set $b 1; } location / { try_files $uri =404; }", ""), 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/advice");

    CASE(s, dropped_fields);
    CASE(s, an_alias_that_can_be_left);
    CASE(s, an_if_that_hides);
    return s;
}

#include "run.h"
