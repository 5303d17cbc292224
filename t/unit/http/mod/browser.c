/* browser.c - unit test of browser: versions, kinds, lists, bad rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/browser.c"

#include "house.h"

START_TEST(versions)
{
    uint64_t v;

    ck_assert(read_version(MW_STR("5"), true, &v) && v == 5000000);
    ck_assert(read_version(MW_STR("5.5"), true, &v) && v == 5050000);
    ck_assert(read_version(MW_STR("4000.99.99.99"), true, &v) && v == UINT64_C(4000999999));
    ck_assert(read_version(MW_STR("1.0.0"), true, &v) && v == 1000000);
    ck_assert(!read_version(MW_STR("4001"), true, &v));
    ck_assert(!read_version(MW_STR("1.100"), true, &v));
    ck_assert(!read_version(MW_STR("1.2.3.4.5"), true, &v));
    ck_assert(!read_version(MW_STR("x"), true, &v));
    ck_assert(!read_version(MW_STR(""), true, &v));
    ck_assert(!read_version(MW_STR("1."), true, &v));
    ck_assert(read_version(MW_STR("6.0; Windows"), false, &v) && v == 6000000);
    ck_assert(read_version(MW_STR("99999"), false, &v));
}
END_TEST

static void is_shown(const char *agent, const char *text)
{
    ck_assert_int_eq(ask("GET /", agent, NULL), 200);
    ck_assert_msg(mw_str_eq(got.bytes, mw_str_of(text)), "%s: %.*s", agent, MW_S(got.bytes));
}

START_TEST(kinds_of_them)
{
    house("modern_browser msie 5.5; modern_browser gecko 1.0.0; modern_browser opera 9.0; modern_browser safari 413;"
          "modern_browser konqueror 3.0; modern_browser unlisted; ancient_browser Links netscape4;"
          "modern_browser_value m; ancient_browser_value a; return 200 \"$modern_browser$ancient_browser$msie\";");
    is_shown("User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows)", "m1");
    is_shown("User-Agent: Mozilla/4.0 (compatible; MSIE 5.0; Windows)", "a1");
    is_shown("User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; X) Opera 8.0", "a");
    is_shown("User-Agent: Opera/9.5 (X11)", "m");
    is_shown("User-Agent: Mozilla/5.0 (X11; rv:1.9) Gecko/2008 Firefox/3.0", "m");
    is_shown("User-Agent: Mozilla/5.0 (X11; rv:0.9.1) Gecko/2008", "a");
    is_shown("User-Agent: Mozilla/5.0 (X) AppleWebKit/41 Safari/412", "a");
    is_shown("User-Agent: Mozilla/5.0 (compatible; Konqueror/3.5)", "m");
    is_shown("User-Agent: Links (1.0)", "a");
    is_shown("User-Agent: Mozilla/4.8 [en]", "a");
    is_shown("User-Agent: curl/7", "m");
    is_shown("X-None: x", "m");
}
END_TEST

static void bad(const char *text)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { %s }", text))), 1);
}

START_TEST(bad_name) { bad("modern_browser lynx 1;"); } END_TEST
START_TEST(bad_version) { bad("modern_browser msie five;"); } END_TEST
START_TEST(bad_word) { bad("modern_browser listed;"); } END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/browser");

    CASE(s, versions);
    CASE(s, kinds_of_them);
    CASE(s, bad_name);
    CASE(s, bad_version);
    CASE(s, bad_word);
    return s;
}

#include "run.h"
