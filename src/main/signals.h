/* signals.h - signals as events of a loop, and who sent them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_SIGNALS_H
#define MW_MAIN_SIGNALS_H

#include <sys/types.h>

#include "event/loop.h"

typedef struct mw_signals {
    mw_watch watch;
    void   (*came)(struct mw_signals *s, int number, pid_t from);       /* from 0: the system */
    void    *owner;
} mw_signals;

void        mw_signals_hold(void);          /* they wait until somebody begins */
/* blocks them for this and all later threads; MW_ERR: errno */
mw_rc       mw_signals_begin(mw_signals *s, mw_loop *l);
void        mw_signals_leave(mw_signals *s);                /* in a child: closes, signals stay blocked */
void        mw_signals_restore(void);                       /* before an exec */
const char *mw_signals_name(int number);                    /* "SIGHUP" */

#endif
