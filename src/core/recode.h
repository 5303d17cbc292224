/* recode.h - text from one character set to another: between those of one byte, and from and to UTF-8.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_RECODE_H
#define MW_CORE_RECODE_H

#include "core/arena.h"

typedef struct mw_recode mw_recode;             /* a table, one way */
typedef struct mw_recoding {                    /* zeroed: at the beginning of a text */
    uint32_t code;                              /* of a character of UTF-8 that is not yet whole */
    uint32_t least;                             /* what its length is for: below it is not UTF-8 */
    uint8_t  more;                              /* bytes that are missing of it */
} mw_recoding;

enum { MW_RECODE_ROOM = 16 };                   /* what a pen needs for one character */

/* Two tables, there and back: ASCII stays as it is; what is in no row becomes '?', from UTF-8 "&#1234;". */
void   mw_recode_bytes(mw_arena *a, mw_recode **there, mw_recode **back);
void   mw_recode_utf8(mw_arena *a, mw_recode **there, mw_recode **back);        /* there: to UTF-8 */
/* A row of both; of a table to UTF-8 `to` is one character of it.  false: it is not one. */
bool   mw_recode_row(mw_recode *there, mw_recode *back, uint8_t from, mw_str to);
bool   mw_recode_keeps_length(const mw_recode *x);
/* Bytes eaten: all, or as many as there is room for. */
size_t mw_recode_run(const mw_recode *x, mw_recoding *k, mw_str in, mw_out *o);
/* Writes what is missing to the last character. */
void   mw_recode_end(const mw_recode *x, mw_recoding *k, mw_out *o);

#endif
