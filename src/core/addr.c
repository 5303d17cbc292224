/* addr.c - socket addresses and ranges of addresses, to and from text, and to and from the system's form.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/addr.h"

#include <arpa/inet.h>
#include <netdb.h>

enum { PORT_MAX = 65535, HOST_MAX = 255 };

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };     /* RFC 4291 2.5.5.2 */

static bool ip_of(int family, mw_str text, uint8_t ip[16])
{
    char z[INET6_ADDRSTRLEN];

    if (text.len == 0 || text.len >= sizeof z || memchr(text.at, '\0', text.len) != NULL)
        return false;
    memcpy(z, text.at, text.len);
    z[text.len] = '\0';
    return inet_pton(family, z, ip) == 1;
}

/* A decimal port, 1..65535. */
static bool port_of(mw_str text, uint16_t *port)
{
    uint64_t n;

    if (!mw_str_u64(text, &n) || n == 0 || n > PORT_MAX)
        return false;
    *port = (uint16_t)n;
    return true;
}

static size_t ip_length(unsigned family)
{
    return family == MW_IPV4 ? 4 : family == MW_IPV6 ? 16 : 0;
}

static socklen_t unix_to_system(mw_str path, mw_sockaddr *to)
{
    bool   abstract = path.len > 0 && path.at[0] == '\0';
    size_t length   = path.len + (abstract ? 0 : 1);        /* a name in the file system brings its NUL */

    if (path.len == 0 || length > sizeof to->un.sun_path)
        return 0;
    if (!abstract && memchr(path.at, '\0', path.len) != NULL)
        return 0;
    to->un.sun_family = AF_UNIX;
    memcpy(to->un.sun_path, path.at, path.len);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

socklen_t mw_addr_to_system(const mw_addr *a, mw_sockaddr *to)
{
    memset(to, 0, sizeof *to);
    switch ((mw_family)a->family) {
    case MW_IPV4:
        to->v4.sin_family = AF_INET;
        to->v4.sin_port = htons(a->port);
        memcpy(&to->v4.sin_addr, a->ip, 4);
        return sizeof to->v4;
    case MW_IPV6:
        to->v6.sin6_family = AF_INET6;
        to->v6.sin6_port = htons(a->port);
        to->v6.sin6_scope_id = a->scope;
        memcpy(&to->v6.sin6_addr, a->ip, 16);
        return sizeof to->v6;
    case MW_UNIX:
        return unix_to_system(a->path, to);
    case MW_NOWHERE:
        break;
    }
    return 0;
}

void mw_addr_from_system(mw_addr *a, const mw_sockaddr *from, socklen_t len)
{
    const size_t head = offsetof(struct sockaddr_un, sun_path);

    *a = (mw_addr){ .family = MW_NOWHERE };
    if (len < sizeof from->any.sa_family)
        return;
    if (from->any.sa_family == AF_INET && len >= sizeof from->v4) {
        a->family = MW_IPV4;
        a->port = ntohs(from->v4.sin_port);
        memcpy(a->ip, &from->v4.sin_addr, 4);
    } else if (from->any.sa_family == AF_INET6 && len >= sizeof from->v6) {
        a->family = MW_IPV6;
        a->port = ntohs(from->v6.sin6_port);
        a->scope = from->v6.sin6_scope_id;
        memcpy(a->ip, &from->v6.sin6_addr, 16);
    } else if (from->any.sa_family == AF_UNIX) {
        a->family = MW_UNIX;
        if (len > head) {                       /* an unbound peer has no path at all */
            a->path.at = from->un.sun_path;
            a->path.len = len - head < sizeof from->un.sun_path ? len - head : sizeof from->un.sun_path;
            if (a->path.at[0] != '\0')
                a->path.len = strnlen(a->path.at, a->path.len);
        }
    }
}

mw_endpoint mw_addr_to_endpoint(const mw_addr *a)
{
    mw_endpoint e = { .family = a->family, .port = a->port, .scope = a->scope };

    memcpy(e.ip, a->ip, sizeof e.ip);
    return e;
}

mw_addr mw_addr_from_endpoint(const mw_endpoint *e)
{
    mw_addr a = { .family = e->family, .port = e->port, .scope = e->scope };

    memcpy(a.ip, e->ip, sizeof a.ip);
    return a;
}

mw_addr mw_addr_keep(mw_arena *arena, const mw_addr *a)
{
    mw_addr kept = *a;

    kept.path = a->path.len > 0 ? mw_arena_copy(arena, a->path) : (mw_str){ NULL, 0 };
    return kept;
}

bool mw_addr_ip(mw_str text, mw_addr *a)
{
    mw_addr found = { .family = MW_IPV6 };
    bool    brackets = text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']';

    if (!brackets && ip_of(AF_INET, text, found.ip))
        found.family = MW_IPV4;
    else if (!ip_of(AF_INET6, brackets ? mw_str_part(text, 1, text.len - 1) : text, found.ip))
        return false;
    *a = found;
    return true;
}

bool mw_addr_parse(mw_str text, uint16_t port, mw_addr *a)
{
    mw_addr found = { .family = MW_UNIX };
    size_t  colon;

    if (mw_str_starts(text, MW_STR("unix:"))) {
        found.path = mw_str_drop(text, 5);
        if (found.path.len == 0)
            return false;
        *a = found;
        return true;
    }
    if (mw_addr_ip(text, &found)) {
        found.port = port;
        *a = found;
        return true;
    }
    colon = mw_str_rindex(text, ':');
    if (colon == text.len || !mw_addr_ip(mw_str_take(text, colon), &found))
        return false;
    if (found.family == MW_IPV6 && text.at[0] != '[')       /* "::1:x" is no address with a port */
        return false;
    if (!port_of(mw_str_drop(text, colon + 1), &found.port))
        return false;
    *a = found;
    return true;
}

bool mw_addr_ip_eq(const mw_addr *a, const mw_addr *b)
{
    if (a->family != b->family)
        return false;
    if (a->family == MW_UNIX)
        return mw_str_eq(a->path, b->path);
    return a->scope == b->scope && memcmp(a->ip, b->ip, ip_length(a->family)) == 0;
}

bool mw_addr_eq(const mw_addr *a, const mw_addr *b)
{
    return mw_addr_ip_eq(a, b) && (a->family == MW_UNIX || a->port == b->port);
}

bool mw_addr_any(const mw_addr *a)
{
    static const uint8_t zeros[16];
    size_t               n = ip_length(a->family);

    return n > 0 && memcmp(a->ip, zeros, n) == 0;
}

void mw_addr_ip_text(mw_out *o, const mw_addr *a)
{
    char     text[INET6_ADDRSTRLEN];
    unsigned i;

    switch ((mw_family)a->family) {
    case MW_IPV4:
        for (i = 0; i < 4; i++) {
            if (i > 0)
                mw_out_char(o, '.');
            mw_out_u64(o, a->ip[i]);
        }
        break;
    case MW_IPV6:
        if (inet_ntop(AF_INET6, a->ip, text, sizeof text) != NULL)
            mw_out_str(o, mw_str_of(text));
        break;
    case MW_UNIX:
        mw_out_str(o, MW_STR("unix:"));
        break;
    case MW_NOWHERE:
        break;
    }
}

void mw_addr_text(mw_out *o, const mw_addr *a)
{
    bool abstract = a->path.len > 0 && a->path.at[0] == '\0';

    if (a->family == MW_IPV6)
        mw_out_char(o, '[');
    mw_addr_ip_text(o, a);
    if (a->family == MW_IPV6)
        mw_out_char(o, ']');
    if (a->family == MW_IPV4 || a->family == MW_IPV6) {
        mw_out_char(o, ':');
        mw_out_u64(o, a->port);
    } else if (a->family == MW_UNIX) {
        if (abstract)                           /* as ss(8) and unix(7) write it */
            mw_out_char(o, '@');
        mw_out_str(o, mw_str_drop(a->path, abstract ? 1 : 0));
    }
}

bool mw_addr_unmap(mw_addr *a)
{
    if (a->family != MW_IPV6 || memcmp(a->ip, mapped, sizeof mapped) != 0)
        return false;
    memmove(a->ip, &a->ip[12], 4);
    memset(&a->ip[4], 0, 12);
    a->family = MW_IPV4;
    a->scope = 0;
    return true;
}

static const char *lookup_fault(int fault)
{
    return fault == EAI_NONAME || fault == EAI_NODATA ? "host not found" : gai_strerror(fault);
}

/* Copies the addresses of a list that getaddrinfo made. */
static void copy_found(mw_arena *arena, const struct addrinfo *first, uint16_t port, mw_addr **list, size_t *n)
{
    const struct addrinfo *found;
    mw_sockaddr            one;
    size_t                 room = 0, i = 0;

    for (found = first; found != NULL; found = found->ai_next)
        room++;
    *list = MW_NEWS(arena, mw_addr, room);
    for (found = first; found != NULL; found = found->ai_next) {
        if (found->ai_addrlen > sizeof one)
            continue;
        memcpy(&one, found->ai_addr, found->ai_addrlen);
        mw_addr_from_system(&(*list)[i], &one, found->ai_addrlen);
        if ((*list)[i].family == MW_IPV4 || (*list)[i].family == MW_IPV6)
            (*list)[i++].port = port;
    }
    *n = i;
}

mw_rc mw_addr_lookup(mw_arena *arena, mw_str host, uint16_t port, mw_addr **list, size_t *n, const char **why)
{
    struct addrinfo  hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
    struct addrinfo *found;
    mw_addr          literal;
    int              fault;

    if (mw_addr_ip(host, &literal)) {
        literal.port = port;
        *list = MW_NEW(arena, mw_addr);
        **list = literal;
        *n = 1;
        return MW_OK;
    }
    *why = "host not found";
    if (host.len == 0 || host.len > HOST_MAX || memchr(host.at, '\0', host.len) != NULL)
        return MW_ERR;
    fault = getaddrinfo(mw_arena_z(arena, host), NULL, &hints, &found);
    if (fault != 0) {
        *why = lookup_fault(fault);
        return MW_ERR;
    }
    copy_found(arena, found, port, list, n);
    freeaddrinfo(found);
    return *n > 0 ? MW_OK : MW_ERR;
}

/* Clears the bits beyond the mask; true: some were set. */
static bool clear_low_bits(mw_cidr *c)
{
    unsigned total = (unsigned)ip_length(c->family), i, kept;
    uint8_t  mask;
    bool     were = false;

    for (i = 0; i < total; i++) {
        kept = c->bits > i * 8 ? c->bits - i * 8 : 0;
        mask = (uint8_t)(0xff00u >> (kept < 8 ? kept : 8));
        were = were || (c->ip[i] & ~mask) != 0;
        c->ip[i] &= mask;
    }
    return were;
}

mw_cidr_fault mw_cidr_parse(mw_str text, mw_cidr *c)
{
    mw_str   ip, mask;
    mw_addr  a;
    uint64_t bits;
    bool     masked = mw_str_cut(text, '/', &ip, &mask);

    memset(c, 0, sizeof *c);
    if (mw_str_eq(text, MW_STR("unix:"))) {
        c->family = MW_UNIX;
        return MW_CIDR_FINE;
    }
    if (mw_str_char(ip, 0) == '[' || !mw_addr_ip(ip, &a))
        return MW_CIDR_BAD;
    bits = ip_length(a.family) * 8;
    if (masked && (!mw_str_u64(mask, &bits) || bits > ip_length(a.family) * 8))
        return MW_CIDR_BAD;
    c->family = a.family;
    c->bits = (uint8_t)bits;
    memcpy(c->ip, a.ip, sizeof c->ip);
    return clear_low_bits(c) ? MW_CIDR_LOW_BITS : MW_CIDR_FINE;
}

bool mw_cidr_has(const mw_cidr *c, const mw_addr *a)
{
    const uint8_t *ip = a->ip;
    unsigned       family = a->family, whole = c->bits / 8, rest = c->bits % 8;

    if (c->family == MW_NOWHERE)
        return true;
    if (family == MW_IPV6 && memcmp(ip, mapped, sizeof mapped) == 0) {      /* a client of ours that came by IPv4 */
        family = MW_IPV4;
        ip = &a->ip[12];
    }
    if (c->family != family)
        return false;
    if (family == MW_UNIX)
        return true;
    if (memcmp(ip, c->ip, whole) != 0)
        return false;
    return rest == 0 || ((ip[whole] ^ c->ip[whole]) >> (8 - rest)) == 0;
}
