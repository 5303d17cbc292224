/* out.c - the bounded pen: bytes, numbers, dates.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/out.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/must.h"

enum { U64_DIGITS = 20, HTTP_DATE = 29, DAY = 86400 };

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
    "9899";

static void put_pair(char *to, unsigned n) { memcpy(to, pairs + 2 * (size_t)n, 2); }     /* n: 0..99 */

static size_t fits(mw_out *o, size_t n)         /* how many of n bytes do; the others are cut */
{
    size_t left = o->room - o->len;

    if (n <= left)
        return n;
    o->cut = true;
    return left;
}

static size_t put_digits(char *end, uint64_t n)         /* backwards from end; how many */
{
    char *at = end;

    for (; n >= 100; n /= 100)
        put_pair(at -= 2, (unsigned)(n % 100));
    if (n >= 10)
        put_pair(at -= 2, (unsigned)n);
    else
        *--at = (char)('0' + n);
    return (size_t)(end - at);
}

void mw_out_str(mw_out *o, mw_str s)
{
    size_t n = fits(o, s.len);

    if (n > 0)
        memcpy(o->at + o->len, s.at, n);
    o->len += n;
}

void mw_out_lower(mw_out *o, mw_str s)
{
    size_t n = fits(o, s.len), i = 0;

    for (; n - i >= 8; i += 8) {
        uint64_t word;

        memcpy(&word, s.at + i, sizeof word);
        word = mw_lower8(word);
        memcpy(o->at + o->len + i, &word, sizeof word);
    }
    for (; i < n; i++)
        o->at[o->len + i] = mw_lower(s.at[i]);
    o->len += n;
}

void mw_out_u64(mw_out *o, uint64_t n)
{
    char   text[U64_DIGITS];
    size_t len = put_digits(text + sizeof text, n);

    mw_out_str(o, (mw_str){ text + sizeof text - len, len });
}

void mw_out_i64(mw_out *o, int64_t n)
{
    if (n < 0)
        mw_out_char(o, '-');
    mw_out_u64(o, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void mw_out_padded(mw_out *o, uint64_t n, unsigned width)
{
    char   text[U64_DIGITS];
    size_t len = put_digits(text + sizeof text, n);

    for (size_t zeros = len; zeros < width && !o->cut; zeros++)
        mw_out_char(o, '0');
    mw_out_str(o, (mw_str){ text + sizeof text - len, len });
}

static const char hex[] = "0123456789abcdef";

void mw_out_hex(mw_out *o, uint64_t n)
{
    char   text[16];
    size_t at = sizeof text;

    do
        text[--at] = hex[n & 15];
    while ((n >>= 4) > 0);
    mw_out_str(o, (mw_str){ text + at, sizeof text - at });
}

void mw_out_hex_bytes(mw_out *o, mw_str bytes)
{
    for (size_t i = 0; i < bytes.len && !o->cut; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];

        mw_out_char(o, hex[byte >> 4]);
        mw_out_char(o, hex[byte & 15]);
    }
}

typedef struct date { unsigned year, month, day; } date;       /* month 0..11, day 1..31 */

/* Days since 1970 to a date of the Gregorian calendar, by counting from 1 March of the year 0: so the leap
 * day is the last of its year, and months are 153 days in five. */
static date date_of(int64_t days)
{
    unsigned day = (unsigned)(days + 719468);              /* since 0000-03-01; not negative from year 1 on */
    unsigned era = day / 146097, in_era = day % 146097;     /* 400 years */
    unsigned year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * in_year + 2) / 153;               /* 0: March */
    bool     next = month >= 10;                            /* January and February are the next year's */

    return (date){ .year = era * 400 + year + next, .month = next ? month - 10 : month + 2,
                   .day = in_year - (153 * month + 2) / 5 + 1 };
}

void mw_out_http_date(mw_out *o, mw_time t)
{
    static const char    days[] = "ThuFriSatSunMonTueWed";             /* 1970 began on a Thursday */
    static const char    months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const mw_time first = INT64_C(-62135596800), last = INT64_C(253402300799);  /* years 1 to 9999 */
    char                 text[HTTP_DATE] = "Thu, 01 Jan 1970 00:00:00 GMT";
    int64_t              day;
    unsigned             second;
    date                 d;

    t = t < first ? first : t > last ? last : t;
    day = t / DAY - (t % DAY < 0);
    second = (unsigned)(t - day * DAY);
    d = date_of(day);
    memcpy(text, days + 3 * (size_t)((day + 7 * INT64_C(200000)) % 7), 3);
    put_pair(text + 5, d.day);
    memcpy(text + 8, months + 3 * (size_t)d.month, 3);
    put_pair(text + 12, d.year / 100);
    put_pair(text + 14, d.year % 100);
    put_pair(text + 17, second / 3600);
    put_pair(text + 20, second / 60 % 60);
    put_pair(text + 23, second % 60);
    mw_out_str(o, (mw_str){ text, sizeof text });
}

void mw_out_fmt(mw_out *o, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    mw_out_vfmt(o, format, args);
    va_end(args);
}

void mw_out_vfmt(mw_out *o, const char *format, va_list args)
{
    size_t  left = o->room - o->len;
    char    none[1], *all;
    va_list again;
    int     n;

    va_copy(again, args);
    n = vsnprintf(left > 0 ? o->at + o->len : none, left, format, args);
    MW_MUST(n >= 0);
    if ((size_t)n < left) {
        o->len += (size_t)n;
    } else if (n > 0) {             /* the C library spent our last byte on its NUL: once more, elsewhere */
        all = mw_alloc_raw((size_t)n + 1);
        (void)vsnprintf(all, (size_t)n + 1, format, again);
        mw_out_str(o, (mw_str){ all, (size_t)n });
        mw_free(all);
    }
    va_end(again);
}
