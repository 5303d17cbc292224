/* sha1.c - unit test of SHA-1: the examples of FIPS 180 and lengths around a block.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/sha1.c"

#include <check.h>
#include <stdlib.h>

#include "core/out.h"

static const char *hex_of(mw_str text, unsigned times)
{
    static char room[41];
    mw_out      o = mw_out_on(room, 40);
    uint8_t     digest[MW_SHA1_BYTES];
    mw_sha1     m;

    mw_sha1_begin(&m);
    for (unsigned i = 0; i < times; i++)
        mw_sha1_add(&m, text);
    mw_sha1_end(&m, digest);
    mw_out_hex_bytes(&o, (mw_str){ (const char *)digest, sizeof digest });
    return room;
}

START_TEST(known)
{
    ck_assert_str_eq(hex_of(MW_STR("abc"), 1), "a9993e364706816aba3e25717850c26c9cd0d89d");
    ck_assert_str_eq(hex_of(MW_STR(""), 1), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    ck_assert_str_eq(hex_of(MW_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), 1),
                     "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    ck_assert_str_eq(hex_of(MW_STR("a"), 1000000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/sha1");
    TCase *c = tcase_create("all");

    tcase_add_test(c, known);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
