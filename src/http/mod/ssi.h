/* ssi.h - server side includes: what one answer being worked on knows.  Private to ssi*.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MOD_SSI_H
#define MW_HTTP_MOD_SSI_H

#include "core/list.h"
#include "core/needles.h"
#include "core/regex.h"
#include "http/media.h"
#include "http/mod/ssi_parse.h"
#include "http/sub.h"

enum { MW_SSI_NESTED = 64 };    /* ifs within ifs */

typedef struct mw_ssi_conf {
    bool     on, silent, last_modified;
    mw_bytes value_length, min_file_chunk;
    mw_media types;
    const mw_needles *begin;    /* "<!--#" */
} mw_ssi_conf;

typedef struct mw_ssi_named { struct mw_ssi_named *next; mw_str name, text; } mw_ssi_named;

typedef struct mw_ssi mw_ssi;
typedef struct mw_ssi_once {    /* of the main request: what its parts share */
    mw_ssi_named *values;       /* of `set` */
    mw_ssi_named *blocks;
    mw_captures   captures;     /* of the last `if` with a regular expression */
    const mw_ssi *now;          /* whose command is run: its timefmt counts */
} mw_ssi_once;

typedef struct mw_ssi_item {    /* a piece of the answer */
    mw_list      link;
    mw_chain     bytes;         /* of the page; or of an include, while `set` gathers them */
    bool         include, any;  /* any: some bytes of it came */
    bool         too_big;       /* for a variable */
    mw_sub       sub;
    mw_request  *request;       /* of sub, also when that has ended: for its place and its variables */
    mw_source   *instead;       /* the stub, being worked on; NULL: it is not */
    const mw_ssi_named *stub;
    mw_str       set;           /* the name of a variable; at NULL: none */
    bool         gate;          /* nothing behind it is worked on before it has ended */
} mw_ssi_item;

/* DONE: an earlier one was taken */
typedef enum mw_ssi_branch { MW_SSI_TAKEN, MW_SSI_OPEN, MW_SSI_DONE } mw_ssi_branch;

struct mw_ssi {
    mw_source          base;
    mw_request        *r;                       /* asks for what is included */
    mw_scope          *scope;                   /* whose variables are meant: its own, but in stubs */
    const mw_ssi_conf *c;
    mw_ssi_once       *once;
    unsigned           depth;                   /* of stubs within stubs */
    mw_chain           held;                    /* pulled, not yet worked on */
    mw_chain           raw;                     /* of the command at hand, as it was written */
    mw_seek            seek;
    mw_ssi_parse       parse;
    mw_str             errmsg, timefmt;
    mw_list            items;
    const mw_ssi_item *gate;                    /* NULL: work may go on */
    unsigned           waiting;                 /* includes among the items */
    /* outer: what stands around it is put out */
    struct { uint8_t branch; bool has_else, outer; } ifs[MW_SSI_NESTED];
    unsigned           nifs;
    bool               mute;                    /* within a branch that is not taken */
    bool               in_block, block_too_long;
    mw_str             block;                   /* its name */
    mw_chain           block_text;
    bool               in_command, ended;
};

extern const mw_module mw_ssi_module;

/* ssi.c */
mw_chain    *mw_ssi_out(mw_ssi *s);             /* where bytes go to */
mw_ssi_item *mw_ssi_item_new(mw_ssi *s);
mw_str       mw_ssi_timefmt(const mw_ssi *s);   /* NULL s: the default */

/* ssi_command.c */
void mw_ssi_command(mw_ssi *s);                 /* runs s->parse, which is whole */

/* ssi_text.c */
bool mw_ssi_lookup(mw_ssi *s, mw_str name, mw_str *text);       /* false: not there */
void mw_ssi_set(mw_ssi *s, mw_str name, mw_str text);
mw_ssi_named *mw_ssi_find(mw_ssi_named *list, mw_str name);     /* NULL: none */
bool mw_ssi_evaluate(mw_ssi *s, mw_str text, mw_str *value);    /* with variables; false: said */
bool mw_ssi_if(mw_ssi *s, mw_str expression, bool *is_true);    /* false: said */

#endif
