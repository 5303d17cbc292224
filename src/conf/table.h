/* table.h - all rows of all modules by name, and each module's struct of defaults.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_TABLE_H
#define MW_CONF_TABLE_H

#include "conf/bind.h"
#include "core/map.h"

typedef struct mw_row mw_row;
struct mw_row {                 /* one directive of one module */
    mw_row             *next;   /* of the same name, in the modules' order */
    const mw_module    *module;
    const mw_directive *d;
    unsigned            number, bit;    /* of the module in the list, of the row in the module */
};

typedef struct mw_table {
    mw_map   *rows;             /* name to mw_row */
    void    **defaults;         /* by module number; NULL: it has no struct */
    size_t    nrows;
} mw_table;

mw_table     *mw_table_new(mw_bind *b);                 /* without the defaults; counts b->nmodules */
/* NULL: not there; known elsewhere? */
const mw_row *mw_table_find(const mw_table *t, mw_str name, unsigned where, bool *known);
/* The nearest name to a wrong one, of those that may stand there if any is near; NULL: none is. */
const char   *mw_table_nearest(const mw_bind *b, mw_str name, unsigned where);
void          mw_contexts_text(mw_out *o, unsigned where, const char *quote);      /* http, server, if in location */

/* inherit.c */
mw_rc mw_defaults_make(mw_bind *b);                     /* runs the setters on every row's `otherwise` */
/* the level's own struct, made if need be */
void *mw_level_own(mw_bind *b, mw_level *level, unsigned number);
void *mw_level_parent(const mw_bind *b, const mw_level *level, unsigned number);   /* what it inherits from */
bool  mw_level_owns(const mw_bind *b, const mw_level *level, unsigned number);
/* before its setter runs; marks it written */
void  mw_level_begin_row(mw_bind *b, mw_level *level, const mw_row *row);
void  mw_level_inherit(mw_bind *b, mw_level *level);    /* when all its rows were read */

static inline bool mw_bit(const uint64_t *bits, unsigned i)
{
    return bits != NULL && (bits[i / 64] >> (i % 64) & 1) != 0;
}

#endif
