/* hash.c - tests of hashes, against published vectors and other implementations.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.c"

#include <check.h>

#include "core/out.h"

static char counted[256];       /* 0, 1, 2 ... */

static void setup(void)
{
    for (size_t n = 0; n < sizeof counted; n++)
        counted[n] = (char)n;
}

START_TEST(siphash_1_3)
{
    static const struct { size_t len; uint64_t counted_key, zero_key; } vectors[] = {
        /* the first column by a drawing of the paper's that gives its SipHash-2-4; the second by CPython */
        {  1, UINT64_C(0xc9f49bf37d57ca93), UINT64_C(0x68a914128e01e473) },
        {  7, UINT64_C(0xd3927d989bb11140), UINT64_C(0x2f098ab0c751325a) },
        {  8, UINT64_C(0x369095118d299a8e), UINT64_C(0xead411e67ebe2eea) },
        {  9, UINT64_C(0x25a48eb36c063de4), UINT64_C(0x75927f9d95124362) },
        { 15, UINT64_C(0xd320d86d2a519956), UINT64_C(0xf30eb725bb91c9ea) },
        { 63, UINT64_C(0x9d199062b7bbb3a8), UINT64_C(0x385d3e39e5f37359) },
    };
    static const uint8_t zero[16];

    for (size_t n = 0; n < sizeof vectors / sizeof vectors[0]; n++) {
        mw_str s = { counted, vectors[n].len };

        ck_assert_uint_eq(mw_siphash(s, (const uint8_t *)counted), vectors[n].counted_key);
        ck_assert_uint_eq(mw_siphash(s, zero), vectors[n].zero_key);
    }
    ck_assert_uint_eq(mw_siphash(MW_STR(""), (const uint8_t *)counted), UINT64_C(0xabac0158050fc4dc));
}
END_TEST

START_TEST(keyed_hashes)
{
    char upper[sizeof counted];

    for (size_t n = 0; n < sizeof counted; n++)
        upper[n] = mw_upper(counted[n]);
    for (size_t n = 0; n < sizeof counted; n++) {
        mw_str s = { counted, n }, t = { upper, n };

        ck_assert_uint_eq(mw_hash_fold(s), mw_hash_fold(t));
        ck_assert_int_eq(mw_hash(s) == mw_hash(t), n <= 'a');
        if (n > 0)
            ck_assert_uint_ne(mw_hash(s), mw_hash(mw_str_take(s, n - 1)));
    }
    ck_assert_uint_eq(mw_hash_fold(MW_STR("a key")), mw_hash(MW_STR("a key")));
    ck_assert_uint_ne(mw_hash(MW_STR("")), mw_siphash(MW_STR(""), (const uint8_t *)counted));
}
END_TEST

START_TEST(murmur2)
{
    ck_assert_uint_eq(mw_murmur2(MW_STR(""), 0), 0);
    ck_assert_uint_eq(mw_murmur2(MW_STR("a"), 0), 0x92685f5e);
    ck_assert_uint_eq(mw_murmur2(MW_STR("ab"), 0), 0x1aa14063);
    ck_assert_uint_eq(mw_murmur2(MW_STR("abc"), 0), 0x13577c9b);
    ck_assert_uint_eq(mw_murmur2(MW_STR("abcd"), 0), 0x26873021);
    ck_assert_uint_eq(mw_murmur2(MW_STR("hello, world"), 0x9747b28c), 0x32e6f3a9);
}
END_TEST

START_TEST(crc32)
{
    uint32_t crc = mw_crc32(0, MW_STR("1234"));

    ck_assert_uint_eq(mw_crc32(0, MW_STR("123456789")), 0xcbf43926);
    ck_assert_uint_eq(mw_crc32(crc, MW_STR("56789")), 0xcbf43926);
    ck_assert_uint_eq(mw_crc32(0, (mw_str){ NULL, 0 }), 0);
}
END_TEST

static void is_md5(const mw_md5 *begun, const char *text)
{
    mw_md5  m = *begun;
    uint8_t digest[16];
    char    paper[32];
    mw_out  o = mw_out_on(paper, sizeof paper);

    mw_md5_end(&m, digest);
    mw_out_hex_bytes(&o, (mw_str){ (const char *)digest, sizeof digest });
    ck_assert_msg(mw_str_eq(mw_out_done(&o), mw_str_of(text)), "%.*s is not %s", MW_S(mw_out_done(&o)), text);
}

START_TEST(md5)
{
    static const struct { mw_str text; const char *digest; } suite[] = {        /* RFC 1321 A.5 */
        { MW_STR_C(""), "d41d8cd98f00b204e9800998ecf8427e" },
        { MW_STR_C("a"), "0cc175b9c0f1b6a831c399e269772661" },
        { MW_STR_C("abc"), "900150983cd24fb0d6963f7d28e17f72" },
        { MW_STR_C("message digest"), "f96b697d7cb7938d525a2f31aaf161d0" },
        { MW_STR_C("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b" },
        { MW_STR_C("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
          "d174ab98d277d9f5a5611c2c9f419d9f" },
        { MW_STR_C("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
          "57edf4a22be3c955ac49da2e2107b67a" },
    };

    for (size_t n = 0; n < sizeof suite / sizeof suite[0]; n++) {
        mw_md5 m;

        mw_md5_begin(&m);
        mw_md5_add(&m, suite[n].text);
        is_md5(&m, suite[n].digest);
    }
}
END_TEST

START_TEST(md5_in_pieces)
{
    static const struct { size_t len; const char *digest; } counts[] = {        /* by md5sum */
        {  55, "6912ee65fff2d9f9ce2508cddf8bcda0" },
        {  56, "51fdd1acda72405dfdfa03fcb85896d7" },
        {  63, "48a6295221902e8e0938f773a7185e72" },
        {  64, "b2d3f56bc197fd985d5965079b5e7148" },
        {  65, "8bd7053801c768420faf816fadba971c" },
        { 119, "1c772251899a7ff007400b888d6b2042" },
        { 120, "b7ba1efc6022e9ed272f00b8831e26e6" },
        { 128, "37eff01866ba3f538421b30b7cbefcac" },
        { 200, "fb7001d34b8e82c9b579be5005d5b0a5" },
    };

    for (size_t n = 0; n < sizeof counts / sizeof counts[0]; n++) {
        for (size_t step = 1; step < 130; step += 3) {
            mw_str s = { counted, counts[n].len };
            mw_md5 m;

            mw_md5_begin(&m);
            for (; s.len > 0; s = mw_str_drop(s, step))
                mw_md5_add(&m, mw_str_take(s, step));
            mw_md5_add(&m, (mw_str){ NULL, 0 });
            is_md5(&m, counts[n].digest);
        }
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/hash");
    TCase *t = tcase_create("hash");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, siphash_1_3);
    tcase_add_test(t, keyed_hashes);
    tcase_add_test(t, murmur2);
    tcase_add_test(t, crc32);
    tcase_add_test(t, md5);
    tcase_add_test(t, md5_in_pieces);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
