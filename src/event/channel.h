/* channel.h - messages and descriptors between the master and its children: fixed-size, over a socketpair.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_CHANNEL_H
#define MW_EVENT_CHANNEL_H

#include "event/loop.h"

typedef enum mw_order { MW_ORDER_QUIT = 1, MW_ORDER_TERMINATE, MW_ORDER_REOPEN, MW_ORDER_READY } mw_order;
typedef struct mw_message { uint32_t order, slot; int32_t pid, fd; } mw_message;       /* fd -1: none */

typedef struct mw_channel {
    mw_watch watch;
    void   (*heard)(struct mw_channel *c, const mw_message *m);     /* m->fd, if any, is the hearer's */
    void   (*gone)(struct mw_channel *c);                           /* the other end closed */
    void    *owner;
} mw_channel;

mw_rc mw_channel_pair(int fds[2]);                                  /* nonblocking, close on exec; MW_ERR: errno */
mw_rc mw_channel_send(int fd, const mw_message *m);                 /* AGAIN: full */
mw_rc mw_channel_listen(mw_channel *c, mw_loop *l, int fd);
void  mw_channel_close(mw_channel *c, mw_loop *l);

#endif
