/* addr.h - socket addresses and ranges of addresses, to and from text, and to and from the system's form.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_ADDR_H
#define MW_CORE_ADDR_H

#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>

#include "core/arena.h"
#include "core/rc.h"

typedef enum mw_family { MW_NOWHERE, MW_IPV4, MW_IPV6, MW_UNIX } mw_family;

typedef struct mw_addr {        /* by value; 40 bytes */
    uint8_t  family;            /* a mw_family */
    uint16_t port;              /* host order */
    uint32_t scope;             /* IPv6 link-local */
    uint8_t  ip[16];            /* network order; the first four for IPv4 */
    mw_str   path;              /* unix; borrowed; abstract ones begin with NUL */
} mw_addr;

typedef struct mw_endpoint {    /* an address without path: what a connection keeps of its peer; 24 bytes */
    uint8_t  family;
    uint16_t port;
    uint32_t scope;
    uint8_t  ip[16];
} mw_endpoint;

typedef union mw_sockaddr {     /* what the system wants */
    struct sockaddr     any;
    struct sockaddr_in  v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un  un;
    struct sockaddr_storage room;
} mw_sockaddr;

socklen_t mw_addr_to_system(const mw_addr *a, mw_sockaddr *to);             /* 0: a path too long, or nowhere */
void      mw_addr_from_system(mw_addr *a, const mw_sockaddr *from, socklen_t len);  /* path borrows from *from */
mw_endpoint mw_addr_to_endpoint(const mw_addr *a);                          /* without its path */
mw_addr   mw_addr_from_endpoint(const mw_endpoint *e);
mw_addr   mw_addr_keep(mw_arena *arena, const mw_addr *a);                  /* with a path of its own */

bool mw_addr_ip(mw_str text, mw_addr *a);           /* "1.2.3.4", "::1", "[::1]"; port 0; false: no literal address */
/* "ip", "ip:port", "[ip]:port", "unix:/path"; port: when none is written. */
bool mw_addr_parse(mw_str text, uint16_t port, mw_addr *a);
bool mw_addr_eq(const mw_addr *a, const mw_addr *b);
bool mw_addr_ip_eq(const mw_addr *a, const mw_addr *b);                     /* but for the port */
bool mw_addr_any(const mw_addr *a);                 /* 0.0.0.0 or :: */
void mw_addr_text(mw_out *o, const mw_addr *a);     /* "1.2.3.4:80", "[::1]:80", "unix:/path" */
void mw_addr_ip_text(mw_out *o, const mw_addr *a);  /* "1.2.3.4", "::1", "unix:" */
bool mw_addr_unmap(mw_addr *a);                     /* ::ffff:1.2.3.4 becomes 1.2.3.4; false: was none, unchanged */

/* Asks the system's resolver, and blocks: for the start, never in a worker.  All addresses, in its order; copies lie in
 * the arena.  MW_ERR: *why (static text) tells. */
mw_rc mw_addr_lookup(mw_arena *arena, mw_str host, uint16_t port, mw_addr **list, size_t *n, const char **why);

/* MW_UNIX: any unix client; MW_NOWHERE: everybody. */
typedef struct mw_cidr { uint8_t family, bits; uint8_t ip[16]; } mw_cidr;
typedef enum mw_cidr_fault { MW_CIDR_FINE, MW_CIDR_BAD, MW_CIDR_LOW_BITS } mw_cidr_fault;
mw_cidr_fault mw_cidr_parse(mw_str text, mw_cidr *c);       /* "10.0.0.0/8", "::1", "unix:"; LOW_BITS: parsed, but bits
                                                               beyond the mask were set, and are cleared now */
bool mw_cidr_has(const mw_cidr *c, const mw_addr *a);

/* What a listening socket should be: all parameters of nginx's `listen` that concern the socket. */
typedef struct mw_listen_options {
    int      backlog, rcvbuf, sndbuf, fastopen, setfib;     /* -1: not given */
    int      keepalive, keepidle, keepintvl, keepcnt;   /* keepalive: -1 not given, 0 off, 1 on; others 0: system's */
    uint8_t  deferred, reuseport, ipv6only, bind, multipath;    /* ipv6only: 1 on (default) or 0 */
    mw_str   accept_filter;
} mw_listen_options;

#endif
