/* upgrade.h - a new program takes over the sockets of a running one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_UPGRADE_H
#define MW_MAIN_UPGRADE_H

#include <sys/types.h>

#include "main/cycle.h"

mw_str mw_old_pid_path(mw_arena *a, mw_str pid_path);           /* ".oldbin" */
mw_rc  mw_pid_write(mw_str path, mw_log *log);                  /* whole, by renaming; MW_ERR: said */
/* Starts the program's file anew with our sockets and zones; the pid file gets out of its way.  0: said. */
pid_t  mw_upgrade_begin(const mw_cycle *c, mw_log *log);
void   mw_upgrade_roll_back(const mw_cycle *c, mw_log *log);    /* it ended: the pid file is ours again */
/* The same in this very process, which is nobody's master; comes back only when it failed: said. */
void   mw_upgrade_again(const mw_cycle *c, uint64_t attempt, mw_log *log);
uint64_t mw_upgrade_attempts(void);     /* how often; before mw_upgrade_inherit */
/* What a program before us handed on, in NGINX and MIWI_...; false: nothing.  The variables go. */
bool   mw_upgrade_inherit(mw_legacy *to, mw_arena *a, mw_log *log);

#endif
