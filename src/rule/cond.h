/* cond.h - the conditions of `if`: a variable, = != ~ ~* !~ !~* and -f -d -e -x with their negations.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_COND_H
#define MW_RULE_COND_H

#include "rule/expr.h"

typedef struct mw_cond mw_cond;

/* From the arguments of an `if` node, its parentheses included.  NULL: said as nginx does (invalid condition "x"). */
mw_cond *mw_cond_compile(mw_bind *b, const mw_node *n);
/* Matches leave their captures in the scope, or none.  told: as rewrite_log has it, what was matched is logged. */
bool     mw_cond_true(const mw_cond *c, mw_scope *s, bool told);
void     mw_cond_show(mw_out *o, const mw_cond *c);             /* for --route: ($a = b) */
bool     mw_text_true(mw_str s);                                /* neither empty nor "0" */

#endif
