/* directive.h - how a module says what may be written about it in a configuration.
 *
 * One row is one directive.  The type of the field picks the reader: a mw_msec field reads "5s", a mw_bytes field
 * "16k",
 * a bool "on" - so a row cannot name the wrong one.  The binder fills what is unwritten from the enclosing block, and
 * at
 * the top from the row's own default; no module writes create or merge functions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_DIRECTIVE_H
#define MW_CONF_DIRECTIVE_H

#include "conf/node.h"

/* units are types; "30s", "1h 30m", "500ms"; a bare number is seconds */
typedef struct { uint64_t ms; }    mw_msec;
typedef struct { uint64_t bytes; } mw_bytes;        /* "16k", "1m", "2g" */
typedef struct { int64_t seconds; } mw_sec;         /* "30s"; a bare number is seconds */
typedef struct { uint32_t n; mw_bytes size; } mw_bufs;      /* "8 16k" */
typedef struct mw_strs { mw_str *at; unsigned n; } mw_strs; /* all arguments; a repeated row appends */
typedef int mw_enum;                                /* one of the row's choices */
typedef unsigned mw_flags;                          /* any of the row's choices, ored */
enum { MANY = 255 };

typedef struct mw_bind mw_bind;
typedef struct mw_directive mw_directive;
typedef mw_rc mw_setter(mw_bind *b, const mw_node *n, const mw_directive *d, void *field);
                                /* field: the row's field in the struct of the block at hand (or the struct itself when
                                 * the
                                   row has no field); MW_ERR: said with mw_bind_error */

enum {                          /* where a row may stand; and what a block's inside is */
    IN_MAIN = 1 << 0, IN_EVENTS = 1 << 1, IN_HTTP = 1 << 2, IN_SERVER = 1 << 3, IN_LOCATION = 1 << 4,
    IN_IF = 1 << 5,             /* `if` in a location */
    IN_SERVER_IF = 1 << 6, IN_LIMIT_EXCEPT = 1 << 7, IN_UPSTREAM = 1 << 8,
    IN_STREAM = 1 << 9, IN_STREAM_SERVER = 1 << 10, IN_STREAM_UPSTREAM = 1 << 11,
    IN_WEB = IN_HTTP | IN_SERVER | IN_LOCATION
};
#define MW_RAW  0x80000000u     /* a block whose kids the setter reads by itself: map, geo, types, split_clients */

typedef enum mw_inherit {
    MW_ALWAYS,                  /* unwritten: the enclosing block's */
    MW_NEVER,                   /* unwritten: zero (try_files, return, set, if) */
    MW_INNER,                   /* inherited into `if` and limit_except only (proxy_pass and kin) */
    /* nginx appends: the setter gets a field that begins with a copy of the enclosing block's */
    MW_ADD
} mw_inherit;

typedef struct mw_choice { const char *name; int value; } mw_choice;    /* ends with name NULL */

struct mw_directive {
    const char      *name;
    unsigned         where;             /* contexts */
    uint8_t          least, most;       /* arguments; most MANY: any number */
    uint16_t         offset, size;      /* the field */
    mw_setter       *set;
    const char      *otherwise;         /* the default, as one would write its arguments; NULL: zeros.  The setter
                                           reads it once, into the main level's struct; of a row without
                                           field it is only documentation */
    const char      *help;              /* one line; the manual page is made from it */
    const mw_choice *choices;           /* of mw_enum and mw_flags, and for setters of your own */
    const char      *group;             /* rows of one group: if one of them is written here, none is inherited */
    unsigned         block;             /* context of its kids, or MW_RAW; 0: no block */
    uint8_t          inherit;           /* a mw_inherit */
    bool             repeat;            /* may be written more than once; otherwise '"x" directive is duplicate' */
    bool             optional_block;    /* may also be ended by a semicolon */
    /* of a block: its level stands, its kids are not yet read */
    mw_rc          (*enter)(mw_bind *b, const mw_node *n);
    uintptr_t        extra;             /* for setters of your own */
};

mw_setter mw_set_flag, mw_set_msec, mw_set_sec, mw_set_bytes, mw_set_int, mw_set_uint, mw_set_str, mw_set_strs,
          mw_set_bufs,
          mw_set_choice, mw_set_flags;
mw_setter mw_set_ignored;               /* accepted, checked for its arguments' number only: the row has no field */
mw_setter mw_set_path;                  /* mw_str: a name made absolute with the prefix */
/* const mw_sinks *: FILE | stderr | syslog:... | memory:SIZE [LEVEL]; repeated rows add. errlog.c */
mw_setter mw_set_error_log;
mw_setter mw_set_conf_path;             /* mw_str: a name made absolute with the configuration's folder */

#define MW_FIELD_BY(T, field, reader) \
    .offset = offsetof(T, field), .size = sizeof(((T *)0)->field), .set = (reader)

#define MW_FIELD(T, field)  MW_FIELD_BY(T, field, _Generic(((T *)0)->field,                              \
        bool: mw_set_flag, mw_msec: mw_set_msec, mw_sec: mw_set_sec, mw_bytes: mw_set_bytes,              \
        int64_t: mw_set_int, uint32_t: mw_set_uint, mw_str: mw_set_str, mw_strs: mw_set_strs,             \
        mw_bufs: mw_set_bufs))
/* A field that goes together with all behind it, up to `last`: what one directive says in several of them. */
#define MW_SPAN(T, first, last, reader) \
    .offset = offsetof(T, first), .size = offsetof(T, last) + sizeof(((T *)0)->last) - offsetof(T, first), \
    .set = (reader)
#define MW_CHOICE(T, field, list)  MW_FIELD_BY(T, field, mw_set_choice), .choices = (list)   /* field: mw_enum */
#define MW_FLAGS(T, field, list)   MW_FIELD_BY(T, field, mw_set_flags), .choices = (list)    /* field: mw_flags */

#endif
