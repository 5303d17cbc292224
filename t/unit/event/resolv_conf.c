/* resolv_conf.c - tests of the reader of resolv.conf.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/resolv_conf.c"

#include <check.h>

static mw_resolver_conf conf;
static mw_arena        *arena;

static void set_up(void) { arena = mw_arena_new(4096); }

static void tear_down(void) { mw_arena_free(arena); }

START_TEST(servers_and_options)
{
    ck_assert(parse_resolv_conf(arena, MW_STR("# a comment\n"
                                              "search example.com\n"
                                              "nameserver 192.0.2.1\n"
                                              "\tnameserver\t2001:db8::1  \n"
                                              "nameserver nonsense\n"
                                              "options rotate timeout:3 attempts:1 edns0"), &conf));
    ck_assert_uint_eq(conf.n, 2);
    ck_assert_uint_eq(conf.servers[0].family, MW_IPV4);
    ck_assert_uint_eq(conf.servers[0].ip[3], 1);
    ck_assert_uint_eq(conf.servers[0].port, 53);
    ck_assert_uint_eq(conf.servers[1].family, MW_IPV6);
    ck_assert_uint_eq(conf.timeout_ms, 6000);
    ck_assert(conf.ipv4 && conf.ipv6);
}
END_TEST

START_TEST(limits_and_defaults)
{
    ck_assert(parse_resolv_conf(arena, MW_STR("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\n"
                                              "nameserver 1.1.1.4\noptions timeout:0 attempts:99\n"), &conf));
    ck_assert_uint_eq(conf.n, 3);
    ck_assert_uint_eq(conf.timeout_ms, 5000 * 5 * 3);
    ck_assert(!parse_resolv_conf(arena, MW_STR("domain local\n"), &conf));
    ck_assert(!parse_resolv_conf(arena, MW_STR(""), &conf));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/resolv_conf");
    TCase *c = tcase_create("resolv_conf");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, servers_and_options);
    tcase_add_test(c, limits_and_defaults);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
