/* process.h - what a process is to the system: its standard descriptors, title, environment, background.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_PROCESS_H
#define MW_MAIN_PROCESS_H

#include "core/log.h"
#include "main/core.h"

void  mw_process_fill_stdio(void);      /* descriptors 0-2 that were closed lead to /dev/null */
/* once, first of all: the title's room is argv's and environ's */
void  mw_process_keep_args(int argc, char **argv);
void  mw_process_title(const char *text);               /* "PROGRAM: TEXT" in ps(1); PROGRAM is nginx when called so */
mw_str mw_process_command(mw_arena *a);                 /* the arguments, joined by spaces */
char *const *mw_process_args(void);                     /* as they were given */
const char *mw_process_path(void);                      /* the program's own file */
const char *mw_process_program(void);                   /* "miwidothttp", or "nginx" when called by that name */

/* Forks; the parent waits for the child's mw_process_tell_parent, then exits.  MW_ERR: said. */
mw_rc mw_process_daemonize(mw_log *log);
void  mw_process_tell_parent(void);                     /* we run; nothing without a parent that waits */
void  mw_process_take_stderr(const mw_sinks *sinks);    /* fd 2 leads to the first log file, unless a sink is stderr */

/* TZ and what `env` names, with what is to be added; in the arena, ends with NULL. */
char **mw_process_environ(mw_arena *a, const mw_main_conf *conf, const mw_str *more, size_t n);

#endif
