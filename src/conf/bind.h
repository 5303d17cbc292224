/* bind.h - tree and tables to typed structs: contexts, arity, duplicates, inheritance, defaults.
 *
 * Binding a block is two walks: first all rows of the block, then inheritance from the finished parent, then its inner
 * blocks; so a directive written after a nested location counts for it.  A block that writes no row of a module shares
 * its parent's struct (unless that holds something written that is not inherited).
 *
 * In order, for each block: `enter`; then the setters of all its rows as they are written, those of inner blocks
 * (MW_RAW
 * or not) among them; inheritance; `ready` of each own struct, in the modules' order; then its inner blocks as they are
 * written.  A block whose setter or `enter` fails is not read.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_BIND_H
#define MW_CONF_BIND_H

#include "conf/diag.h"
#include "conf/module.h"
#include "conf/wants.h"

typedef struct mw_level mw_level;
struct mw_level {               /* one bound block; the main level is the top */
    const mw_node   *node;      /* NULL for the main level */
    unsigned         where;     /* IN_MAIN, IN_SERVER ...: what its inside is */
    mw_level        *parent, *kids, *next;      /* in the order written */
    void           **conf;      /* by module number; shared with the parent where nothing was written */
    uint64_t       **written;   /* by module number: bit i for row i; NULL: none */
    void            *user;      /* for who owns the block type: a server, a location, an upstream */
    bool             failed;    /* a setter or ready() said MW_ERR here or above: no more ready() here and below */
};

struct mw_bind {
    mw_arena               *arena;      /* of the generation */
    mw_diag                *diag;
    mw_wants               *wants;
    const mw_module *const *modules;    /* ends with NULL */
    unsigned                nmodules;
    mw_level               *top, *level;        /* the whole, and the block at hand */
    /* with '/' at the end: of paths, and of names relative to the configuration */
    mw_str                  prefix, folder;
    /* rule/: the variables of the context at hand; set by a block's `enter`, left as it is after */
    struct mw_vars         *vars;
    mw_log                 *log;
    bool                    testing;    /* -t: nothing is opened, made or bound */
    bool                    strict;     /* resolver_strict */
    const mw_sinks         *errors;     /* error_log of the main context, or the one before there is a configuration */
    void                   *http;       /* http/: what it gathers while binding */
    struct mw_table        *table;      /* table.c: rows by name, and the defaults; made by mw_bind_tree */
};

/* Binds root->kids.  Answers the main level, also after errors (b->diag has them). */
mw_level *mw_bind_tree(mw_bind *b, const mw_node *root);

void       *mw_bind_conf(const mw_bind *b, const mw_level *level, const mw_module *m);     /* its struct there */
unsigned    mw_bind_number(const mw_bind *b, const mw_module *m);       /* by linear search */
bool        mw_bind_written(const mw_bind *b, const mw_level *level, const mw_module *m, const char *row);
                                                                        /* was it written in this very block? */
mw_rc       mw_bind_error(mw_bind *b, const mw_node *n, const char *format, ...) __attribute__((format(printf, 3, 4)));
                                                                        /* [emerg] ... in FILE:LINE; always MW_ERR */
mw_rc       mw_bind_error_at(mw_bind *b, const mw_node *n, unsigned arg, const char *format, ...)
                __attribute__((format(printf, 4, 5)));                  /* the same, the caret under that argument */
mw_rc       mw_bind_invalid(mw_bind *b, const mw_node *n, unsigned arg);     /* '"NAME" directive invalid value' */
void        mw_bind_warn(mw_bind *b, const mw_node *n, const char *format, ...) __attribute__((format(printf, 3, 4)));
mw_str      mw_bind_path(const mw_bind *b, mw_str name);                /* absolute: with the prefix */
mw_str      mw_bind_conf_path(const mw_bind *b, mw_str name);           /* absolute: with the configuration's folder */
/* NULL: unknown there */
const mw_directive *mw_bind_row(const mw_bind *b, mw_str name, unsigned where, const mw_module **m);
void        mw_directives_json(mw_out *o, const mw_module *const *modules);     /* --directives */

/* Readers of single values; false: not that. */
bool mw_read_size(mw_str s, uint64_t *bytes);           /* 1k 1K 1m 1M; and 1g 1G */
bool mw_read_msec(mw_str s, uint64_t *ms);              /* "1h 30m", "500ms"; a bare number is seconds */
bool mw_read_sec(mw_str s, int64_t *seconds);           /* without ms */

#endif
