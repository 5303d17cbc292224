/* vars_visit.c - unit test of the variables of a connection: addresses, ports, what a PROXY header told.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/vars_visit.c"

#include "house.h"

/* What `return` says of this text, on the connection at hand. */
static void says(const char *text, const char *wanted)
{
    mw_str said;

    ck_assert_int_eq(ask("GET /", NULL), 200);
    ck_assert(mw_var_by_name(&r->scope, mw_str_of(text), &said) || wanted[0] == '\0');
    ck_assert_msg(mw_str_eq(said, mw_str_of(wanted)), "%s: \"%.*s\"", text, MW_S(said));
}

#define SERVER  "location / { return 200 x; }"

START_TEST(addresses)
{
    mw_str binary;

    house(SERVER);
    says("remote_addr", "192.0.2.1");
    says("remote_port", "4711");
    says("server_addr", "192.0.2.2");
    says("server_port", "80");
    says("connection", "7");
    ck_assert(mw_var_by_name(&r->scope, MW_STR("binary_remote_addr"), &binary));
    ck_assert(binary.len == 4 && memcmp(binary.at, "\300\0\2\1", 4) == 0);
    ck_assert(!mw_var_by_name(&r->scope, MW_STR("proxy_protocol_addr"), &binary));
    ck_assert(!mw_var_by_name(&r->scope, MW_STR("proxy_protocol_tlv_alpn"), &binary));
}
END_TEST

START_TEST(of_other_families)
{
    mw_str binary;

    house(SERVER);
    ck_assert(mw_addr_parse(MW_STR("[2001:db8::1]:99"), 0, &visit->local));
    says("server_addr", "2001:db8::1");
    says("server_port", "99");
    ck_assert(mw_addr_parse(MW_STR("unix:/run/x"), 0, &visit->local));
    says("server_addr", "unix:/run/x");
    says("server_port", "");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    r->client = &visit->local;
    ck_assert(mw_var_by_name(&r->scope, MW_STR("binary_remote_addr"), &binary) && mw_str_eq(binary, MW_STR("unix:")));
    ck_assert(mw_var_by_name(&r->scope, MW_STR("remote_addr"), &binary) && mw_str_eq(binary, MW_STR("unix:")));
}
END_TEST

START_TEST(of_a_proxy)
{
    static const char tlvs_of_test[] = "\x01\0\2h9" "\x02\0\3a.b" "\x20\0\x0d" "\0\0\0\0\5" "\x21\0\5" "TLSvX"
                                       "\x05\0\1u";
    static mw_addr    from, to;

    house(SERVER);
    ck_assert(mw_addr_parse(MW_STR("198.51.100.1:1000"), 0, &from));
    ck_assert(mw_addr_parse(MW_STR("198.51.100.2:443"), 0, &to));
    visit->proxied_from = &from;
    visit->proxied_to = &to;
    visit->tlvs = (mw_str){ tlvs_of_test, sizeof tlvs_of_test - 1 };
    says("proxy_protocol_addr", "198.51.100.1");
    says("proxy_protocol_port", "1000");
    says("proxy_protocol_server_addr", "198.51.100.2");
    says("proxy_protocol_server_port", "443");
    says("proxy_protocol_tlv_alpn", "h9");
    says("proxy_protocol_tlv_0x01", "h9");
    says("proxy_protocol_tlv_authority", "a.b");
    says("proxy_protocol_tlv_unique_id", "u");
    says("proxy_protocol_tlv_ssl_version", "TLSvX");
    says("proxy_protocol_tlv_ssl_0x21", "TLSvX");
    says("proxy_protocol_tlv_ssl_verify", "5");
    says("proxy_protocol_tlv_ssl_cn", "");
    says("proxy_protocol_tlv_netns", "");
    says("proxy_protocol_tlv_0x100", "");
    says("proxy_protocol_tlv_nothing", "");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/vars_visit");

    CASE(s, addresses);
    CASE(s, of_other_families);
    CASE(s, of_a_proxy);
    return s;
}

#include "run.h"
