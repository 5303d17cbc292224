/* codec.c - tests of base64, hex, percent and UTF-8.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/codec.c"

#include <check.h>

#include "core/random.h"

static char   paper[4096];
static mw_out o;

static void setup(void) { o = mw_out_on(paper, sizeof paper); }

static void wrote(const char *text)
{
    mw_str s = mw_out_done(&o);

    ck_assert_msg(mw_str_eq(s, mw_str_of(text)), "'%.*s' is not '%s'", MW_S(s), text);
    setup();
}

static bool decodes(const char *text)
{
    bool good;

    setup();
    good = mw_unbase64(&o, mw_str_of(text));
    return good;
}

START_TEST(base64_of_the_rfc)
{
    static const struct { const char *plain, *coded; } vectors[] = {        /* RFC 4648 10 */
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
    };

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        mw_base64(&o, mw_str_of(vectors[i].plain));
        wrote(vectors[i].coded);
        ck_assert(decodes(vectors[i].coded));
        wrote(vectors[i].plain);
    }
    mw_base64url(&o, MW_STR("\xfb\xff\xfe\xfb"));
    wrote("-__--w");
    mw_base64(&o, MW_STR("\xfb\xff\xfe\xfb"));
    wrote("+//++w==");
}
END_TEST

START_TEST(base64_there_and_back)
{
    char   bytes[1000], text[2000];
    mw_out t;

    for (size_t len = 0; len <= sizeof bytes; len += 1 + len / 60) {
        mw_random_bytes(bytes, len);
        for (unsigned url = 0; url < 2; url++) {
            setup();
            t = mw_out_on(text, sizeof text);
            (url ? mw_base64url : mw_base64)(&t, (mw_str){ bytes, len });
            ck_assert(mw_unbase64(&o, mw_out_done(&t)));
            ck_assert(mw_str_eq(mw_out_done(&o), (mw_str){ bytes, len }));
        }
    }
}
END_TEST

START_TEST(base64_that_is_none)
{
    ck_assert(decodes("Zg") && decodes("Zg=") && decodes("Zm8") && decodes("-_+/"));
    ck_assert(!decodes("Z") && !decodes("Zm9vY") && !decodes("Zg===") && !decodes("Z=g="));
    ck_assert(!decodes("Zm 8") && !decodes("Zm8\n") && !decodes("Zm\xc3\xa4") && !decodes("Zm\x7f"));
    o = mw_out_on(paper, 2);
    ck_assert(!mw_unbase64(&o, MW_STR("Zm9v")));
    o = mw_out_on(paper, 5);
    mw_base64(&o, MW_STR("foobar"));
    ck_assert(o.cut);
    wrote("Zm9vY");
}
END_TEST

START_TEST(hex_back)
{
    ck_assert(mw_unhex(&o, MW_STR("00fFA5")));
    ck_assert(o.len == 3 && memcmp(paper, "\x00\xff\xa5", 3) == 0);
    ck_assert(!mw_unhex(&o, MW_STR("0")));
    ck_assert(!mw_unhex(&o, MW_STR("0g")));
    o = mw_out_on(paper, 1);
    ck_assert(!mw_unhex(&o, MW_STR("0000")));
}
END_TEST

START_TEST(percent)
{
    mw_set plain = mw_set_of("a-z/");

    mw_percent(&o, MW_STR("/a b\xff%/"), &plain);
    wrote("/a%20b%FF%25/");
    mw_percent(&o, (mw_str){ NULL, 0 }, &plain);
    wrote("");
    mw_unpercent(&o, MW_STR("%2fa%20b%C3%a4+"));
    wrote("/a b\xc3\xa4+");
    mw_unpercent(&o, MW_STR("100%%41%4%zz%"));
    wrote("100%A%4%zz%");
    mw_unpercent(&o, MW_STR("%"));
    wrote("%");
    mw_unpercent(&o, mw_str_take(MW_STR("%41"), 2));            /* no look beyond the slice */
    wrote("%4");
    o = mw_out_on(paper, 4);
    mw_percent(&o, MW_STR("      "), &plain);
    ck_assert(o.cut);
    wrote("%20%");
    o = mw_out_on(paper, 1);
    mw_unpercent(&o, MW_STR("%41%42"));
    ck_assert(o.cut);
    wrote("A");
}
END_TEST

static bool utf8_by_value(const unsigned char *p, size_t n)     /* the same, by what the bytes mean */
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    for (size_t i = 0, len; i < n; i += len) {
        uint32_t value;

        len = p[i] < 0x80 ? 1 : p[i] >> 5 == 6 ? 2 : p[i] >> 4 == 14 ? 3 : p[i] >> 3 == 30 ? 4 : 0;
        if (len == 0 || len > n - i)
            return false;
        value = len == 1 ? p[i] : p[i] & (0x7fU >> len);
        for (size_t k = 1; k < len; k++) {
            if (p[i + k] >> 6 != 2)
                return false;
            value = value << 6 | (p[i + k] & 63);
        }
        if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
            return false;
    }
    return true;
}

START_TEST(utf8_of_three_bytes_and_four)
{
    static const unsigned char edges[] = { 0x00, 0x7f, 0x80, 0x9f, 0xbf, 0xc0, 0xc2, 0xff };

    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t k = 0; k < sizeof edges * sizeof edges; k++) {
                unsigned char p[4] = { (unsigned char)first, (unsigned char)second, edges[k / sizeof edges],
                                       edges[k % sizeof edges] };

                for (size_t n = 1; n <= 4; n++)
                    if (mw_utf8_valid((mw_str){ (const char *)p, n }) != utf8_by_value(p, n))
                        ck_abort_msg("%02x %02x %02x %02x, %zu", p[0], p[1], p[2], p[3], n);
            }
        }
    }
}
END_TEST

START_TEST(utf8_among_ascii)
{
    ck_assert(mw_utf8_valid((mw_str){ NULL, 0 }));
    ck_assert(mw_utf8_valid(MW_STR("plain text, longer than a word")));
    ck_assert(mw_utf8_valid(MW_STR("seven77\xf0\x9f\x98\x80, and on \xc3\xa4")));
    ck_assert(!mw_utf8_valid(MW_STR("seven77\xf0\x9f\x98")));
    ck_assert(!mw_utf8_valid(MW_STR("plain text, longer than a word\x80")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/codec");
    TCase *t = tcase_create("codec");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);           /* a sanitizer is slow with so many */
    tcase_add_test(t, base64_of_the_rfc);
    tcase_add_test(t, base64_there_and_back);
    tcase_add_test(t, base64_that_is_none);
    tcase_add_test(t, hex_back);
    tcase_add_test(t, percent);
    tcase_add_test(t, utf8_of_three_bytes_and_four);
    tcase_add_test(t, utf8_among_ascii);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
