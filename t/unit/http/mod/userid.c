/* userid.c - unit test of userid: what is sent, what is taken, marks, resets, bad rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/userid.c"

#include "house.h"

#define SHOWN "add_header X \"$uid_got|$uid_set\"; root /;"
#define ID "uid=wAACAgAAAAAAAAAAAwEBAQ=="          /* 192.0.2.2 first */

START_TEST(sent)
{
    house("userid on; location / { " SHOWN " } location /more { userid_domain d.org; userid_path /p;"
          "userid_expires max; userid_flags secure samesite=lax; userid_p3p P; userid_mark z; userid_service 1; }"
          "location /off { userid off; } location /log { userid log; }"
          "location /v1 { userid v1; add_header X $uid_set; }");
    ck_assert_int_eq(ask("GET /", NULL), 403);
    ck_assert_str_ne(field("Set-Cookie"), "");
    ck_assert(mw_str_starts(mw_str_of(field("Set-Cookie")), MW_STR("uid=wAACA")));
    ck_assert(mw_str_ends(mw_str_of(field("Set-Cookie")), MW_STR("==; path=/")));
    ck_assert_int_eq(ask("GET /more", NULL), 404);
    ck_assert(mw_str_ends(mw_str_of(field("Set-Cookie")), MW_STR("z=; expires=Thu, 31-Dec-37 23:55:55 GMT; "
                                                                  "domain=d.org; path=/p; secure; samesite=lax")));
    ck_assert_str_eq(field("P3P"), "P");
    ck_assert(mw_str_starts(mw_str_of(field("Set-Cookie")), MW_STR("uid=AAAAA")));
    ck_assert_int_eq(ask("GET /off", NULL), 404);
    ck_assert_str_eq(field("Set-Cookie"), "");
    ck_assert_int_eq(ask("GET /log", NULL), 404);
    ck_assert_str_eq(field("Set-Cookie"), "");
    ck_assert_int_eq(ask("GET /v1", NULL), 404);
    ck_assert(mw_str_starts(mw_str_of(field("Set-Cookie")), MW_STR("uid=AAAAA")));
}
END_TEST

START_TEST(taken)
{
    house("userid on; set $uid_reset $arg_r; location / { return 200 \"$uid_got|$uid_set\"; }"
          "location /mark { userid_mark z; return 200 \"$uid_set\"; }");
    ck_assert_int_eq(ask("GET /", "Cookie: a=b; " ID, NULL), 200);
    ck_assert_str_eq(field("Set-Cookie"), "");
    ck_assert(mw_str_starts(got.bytes, MW_STR("uid=")) && mw_str_ends(got.bytes, MW_STR("|")));
    ck_assert_int_eq(ask("GET /mark", "Cookie: " ID, NULL), 200);
    ck_assert_str_eq(field("Set-Cookie"), "uid=wAACAgAAAAAAAAAAAwEBAQz=; path=/");
    ck_assert_int_eq(ask("GET /mark", "Cookie: uid=wAACAgAAAAAAAAAAAwEBAQz=", NULL), 200);
    ck_assert_str_eq(field("Set-Cookie"), "");
    ck_assert_int_eq(ask("GET /?r=log", "Cookie: " ID, NULL), 200);
    ck_assert_str_ne(field("Set-Cookie"), "");
    ck_assert(logged("\" was reset"));
    ck_assert_int_eq(ask("GET /?r=0", "Cookie: " ID, NULL), 200);
    ck_assert_str_eq(field("Set-Cookie"), "");
    ck_assert_int_eq(ask("GET /", "Cookie: uid=short", NULL), 200);
    ck_assert_str_ne(field("Set-Cookie"), "");
    ck_assert(logged("client sent invalid userid cookie \"short\""));
    ck_assert_int_eq(ask("GET /", "Cookie: uid=************************", NULL), 200);
    ck_assert_str_ne(field("Set-Cookie"), "");
}
END_TEST

static void bad(const char *text)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { %s }", text))), 1);
}

START_TEST(bad_mode) { bad("userid yes;"); } END_TEST
START_TEST(bad_mark) { bad("userid_mark zz;"); } END_TEST
START_TEST(bad_expires) { bad("userid_expires soon;"); } END_TEST
START_TEST(bad_service) { bad("userid_service x;"); } END_TEST
START_TEST(bad_flag) { bad("userid_flags tasty;"); } END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/userid");

    CASE(s, sent);
    CASE(s, taken);
    CASE(s, bad_mode);
    CASE(s, bad_mark);
    CASE(s, bad_expires);
    CASE(s, bad_service);
    CASE(s, bad_flag);
    return s;
}

#include "run.h"
