/* out.h - the bounded pen: what does not fit sets `cut`, never memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_OUT_H
#define MW_CORE_OUT_H

#include <stdarg.h>

#include "core/str.h"

typedef int64_t mw_time;        /* seconds since 1970, wall clock */

typedef struct mw_out {
    char   *at;
    size_t  len, room;
    bool    cut;
} mw_out;

static inline mw_out mw_out_on(char *at, size_t room) { return (mw_out){ .at = at, .room = room }; }
static inline mw_str mw_out_done(const mw_out *o) { return (mw_str){ o->at, o->len }; }

static inline void mw_out_char(mw_out *o, char c)
{
    if (o->len < o->room)
        o->at[o->len++] = c;
    else
        o->cut = true;
}

void mw_out_str(mw_out *o, mw_str s);
void mw_out_lower(mw_out *o, mw_str s);                 /* ASCII lower case */
void mw_out_u64(mw_out *o, uint64_t n);
void mw_out_i64(mw_out *o, int64_t n);
void mw_out_padded(mw_out *o, uint64_t n, unsigned width);      /* leading zeros */
void mw_out_hex(mw_out *o, uint64_t n);                 /* lower case, no leading zeros */
void mw_out_hex_bytes(mw_out *o, mw_str bytes);         /* two lower case digits each */
void mw_out_http_date(mw_out *o, mw_time t);            /* Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110 5.6.7) */
void mw_out_fmt(mw_out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));     /* not on hot paths */
void mw_out_vfmt(mw_out *o, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#endif
