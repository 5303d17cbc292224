/* match.h - names to values: exact, "*.x" and ".x", "x.*", regular expressions; for map, server_name, referer.
 *
 * Order as nginx has it: exact, the longest wildcard at the front, the longest at the end, the first regular
 * expression.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_MATCH_H
#define MW_RULE_MATCH_H

#include "rule/var.h"

typedef struct mw_match mw_match;

mw_match *mw_match_new(mw_arena *a);
/* hostnames: wildcards are understood.  Names are folded to lower case.  MW_END: the very same name was there
 * already. */
mw_rc     mw_match_add(mw_match *m, mw_str name, bool hostnames, const void *value);
void      mw_match_add_regex(mw_match *m, const mw_regex *re, const void *value);
void      mw_match_freeze(mw_match *m);                                 /* no more is added; finding may begin */
/* s may be NULL where there are no expressions; fold: subject in any case.  NULL: none. */
const void *mw_match_find(const mw_match *m, mw_scope *s, mw_str subject);
bool      mw_match_empty(const mw_match *m);
bool      mw_match_has_regex(const mw_match *m);
/* is it a well-formed name or wildcard?  why: nginx's words */
bool      mw_name_wildcard(mw_str name, mw_str *why);

#endif
