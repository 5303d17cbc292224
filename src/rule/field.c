/* field.c - readers of fields that hold compiled text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/field.h"

#include "rule/cond.h"

mw_rc mw_set_expr(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_expr **to = field;

    (void)d;
    *to = mw_expr_compile(b, n, n->args[0]);
    return *to != NULL ? MW_OK : MW_ERR;
}

/* The list at hand may be the enclosing block's (MW_ADD): it is copied, never changed. */
mw_rc mw_set_exprs(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_exprs *to = field;
    mw_expr **at = MW_NEWS(b->arena, mw_expr *, to->n + n->nargs);

    (void)d;
    for (unsigned i = 0; i < to->n; i++)
        at[i] = to->at[i];
    for (unsigned i = 0; i < n->nargs; i++) {
        at[to->n + i] = mw_expr_compile(b, n, n->args[i]);
        if (at[to->n + i] == NULL)
            return MW_ERR;
    }
    to->at = at;
    to->n += n->nargs;
    return MW_OK;
}

bool mw_exprs_any(const mw_exprs *list, mw_scope *s)
{
    for (unsigned i = 0; i < list->n; i++)
        if (mw_text_true(mw_expr_text(list->at[i], s)))
            return true;
    return false;
}
