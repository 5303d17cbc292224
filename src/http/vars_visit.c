/* vars_visit.c - variables of the connection: its two ends, the PROXY protocol's, its age.
 * SPDX-License-Identifier: Apache-2.0 */
#include <netinet/tcp.h>

#include "event/proxy_protocol.h"
#include "http/vars.h"

enum { ADDRESS = 64 };

static bool say_ip(mw_scope *s, mw_str *text, const mw_addr *a)
{
    mw_out o = mw_arena_pen(s->arena, ADDRESS);

    mw_addr_ip_text(&o, a);
    return mw_got(text, mw_out_done(&o));
}

static bool say_port(mw_scope *s, mw_str *text, const mw_addr *a)
{
    return a->family == MW_UNIX || a->port == 0 ? mw_got(text, MW_STR("")) : mw_got_u64(s, text, a->port);
}

static bool get_binary_addr(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_addr *a = mw_scope_request(s)->client;

    (void)v;
    switch ((mw_family)a->family) {
    case MW_IPV4: return mw_got(text, (mw_str){ (const char *)a->ip, 4 });
    case MW_IPV6: return mw_got(text, (mw_str){ (const char *)a->ip, 16 });
    case MW_UNIX: return mw_got(text, MW_STR("unix:"));
    case MW_NOWHERE: break;
    }
    return false;
}

static bool get_remote_addr(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return say_ip(s, text, mw_scope_request(s)->client);
}

static bool get_remote_port(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return say_port(s, text, mw_scope_request(s)->client);
}

static bool get_server_addr(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_addr *a = mw_visit_local(mw_scope_request(s)->visit);

    (void)v;
    if (a->family == MW_UNIX) {
        mw_str parts[2] = { MW_STR("unix:"), a->path };

        return mw_got(text, mw_arena_join(s->arena, parts, 2));
    }
    return say_ip(s, text, a);
}

static bool get_server_port(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return say_port(s, text, mw_visit_local(mw_scope_request(s)->visit));
}

static bool get_connection(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got_u64(s, text, mw_scope_request(s)->visit->serial);
}

static bool get_connection_requests(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_visit *visit = mw_scope_request(s)->visit;

    (void)v;
    return mw_got_u64(s, text, visit->conn != NULL ? visit->conn->requests : 1);
}

static bool get_connection_time(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);

    (void)v;
    return mw_got_seconds(s, text, r->loop->clock.now - r->visit->since);
}

/* data: 0 from, 1 to; with 2 added: its port. */
static bool get_proxied(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_visit *visit = mw_scope_request(s)->visit;
    const mw_addr  *a = (v->data & 1) != 0 ? visit->proxied_to : visit->proxied_from;

    if (a == NULL || a->family == MW_NOWHERE)
        return false;
    return (v->data & 2) != 0 ? say_port(s, text, a) : say_ip(s, text, a);
}

typedef struct tlv_name { const char *name; unsigned type; bool ssl; } tlv_name;
static const tlv_name tlvs[] = {
    { "alpn", 0x01, false }, { "authority", 0x02, false }, { "unique_id", 0x05, false }, { "ssl", 0x20, false },
    { "netns", 0x30, false }, { "ssl_verify", 0, true }, { "ssl_version", 0x21, true }, { "ssl_cn", 0x22, true },
    { "ssl_cipher", 0x23, true }, { "ssl_sig_alg", 0x24, true }, { "ssl_key_alg", 0x25, true },
};

static bool get_tlv(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_str   all = mw_scope_request(s)->visit->tlvs;
    uint64_t type = 0;

    for (size_t i = 0; i < sizeof tlvs / sizeof tlvs[0]; i++) {
        mw_str ssl;

        if (!mw_str_eq(v->rest, mw_str_of(tlvs[i].name)))
            continue;
        if (!tlvs[i].ssl)
            return mw_proxied_tlv(all, tlvs[i].type, text);
        if (tlvs[i].type != 0)
            return mw_proxied_ssl_tlv(all, tlvs[i].type, text);
        if (!mw_proxied_tlv(all, 0x20, &ssl) || ssl.len < 5)
            return false;
        for (size_t k = 1; k < 5; k++)
            type = type << 8 | (unsigned char)mw_str_char(ssl, k);
        return mw_got_u64(s, text, type);
    }
    if (mw_str_starts(v->rest, MW_STR("ssl_0x")))
        return mw_str_hex(mw_str_drop(v->rest, 6), &type) && type <= 255
            && mw_proxied_ssl_tlv(all, (unsigned)type, text);
    if (!mw_str_starts(v->rest, MW_STR("0x")) || !mw_str_hex(mw_str_drop(v->rest, 2), &type) || type > 255)
        return false;
    return mw_proxied_tlv(all, (unsigned)type, text);
}

typedef enum tcp_fact { TCP_RTT, TCP_RTTVAR, TCP_CWND, TCP_SPACE } tcp_fact;

static bool get_tcpinfo(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_conn  *c = mw_scope_request(s)->visit->conn;
    struct tcp_info info;
    socklen_t       len = sizeof info;

    if (c == NULL || getsockopt(c->watch.fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return false;
    switch ((tcp_fact)v->data) {
    case TCP_RTT:    return mw_got_u64(s, text, info.tcpi_rtt);
    case TCP_RTTVAR: return mw_got_u64(s, text, info.tcpi_rttvar);
    case TCP_CWND:   return mw_got_u64(s, text, info.tcpi_snd_cwnd);
    case TCP_SPACE:  return mw_got_u64(s, text, info.tcpi_rcv_space);
    }
    return false;
}

const mw_var mw_visit_vars[] = {
    { "binary_remote_addr", .get = get_binary_addr, .fleeting = true },
    { "remote_addr", .get = get_remote_addr, .fleeting = true },
    { "remote_port", .get = get_remote_port, .fleeting = true },
    { "server_addr", .get = get_server_addr },
    { "server_port", .get = get_server_port },
    { "connection", .get = get_connection },
    { "connection_requests", .get = get_connection_requests },
    { "connection_time", .get = get_connection_time, .fleeting = true },
    { "proxy_protocol_addr", .get = get_proxied, .data = 0 },
    { "proxy_protocol_port", .get = get_proxied, .data = 2 },
    { "proxy_protocol_server_addr", .get = get_proxied, .data = 1 },
    { "proxy_protocol_server_port", .get = get_proxied, .data = 3 },
    { "proxy_protocol_tlv_", .get = get_tlv, .prefix = true },
    { "tcpinfo_rtt", .get = get_tcpinfo, .data = TCP_RTT, .fleeting = true },
    { "tcpinfo_rttvar", .get = get_tcpinfo, .data = TCP_RTTVAR, .fleeting = true },
    { "tcpinfo_snd_cwnd", .get = get_tcpinfo, .data = TCP_CWND, .fleeting = true },
    { "tcpinfo_rcv_space", .get = get_tcpinfo, .data = TCP_SPACE, .fleeting = true },
    { .name = NULL }
};
