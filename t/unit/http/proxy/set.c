/* set.c - unit test of proxy_* directives that are more than one value: what they refuse.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/set.c"

#include "house.h"

static const struct { const char *text, *why; } bad[] = {
    { "proxy_redirect on;", "invalid parameter \"on\"" },
    { "proxy_redirect off; proxy_redirect off;", "\"proxy_redirect\" directive is duplicate" },
    { "proxy_redirect ~( /;", "(" },
    { "proxy_cookie_domain default;", "invalid parameter \"default\"" },
    { "proxy_cookie_path on;", "invalid parameter \"on\"" },
    { "proxy_cookie_flags on;", "invalid parameter \"on\"" },
    { "proxy_cookie_flags a nonsense;", "invalid parameter \"nonsense\"" },
    { "proxy_cookie_flags off; proxy_cookie_flags a secure;", "\"proxy_cookie_flags\" directive is duplicate" },
    { "proxy_http_version 1.2;", "invalid value \"1.2\"" },
    { "proxy_http_version 2;", "HTTP/2 towards upstreams is not in this build" },
    { "proxy_store '';", "empty path" },
    { "proxy_store_access user:x;", "invalid value \"user:x\"" },
    { "proxy_store_access nobody:r;", "invalid value \"nobody:r\"" },
    { "proxy_store_access user;", "invalid value \"user\"" },
    { "proxy_bind nonsense;", "invalid address \"nonsense\"" },
    { "proxy_bind 127.0.0.1 opaque;", "invalid parameter \"opaque\"" },
    { "proxy_set_header X $;", "invalid variable name" },
    { "proxy_next_upstream never;", "invalid value \"never\"" },
    { "proxy_ignore_headers Nonsense;", "invalid value \"Nonsense\"" },
};

START_TEST(refused)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp { server { location / { %s } "
                                                                "} }", bad[_i].text))), 1);
    ck_assert_msg(mw_str_find(cycle->diag.first->text, mw_str_of(bad[_i].why)) < cycle->diag.first->text.len,
                  "%s: %.*s", bad[_i].text, MW_S(cycle->diag.first->text));
}
END_TEST

static const struct { const char *text; unsigned mode; } modes[] = {
    { "user:rw", 0600 }, { "user:rw group:r all:r", 0644 }, { "group:rw", 0660 }, { "all:rw", 0606 },
    { "user:r", 0600 },
};

START_TEST(access_modes)
{
    mw_bind      b = { .arena = arena };
    mw_directive d = { .name = "proxy_store_access" };
    mw_str       words[3], rest = mw_str_of(modes[_i].text);
    mw_node      n = { .args = words };
    uint32_t     mode = 0;

    while (rest.len > 0)
        (void)mw_str_cut(rest, ' ', &words[n.nargs++], &rest);
    ck_assert_int_eq(mw_set_file_access(&b, &n, &d, &mode), MW_OK);
    ck_assert_uint_eq(mode, modes[_i].mode);
}
END_TEST

START_TEST(no_files)
{
    ck_assert(mw_proxy_is_store(MW_STR("data:x")) && mw_proxy_is_store(MW_STR("engine:x:y"))
              && mw_proxy_is_store(MW_STR("store:x")));
    ck_assert(!mw_proxy_is_store(MW_STR("/data:x")) && !mw_proxy_is_store(MW_STR("")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/set");
    TCase *t = tcase_create("refused"), *m = tcase_create("modes");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_loop_test(t, refused, 0, sizeof bad / sizeof *bad);
    tcase_add_checked_fixture(m, begin, finish);
    tcase_add_loop_test(m, access_modes, 0, sizeof modes / sizeof *modes);
    suite_add_tcase(s, t);
    suite_add_tcase(s, m);
    CASE(s, no_files);
    return s;
}

#include "run.h"
