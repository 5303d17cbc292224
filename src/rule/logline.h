/* logline.h - log_format: named formats, compiled to variables and their escaping.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_LOGLINE_H
#define MW_RULE_LOGLINE_H

#include "rule/var.h"

typedef enum mw_log_escape { MW_ESCAPE_DEFAULT, MW_ESCAPE_JSON, MW_ESCAPE_NONE } mw_log_escape;
typedef struct mw_logline mw_logline;

/* `log_format NAME [escape=default|json|none] TEXT...`: args from the second on. NULL: said. */
mw_logline *mw_logline_compile(mw_bind *b, const mw_node *n, unsigned first_arg);
/* of a format the house brings: combined */
mw_logline *mw_logline_text(mw_bind *b, const mw_node *n, mw_str text, mw_log_escape escape);
/* An object of JSON, valid whatever the values are: null for one that is not there, broken UTF-8 replaced, long texts
 * cut at 4 KB; number: written bare if it is one.  members must outlive it. */
typedef struct mw_log_member { const char *key, *variable; bool number; } mw_log_member;
mw_logline *mw_logline_json(mw_bind *b, const mw_node *n, const mw_log_member *members, size_t count);
/* Appends the line, without newline; a value that is not there is "-" (escape none, json: empty). */
void        mw_logline_write(const mw_logline *l, mw_scope *s, mw_out *o);

#endif
