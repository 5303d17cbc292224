/* ssi_parse.h - one command of server side includes, read as its bytes come.  Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MOD_SSI_PARSE_H
#define MW_HTTP_MOD_SSI_PARSE_H

#include "core/arena.h"

enum { MW_SSI_NAME = 32, MW_SSI_PARAMS = 16 };

typedef struct mw_ssi_param { char name_room[MW_SSI_NAME]; mw_str name; mw_out value; } mw_ssi_param;

typedef struct mw_ssi_parse {   /* zeroed, with arena and longest set: behind a "<!--#" */
    mw_arena    *arena;
    size_t       longest;       /* of a value */
    uint8_t      state;
    char         quote;
    char         command_room[MW_SSI_NAME];
    mw_str       command;
    mw_ssi_param params[MW_SSI_PARAMS];
    unsigned     n;
    mw_str       why;           /* what was wrong with it; at NULL: nothing, so far */
} mw_ssi_parse;

/* Eats up to the command's end, "-->", which is looked for also when something is wrong; bytes eaten. */
size_t mw_ssi_eat(mw_ssi_parse *p, mw_str bytes, bool *ended);

#endif
