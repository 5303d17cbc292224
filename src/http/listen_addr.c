/* listen_addr.c - the addresses that the first word of a `listen` names: hosts, ports, ranges of ports.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sys/un.h>

#include "http/build.h"

typedef struct place { mw_str host; uint64_t from, upto; const char *why; } place;

/* "8080" or "8080-8090" */
static bool read_ports(mw_str text, place *p)
{
    mw_str low, high;

    if (!mw_str_cut(text, '-', &low, &high))
        high = low = text;
    p->why = "invalid port";
    if (!mw_str_u64(low, &p->from) || !mw_str_u64(high, &p->upto) || p->from < 1 || p->upto < 1 || p->from > 65535
        || p->upto > 65535)
        return false;
    p->why = "invalid port range";
    return p->from <= p->upto;
}

static bool is_ports(mw_str text)
{
    bool digit = false;

    for (size_t i = 0; i < text.len; i++) {
        digit = digit || text.at[i] != '-';
        if ((text.at[i] < '0' || text.at[i] > '9') && text.at[i] != '-')
            return false;
    }
    return digit;
}

static bool bad(place *p, const char *why)
{
    p->why = why;
    return false;
}

static bool read_ipv6(mw_str text, place *p)
{
    size_t  end = mw_str_index(text, ']');
    mw_str  rest = mw_str_drop(text, end < text.len ? end + 1 : text.len);
    mw_addr any;

    if (end == text.len || (rest.len > 0 && rest.at[0] != ':'))
        return bad(p, "invalid host");
    p->host = mw_str_take(text, end + 1);
    if (rest.len > 0 && !read_ports(mw_str_drop(rest, 1), p))
        return false;
    return mw_addr_ip(p->host, &any) || bad(p, "invalid IPv6 address");
}

/* false: why */
static bool read_place(mw_str text, place *p)
{
    mw_str ports;

    p->host = (mw_str){ "*", 1 };
    p->from = p->upto = 80;
    if (mw_str_char(text, 0) == '[')
        return read_ipv6(text, p);
    if (mw_str_index(text, '/') < text.len)
        return bad(p, "invalid host");
    if (is_ports(text))
        return read_ports(text, p);
    if (mw_str_cut(text, ':', &p->host, &ports) && !read_ports(ports, p))
        return false;
    return p->host.len > 0 || bad(p, "no host");
}

static mw_rc unix_addr(mw_bind *b, const mw_node *n, mw_array *addrs)
{
    mw_str  text = n->args[0];
    mw_addr one;

    if (!mw_addr_parse(text, 0, &one))
        return mw_bind_error_at(b, n, 0, "no path in the unix domain socket in \"unix:\" of the \"listen\" directive");
    if (one.path.len >= sizeof ((struct sockaddr_un *)0)->sun_path)
        return mw_bind_error_at(b, n, 0, "too long path in the unix domain socket in \"%.*s\" of the \"listen\" "
                                "directive", MW_S(text));
    *MW_PUSH(b->arena, addrs, mw_addr) = mw_addr_keep(b->arena, &one);
    return MW_OK;
}

mw_rc mw_listen_addrs(mw_bind *b, const mw_node *n, mw_array *addrs)
{
    mw_addr wildcard = { .family = MW_IPV4 }, *found = &wildcard;
    place   p;
    size_t  many = 1;

    if (mw_str_starts(n->args[0], MW_STR("unix:")))
        return unix_addr(b, n, addrs);
    if (!read_place(n->args[0], &p) || (!mw_str_eq(p.host, MW_STR("*"))
                                        && mw_addr_lookup(b->arena, p.host, 0, &found, &many, &p.why) != MW_OK))
        return mw_bind_error_at(b, n, 0, "%s in \"%.*s\" of the \"listen\" directive", p.why, MW_S(n->args[0]));
    for (size_t i = 0; i < many; i++)
        for (uint64_t port = p.from; port <= p.upto; port++) {
            mw_addr one = found[i];

            one.port = (uint16_t)port;
            *MW_PUSH(b->arena, addrs, mw_addr) = one;
        }
    return MW_OK;
}
