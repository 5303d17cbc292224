/* sha1.c - SHA-1 (FIPS 180-4).
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/sha1.h"

enum { BLOCK = 64, LENGTH_AT = 56 };

static uint32_t turn(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }

/* FIPS 180-4 6.1.2 */
static void add_block(mw_sha1 *m, const uint8_t *block)
{
    uint32_t w[80], a = m->state[0], b = m->state[1], c = m->state[2], d = m->state[3], e = m->state[4];

    for (unsigned t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8
             | block[4 * t + 3];
    for (unsigned t = 16; t < 80; t++)
        w[t] = turn(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (unsigned t = 0; t < 80; t++) {
        uint32_t f = t < 20 ? ((b & c) | (~b & d)) + 0x5a827999 : t < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                   : t < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = turn(a, 5) + f + e + w[t];

        e = d;
        d = c;
        c = turn(b, 30);
        b = a;
        a = next;
    }
    m->state[0] += a;
    m->state[1] += b;
    m->state[2] += c;
    m->state[3] += d;
    m->state[4] += e;
}

void mw_sha1_begin(mw_sha1 *m)
{
    *m = (mw_sha1){ .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };
}

void mw_sha1_add(mw_sha1 *m, mw_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        m->rest[m->bytes++ % BLOCK] = (uint8_t)s.at[i];
        if (m->bytes % BLOCK == 0)
            add_block(m, m->rest);
    }
}

void mw_sha1_end(mw_sha1 *m, uint8_t digest[MW_SHA1_BYTES])
{
    uint64_t bits = m->bytes * 8;

    mw_sha1_add(m, MW_STR("\x80"));
    while (m->bytes % BLOCK != LENGTH_AT)
        mw_sha1_add(m, (mw_str){ "", 1 });
    for (unsigned i = 0; i < 8; i++)
        mw_sha1_add(m, (mw_str){ (const char[]){ (char)(bits >> (56 - 8 * i)) }, 1 });
    for (unsigned i = 0; i < MW_SHA1_BYTES; i++)
        digest[i] = (uint8_t)(m->state[i / 4] >> (24 - 8 * (i % 4)));
}
