/* geo.c - tests of geo; cases as in nginx-tests geo.t, geo_ipv6.t, geo_unix.t.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/geo.c"

#include "setup.h"

static mw_var *remote, *ip;

static void begin_geo(void)
{
    begin();
    remote = define("remote_addr", "127.0.0.1");
    ip = define("arg_ip", NULL);
    (void)define("http_x_forwarded_for", NULL);
}

static mw_rc read_geo(const char *text)
{
    return mw_geo_directives[0].set(&bind_of_test, nodes_of(text), &mw_geo_directives[0], NULL);
}

/* What $x is after that block, for that client (and that X-Forwarded-For). */
static bool gives(const char *block, const char *client, const char *forwarded, const char *value)
{
    unsigned x = need_named("x");

    remote->data = ip->data = (uintptr_t)client;
    mw_vars_define(&bind_of_test, NULL, MW_STR("http_x_forwarded_for"))->data = (uintptr_t)forwarded;
    ck_assert_int_eq(read_geo(block), MW_OK);
    ck_assert_int_eq(settle(), MW_OK);
    scope.values = NULL;
    return value_is(x, value);
}

START_TEST(networks)
{
    const char *g = "geo $x { 127.0.0.0/8 loopback; 192.0.2.0/24 test; 0.0.0.0/0 world; ::/0 world6; "
                    "2001:db8::/32 test6; }";
    const char *none = "geo $x { default d; 255.255.255.255 none; delete 255.0.0.0/8; 10.0.0.0/8 a; "
                       "delete 10.0.0.0/8; }";

    ck_assert(gives(g, "127.0.0.1", NULL, "loopback") && gives(g, "192.0.2.1", NULL, "test"));
    ck_assert(gives(g, "8.8.8.8", NULL, "world") && gives(g, "::ffff:192.0.2.1", NULL, "test"));
    ck_assert(gives(g, "2001:db8::1", NULL, "test6") && gives(g, "::1", NULL, "world6"));
    ck_assert(gives(none, "unix:", NULL, "none") && gives(none, "", NULL, "none") &&
              gives(none, "10.0.0.1", NULL, "d"));
    ck_assert(gives("geo $arg_ip $x { default $d; 192.0.2.1 one; }", "192.0.2.1", NULL, "one"));
    ck_assert(gives("geo $arg_ip $x { default $d; 192.0.2.1 one; }", "::1", NULL, "$d"));
    ck_assert(gives("geo $x { 10.0.0.0/8 a; }", "1.2.3.4", NULL, ""));
}
END_TEST

START_TEST(ranges)
{
    const char *g = "geo $x { ranges; default d; 127.0.0.0-127.0.0.255 test; 127.0.0.1-127.0.0.2 test2; "
                    "127.0.0.1-127.0.0.1 loopback; 10.10.3.0-10.11.2.255 foo; 10.12.3.0-10.13.2.255 foo2; "
                    "delete 10.10.3.0-10.11.2.255; }";

    ck_assert(gives(g, "127.0.0.1", NULL, "loopback") && gives(g, "127.0.0.2", NULL, "test2"));
    ck_assert(gives(g, "127.0.0.3", NULL, "test") && gives(g, "10.13.2.1", NULL, "foo2"));
    ck_assert(gives(g, "10.11.2.1", NULL, "d") && gives(g, "::1", NULL, "d") && gives(g, "unix:", NULL, "d"));
    ck_assert(gives("geo $x { ranges; 0.0.0.0-255.255.255.254 test; default none; }", "unix:", NULL, "none"));
}
END_TEST

START_TEST(proxies)
{
    const char *once = "geo $x { default d; proxy 127.0.0.1; 127.0.0.0/8 loopback; 192.0.2.0/24 test; }";
    const char *deep = "geo $x { proxy_recursive; default d; proxy 127.0.0.1; 127.0.0.0/8 loopback; "
                       "192.0.2.0/24 test; }";
    const char *six  = "geo $x { ranges; proxy ::1; default d; 192.0.2.1-192.0.2.1 test; }";

    ck_assert(gives(once, "127.0.0.1", NULL, "loopback") && gives(once, "127.0.0.1", "192.0.2.1", "test"));
    ck_assert(gives(once, "127.0.0.1", "10.0.0.1", "d") && gives(once, "127.0.0.1", "10.0.0.1, 192.0.2.1", "test"));
    ck_assert(gives(once, "127.0.0.1", "192.0.2.1, 127.0.0.1", "loopback") &&
              gives(once, "127.0.0.1", " , ", "loopback"));
    ck_assert(gives(deep, "127.0.0.1", "192.0.2.1, 127.0.0.1", "test") &&
              gives(deep, "127.0.0.1", "x,127.0.0.1", "loopback"));
    ck_assert(gives(deep, "192.0.2.9", "10.0.0.1", "test") && gives(six, "::1", "::ffff:192.0.2.1", "test"));
}
END_TEST

START_TEST(fleeting_when_volatile)
{
    unsigned x = need_named("x");

    ck_assert_int_eq(read_geo("geo $arg_ip $x { volatile; 192.0.2.1 one; 192.0.2.2 two; }"), MW_OK);
    ck_assert_int_eq(settle(), MW_OK);
    ip->fleeting = true;
    ip->data = (uintptr_t)"192.0.2.1";
    ck_assert(value_is(x, "one"));
    ip->data = (uintptr_t)"192.0.2.2";
    ck_assert(value_is(x, "two"));
}
END_TEST

typedef struct complaint { const char *block, *text; } complaint;

static void check(const complaint *c, size_t n, mw_rc rc)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(read_geo(c[i].block) == rc, "%s", c[i].block);
        ck_assert(said(c[i].text));
    }
}

START_TEST(complains_as_nginx)
{
    static const complaint errors[] = {
        { "geo a { }", "invalid variable name \"a\"" }, { "geo $host b { }", "invalid variable name \"b\"" },
        { "geo $x { ranges x; }", "invalid network \"ranges\"" },
        { "geo $x { a; }", "invalid number of the geo parameters" },
        { "geo $x { 127.0.0.1 a b; }", "invalid number of the geo parameters" },
        { "geo $x { foo bar; }", "invalid network \"foo\"" }, { "geo $x { delete foo; }", "invalid network \"foo\"" },
        { "geo $x { proxy foo; }", "invalid network \"foo\"" }, { "geo $x { unix: 1; }", "invalid network \"unix:\"" },
        { "geo $x { 10.0.0.0/33 1; }", "invalid network \"10.0.0.0/33\"" },
        { "geo $x { default x; ranges; }",
          "the \"ranges\" directive must be the first directive inside \"geo\" block" },
        { "geo $x { ranges; 10.0.0.0/8 x; }", "invalid range \"10.0.0.0/8\"" },
        { "geo $x { ranges; delete 10.0.0.5; }", "invalid range \"10.0.0.5\"" },
        { "geo $x { ranges; 10.0.0.0-10.0.0.9 x; 10.0.0.5-10.0.0.12 y; }",
          "range \"10.0.0.5-10.0.0.12\" overlaps \"10.0.0.0-10.0.0.9\"" },
    };
    static const complaint warnings[] = {
        { "geo $x { 10.0.0.1/8 x; }", "low address bits of 10.0.0.1/8 are meaningless" },
        { "geo $x { 10.0.0.0/8 x; 10.0.0.0/8 y; }",
          "duplicate network \"10.0.0.0/8\", value: \"y\", old value: \"x\"" },
        { "geo $x { default x; default y; }", "duplicate network \"default\", value: \"y\", old value: \"x\"" },
        { "geo $x { delete 10.0.0.0/8; }", "no network \"10.0.0.0/8\" to delete" },
        { "geo $x { ranges; 10.0.0.0-10.0.0.9 x; 10.0.0.0-10.0.0.9 y; }",
          "duplicate range \"10.0.0.0-10.0.0.9\", value: \"y\", old value: \"x\"" },
        { "geo $x { ranges; delete 10.0.0.5-10.0.0.6; }", "no address range \"10.0.0.5-10.0.0.6\" to delete" },
        { "geo $x { ranges; default x; default y; }", "duplicate default geo range value: \"y\", old value: \"x\"" },
    };

    check(errors, sizeof errors / sizeof errors[0], MW_ERR);
    check(warnings, sizeof warnings / sizeof warnings[0], MW_OK);
    http_level.where = IN_STREAM;
    ck_assert_int_eq(read_geo("geo $x { proxy 127.0.0.1; }"), MW_ERR);
    http_level.where = IN_HTTP;
    ck_assert(said("invalid network \"proxy\""));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/geo");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin_geo, finish);
    tcase_add_test(t, networks);
    tcase_add_test(t, ranges);
    tcase_add_test(t, proxies);
    tcase_add_test(t, fleeting_when_volatile);
    tcase_add_test(t, complains_as_nginx);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
