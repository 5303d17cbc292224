/* table.c - unit test of the rows by name and as JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/table.c"

#include "modules.h"

START_TEST(rows_by_name_and_context)
{
    const mw_module *m = NULL;

    (void)bound("");
    ck_assert_ptr_eq(mw_bind_row(&B, MW_STR("server"), IN_UPSTREAM, &m), &up_rows[1]);
    ck_assert_ptr_eq(m, &mw_up_module);
    ck_assert_ptr_eq(mw_bind_row(&B, MW_STR("server"), IN_HTTP, NULL), &web_rows[1]);
    ck_assert_ptr_null(mw_bind_row(&B, MW_STR("server"), IN_MAIN, &m));
    ck_assert_ptr_null(mw_bind_row(&B, MW_STR("serve"), IN_HTTP, &m));
    ck_assert_uint_eq(mw_bind_row(&B, MW_STR("if"), IN_SERVER, &m)->block, IN_SERVER_IF);
    ck_assert_uint_eq(mw_bind_row(&B, MW_STR("if"), IN_LOCATION, &m)->block, IN_IF);
    ck_assert_uint_eq(B.nmodules, 3);
}
END_TEST

START_TEST(near_ones_of_the_context_first)
{
    (void)bound("");
    ck_assert_str_eq(mw_table_nearest(&B, MW_STR("servers"), IN_HTTP), "server");
    ck_assert_str_eq(mw_table_nearest(&B, MW_STR("demon"), IN_HTTP), "daemon");
    ck_assert_ptr_null(mw_table_nearest(&B, MW_STR("zzzzzz"), IN_HTTP));
}
END_TEST

START_TEST(json)
{
    static const char first[] =
        "[\n  {\"name\": \"daemon\", \"module\": \"main\", \"contexts\": [\"main\"], "
        "\"arguments\": {\"least\": 1, \"most\": 1}, "
        "\"block\": false, \"repeat\": false, \"default\": \"on\", \"help\": \"runs in the background\"},\n";
    static const mw_module *const none[] = { NULL };
    char   room[16384];
    mw_out o = mw_out_on(room, sizeof room);

    mw_directives_json(&o, modules);
    mw_out_char(&o, '\0');
    ck_assert(!o.cut);
    ck_assert_int_eq(strncmp(room, first, sizeof first - 1), 0);
    ck_assert_ptr_nonnull(strstr(room, "\"help\": \"compresses \\\"answers\\\"\""));
    ck_assert_ptr_nonnull(strstr(room, "\"contexts\": [\"http\", \"server\", \"location\", \"if in location\"]"));
    ck_assert_ptr_nonnull(strstr(room, "\"most\": null"));
    ck_assert_ptr_nonnull(strstr(room, "\"help\": \"\"}\n]\n"));
    o = mw_out_on(room, sizeof room);
    mw_directives_json(&o, none);
    ck_assert(mw_str_eq(mw_out_done(&o), MW_STR("[]\n")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/table");
    TCase *c = tcase_create("table");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, rows_by_name_and_context);
    tcase_add_test(c, near_ones_of_the_context_first);
    tcase_add_test(c, json);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
