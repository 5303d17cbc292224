/* expr.h - text with variables, compiled: "$scheme://$host$1".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_EXPR_H
#define MW_RULE_EXPR_H

#include "rule/var.h"

typedef struct mw_expr mw_expr;

mw_expr *mw_expr_compile(mw_bind *b, const mw_node *n, mw_str text);    /* NULL: said (invalid variable name) */
mw_expr *mw_expr_constant(mw_arena *a, mw_str text);                    /* text must outlive it */
bool     mw_expr_is_constant(const mw_expr *e, mw_str *text);           /* true: text is all it can ever be */
bool     mw_expr_has_captures(const mw_expr *e);                        /* $1 .. $9 */
mw_str   mw_expr_text(const mw_expr *e, mw_scope *s);   /* in the scope's arena, or somebody's longer-living bytes; NULL e: empty */
mw_str   mw_expr_escaped(const mw_expr *e, mw_scope *s, bool args);     /* rewrite's way: captures are URI-escaped (args: as in a query) */
char    *mw_expr_z(const mw_expr *e, mw_scope *s);      /* the same, with a NUL behind it */
size_t   mw_expr_write(const mw_expr *e, mw_scope *s, mw_out *o);       /* appended to a pen; bytes it is long, even if cut */

#endif
