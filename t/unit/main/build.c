/* build.c - unit test of what -V says: what is there is named, what is not is denied, and no path pretends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/build.c"

#include "house.h"

static const mw_directive some[] = {
    { "gzip", IN_WEB, 1, 1, .set = mw_set_ignored }, { "ssl_certificate", IN_HTTP, 1, 1, .set = mw_set_ignored }, { 0 }
};
static const mw_module some_module = { .name = "some", .directives = some }, none_module = { .name = "none" };
static const mw_module *const few[] = { &none_module, &some_module, NULL };

static bool says(const mw_module *const *modules, const char *word)
{
    mw_out o = mw_arena_pen(arena, 16384);

    mw_build_show(&o, modules);
    return mw_str_find(mw_out_done(&o), mw_str_of(word)) < mw_out_done(&o).len;
}

START_TEST(follows_the_list)
{
    ck_assert(says(few, " --with-http_ssl_module"));
    ck_assert(!says(few, "stub_status"));               /* not there and off by default: not a word */
    ck_assert(!says(few, "--without-http_gzip_module"));
    ck_assert(says(few, " --without-http_map_module "));
    ck_assert(says(few, "\nTLS SNI support enabled\nconfigure arguments: "));
    ck_assert(says(mw_modules, " --with-http_stub_status_module"));
    ck_assert(!says(mw_modules, "--without-http_map_module"));
    ck_assert(!says(mw_modules, " --with-stream"));
}
END_TEST

START_TEST(asked_by_name)
{
    ck_assert(mw_build_has(few, MW_STR("http_ssl_module")));
    ck_assert(mw_build_has(few, MW_STR("http_gzip_module")));
    ck_assert(!mw_build_has(few, MW_STR("http_map_module")));
    ck_assert(!mw_build_has(few, MW_STR("stream")));
    ck_assert(!mw_build_has(few, MW_STR("stream_map_module")));
    ck_assert(!mw_build_has(few, MW_STR("nonsense")));
    ck_assert(mw_build_has(mw_modules, MW_STR("http_proxy_module")));
}
END_TEST

START_TEST(paths_that_pretend)
{
    ck_assert(misleading(MW_STR("/srv/http_v2/x")));
    ck_assert(misleading(MW_STR("/srv/--with-debug")));
    ck_assert(misleading(MW_STR("/opt/LibreSSL")));
    ck_assert(!misleading(MW_STR("/usr/local/miwidothttp")));
    ck_assert(mw_str_starts(mw_str_of(mw_build_version()), MW_STR("nginx/" MW_NGINX_VERSION " (")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/build");

    CASE(s, follows_the_list);
    CASE(s, asked_by_name);
    CASE(s, paths_that_pretend);
    return s;
}

#include "run.h"
