/* ranges.c - tests of addresses to values.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/ranges.c"

#include "setup.h"

static mw_ranges *table;

static void begin_table(void)
{
    begin();
    table = mw_ranges_new(arena);
}

static mw_cidr cidr(const char *text)
{
    mw_cidr c;

    ck_assert_int_ne(mw_cidr_parse(mw_str_of(text), &c), MW_CIDR_BAD);
    return c;
}

static void net_is(const char *text, const char *value)
{
    mw_cidr c = cidr(text);

    ck_assert_ptr_null(mw_ranges_add_net(table, &c, mw_str_of(value)));
}

static bool finds(const char *address, const char *value)
{
    mw_addr       a;
    const mw_str *found;

    ck_assert(mw_addr_ip(mw_str_of(address), &a));
    found = mw_ranges_find(table, &a);
    return value == NULL ? found == NULL : found != NULL && text_is(*found, value);
}

START_TEST(narrowest_network_decides)
{
    mw_addr nowhere = { .family = MW_UNIX };

    net_is("10.1.2.0/24", "c");
    net_is("10.0.0.0/8", "a");
    net_is("10.1.0.0/16", "b");
    net_is("10.1.2.3", "d");
    net_is("10.255.255.255", "e");
    net_is("255.255.255.255", "last");
    net_is("11.0.0.0/8", "next");
    mw_ranges_freeze(table);
    ck_assert(finds("9.255.255.255", NULL) && finds("10.0.0.0", "a") && finds("10.0.255.255", "a"));
    ck_assert(finds("10.1.0.0", "b") && finds("10.1.2.0", "c") && finds("10.1.2.3", "d") && finds("10.1.2.4", "c"));
    ck_assert(finds("10.1.2.255", "c") && finds("10.1.3.0", "b") && finds("10.2.0.0", "a"));
    ck_assert(finds("10.255.255.254", "a") && finds("10.255.255.255", "e") && finds("11.0.0.0", "next"));
    ck_assert(finds("12.0.0.0", NULL) && finds("255.255.255.255", "last") && finds("::1", NULL));
    ck_assert_ptr_null(mw_ranges_find(table, &nowhere));
}
END_TEST

START_TEST(ipv6_networks)
{
    net_is("::/0", "world");
    net_is("2001:db8::/32", "test");
    net_is("2001:db8:0:1::/64", "part");
    net_is("2001:db8:0:1:ffff::/80", "inner");
    net_is("ffff::/16", "end");
    mw_ranges_freeze(table);
    ck_assert(finds("::", "world") && finds("2001:db7:ffff::", "world") && finds("2001:db8::", "test"));
    ck_assert(finds("2001:db8:0:1::", "part") && finds("2001:db8:0:1:ffff::1", "inner"));
    ck_assert(finds("2001:db8:0:2::", "test") && finds("2001:db9::", "world"));
    ck_assert(finds("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "end") && finds("1.2.3.4", NULL));
}
END_TEST

START_TEST(networks_are_replaced_and_cut)
{
    mw_cidr a = cidr("10.0.0.0/8"), b = cidr("10.0.0.0/9");

    net_is("10.0.0.0/8", "a");
    ck_assert(text_is(*mw_ranges_add_net(table, &a, MW_STR("b")), "a"));
    ck_assert(!mw_ranges_cut_net(table, &b));
    ck_assert_ptr_null(mw_ranges_add_net(table, &b, MW_STR("c")));
    ck_assert(mw_ranges_cut_net(table, &b) && !mw_ranges_cut_net(table, &b));
    mw_ranges_freeze(table);
    ck_assert(finds("10.0.0.1", "b"));
}
END_TEST

static mw_rc span_is(const char *text, const char *value)
{
    mw_span s, clash;
    mw_str  old;

    ck_assert(mw_span_parse(mw_str_of(text), &s));
    s.value = mw_str_of(value);
    return mw_ranges_add_span(table, &s, &old, &clash);
}

static bool span_cut(const char *text)
{
    mw_span s;

    ck_assert(mw_span_parse(mw_str_of(text), &s));
    return mw_ranges_cut_span(table, s.from, s.upto);
}

START_TEST(spans_split_what_they_lie_in)
{
    ck_assert_int_eq(span_is("10.0.0.0-10.0.0.255", "a"), MW_OK);
    ck_assert_int_eq(span_is("9.0.0.0-9.0.0.9", "first"), MW_OK);
    ck_assert_int_eq(span_is("10.0.0.1-10.0.0.2", "b"), MW_OK);
    ck_assert_int_eq(span_is("10.0.0.1-10.0.0.1", "c"), MW_OK);
    ck_assert_int_eq(span_is("10.0.0.250-10.0.0.255", "d"), MW_OK);
    ck_assert_int_eq(span_is("255.0.0.0-255.255.255.255", "end"), MW_OK);
    ck_assert_int_eq(span_is("10.0.0.2-10.0.0.2", "e"), MW_END);
    ck_assert_int_eq(span_is("10.0.0.2-10.0.0.3", "x"), MW_ERR);
    ck_assert_int_eq(span_is("8.0.0.0-11.0.0.0", "x"), MW_ERR);
    ck_assert(!span_cut("10.0.0.4-10.0.0.5") && !span_cut("11.0.0.0-11.0.0.1") && span_cut("9.0.0.0-9.0.0.9"));
    mw_ranges_freeze(table);
    ck_assert(finds("9.0.0.1", NULL) && finds("10.0.0.0", "a") && finds("10.0.0.1", "c") && finds("10.0.0.2", "e"));
    ck_assert(finds("10.0.0.3", "a") && finds("10.0.0.249", "a") && finds("10.0.0.250", "d") &&
              finds("10.0.1.0", NULL));
    ck_assert(finds("254.255.255.255", NULL) && finds("255.255.255.255", "end"));
}
END_TEST

START_TEST(reads_spans)
{
    mw_span s;

    ck_assert(mw_span_parse(MW_STR("1.2.3.4-1.2.3.5"), &s));
    ck_assert_uint_eq(s.from, 0x01020304);
    ck_assert_uint_eq(s.upto, 0x01020305);
    ck_assert(!mw_span_parse(MW_STR("1.2.3.5-1.2.3.4"), &s) && !mw_span_parse(MW_STR("1.2.3.4"), &s));
    ck_assert(!mw_span_parse(MW_STR("::1-::2"), &s) && !mw_span_parse(MW_STR("1.2.3.4-"), &s));
    ck_assert(!mw_span_parse(MW_STR("10.0.0.0/8"), &s));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/ranges");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin_table, finish);
    tcase_add_test(t, narrowest_network_decides);
    tcase_add_test(t, ipv6_networks);
    tcase_add_test(t, networks_are_replaced_and_cut);
    tcase_add_test(t, spans_split_what_they_lie_in);
    tcase_add_test(t, reads_spans);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
