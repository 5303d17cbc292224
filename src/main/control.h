/* control.h - speaks to a running master: -s.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_CONTROL_H
#define MW_MAIN_CONTROL_H

#include "core/arena.h"
#include "core/log.h"

/* Sends the signal that a word of -s means to the process in the pid file.  `reload` waits for its outcome, unless
 * told not to, or when the server is one that does not tell.  What the program is to exit with. */
int mw_control(const char *program, mw_str pid_path, mw_str word, bool wait, mw_log *log);

#endif
