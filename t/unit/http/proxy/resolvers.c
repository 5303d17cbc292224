/* resolvers.c - unit test of what a worker keeps for the proxy: TLS sessions by peer and name, one resolver a setting.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/resolvers.c"

#include "house.h"

static mw_addr address(const char *text)
{
    mw_addr a;

    ck_assert(mw_addr_parse(mw_str_of(text), 0, &a));
    return a;
}

START_TEST(sessions)
{
    mw_tls_client   client = { .session_reuse = true };
    mw_proxy_tls    t = { .session_reuse = true, .client = &client }, off = { .client = &client };
    mw_addr         a = address("10.0.0.1:443"), b = address("10.0.0.2:443"), local = address("unix:/s");
    mw_tls_session **one;
    char            name[300];

    house("location / { return 204; }");
    one = mw_proxy_session(&worker, &t, &a, MW_STR("x"));
    ck_assert_ptr_nonnull(one);
    ck_assert_ptr_eq(mw_proxy_session(&worker, &t, &a, MW_STR("x")), one);
    ck_assert_ptr_ne(mw_proxy_session(&worker, &t, &b, MW_STR("x")), one);
    ck_assert_ptr_ne(mw_proxy_session(&worker, &t, &a, MW_STR("y")), one);
    ck_assert_ptr_eq(mw_proxy_session(&worker, &t, &a, MW_STR("x")), one);
    ck_assert_ptr_null(mw_proxy_session(&worker, &off, &a, MW_STR("x")));
    ck_assert_ptr_null(mw_proxy_session(&worker, &t, &local, MW_STR("x")));
    memset(name, 'a', sizeof name);
    ck_assert_ptr_null(mw_proxy_session(&worker, &t, &a, (mw_str){ name, sizeof name }));
}
END_TEST

START_TEST(there_are_not_endlessly_many)
{
    mw_tls_client    client = { .session_reuse = true };
    mw_proxy_tls     t = { .session_reuse = true, .client = &client };
    mw_addr          a = address("10.0.0.1:443");
    mw_tls_session **first;

    house("location / { return 204; }");
    first = mw_proxy_session(&worker, &t, &a, MW_STR("first"));
    for (unsigned i = 0; i < SESSIONS - 1; i++)
        ck_assert_ptr_ne(mw_proxy_session(&worker, &t, &a, mw_arena_fmt(arena, "n%u", i)), first);
    ck_assert_ptr_eq(mw_proxy_session(&worker, &t, &a, MW_STR("one more")), first);     /* unused longest */
}
END_TEST

START_TEST(resolvers)
{
    mw_addr      servers[1] = { address("127.0.0.1:53") };
    mw_http_conf one = { .resolver = { .servers = servers, .n = 1 }, .resolver_timeout = { 1000 } }, two = one;
    mw_resolver *r1;

    house("location / { return 204; }");
    two.resolver_timeout.ms = 2000;
    r1 = mw_proxy_resolver(&worker, &one);
    ck_assert_ptr_nonnull(r1);
    ck_assert_ptr_eq(mw_proxy_resolver(&worker, &one), r1);
    ck_assert_ptr_ne(mw_proxy_resolver(&worker, &two), r1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/resolvers");

    CASE(s, sessions);
    CASE(s, there_are_not_endlessly_many);
    CASE(s, resolvers);
    return s;
}

#include "run.h"
