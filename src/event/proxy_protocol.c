/* proxy_protocol.c - the PROXY protocol, versions 1 and 2 (haproxy's proxy-protocol.txt).
 *
 * As lax as nginx: version 1 does not insist on its family's word, and what follows UNKNOWN is passed over;
 * of version 2, commands, families and transports other than a proxied TCP stream are passed over whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/proxy_protocol.h"

#include "core/scan.h"

enum {
    LIMIT = 4096,                       /* of a whole header */
    FIXED = 16,                         /* of version 2: signature, version, command, kind, length */
    TLV_HEAD = 3, SSL_HEAD = 5,         /* type and length; client and verify */
    PP2_TYPE_SSL = 0x20
};

static const mw_str signature = MW_STR_C("\r\n\r\n\0\r\nQUIT\n");
static const mw_str word = MW_STR_C("PROXY ");
static const char   broken[] = "broken header", too_large[] = "header is too large";

static unsigned byte_at(mw_str s, size_t i) { return (unsigned char)mw_str_char(s, i); }
static unsigned pair_at(mw_str s, size_t i) { return byte_at(s, i) << 8 | byte_at(s, i + 1); }

static mw_rc refuse(const char **why, const char *reason)
{
    *why = reason;
    return MW_ERR;
}

static bool take_address(mw_scan *s, mw_addr *a)
{
    mw_str text;

    return mw_scan_until(s, ' ', &text) && mw_str_char(text, 0) != '[' && mw_addr_ip(text, a);
}

static bool take_port(mw_str text, mw_addr *a)
{
    uint64_t port;

    if (!mw_str_u64(text, &port) || port > UINT16_MAX)
        return false;
    a->port = (uint16_t)port;
    return true;
}

/* "PROXY TCP4 192.0.2.1 192.0.2.2 123 5678", without its end */
static bool parse_line(mw_scan s, mw_proxied *p)
{
    mw_addr from, to;
    mw_str  port;

    (void)mw_scan_take(&s, word.len);
    if (mw_scan_str(&s, MW_STR("UNKNOWN")))
        return true;
    if (!mw_scan_str(&s, MW_STR("TCP4 ")) && !mw_scan_str(&s, MW_STR("TCP6 ")))
        return false;
    if (!take_address(&s, &from) || !take_address(&s, &to))
        return false;
    if (!mw_scan_until(&s, ' ', &port) || !take_port(port, &from) || !take_port(s.left, &to))
        return false;
    p->from = from;
    p->to = to;
    return true;
}

static mw_rc read_line(mw_str bytes, mw_proxied *p, size_t *used, const char **why)
{
    mw_scan s = { mw_str_take(bytes, LIMIT) };
    mw_str  line;

    if (!mw_scan_until(&s, '\n', &line))
        return bytes.len < LIMIT ? MW_AGAIN : refuse(why, too_large);
    *used = line.len + 1;
    if (!mw_str_ends(line, MW_STR("\r")))
        return refuse(why, broken);
    line.len--;
    if (!parse_line((mw_scan){ line }, p))
        return refuse(why, broken);
    return MW_OK;
}

static mw_addr binary_address(mw_family family, mw_str ip, unsigned port)
{
    mw_addr a = { .family = (uint8_t)family, .port = (uint16_t)port };

    for (size_t i = 0; i < ip.len && i < sizeof a.ip; i++)
        a.ip[i] = (uint8_t)byte_at(ip, i);
    return a;
}

static const char *unknown_version(unsigned version)
{
    static const char *const texts[16] = {
        "unknown PROXY protocol version: 0",  "unknown PROXY protocol version: 1",
        "unknown PROXY protocol version: 2",  "unknown PROXY protocol version: 3",
        "unknown PROXY protocol version: 4",  "unknown PROXY protocol version: 5",
        "unknown PROXY protocol version: 6",  "unknown PROXY protocol version: 7",
        "unknown PROXY protocol version: 8",  "unknown PROXY protocol version: 9",
        "unknown PROXY protocol version: 10", "unknown PROXY protocol version: 11",
        "unknown PROXY protocol version: 12", "unknown PROXY protocol version: 13",
        "unknown PROXY protocol version: 14", "unknown PROXY protocol version: 15",
    };

    return texts[version & 15];
}

static mw_rc read_binary(mw_str bytes, mw_proxied *p, size_t *used, const char **why)
{
    unsigned version = byte_at(bytes, 12) >> 4, command = byte_at(bytes, 12) & 15, kind = byte_at(bytes, 13);
    size_t   body = pair_at(bytes, 14), ip = kind == 0x11 ? 4 : 16;
    mw_str   rest = mw_str_part(bytes, FIXED, FIXED + body);
    mw_family family;

    if (bytes.len < FIXED)
        return MW_AGAIN;
    if (version != 2)
        return refuse(why, unknown_version(version));
    if (FIXED + body > LIMIT)
        return refuse(why, too_large);
    if (rest.len < body)
        return MW_AGAIN;
    *used = FIXED + body;
    if (command != 1 || (kind != 0x11 && kind != 0x21))         /* only PROXY, of TCP over IPv4 or IPv6 */
        return MW_OK;
    if (body < 2 * ip + 4)
        return refuse(why, broken);

    family = ip == 4 ? MW_IPV4 : MW_IPV6;
    p->from = binary_address(family, mw_str_take(rest, ip), pair_at(rest, 2 * ip));
    p->to = binary_address(family, mw_str_part(rest, ip, 2 * ip), pair_at(rest, 2 * ip + 2));
    p->tlvs = mw_str_drop(rest, 2 * ip + 4);
    return MW_OK;
}

/* Whether bytes begin with that, as far as they go. */
static bool begins(mw_str bytes, mw_str with) { return mw_str_starts(with, mw_str_take(bytes, with.len)); }

mw_rc mw_proxied_read(mw_str bytes, mw_proxied *p, size_t *used, const char **why)
{
    *p = (mw_proxied){ 0 };
    *used = 0;
    if (begins(bytes, signature))
        return bytes.len < signature.len ? MW_AGAIN : read_binary(bytes, p, used, why);
    if (begins(bytes, word))
        return bytes.len < word.len ? MW_AGAIN : read_line(bytes, p, used, why);
    return refuse(why, broken);
}

void mw_proxied_write(mw_out *o, const mw_addr *from, const mw_addr *to)
{
    if (from->family != to->family || (from->family != MW_IPV4 && from->family != MW_IPV6)) {
        mw_out_str(o, MW_STR("PROXY UNKNOWN\r\n"));
        return;
    }
    mw_out_str(o, from->family == MW_IPV4 ? MW_STR("PROXY TCP4 ") : MW_STR("PROXY TCP6 "));
    mw_addr_ip_text(o, from);
    mw_out_char(o, ' ');
    mw_addr_ip_text(o, to);
    mw_out_char(o, ' ');
    mw_out_u64(o, from->port);
    mw_out_char(o, ' ');
    mw_out_u64(o, to->port);
    mw_out_str(o, MW_STR("\r\n"));
}

bool mw_proxied_tlv(mw_str tlvs, unsigned type, mw_str *value)
{
    while (tlvs.len >= TLV_HEAD) {
        size_t len = pair_at(tlvs, 1);

        if (len > tlvs.len - TLV_HEAD)
            return false;
        if (byte_at(tlvs, 0) == type) {
            *value = mw_str_part(tlvs, TLV_HEAD, TLV_HEAD + len);
            return true;
        }
        tlvs = mw_str_drop(tlvs, TLV_HEAD + len);
    }
    return false;
}

bool mw_proxied_ssl_tlv(mw_str tlvs, unsigned sub_type, mw_str *value)
{
    mw_str ssl;

    return mw_proxied_tlv(tlvs, PP2_TYPE_SSL, &ssl)
        && mw_proxied_tlv(mw_str_drop(ssl, SSL_HEAD), sub_type, value);
}
