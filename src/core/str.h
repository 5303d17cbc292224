/* str.h - borrowed bytes with their length.  The only strings in the house; none ends in NUL.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_STR_H
#define MW_CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct mw_str {         /* read only; lives as long as whoever lent it says */
    const char *at;
    size_t      len;
} mw_str;

#define MW_STR(literal)  ((mw_str){ "" literal, sizeof(literal) - 1 })
#define MW_STR_C(literal)  { "" literal, sizeof(literal) - 1 }         /* the same, as a static initializer */
#define MW_S(s)  (int)(s).len, (s).at                                   /* for printf's "%.*s" */

static inline mw_str mw_str_of(const char *z)           /* of what ends in NUL; NULL gives the empty one */
{
    return (mw_str){ z != NULL ? z : "", z != NULL ? strlen(z) : 0 };
}

static inline bool mw_str_eq(mw_str a, mw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline mw_str mw_str_take(mw_str s, size_t n)        /* the first n bytes, or all */
{
    return (mw_str){ s.at, n < s.len ? n : s.len };
}

static inline mw_str mw_str_drop(mw_str s, size_t n)        /* all but the first n bytes */
{
    n = n < s.len ? n : s.len;
    return (mw_str){ s.len == 0 ? s.at : s.at + n, s.len - n };
}

static inline mw_str mw_str_part(mw_str s, size_t from, size_t upto)    /* bytes from..upto-1, clamped */
{
    return mw_str_drop(mw_str_take(s, upto), from);
}

static inline bool mw_str_starts(mw_str s, mw_str with)
{
    return s.len >= with.len && (with.len == 0 || memcmp(s.at, with.at, with.len) == 0);
}

static inline char mw_str_char(mw_str s, size_t i) { return i < s.len ? s.at[i] : '\0'; }     /* NUL beyond the end */

bool   mw_str_ieq(mw_str a, mw_str b);                  /* ASCII letters alike */
bool   mw_str_istarts(mw_str s, mw_str with);
bool   mw_str_ends(mw_str s, mw_str with);
int    mw_str_cmp(mw_str a, mw_str b);                  /* as memcmp, then the shorter first */
int    mw_str_icmp(mw_str a, mw_str b);
size_t mw_str_index(mw_str s, char c);                  /* s.len when there is none */
size_t mw_str_rindex(mw_str s, char c);                 /* of the last one; s.len when there is none */
size_t mw_str_find(mw_str s, mw_str needle);            /* s.len when there is none; an empty needle is at 0 */
mw_str mw_str_trim(mw_str s);                           /* without spaces and tabs at both ends */
bool   mw_str_cut(mw_str s, char at, mw_str *head, mw_str *tail);   /* false: all is head, tail is empty */
bool   mw_str_u64(mw_str s, uint64_t *value);           /* decimal, all of it, or false; overflow is false */
bool   mw_str_hex(mw_str s, uint64_t *value);           /* the same, hexadecimal */

static inline bool mw_is_digit(char c) { return (unsigned char)(c - '0') < 10; }
static inline bool mw_is_alpha(char c) { return (unsigned char)((c | 0x20) - 'a') < 26; }       /* ASCII */
static inline char mw_lower(char c) { return (char)(c | ((unsigned char)(c - 'A') < 26) << 5); }
static inline char mw_upper(char c) { return (char)(c & ~(((unsigned char)(c - 'a') < 26) << 5)); }
int mw_hex_digit(char c);                               /* 0..15, -1: none */

/* ASCII lower case of eight bytes in one word, in any byte order; other bytes stay. */
static inline uint64_t mw_lower8(uint64_t bytes)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t       low = bytes & each * 0x7f;           /* seven bits each: the sums below never carry over */
    uint64_t       from_a = low + each * (0x80 - 'A'), past_z = low + each * (0x7f - 'Z');

    return bytes | (((from_a ^ past_z) & ~bytes & each * 0x80) >> 2);
}

#endif
