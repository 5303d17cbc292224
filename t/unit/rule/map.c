/* map.c - tests of map; cases as in nginx-tests map.t, map_complex.t, map_volatile.t.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/map.c"

#include "setup.h"

static const char *source;

static bool get_source(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)s;
    (void)v;
    *text = mw_str_of(source);
    return true;
}

static mw_rc read_map(const char *text)
{
    return mw_map_directives[0].set(&bind_of_test, nodes_of(text), &mw_map_directives[0], NULL);
}

static unsigned map_of(const char *text)
{
    mw_var *s = define("s", NULL);

    s->get = get_source;
    s->fleeting = true;
    ck_assert_int_eq(read_map(text), MW_OK);
    need_named("x");
    ck_assert_int_eq(settle(), MW_OK);
    return need_named("x");
}

static bool gives(unsigned x, const char *of, const char *value)
{
    source = of;
    scope.values = NULL;
    return value_is(x, value);
}

START_TEST(strings)
{
    unsigned x = map_of("map $s $x { default 0; foo bar; '' none; \\include special; \\~a tilde; a.* star; }");

    ck_assert(gives(x, "1", "0") && gives(x, "foo", "bar") && gives(x, "FOO", "bar") && gives(x, "", "none"));
    ck_assert(gives(x, "include", "special") && gives(x, "~A", "tilde") && gives(x, "a.b", "0") &&
              gives(x, "foo.", "0"));
    x = map_of("map $s $x { foo bar; }");
    ck_assert(gives(x, "1", "") && gives(x, "foo", "bar"));
}
END_TEST

START_TEST(hostnames)
{
    unsigned x = map_of("map $s $x { hostnames; default 0; example.com foo; example.* right; *.example.com left; "
                        ".dot.example.com special; ~^REGEX.EXAMPLE\\.ORG$ sensitive; "
                        "~*^www.regex.example\\.org$ in; }");

    ck_assert(gives(x, "example.com", "foo") && gives(x, "EXAMPLE.COM.", "foo") && gives(x, "example.org", "right"));
    ck_assert(gives(x, "foo.example.com.", "left") && gives(x, "dot.example.com", "special"));
    ck_assert(gives(x, "www.dot.example.com", "special") && gives(x, "REGEX.EXAMPLE.ORG", "sensitive"));
    ck_assert(gives(x, "regex.example.org", "0") && gives(x, "WWW.regex.EXAMPLE.org", "in"));
}
END_TEST

START_TEST(values_are_evaluated)
{
    unsigned x;

    define("y", "yy");
    x = map_of("map a$s $x { avar foo:$y; ~^a(?<tail>.+)(z)$ $tail-$2; default $y; }");
    ck_assert(gives(x, "var", "foo:yy") && gives(x, "bcz", "bc-z") && gives(x, "?", "yy"));
}
END_TEST

START_TEST(fleeting_when_volatile)
{
    unsigned x = map_of("map $s $x { volatile; a 1; b 2; }");

    ck_assert(gives(x, "a", "1"));
    source = "b";
    ck_assert(value_is(x, "2"));
    x = map_of("map $s $x { a 1; b 2; }");                  /* the last definition counts */
    ck_assert(gives(x, "a", "1"));
    source = "b";
    ck_assert(value_is(x, "1"));
}
END_TEST

START_TEST(complains_as_nginx)
{
    static const char *const bad[][2] = {
        { "map $s a { }", "invalid variable name \"a\"" }, { "map $s $ { }", "invalid variable name \"$\"" },
        { "map $s $counted { }", "the duplicate \"counted\" variable" }, { "map $ $x { }", "invalid variable name" },
        { "map $s $x { a; }", "invalid number of the map parameters" },
        { "map $s $x { a b c; }", "invalid number of the map parameters" },
        { "map $s $x { default 1; default 2; }", "duplicate default map parameter" },
        { "map $s $x { a 1; A 2; }", "conflicting parameter \"A\"" },
        { "map $s $x { hostnames; a 1; .a 1; }", "conflicting parameter \".a\"" },
        { "map $s $x { hostnames; *.a..b 1; }", "invalid hostname or wildcard \"*.a..b\"" },
        { "map $s $x { ~( 1; }", "pcre2_compile() failed: missing closing parenthesis in \"(\"" },
        { "map $s $x { a $; }", "invalid variable name" }, { "map $s $x { a { b c; } }", "unexpected \"{\"" },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(read_map(bad[i][0]) == MW_ERR, "%s", bad[i][0]);
        ck_assert(said(bad[i][1]));
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/map");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, strings);
    tcase_add_test(t, hostnames);
    tcase_add_test(t, values_are_evaluated);
    tcase_add_test(t, fleeting_when_volatile);
    tcase_add_test(t, complains_as_nginx);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
