/* door.h - accept, PROXY protocol, TLS, ALPN; chooses the wire.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_DOOR_H
#define MW_HTTP_DOOR_H

#include "event/listener.h"
#include "http/site.h"

void mw_door_accepted(mw_listener *l, int fd, const mw_addr *peer);     /* mw_listen.accepted of every http socket */

#endif
