/* realip.c - unit test of realip: lists of addresses, whom to follow, bad rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/realip.c"

#include "house.h"

START_TEST(lists)
{
    mw_str list = MW_STR(" 10.0.0.1, 192.0.2.7 ,, [::1]:80 , "), last;

    ck_assert(cut_last(&list, &last));
    EQ(last, "[::1]:80");
    ck_assert(cut_last(&list, &last));
    EQ(last, "192.0.2.7");
    ck_assert(cut_last(&list, &last));
    EQ(last, "10.0.0.1");
    ck_assert(!cut_last(&list, &last));
    list = MW_STR(" , ");
    ck_assert(!cut_last(&list, &last));
}
END_TEST

#define SAYS "return 200 \"$remote_addr $remote_port $realip_remote_addr $realip_remote_port\";"

START_TEST(headers)
{
    house("set_real_ip_from 192.0.2.0/24; set_real_ip_from 10.0.0.1;"
          "location /plain { " SAYS " }");
    ck_assert_int_eq(ask("GET /plain", "X-Real-IP: 203.0.113.9:77", NULL), 200);
    BODY("203.0.113.9 77 192.0.2.1 4711");
    ck_assert_int_eq(ask("GET /plain", "X-Real-IP: nobody", NULL), 200);
    BODY("192.0.2.1 4711 192.0.2.1 4711");
    ck_assert_int_eq(ask("GET /plain", "X-Real-IP: unix:/x", NULL), 200);
    BODY("192.0.2.1 4711 192.0.2.1 4711");
    ck_assert_int_eq(ask("GET /plain", NULL), 200);
    BODY("192.0.2.1 4711 192.0.2.1 4711");
    ck_assert_int_eq(ask("GET /plain", "X-Real-IP: 2001:db8::1", NULL), 200);
    BODY("2001:db8::1  192.0.2.1 4711");
}
END_TEST

START_TEST(recursive)
{
    house("set_real_ip_from 192.0.2.0/24; set_real_ip_from 10.0.0.1; real_ip_header X-Forwarded-For;"
          "real_ip_recursive on; " SAYS);
    ck_assert_int_eq(ask("GET /", "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.0.0.1", NULL), 200);
    BODY("203.0.113.9  192.0.2.1 4711");
    ck_assert_int_eq(ask("GET /", "X-Forwarded-For: 1.1.1.1, junk, 10.0.0.1", NULL), 200);
    BODY("10.0.0.1  192.0.2.1 4711");
    ck_assert_int_eq(ask("GET /", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 192.0.2.3", NULL), 200);
    BODY("203.0.113.9  192.0.2.1 4711");
}
END_TEST

START_TEST(not_trusted)
{
    house("set_real_ip_from 10.0.0.1; set_real_ip_from unix:; " SAYS);
    ck_assert_int_eq(ask("GET /", "X-Real-IP: 203.0.113.9", NULL), 200);
    BODY("192.0.2.1 4711 192.0.2.1 4711");
}
END_TEST

static void bad(const char *text)
{
    ck_assert_uint_ge(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { %s }", text))), 1);
}

START_TEST(bad_net) { bad("set_real_ip_from 10.0.0.0/99;"); } END_TEST
START_TEST(bad_host) { bad("set_real_ip_from no.such.host.invalid;"); } END_TEST
START_TEST(bad_flag) { bad("real_ip_recursive maybe;"); } END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/realip");

    CASE(s, lists);
    CASE(s, headers);
    CASE(s, recursive);
    CASE(s, not_trusted);
    CASE(s, bad_net);
    CASE(s, bad_host);
    CASE(s, bad_flag);
    return s;
}

#include "run.h"
