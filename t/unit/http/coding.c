/* coding.c - unit test of the negotiation of content codings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/coding.c"

#include <check.h>

#include "core/arena.h"

START_TEST(qualities)
{
    static const struct { const char *list; int gzip; } rows[] = {
        { "gzip", 1000 }, { "deflate, gzip", 1000 }, { "GZIP;q=1", 1000 }, { "gzip;q=0.5", 500 }, { "gzip;q=0", 0 },
        { "gzip;q=0.000", 0 }, { "gzip;q=0.001", 1 }, { "gzip ; q=0", 0 }, { "br", -1 }, { "", -1 }, { ",,;,", -1 },
        { "xgzip, gzipx", -1 }, { "gzip;q=", 0 }, { "gzip;x=0", 1000 }, { "br;q=1.0, gzip;q=0.8", 800 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(quality_of(mw_str_of(rows[i].list), MW_STR("gzip")) == rows[i].gzip, "%s", rows[i].list);
}
END_TEST

START_TEST(picks)
{
    enum { BR = 1 << MW_CODING_BR, ZSTD = 1 << MW_CODING_ZSTD, GZIP = 1 << MW_CODING_GZIP, ALL = BR | ZSTD | GZIP };
    static const struct { const char *list; unsigned set; mw_coding pick; } rows[] = {
        { "gzip, deflate, br, zstd", ALL, MW_CODING_BR }, { "gzip, deflate, br, zstd", ZSTD | GZIP, MW_CODING_ZSTD },
        { "br;q=0.5, gzip;q=0.501", ALL, MW_CODING_GZIP }, { "br;q=0.5, gzip;q=0.5", ALL, MW_CODING_BR },
        { "br", GZIP, MW_CODINGS }, { "", ALL, MW_CODINGS }, { "gzip", 0, MW_CODINGS }, { "*", ALL, MW_CODING_GZIP },
        { "*;q=0, br", ALL, MW_CODING_BR }, { "gzip;q=0, *", ALL, MW_CODINGS }, { "ZSTD ;q=1.0", ALL, MW_CODING_ZSTD },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(mw_coding_pick(mw_str_of(rows[i].list), rows[i].set) == rows[i].pick, "%s", rows[i].list);
    ck_assert(mw_str_eq(mw_coding_name(MW_CODING_ZSTD), MW_STR("zstd")));
    ck_assert(mw_str_eq(mw_coding_suffix(MW_CODING_ZSTD), MW_STR(".zst")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/coding");

    TCase *t = tcase_create("all");

    tcase_add_test(t, qualities);
    tcase_add_test(t, picks);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
