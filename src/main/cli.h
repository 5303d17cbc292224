/* cli.h - what was asked for on the command line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_CLI_H
#define MW_MAIN_CLI_H

#include "core/arena.h"

typedef enum mw_dump { MW_DUMP_NONE, MW_DUMP_FILES, MW_DUMP_YAML } mw_dump;
typedef struct mw_cli {
    bool     version, help, configure, test, quiet, directives, no_wait;
    mw_dump  dump;
    mw_str   signal;            /* stop, quit, reopen, reload; empty: none */
    mw_str   prefix, conf, error_log, globals;          /* as written; at NULL: not written */
    mw_str   route;             /* "GET http://host/path"; empty: not asked for */
    mw_array headers;           /* of mw_str, for it: "Name: value" */
} mw_cli;

/* OK, or ERR with a message in *why, to be said behind the program's name. */
bool mw_cli_parse(mw_arena *a, char *const *args, mw_cli *cli, mw_str *why);
void mw_cli_help(mw_out *o, const char *program, bool all);     /* all: what nginx has not, too */

#endif
