/* coding.c - content codings (gzip, brotli, zstd): which of them a client likes best.
 *
 * One negotiation for what is compressed here and for what lies compressed on disk.  "*" stands for gzip only: it is
 * what everybody can read who says that he can read anything.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/coding.h"

#include "core/scan.h"

enum { MOST = 1000 };           /* qualities are counted in thousandths */

static const struct { mw_str name, suffix; } codings[MW_CODINGS] = {
    [MW_CODING_BR]   = { MW_STR_C("br"), MW_STR_C(".br") },
    [MW_CODING_ZSTD] = { MW_STR_C("zstd"), MW_STR_C(".zst") },
    [MW_CODING_GZIP] = { MW_STR_C("gzip"), MW_STR_C(".gz") },
};

mw_str mw_coding_name(mw_coding c) { return codings[c].name; }
mw_str mw_coding_suffix(mw_coding c) { return codings[c].suffix; }

/* Of a number between 0 and 1 with three decimals at most (RFC 9110 12.4.2); what is none is 0. */
static int read_quality(mw_str text)
{
    mw_scan s = { text };
    int     thousandths = 0;

    if (mw_scan_char(&s, '1'))
        return MOST;
    if (!mw_scan_char(&s, '0') || !mw_scan_char(&s, '.'))
        return 0;
    for (int worth = MOST / 10; worth > 0 && mw_is_digit(mw_scan_peek(&s)); worth /= 10)
        thousandths += worth * (mw_str_char(mw_scan_take(&s, 1), 0) - '0');
    return thousandths;
}

/* Of one coding in Accept-Encoding, in thousandths; -1: it is not named. */
static int quality_of(mw_str list, mw_str coding)
{
    mw_str one, name, rest;

    while (list.len > 0) {
        (void)mw_str_cut(list, ',', &one, &list);
        (void)mw_str_cut(mw_str_trim(one), ';', &name, &rest);
        if (!mw_str_ieq(mw_str_trim(name), coding))
            continue;
        rest = mw_str_trim(rest);
        return mw_str_istarts(rest, MW_STR("q=")) ? read_quality(mw_str_drop(rest, 2)) : MOST;
    }
    return -1;
}

mw_coding mw_coding_pick(mw_str list, unsigned set)
{
    mw_coding best = MW_CODINGS;
    int       highest = 0;

    for (unsigned c = 0; c < MW_CODINGS; c++) {
        int quality;

        if ((set & 1u << c) == 0)
            continue;
        quality = quality_of(list, codings[c].name);
        if (quality < 0 && c == MW_CODING_GZIP)
            quality = quality_of(list, MW_STR("*"));
        if (quality > highest) {
            highest = quality;
            best = (mw_coding)c;
        }
    }
    return best;
}
