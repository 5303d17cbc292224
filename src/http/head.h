/* head.h - a list of header fields: find, add, set, remove; known names in one step.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_HEAD_H
#define MW_HTTP_HEAD_H

#include "core/arena.h"
#include "http/token.h"

typedef struct mw_field {
    mw_str   name, value;       /* as written; value trimmed */
    uint8_t  token;             /* a mw_token */
    bool     gone;              /* removed: whoever walks the list skips it */
    uint16_t then;              /* index + 1 of the next field of the same token; 0: none */
} mw_field;

struct mw_fields {              /* zeroed: an empty list */
    mw_field *at;               /* in the arena; moves when it grows */
    uint16_t  n, room;
    uint16_t  first[MW_TOKENS]; /* index + 1 of the first field of each known name; 0: none */
};

#define MW_FIELDS_EACH(f, list)                                                             \
    for (const mw_field *f = (list)->at, *f##_end = (list)->n > 0 ? &(list)->at[(list)->n] : f;     \
         f != f##_end; f = &f[1])                                                                   \
        if (f->gone) continue; else

/* slices are borrowed; NULL: 65,535 are there */
mw_field *mw_fields_add(mw_arena *a, mw_fields *l, mw_str name, mw_str value);
mw_field *mw_fields_add_token(mw_arena *a, mw_fields *l, mw_token t, mw_str value);         /* with its usual name */
mw_field *mw_fields_add_parsed(mw_arena *a, mw_fields *l, mw_str name, mw_str value, mw_token t);
const mw_field *mw_fields_get(const mw_fields *l, mw_token t);                              /* the first; NULL: none */
const mw_field *mw_fields_next(const mw_fields *l, const mw_field *f);                      /* of the same known name */
/* any name, letters alike */
const mw_field *mw_fields_find(const mw_fields *l, mw_str name);
/* of the first; empty: none */
mw_str    mw_fields_value(const mw_fields *l, mw_token t);
/* "a, b" (or "; " for ';'); at NULL: none */
mw_str    mw_fields_joined(mw_arena *a, const mw_fields *l, mw_str name, char separator);
/* the only one from now on; empty value: none */
void      mw_fields_set(mw_arena *a, mw_fields *l, mw_token t, mw_str value);
void      mw_fields_drop(mw_fields *l, mw_token t);                                         /* all of that name */
void      mw_fields_drop_name(mw_fields *l, mw_str name);
void      mw_fields_clear(mw_fields *l);                                                    /* empty; keeps its room */
/* is word an element of a comma separated list? letters alike */
bool      mw_list_has(mw_str list, mw_str word);

#endif
