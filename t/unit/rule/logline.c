/* logline.c - tests of log formats.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/logline.c"

#include "setup.h"

static mw_logline *compile(const char *text)
{
    return mw_logline_compile(&bind_of_test, nodes_of(text), 1);
}

static bool writes(const mw_logline *l, const char *line)
{
    char   room[512];
    mw_out o = mw_out_on(room, sizeof room);

    ck_assert_ptr_nonnull(l);
    ck_assert_int_eq(settle(), MW_OK);
    mw_logline_write(l, &scope, &o);
    if (!text_is(mw_out_done(&o), line))
        printf("wrote: %.*s\n", MW_S(mw_out_done(&o)));
    return !o.cut && text_is(mw_out_done(&o), line);
}

START_TEST(writes_lines)
{
    ck_assert(writes(compile("log_format x '$http_a \"$gone' ' $http_none' -${http_b}c;"), "a \"- --bc"));
    ck_assert(writes(compile("log_format x escape=json;"), ""));
    ck_assert(writes(compile("log_format x escape=none '$gone,$http_none,$http_a';"), ",,a"));
    ck_assert(writes(compile("log_format x escape=json '$gone,$http_none,$http_a';"), ",,a"));
    ck_assert(writes(mw_logline_text(&bind_of_test, NULL, MW_STR("<$http_q>"), MW_ESCAPE_DEFAULT), "<q>"));
    ck_assert_ptr_null(scope.values);
}
END_TEST

START_TEST(escapes)
{
    static const char raw[] = "a\"b\\c\x01\n\r\t\b\f\x1f ~\x7f\x80\xff/";

    define("raw", raw);
    define("empty", "");
    ck_assert(writes(compile("log_format x '$raw|$empty';"),
                     "a\\x22b\\x5Cc\\x01\\x0A\\x0D\\x09\\x08\\x0C\\x1F ~\\x7F\\x80\\xFF/|"));
    ck_assert(writes(compile("log_format x escape=default $raw;"),
                     "a\\x22b\\x5Cc\\x01\\x0A\\x0D\\x09\\x08\\x0C\\x1F ~\\x7F\\x80\\xFF/"));
    ck_assert(writes(compile("log_format x escape=json $raw;"),
                     "a\\\"b\\\\c\\u0001\\n\\r\\t\\b\\f\\u001F ~\x7f\x80\xff/"));
    ck_assert(writes(compile("log_format x escape=none $raw;"), raw));
}
END_TEST

START_TEST(is_always_json)
{
    static const mw_log_member members[] = {
        { "raw", "raw", false }, { "gone", "gone", false }, { "n", "n", true }, { "t", "t", true }, { "z", "z", true },
        { "two", "two", true }, { "digits", "n", false }, { "empty", "empty", true },
    };
    static const char raw[] = "a\"b\\c\x01\n \x7f\xc3\xbc\xff\xe2\x82/\xc0\xaf\xed\xa0\x80";

    define("raw", raw);
    define("n", "17");
    define("t", "0.004");
    define("z", "009");
    define("two", "1, 2");
    define("empty", "");
    ck_assert(writes(mw_logline_json(&bind_of_test, NULL, members, sizeof members / sizeof members[0]),
                     "{\"raw\":\"a\\\"b\\\\c\\u0001\\n \x7f\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd/"
                     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"gone\":null,\"n\":17,"
                     "\"t\":0.004,\"z\":\"009\",\"two\":\"1, 2\",\"digits\":\"17\",\"empty\":\"\"}"));
}
END_TEST

START_TEST(complains_as_nginx)
{
    static const char *const bad[][2] = {
        { "log_format x 'a$';", "invalid parameter \"$\"" }, { "log_format x 'a$-b';", "invalid parameter \"$-b\"" },
        { "log_format x '${}';", "invalid parameter \"${}\"" },
        { "log_format x '${abc';", "the closing bracket in \"abc\" variable is missing" },
        { "log_format x escape=foo a;", "unknown log format escaping \"foo\"" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_ptr_null(compile(bad[i][0]));
        ck_assert(said(bad[i][1]));
    }
    ck_assert_ptr_nonnull(compile("log_format x $1;"));
    ck_assert_int_eq(settle(), MW_ERR);
    ck_assert(said("unknown \"1\" variable"));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/logline");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, writes_lines);
    tcase_add_test(t, escapes);
    tcase_add_test(t, is_always_json);
    tcase_add_test(t, complains_as_nginx);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
