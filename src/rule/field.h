/* field.h - fields whose readers live on this floor: compiled text, lists of them, predicates, address sets.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_FIELD_H
#define MW_RULE_FIELD_H

#include "rule/access.h"
#include "rule/expr.h"

typedef struct mw_exprs { mw_expr **at; unsigned n; } mw_exprs;         /* all arguments */

mw_setter mw_set_expr;          /* mw_expr *: one argument */
mw_setter mw_set_exprs;         /* mw_exprs: all arguments; a repeated row appends */

/* is one of them neither empty nor "0"?  (proxy_no_cache, access_log if=) */
bool mw_exprs_any(const mw_exprs *list, mw_scope *s);

#define MW_RULE_FIELD(T, field)  MW_FIELD_BY(T, field, _Generic(((T *)0)->field, \
        mw_expr *: mw_set_expr, mw_exprs: mw_set_exprs, mw_access *: mw_set_access))

#endif
