/* var.h - names to getters, cached per scope: whoever can be asked for variables is a scope (a request, a
 * stream session).
 *
 * While binding, names are *needed* (by expressions) and *defined* (by modules' tables, and by set, map, geo ...) in
 * any order; when all is bound they are settled: each needed name gets its definition, or 'unknown "x" variable' is
 * said at the place that needed it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_VAR_H
#define MW_RULE_VAR_H

#include "conf/bind.h"
#include "core/regex.h"

typedef struct mw_scope mw_scope;
typedef struct mw_var   mw_var;
typedef struct mw_vars  mw_vars;
/* false: not there; text: lives as long as the scope */
typedef bool mw_getter(mw_scope *s, const mw_var *v, mw_str *text);
typedef void mw_assign(mw_scope *s, const mw_var *v, mw_str text);

/* a row of a module's table (ends with name NULL), or a definition of the configuration */
struct mw_var {
    const char *name;           /* without '$'; of a prefix row: with its '_' at the end, "http_" */
    mw_getter  *get;
    mw_assign  *set;            /* `set $x` goes here too; NULL: only remembered, where changeable */
    uintptr_t   data;
    bool        prefix;         /* names all that begin so; rest tells which */
    bool        fleeting;       /* never cached: asked anew each time */
    bool        once;           /* would answer anew when asked again ($request_id): mw_var_peek remembers it too */
    bool        changeable;     /* `set`, `map` and kin may define it over again */
    mw_str      rest;           /* of a settled prefix variable: "user_agent" of http_user_agent */
};

typedef struct mw_value { mw_str text; uint8_t state; } mw_value;
/* BUSY: being asked; asking again is a cycle */
enum { MW_VALUE_UNKNOWN, MW_VALUE_FOUND, MW_VALUE_MISSING, MW_VALUE_BUSY };

struct mw_scope {               /* embedded in a request or session */
    const mw_vars *vars;
    mw_arena      *arena;
    mw_value      *values;      /* by index; made at the first asking; shared by a main request and its subrequests */
    mw_captures   *captures;    /* of the last match; made at the first; NULL: none yet */
    mw_log        *log;
    void          *self;        /* the request or session */
};

mw_vars *mw_vars_new(mw_arena *a);
void     mw_vars_table(mw_vars *v, const mw_var *table);
/* Defines a name (without '$').  NULL: there is one that may not be changed, or a bad name; said as nginx does: the
 * duplicate "x" variable / invalid variable name "$".  The answer's get and data are the caller's to fill; a second
 * definition of a changeable name answers the same one. */
mw_var  *mw_vars_define(mw_bind *b, const mw_node *n, mw_str name);
unsigned mw_vars_need(mw_bind *b, const mw_node *n, mw_str name);       /* its index */
/* A definition whose `get` stayed NULL (that of `set`) answers what a prefix row knows under its name, else this
 * getter: without one, the empty text after the warning 'using uninitialized "x" variable'. */
void     mw_vars_unset(mw_vars *v, mw_getter *get);
/* MW_ERR: said; may be called again after more needs */
mw_rc    mw_vars_settle(mw_bind *b, mw_vars *v);
size_t   mw_vars_count(const mw_vars *v);

bool mw_var_get(mw_scope *s, unsigned index, mw_str *text);             /* false: not there (text is empty) */
/* The same for who asks last (logs): a table's row that is not known yet is asked, but not remembered. */
bool mw_var_peek(mw_scope *s, unsigned index, mw_str *text);
/* at run time (ssi, perl...): any defined name */
bool mw_var_by_name(mw_scope *s, mw_str name, mw_str *text);
void mw_var_set(mw_scope *s, unsigned index, mw_str text);              /* `set`: text must live as long as the scope */
void mw_var_forget(mw_scope *s, unsigned index);                        /* asked anew next time */
/* makes `values` now, before another scope gets a copy of the pointer */
void mw_scope_share(mw_scope *s);
const mw_captures *mw_scope_captures(const mw_scope *s);                /* NULL: none */
/* Matches and remembers the captures in the scope (for $1 and named groups). */
bool mw_scope_match(mw_scope *s, const mw_regex *re, mw_str subject);
void mw_scope_unmatch(mw_scope *s);                                     /* no captures from now on */
/* Compiles a pattern and defines its named groups as variables; NULL: said. */
mw_regex *mw_scope_regex(mw_bind *b, const mw_node *n, mw_str pattern, bool fold);

#endif
