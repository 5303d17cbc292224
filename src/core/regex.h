/* regex.h - regular expressions; the only room that knows PCRE2.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_REGEX_H
#define MW_CORE_REGEX_H

#include "core/arena.h"
#include "core/rc.h"

enum { MW_CAPTURES = 32 };              /* groups kept of a match, the whole one included */

typedef struct mw_regex mw_regex;
typedef struct mw_captures {            /* slices of the subject, which must live as long */
    mw_str   subject;
    unsigned n;                         /* groups, the whole match included; 0: no match yet */
    struct { uint32_t from, upto; } at[MW_CAPTURES];    /* from == UINT32_MAX: the group took no part */
} mw_captures;

/* fold: letters alike.  jit: PCRE2's compiler.  Freed with the arena.  MW_ERR: *why tells, as nginx says it:
 * pcre2_compile() failed: missing closing parenthesis in "..." at "..." */
mw_rc    mw_regex_new(mw_arena *a, mw_str pattern, bool fold, bool jit, mw_regex **re, mw_str *why);
/* OK, END: no match, ERR: a limit was hit; c may be NULL. */
mw_rc    mw_regex_match(const mw_regex *re, mw_str subject, mw_captures *c);
unsigned mw_regex_groups(const mw_regex *re);                       /* without the whole match */
unsigned mw_regex_names(const mw_regex *re);                        /* named groups */
unsigned mw_regex_name(const mw_regex *re, unsigned i, mw_str *name);   /* of the i-th name; its group's number */
mw_str   mw_captures_get(const mw_captures *c, unsigned group);     /* empty when it took no part or is not there */
const char *mw_regex_library(void);                                 /* "10.42 2022-12-11" */

#endif
