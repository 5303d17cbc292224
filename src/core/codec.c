/* codec.c - base64, hex and percent: into a pen, never in place.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/codec.h"

enum { GROUPS = 16, NONE = 64 };        /* groups encoded at a time; no digit of base64 */

static const char usual[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const uint8_t base64_digit[128] = {      /* of both alphabets */
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 62, 64, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
    64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
    64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
};

static void encode_group(char to[4], const unsigned char from[3], const char *alphabet)
{
    to[0] = alphabet[from[0] >> 2];
    to[1] = alphabet[(from[0] & 3) << 4 | from[1] >> 4];
    to[2] = alphabet[(from[1] & 15) << 2 | from[2] >> 6];
    to[3] = alphabet[from[2] & 63];
}

static void encode(mw_out *o, mw_str bytes, const char *alphabet, bool padded)
{
    unsigned char last[3] = { 0 };
    char          text[GROUPS * 4];

    while (bytes.len >= 3 && !o->cut) {
        size_t groups = bytes.len / 3 < GROUPS ? bytes.len / 3 : GROUPS;

        for (size_t i = 0; i < groups; i++)
            encode_group(text + i * 4, (const unsigned char *)bytes.at + i * 3, alphabet);
        mw_out_str(o, (mw_str){ text, groups * 4 });
        bytes = mw_str_drop(bytes, groups * 3);
    }
    if (bytes.len == 0 || o->cut)
        return;
    memcpy(last, bytes.at, bytes.len);
    encode_group(text, last, alphabet);
    mw_out_str(o, (mw_str){ text, bytes.len + 1 });
    if (padded)
        mw_out_str(o, mw_str_drop(MW_STR("=="), bytes.len - 1));
}

void mw_base64(mw_out *o, mw_str bytes) { encode(o, bytes, usual, true); }

void mw_base64url(mw_out *o, mw_str bytes) { encode(o, bytes, for_urls, false); }

static unsigned digit_of(char c)
{
    unsigned char u = (unsigned char)c;

    return u < sizeof base64_digit ? base64_digit[u] : NONE;
}

bool mw_unbase64(mw_out *o, mw_str text)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < 2 && text.len > 0 && text.at[text.len - 1] == '='; i++)
        text.len--;
    if (text.len % 4 == 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = digit_of(text.at[i]);

        if (digit == NONE)
            return false;
        bits = bits << 6 | digit;
        if (i % 4 != 0)                 /* 6, then 12, 10 and 8 bits are there */
            mw_out_char(o, (char)(bits >> (6 - 2 * (i % 4))));
    }
    return !o->cut;
}

bool mw_unhex(mw_out *o, mw_str text)
{
    if (text.len % 2 != 0)
        return false;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = mw_hex_digit(text.at[i]), low = mw_hex_digit(text.at[i + 1]);

        if (high < 0 || low < 0)
            return false;
        mw_out_char(o, (char)(high << 4 | low));
    }
    return !o->cut;
}

void mw_percent(mw_out *o, mw_str s, const mw_set *plain)
{
    static const char hex[] = "0123456789ABCDEF";
    mw_scan           scan = { s };

    for (;;) {
        unsigned char c;

        mw_out_str(o, mw_scan_while(&scan, plain));
        if (mw_scan_end(&scan) || o->cut)
            return;
        c = (unsigned char)mw_scan_take(&scan, 1).at[0];
        mw_out_str(o, (mw_str){ (const char[]){ '%', hex[c >> 4], hex[c & 15] }, 3 });
    }
}

void mw_unpercent(mw_out *o, mw_str s)
{
    while (s.len > 0 && !o->cut) {
        size_t n = mw_str_index(s, '%');
        int    high = mw_hex_digit(mw_str_char(s, n + 1)), low = mw_hex_digit(mw_str_char(s, n + 2));

        mw_out_str(o, mw_str_take(s, n));
        s = mw_str_drop(s, n);
        if (s.len == 0)
            return;
        mw_out_char(o, (char)(high < 0 || low < 0 ? '%' : high << 4 | low));
        s = mw_str_drop(s, high < 0 || low < 0 ? 1 : 3);
    }
}

static bool between(char c, unsigned from, unsigned upto)
{
    unsigned char u = (unsigned char)c;

    return u >= from && u <= upto;
}

size_t mw_utf8_char(mw_str s)           /* RFC 3629 4, row by row */
{
    unsigned char lead = (unsigned char)s.at[0];
    char          second = mw_str_char(s, 1);
    size_t        n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    unsigned      least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;    /* below, it were overlong */
    unsigned      most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;     /* a surrogate; no Unicode */

    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4 || !between(second, least, most))
        return 0;
    for (size_t i = 2; i < n; i++)
        if (!between(mw_str_char(s, i), 0x80, 0xbf))
            return 0;
    return n;
}

bool mw_utf8_valid(mw_str s)
{
    uint64_t word;
    size_t   n;

    while (s.len > 0) {
        if (s.len >= 8 && (memcpy(&word, s.at, 8), (word & UINT64_C(0x8080808080808080)) == 0))
            n = 8;                      /* all ASCII */
        else if ((n = mw_utf8_char(s)) == 0)
            return false;
        s = mw_str_drop(s, n);
    }
    return true;
}
