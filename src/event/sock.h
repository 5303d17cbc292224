/* sock.h - socket options and calls, each retried and named in errors.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_SOCK_H
#define MW_EVENT_SOCK_H

#include "core/addr.h"
#include "core/log.h"

int  mw_sock_open(const mw_addr *a, int type);                      /* nonblocking, close on exec; -1: errno */
bool mw_sock_set_int(int fd, int level, int option, int value);     /* false: errno */
bool mw_sock_nodelay(int fd);
bool mw_sock_peer(int fd, mw_addr *a, mw_arena *keep);              /* keep NULL: without a unix path */
bool mw_sock_local(int fd, mw_addr *a, mw_arena *keep);
int  mw_sock_error(int fd);                                         /* SO_ERROR: 0 or an errno */

#endif
