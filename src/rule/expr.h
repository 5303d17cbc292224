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
/* in the scope's arena, or somebody's longer-living bytes; NULL e: empty */
mw_str   mw_expr_text(const mw_expr *e, mw_scope *s);
/* rewrite's way: captures are URI-escaped (args: as in a query) */
mw_str   mw_expr_escaped(const mw_expr *e, mw_scope *s, bool args);
char    *mw_expr_z(const mw_expr *e, mw_scope *s);      /* the same, with a NUL behind it */
/* appended to a pen; bytes it is long, even if cut */
size_t   mw_expr_write(const mw_expr *e, mw_scope *s, mw_out *o);

/* Cuts the first piece off *left, for who compiles text by himself (log formats): bytes up to the next '$', or a '$'
 * with what follows it.  false: *left is at its end. */
typedef struct mw_piece {
    enum { MW_PIECE_TEXT, MW_PIECE_NAME, MW_PIECE_CAPTURE, MW_PIECE_OPEN, MW_PIECE_BAD } kind;
    /* the bytes; the name; of OPEN: the name whose bracket is missing; of BAD: '$' and the rest */
    mw_str   text;
    unsigned group;             /* of CAPTURE: 1 .. 9 */
} mw_piece;
bool     mw_piece_next(mw_str *left, bool captures, mw_piece *p);       /* captures: $1 is one, not a name */

#endif
