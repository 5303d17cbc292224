/* startup.h - who speaks before the server runs: to the log, and, as long as somebody waits at a terminal, to him too.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_STARTUP_H
#define MW_MAIN_STARTUP_H

#include "core/log.h"

typedef struct mw_startup {
    const char *program;            /* the first word of what it says to standard error */
    mw_log_file file;               /* -e, or the built-in one; fd -1: it could not be opened */
    mw_sink     to_file, to_terminal;
    mw_ring     ring;               /* what to_terminal gathers */
    mw_sinks    early;              /* to both */
    mw_log      log;                /* speaks to early; later to a configuration's sinks and the terminal */
    mw_sinks    later;
} mw_startup;

/* path: absolute, or empty for standard error.  An alert is said when the file cannot be opened. */
void mw_startup_begin(mw_startup *s, const char *program, mw_str path);
void mw_startup_follow(mw_startup *s, const mw_sinks *sinks);       /* from now on these, and the terminal */
void mw_startup_tell(mw_startup *s);        /* what was gathered, to standard error: PROGRAM: [level] TEXT */
void mw_startup_end(mw_startup *s);         /* its file is closed; what speaks to it is lost */

/* Straight to standard error. */
void mw_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
