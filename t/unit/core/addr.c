/* addr.c - tests of socket addresses and ranges of addresses.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/addr.c"

#include <check.h>

static mw_str text_of(const mw_addr *a, char room[160], bool ip_only)
{
    mw_out o = mw_out_on(room, 160);

    if (ip_only)
        mw_addr_ip_text(&o, a);
    else
        mw_addr_text(&o, a);
    return mw_out_done(&o);
}

START_TEST(parses_and_writes)
{
    static const struct { const char *text, *canonical; } rows[] = {
        { "1.2.3.4", "1.2.3.4:80" }, { "1.2.3.4:8080", "1.2.3.4:8080" }, { "[::1]", "[::1]:80" },
        { "::1", "[::1]:80" }, { "[2001:DB8:0:0::1]:443", "[2001:db8::1]:443" }, { "unix:/tmp/x", "unix:/tmp/x" },
        { "0.0.0.0:65535", "0.0.0.0:65535" }, { "[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1" },
    };
    char   room[160];
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mw_addr a, again;

        ck_assert_msg(mw_addr_parse(mw_str_of(rows[i].text), 80, &a), "%s", rows[i].text);
        ck_assert_msg(mw_str_eq(text_of(&a, room, false), mw_str_of(rows[i].canonical)), "%s", rows[i].text);
        ck_assert(mw_addr_parse(mw_str_of(rows[i].canonical), 1, &again) && mw_addr_eq(&a, &again));
    }
}
END_TEST

START_TEST(refuses)
{
    static const char *const rows[] = {
        "", ":", ":80", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:8x", "1.2.3.4:+8", "1.2.3.4: 8", "1.2.3",
        "1.2.3.256", "[1.2.3.4]:80", "[::1]80", "[::1]:", "[::1", "::1]", "[]:80", "fe80::1%eth0", "[fe80::1%1]:80",
        "unix:", "localhost", "::x", "1.2.3.4:99999999999999999999", "::1:", "1::2::3",
    };
    mw_addr a = { .port = 7 };
    size_t  i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(!mw_addr_parse(mw_str_of(rows[i]), 80, &a), "%s", rows[i]);
    ck_assert(!mw_addr_parse((mw_str){ "1.2.3.4\0", 8 }, 80, &a));
    ck_assert(!mw_addr_ip(MW_STR("1.2.3.4:80"), &a));
    ck_assert_uint_eq(a.port, 7);
}
END_TEST

START_TEST(goes_through_the_system)
{
    static const char *const rows[] = { "1.2.3.4:80", "[fe80::1]:443", "unix:/run/x.sock" };
    mw_sockaddr system;
    mw_addr     a, back;
    size_t      i;

    for (i = 0; i < 3; i++) {
        ck_assert(mw_addr_parse(mw_str_of(rows[i]), 1, &a));
        if (a.family == MW_IPV6)
            a.scope = 3;
        mw_addr_from_system(&back, &system, mw_addr_to_system(&a, &system));
        ck_assert(mw_addr_eq(&a, &back));
    }
    a = (mw_addr){ .family = MW_UNIX, .path = { "\0hidden", 7 } };
    mw_addr_from_system(&back, &system, mw_addr_to_system(&a, &system));
    ck_assert(mw_addr_eq(&a, &back) && back.path.len == 7);
    a = (mw_addr){ .family = MW_NOWHERE };
    ck_assert_uint_eq(mw_addr_to_system(&a, &system), 0);
    system.any.sa_family = AF_UNIX;
    mw_addr_from_system(&back, &system, sizeof system.any.sa_family);       /* an unbound peer */
    ck_assert(back.family == MW_UNIX && back.path.len == 0);
    mw_addr_from_system(&back, &system, 0);
    ck_assert_uint_eq(back.family, MW_NOWHERE);
}
END_TEST

START_TEST(unix_paths_have_a_limit)
{
    char        path[120];
    mw_sockaddr system;
    mw_addr     a = { .family = MW_UNIX, .path = { path, 107 } };

    memset(path, 'a', sizeof path);
    ck_assert_uint_eq(mw_addr_to_system(&a, &system), sizeof(struct sockaddr_un));
    a.path.len = 108;
    ck_assert_uint_eq(mw_addr_to_system(&a, &system), 0);
    path[0] = '\0';                                     /* abstract: no NUL behind it */
    ck_assert_uint_eq(mw_addr_to_system(&a, &system), sizeof(struct sockaddr_un));
    a.path = (mw_str){ "/a\0b", 4 };
    ck_assert_uint_eq(mw_addr_to_system(&a, &system), 0);
}
END_TEST

START_TEST(compares)
{
    mw_addr a, b, any;

    ck_assert(mw_addr_parse(MW_STR("1.2.3.4:1"), 0, &a) && mw_addr_parse(MW_STR("1.2.3.4:2"), 0, &b));
    ck_assert(mw_addr_ip_eq(&a, &b) && !mw_addr_eq(&a, &b));
    ck_assert(mw_addr_parse(MW_STR("[102:304::]:1"), 0, &b));
    ck_assert(!mw_addr_ip_eq(&a, &b));
    ck_assert(mw_addr_ip(MW_STR("::"), &any) && mw_addr_any(&any) && !mw_addr_any(&a));
    ck_assert(mw_addr_ip(MW_STR("0.0.0.0"), &any) && mw_addr_any(&any));
    any.family = MW_UNIX;
    ck_assert(!mw_addr_any(&any));
}
END_TEST

START_TEST(unmaps)
{
    mw_addr a;
    char    room[160];

    ck_assert(mw_addr_ip(MW_STR("::ffff:10.0.0.1"), &a) && mw_addr_unmap(&a) && a.family == MW_IPV4);
    ck_assert(mw_str_eq(text_of(&a, room, true), MW_STR("10.0.0.1")));
    ck_assert(!mw_addr_unmap(&a));
    ck_assert(mw_addr_ip(MW_STR("::1"), &a) && !mw_addr_unmap(&a));
}
END_TEST

START_TEST(keeps_a_path_of_its_own)
{
    char      path[] = "/tmp/x", room[160];
    mw_arena *arena = mw_arena_new(1024);
    mw_addr   a = { .family = MW_UNIX, .path = { path, 6 } }, kept = mw_addr_keep(arena, &a);

    path[1] = 'X';
    ck_assert(mw_str_eq(text_of(&kept, room, false), MW_STR("unix:/tmp/x")));
    ck_assert(mw_str_eq(text_of(&kept, room, true), MW_STR("unix:")));
    mw_arena_free(arena);
}
END_TEST

static bool covers(const char *range, const char *ip)
{
    mw_cidr c;
    mw_addr a;

    ck_assert_int_ne(mw_cidr_parse(mw_str_of(range), &c), MW_CIDR_BAD);
    ck_assert(mw_addr_parse(mw_str_of(ip), 1, &a));
    return mw_cidr_has(&c, &a);
}

START_TEST(ranges)
{
    mw_cidr c;
    mw_addr a;

    ck_assert(covers("10.0.0.0/8", "10.255.1.2") && !covers("10.0.0.0/8", "11.0.0.0"));
    ck_assert(covers("192.168.1.128/25", "192.168.1.200") && !covers("192.168.1.128/25", "192.168.1.127"));
    ck_assert(covers("0.0.0.0/0", "9.9.9.9") && !covers("0.0.0.0/0", "::1"));
    ck_assert(covers("1.2.3.4", "1.2.3.4") && !covers("1.2.3.4", "1.2.3.5"));
    ck_assert(covers("1.2.3.0/24", "::ffff:1.2.3.9") && !covers("::/0", "::ffff:1.2.3.9"));
    ck_assert(covers("2001:db8::/33", "2001:db8:7fff::1") && !covers("2001:db8::/33", "2001:db8:8000::1"));
    ck_assert(covers("unix:", "unix:/x") && !covers("unix:", "1.2.3.4") && covers("::1/128", "::1"));
    ck_assert_int_eq(mw_cidr_parse(MW_STR("10.1.2.3/8"), &c), MW_CIDR_LOW_BITS);
    ck_assert(c.bits == 8 && c.ip[0] == 10 && c.ip[1] == 0 && c.ip[3] == 0);
    ck_assert(mw_addr_ip(MW_STR("10.9.9.9"), &a) && mw_cidr_has(&c, &a));
    c.family = MW_NOWHERE;
    ck_assert(mw_addr_ip(MW_STR("::2"), &a) && mw_cidr_has(&c, &a));
}
END_TEST

START_TEST(bad_ranges)
{
    static const char *const rows[] = { "", "/", "/8", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "::/129", "1.2.3.4/8/8",
                                        "x", "unix:/x", "[::1]/8", "1.2.3.4:80" };
    mw_cidr c;
    size_t  i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(mw_cidr_parse(mw_str_of(rows[i]), &c) == MW_CIDR_BAD, "%s", rows[i]);
}
END_TEST

START_TEST(looks_names_up)
{
    mw_arena   *arena = mw_arena_new(1024);
    const char *why = "";
    mw_addr    *list;
    size_t      n;

    ck_assert_int_eq(mw_addr_lookup(arena, MW_STR("127.0.0.1"), 81, &list, &n, &why), MW_OK);
    ck_assert(n == 1 && list[0].port == 81 && list[0].ip[0] == 127);
    ck_assert_int_eq(mw_addr_lookup(arena, MW_STR("localhost"), 82, &list, &n, &why), MW_OK);
    ck_assert(n >= 1 && list[0].port == 82);
    ck_assert_int_eq(mw_addr_lookup(arena, MW_STR(""), 1, &list, &n, &why), MW_ERR);
    ck_assert_str_eq(why, "host not found");
    mw_arena_free(arena);
}
END_TEST

START_TEST(endpoints_have_no_path)
{
    mw_addr     v6, here = { .family = MW_UNIX, .path = MW_STR("/run/x") }, back;
    mw_endpoint e;

    ck_assert(mw_addr_parse(MW_STR("[2001:db8::7]:443"), 0, &v6));
    v6.scope = 3;
    e = mw_addr_to_endpoint(&v6);
    back = mw_addr_from_endpoint(&e);
    ck_assert(mw_addr_eq(&back, &v6) && back.scope == 3);
    e = mw_addr_to_endpoint(&here);
    back = mw_addr_from_endpoint(&e);
    ck_assert(back.family == MW_UNIX && back.path.len == 0);
    ck_assert_uint_eq(sizeof e, 24);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/addr");
    TCase *t = tcase_create("addr");

    tcase_add_test(t, parses_and_writes);
    tcase_add_test(t, refuses);
    tcase_add_test(t, goes_through_the_system);
    tcase_add_test(t, unix_paths_have_a_limit);
    tcase_add_test(t, compares);
    tcase_add_test(t, unmaps);
    tcase_add_test(t, keeps_a_path_of_its_own);
    tcase_add_test(t, endpoints_have_no_path);
    tcase_add_test(t, ranges);
    tcase_add_test(t, bad_ranges);
    tcase_add_test(t, looks_names_up);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
