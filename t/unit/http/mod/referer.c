/* referer.c - unit test of valid_referers: each kind of word, bad ones.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/referer.c"

#include "house.h"

static bool valid(const char *uri, const char *from)
{
    mw_str line = mw_arena_fmt(arena, "GET %s", uri);

    ck_assert_int_eq(ask(mw_arena_z(arena, line), from, NULL), 200);
    return got.bytes.len == 0;
}

START_TEST(words)
{
    house("location /n { valid_referers none *.example.org; return 200 $invalid_referer; }"
          "location /b { valid_referers blocked; return 200 $invalid_referer; }"
          "location /u { valid_referers www.example.org/a www.example.org/b; return 200 $invalid_referer; }"
          "location /s { valid_referers server_names; return 200 $invalid_referer; }"
          "location /r { valid_referers ~example\\.(org|net)/x; return 200 $invalid_referer; }"
          "location /free { return 200 $invalid_referer; }");
    ck_assert(valid("/n", NULL));
    ck_assert(valid("/n", "Referer: https://www.EXAMPLE.org:81/a"));
    ck_assert(!valid("/n", "Referer: http://example.net/"));
    ck_assert(!valid("/n", "Referer: www.example.org"));
    ck_assert(valid("/b", "Referer: junk"));
    ck_assert(!valid("/b", NULL));
    ck_assert(valid("/u", "Referer: http://www.example.org/abc"));
    ck_assert(valid("/u", "Referer: http://www.example.org/b"));
    ck_assert(!valid("/u", "Referer: http://www.example.org/c"));
    ck_assert(!valid("/u", "Referer: http://www.example.org"));
    ck_assert(valid("/s", "Referer: http://house.test/"));
    ck_assert(!valid("/s", "Referer: http://house.test.evil.org/"));
    ck_assert(valid("/r", "Referer: http://www.Example.net/x"));
    ck_assert(!valid("/r", "Referer: http://www.example.net/y"));
    ck_assert(valid("/free", "Referer: http://anybody.org/"));
}
END_TEST

START_TEST(host_too_long)
{
    char long_name[400] = "Referer: http://";

    memset(&long_name[16], 'a', 300);
    house("valid_referers ~.; return 200 $invalid_referer;");
    ck_assert(!valid("/", long_name));
    long_name[16 + 256] = '\0';
    ck_assert(valid("/", long_name));
}
END_TEST

static void bad(const char *text)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { server { %s } }", text))), 1);
}

START_TEST(bad_regex) { bad("valid_referers ~(;"); } END_TEST
START_TEST(bad_wildcard) { bad("valid_referers a.*.b;"); } END_TEST
START_TEST(empty) { bad("valid_referers \"\";"); } END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/referer");

    CASE(s, words);
    CASE(s, host_too_long);
    CASE(s, bad_regex);
    CASE(s, bad_wildcard);
    CASE(s, empty);
    return s;
}

#include "run.h"
