/* proxy_protocol.c - tests of the PROXY protocol; what is accepted was compared with nginx 1.31.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/proxy_protocol.c"

#include <check.h>

#define V2(command, kind, body)  "\r\n\r\n\0\r\nQUIT\n" command kind body
#define V4_BODY  "\300\0\2\1" "\300\0\2\2" "\0\173" "\26\56"
#define V6_BODY  "\x20\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1" "\x20\1\15\270\0\0\0\0\0\0\0\0\0\0\0\2" "\0\173" "\26\56"

typedef struct line_case { const char *text, *seen; } line_case;       /* seen NULL: refused; "": unknown */

static const line_case lines[] = {
    { "PROXY TCP4 192.0.2.1 192.0.2.2 123 5678\r\n", "192.0.2.1:123 192.0.2.2:5678" },
    { "PROXY TCP6 2001:Db8::1 2001:Db8::2 123 5678\r\nGET", "[2001:db8::1]:123 [2001:db8::2]:5678" },
    { "PROXY TCP4 ::1 ::2 1 2\r\n", "[::1]:1 [::2]:2" },
    { "PROXY TCP4 1.2.3.4 5.6.7.8 0001 65535\r\n", "1.2.3.4:1 5.6.7.8:65535" },
    { "PROXY UNKNOWN\r\n", "" },
    { "PROXY UNKNOWN 1 2 3 4 5 6\r\n", "" },
    { "PROXY TCP4 1.2.3.4 5.6.7.8 1 70000\r\n", NULL },
    { "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", NULL },
    { "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n", NULL },
    { "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n", NULL },
    { "PROXY TCP4 1.2.3.4 5.6.7.8  2\r\n", NULL },
    { "PROXY TCP4 1.2.3.4 5.6.7.8 01 +2\r\n", NULL },
    { "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", NULL },
    { "PROXY TCP4 1.2.3.400 5.6.7.8 1 2\r\n", NULL },
    { "PROXY TCP6 [::1] ::2 1 2\r\n", NULL },
    { "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n", NULL },
    { "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n", NULL },
    { "PROXY \r\n", NULL },
    { "PROXY \n", NULL },
    { "GET / HTTP/1.0\r\n\r\n", NULL },
};

static mw_str ends(const mw_proxied *p, char *room, size_t size)
{
    mw_out o = mw_out_on(room, size);

    if (p->from.family != MW_NOWHERE) {
        mw_addr_text(&o, &p->from);
        mw_out_char(&o, ' ');
        mw_addr_text(&o, &p->to);
    }
    return mw_out_done(&o);
}

START_TEST(lines_are_read_as_nginx_reads_them)
{
    mw_str      text = mw_str_of(lines[_i].text), seen = mw_str_of(lines[_i].seen);
    const char *why = NULL;
    mw_proxied  p;
    size_t      used;
    char        room[160];
    mw_rc       rc = mw_proxied_read(text, &p, &used, &why);

    if (lines[_i].seen == NULL) {
        ck_assert_int_eq(rc, MW_ERR);
        ck_assert_str_eq(why, "broken header");
        return;
    }
    ck_assert_int_eq(rc, MW_OK);
    ck_assert_uint_eq(used, mw_str_index(text, '\n') + 1);
    ck_assert(mw_str_eq(ends(&p, room, sizeof room), seen));
    for (size_t n = 0; n < used; n++)
        ck_assert_int_eq(mw_proxied_read(mw_str_take(text, n), &p, &used, &why), MW_AGAIN);
}
END_TEST

START_TEST(a_line_has_an_end)
{
    static char long_line[LIMIT];
    const char *why;
    mw_proxied  p;
    size_t      used;

    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "PROXY UNKNOWN ", 14);
    ck_assert_int_eq(mw_proxied_read((mw_str){ long_line, LIMIT - 1 }, &p, &used, &why), MW_AGAIN);
    ck_assert_int_eq(mw_proxied_read((mw_str){ long_line, LIMIT }, &p, &used, &why), MW_ERR);
    ck_assert_str_eq(why, "header is too large");
}
END_TEST

typedef struct binary_case { mw_str bytes; mw_rc rc; const char *seen; } binary_case;

static const binary_case binaries[] = {
    { MW_STR_C(V2("\x21", "\x11", "\0\14" V4_BODY)), MW_OK, "192.0.2.1:123 192.0.2.2:5678" },
    { MW_STR_C(V2("\x21", "\x21", "\0\44" V6_BODY)), MW_OK, "[2001:db8::1]:123 [2001:db8::2]:5678" },
    { MW_STR_C(V2("\x21", "\x11", "\0\22" V4_BODY "\1\0\3" "abc")), MW_OK, "192.0.2.1:123 192.0.2.2:5678" },
    { MW_STR_C(V2("\x20", "\x11", "\0\14" V4_BODY)), MW_OK, "" },          /* LOCAL */
    { MW_STR_C(V2("\x22", "\x11", "\0\14" V4_BODY)), MW_OK, "" },          /* no command we know */
    { MW_STR_C(V2("\x21", "\x12", "\0\14" V4_BODY)), MW_OK, "" },          /* UDP */
    { MW_STR_C(V2("\x21", "\x31", "\0\4" "path")), MW_OK, "" },            /* unix */
    { MW_STR_C(V2("\x01", "\0", "\0")), MW_AGAIN, "" },
    { MW_STR_C(V2("\x21", "\x11", "\0\12" "\300\0\2\1" "\300\0\2\2" "\0\173")), MW_ERR, "broken header" },
    { MW_STR_C(V2("\x31", "\x11", "\0\14" V4_BODY)), MW_ERR, "unknown PROXY protocol version: 3" },
    { MW_STR_C(V2("\xf1", "\x11", "\0\14" V4_BODY)), MW_ERR, "unknown PROXY protocol version: 15" },
    { MW_STR_C(V2("\x21", "\x11", "\20\0" V4_BODY)), MW_ERR, "header is too large" },
    { MW_STR_C("\r\n\r\n\0\r\nQUIX\n"), MW_ERR, "broken header" },
};

START_TEST(binaries_are_read_as_nginx_reads_them)
{
    const binary_case *c = &binaries[_i];
    const char        *why = NULL;
    mw_proxied         p;
    size_t             used;
    char               room[160];
    mw_rc              rc = mw_proxied_read(c->bytes, &p, &used, &why);

    ck_assert_int_eq(rc, c->rc);
    if (rc == MW_ERR) {
        ck_assert_str_eq(why, c->seen);
        return;
    }
    if (rc == MW_AGAIN)
        return;
    ck_assert_uint_eq(used, c->bytes.len);
    ck_assert(mw_str_eq(ends(&p, room, sizeof room), mw_str_of(c->seen)));
    for (size_t n = 0; n < used; n++)
        ck_assert_int_eq(mw_proxied_read(mw_str_take(c->bytes, n), &p, &used, &why), MW_AGAIN);
}
END_TEST

START_TEST(extras_are_found)
{
    static const mw_str tlvs = MW_STR_C("\1\0\5ALPN1" "\x20\0\23" "\1\0\0\0\377" "\x21\0\7TLSv1.2" "\x22\0\1X" "\4\0\0"
                                        "\x30\0\5NETNS" "\5\0\11cut");
    mw_str              v;

    ck_assert(mw_proxied_tlv(tlvs, 1, &v) && mw_str_eq(v, MW_STR("ALPN1")));
    ck_assert(mw_proxied_tlv(tlvs, 4, &v) && v.len == 0);
    ck_assert(mw_proxied_tlv(tlvs, 0x30, &v) && mw_str_eq(v, MW_STR("NETNS")));
    ck_assert(mw_proxied_ssl_tlv(tlvs, 0x21, &v) && mw_str_eq(v, MW_STR("TLSv1.2")));
    ck_assert(mw_proxied_ssl_tlv(tlvs, 0x22, &v) && mw_str_eq(v, MW_STR("X")));
    ck_assert(!mw_proxied_ssl_tlv(tlvs, 0x23, &v));
    ck_assert(!mw_proxied_tlv(tlvs, 5, &v));            /* says nine bytes, has three */
    ck_assert(!mw_proxied_tlv(tlvs, 2, &v));
    ck_assert(!mw_proxied_ssl_tlv(MW_STR("\x20\0\2\1\2"), 0x21, &v));
    ck_assert(!mw_proxied_tlv(MW_STR(""), 0, &v));
}
END_TEST

static void writes(const char *from, const char *to, const char *line)
{
    mw_addr a = { 0 }, b = { 0 };
    char    room[128];
    mw_out  o = mw_out_on(room, sizeof room);

    ck_assert(mw_addr_parse(mw_str_of(from), 0, &a) && mw_addr_parse(mw_str_of(to), 0, &b));
    mw_proxied_write(&o, &a, &b);
    ck_assert(mw_str_eq(mw_out_done(&o), mw_str_of(line)));
}

START_TEST(writes_a_line)
{
    writes("1.2.3.4:56", "7.8.9.10:80", "PROXY TCP4 1.2.3.4 7.8.9.10 56 80\r\n");
    writes("[::1]:56", "[::2]:80", "PROXY TCP6 ::1 ::2 56 80\r\n");
    writes("[::1]:56", "7.8.9.10:80", "PROXY UNKNOWN\r\n");
    writes("unix:/a", "unix:/b", "PROXY UNKNOWN\r\n");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/proxy_protocol");
    TCase *t = tcase_create("proxied");

    tcase_add_loop_test(t, lines_are_read_as_nginx_reads_them, 0, sizeof lines / sizeof *lines);
    tcase_add_test(t, a_line_has_an_end);
    tcase_add_loop_test(t, binaries_are_read_as_nginx_reads_them, 0, sizeof binaries / sizeof *binaries);
    tcase_add_test(t, extras_are_found);
    tcase_add_test(t, writes_a_line);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
