/* scan.h - the cursor of every hand-written parser: peek, take, until, expect.  It cannot leave its slice.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_SCAN_H
#define MW_CORE_SCAN_H

#include "core/str.h"

typedef struct mw_set { uint64_t bits[4]; } mw_set;     /* a set of bytes */
typedef struct mw_scan { mw_str left; } mw_scan;        /* what is not yet read */

static inline bool mw_set_has(const mw_set *set, char c)
{
    unsigned char u = (unsigned char)c;

    return (set->bits[u >> 6] >> (u & 63)) & 1;
}

mw_set mw_set_of(const char *chars);  /* each of these; "a-z" is a range, '-' first is itself */
static inline bool mw_scan_end(const mw_scan *s) { return s->left.len == 0; }
static inline char mw_scan_peek(const mw_scan *s) { return mw_str_char(s->left, 0); }   /* NUL at the end */
mw_str mw_scan_take(mw_scan *s, size_t n);                      /* up to n bytes */
bool   mw_scan_char(mw_scan *s, char c);                        /* takes it if it is next */
bool   mw_scan_str(mw_scan *s, mw_str word);                    /* the same */
bool   mw_scan_istr(mw_scan *s, mw_str word);                   /* ASCII letters alike */
mw_str mw_scan_while(mw_scan *s, const mw_set *set);            /* the longest run of these, maybe empty */
mw_str mw_scan_break(mw_scan *s, const mw_set *set);  /* all before the first of these, or the end */
bool   mw_scan_until(mw_scan *s, char c, mw_str *before);  /* takes c too; false: c is not there, nothing is taken */
bool   mw_scan_u64(mw_scan *s, uint64_t *n);                    /* at least one digit, no overflow */

#endif
