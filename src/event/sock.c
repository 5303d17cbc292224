/* sock.c - socket options and calls.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/sock.h"

#include <errno.h>
#include <netinet/tcp.h>

static int domain_of(const mw_addr *a)
{
    switch ((mw_family)a->family) {
    case MW_IPV4: return AF_INET;
    case MW_IPV6: return AF_INET6;
    case MW_UNIX: return AF_UNIX;
    case MW_NOWHERE: break;
    }
    return AF_UNSPEC;
}

int mw_sock_open(const mw_addr *a, int type)
{
    return socket(domain_of(a), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

bool mw_sock_set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

bool mw_sock_nodelay(int fd) { return mw_sock_set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1); }

static void translate(const mw_sockaddr *from, socklen_t len, mw_addr *a, mw_arena *keep)
{
    mw_addr_from_system(a, from, len);
    if (keep != NULL)
        *a = mw_addr_keep(keep, a);
    else
        a->path = (mw_str){ 0 };        /* it would borrow from what goes out of scope */
}

bool mw_sock_peer(int fd, mw_addr *a, mw_arena *keep)
{
    mw_sockaddr s;
    socklen_t   len = sizeof s;

    if (getpeername(fd, &s.any, &len) != 0)
        return false;
    translate(&s, len, a, keep);
    return true;
}

bool mw_sock_local(int fd, mw_addr *a, mw_arena *keep)
{
    mw_sockaddr s;
    socklen_t   len = sizeof s;

    if (getsockname(fd, &s.any, &len) != 0)
        return false;
    translate(&s, len, a, keep);
    return true;
}

int mw_sock_error(int fd)
{
    int       err = 0;
    socklen_t len = sizeof err;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 ? err : errno;
}
