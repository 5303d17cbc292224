/* hash.c - all the mixing of bytes: SipHash, murmur2, crc32, md5.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"

#include "core/random.h"

static uint32_t read32(const char *at)          /* little endian, as all below */
{
    const unsigned char *p = (const unsigned char *)at;

    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t read64(const char *at) { return read32(at) | (uint64_t)read32(at + 4) << 32; }

static uint32_t rotated32(uint32_t x, unsigned by) { return x << by | x >> (32 - by); }
static uint64_t rotated64(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

/* SipHash */

typedef struct sip { uint64_t v0, v1, v2, v3; } sip;

static inline sip sip_round(sip s)
{
    s.v0 += s.v1;
    s.v2 += s.v3;
    s.v1 = rotated64(s.v1, 13) ^ s.v0;
    s.v3 = rotated64(s.v3, 16) ^ s.v2;
    s.v0 = rotated64(s.v0, 32);
    s.v2 += s.v1;
    s.v0 += s.v3;
    s.v1 = rotated64(s.v1, 17) ^ s.v2;
    s.v3 = rotated64(s.v3, 21) ^ s.v0;
    s.v2 = rotated64(s.v2, 32);
    return s;
}

static inline sip sip_word(sip s, uint64_t word)
{
    s.v3 ^= word;
    s = sip_round(s);
    s.v0 ^= word;
    return s;
}

static uint64_t tail_of(mw_str s)               /* the last len % 8 bytes */
{
    size_t      n = s.len % 8;
    const char *at = s.at;
    uint64_t    word = 0;

    if (n == 0)
        return 0;
    if (s.len > 8)
        return read64(at + s.len - 8) >> (8 * (8 - n));        /* one read that begins in the word before */
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return word;
}

static inline uint64_t sip_hash(mw_str s, uint64_t k0, uint64_t k1, bool fold)
{
    sip      h = { k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                   k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573) };
    uint64_t word;

    for (size_t i = 0; s.len - i >= 8; i += 8) {
        word = read64(s.at + i);
        h = sip_word(h, fold ? mw_lower8(word) : word);
    }
    word = tail_of(s);
    h = sip_word(h, (fold ? mw_lower8(word) : word) | (uint64_t)s.len << 56);
    h.v2 ^= 0xff;
    h = sip_round(sip_round(sip_round(h)));
    return h.v0 ^ h.v1 ^ h.v2 ^ h.v3;
}

uint64_t mw_siphash(mw_str s, const uint8_t key[16])
{
    const char *k = (const char *)key;

    return sip_hash(s, read64(k), read64(k + 8), false);
}

static const uint64_t *process_key(void)
{
    /* Rule 21 broken: all maps of the process must agree on it, and nobody outside may know it.  Of the
     * loop's thread alone.  Children of a fork keep it, so that what they inherit stays found. */
    static uint64_t key[2];
    static bool     drawn;

    if (!drawn) {
        mw_random_bytes(key, sizeof key);
        drawn = true;
    }
    return key;
}

uint64_t mw_hash(mw_str s)
{
    const uint64_t *key = process_key();

    return sip_hash(s, key[0], key[1], false);
}

uint64_t mw_hash_fold(mw_str s)
{
    const uint64_t *key = process_key();

    return sip_hash(s, key[0], key[1], true);
}

/* MurmurHash2 */

uint32_t mw_murmur2(mw_str s, uint32_t seed)
{
    const uint32_t m = 0x5bd1e995;
    uint32_t       h = seed ^ (uint32_t)s.len, k = 0;
    size_t         i = 0;

    for (; s.len - i >= 4; i += 4) {
        k = read32(s.at + i) * m;
        h = h * m ^ (k ^ k >> 24) * m;
    }
    if (i < s.len) {
        for (size_t n = s.len; n > i; n--)
            h ^= (uint32_t)(unsigned char)s.at[n - 1] << (8 * (n - 1 - i));
        h *= m;
    }
    h = (h ^ h >> 13) * m;
    return h ^ h >> 15;
}

/* CRC-32 */

static const uint32_t crc_of[256] = {           /* the polynomial 0xedb88320, bits reversed, for each byte */
    0x00000000, 0x77073096, 0xee0e612c, 0x990951ba, 0x076dc419, 0x706af48f, 0xe963a535, 0x9e6495a3,
    0x0edb8832, 0x79dcb8a4, 0xe0d5e91e, 0x97d2d988, 0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91,
    0x1db71064, 0x6ab020f2, 0xf3b97148, 0x84be41de, 0x1adad47d, 0x6ddde4eb, 0xf4d4b551, 0x83d385c7,
    0x136c9856, 0x646ba8c0, 0xfd62f97a, 0x8a65c9ec, 0x14015c4f, 0x63066cd9, 0xfa0f3d63, 0x8d080df5,
    0x3b6e20c8, 0x4c69105e, 0xd56041e4, 0xa2677172, 0x3c03e4d1, 0x4b04d447, 0xd20d85fd, 0xa50ab56b,
    0x35b5a8fa, 0x42b2986c, 0xdbbbc9d6, 0xacbcf940, 0x32d86ce3, 0x45df5c75, 0xdcd60dcf, 0xabd13d59,
    0x26d930ac, 0x51de003a, 0xc8d75180, 0xbfd06116, 0x21b4f4b5, 0x56b3c423, 0xcfba9599, 0xb8bda50f,
    0x2802b89e, 0x5f058808, 0xc60cd9b2, 0xb10be924, 0x2f6f7c87, 0x58684c11, 0xc1611dab, 0xb6662d3d,
    0x76dc4190, 0x01db7106, 0x98d220bc, 0xefd5102a, 0x71b18589, 0x06b6b51f, 0x9fbfe4a5, 0xe8b8d433,
    0x7807c9a2, 0x0f00f934, 0x9609a88e, 0xe10e9818, 0x7f6a0dbb, 0x086d3d2d, 0x91646c97, 0xe6635c01,
    0x6b6b51f4, 0x1c6c6162, 0x856530d8, 0xf262004e, 0x6c0695ed, 0x1b01a57b, 0x8208f4c1, 0xf50fc457,
    0x65b0d9c6, 0x12b7e950, 0x8bbeb8ea, 0xfcb9887c, 0x62dd1ddf, 0x15da2d49, 0x8cd37cf3, 0xfbd44c65,
    0x4db26158, 0x3ab551ce, 0xa3bc0074, 0xd4bb30e2, 0x4adfa541, 0x3dd895d7, 0xa4d1c46d, 0xd3d6f4fb,
    0x4369e96a, 0x346ed9fc, 0xad678846, 0xda60b8d0, 0x44042d73, 0x33031de5, 0xaa0a4c5f, 0xdd0d7cc9,
    0x5005713c, 0x270241aa, 0xbe0b1010, 0xc90c2086, 0x5768b525, 0x206f85b3, 0xb966d409, 0xce61e49f,
    0x5edef90e, 0x29d9c998, 0xb0d09822, 0xc7d7a8b4, 0x59b33d17, 0x2eb40d81, 0xb7bd5c3b, 0xc0ba6cad,
    0xedb88320, 0x9abfb3b6, 0x03b6e20c, 0x74b1d29a, 0xead54739, 0x9dd277af, 0x04db2615, 0x73dc1683,
    0xe3630b12, 0x94643b84, 0x0d6d6a3e, 0x7a6a5aa8, 0xe40ecf0b, 0x9309ff9d, 0x0a00ae27, 0x7d079eb1,
    0xf00f9344, 0x8708a3d2, 0x1e01f268, 0x6906c2fe, 0xf762575d, 0x806567cb, 0x196c3671, 0x6e6b06e7,
    0xfed41b76, 0x89d32be0, 0x10da7a5a, 0x67dd4acc, 0xf9b9df6f, 0x8ebeeff9, 0x17b7be43, 0x60b08ed5,
    0xd6d6a3e8, 0xa1d1937e, 0x38d8c2c4, 0x4fdff252, 0xd1bb67f1, 0xa6bc5767, 0x3fb506dd, 0x48b2364b,
    0xd80d2bda, 0xaf0a1b4c, 0x36034af6, 0x41047a60, 0xdf60efc3, 0xa867df55, 0x316e8eef, 0x4669be79,
    0xcb61b38c, 0xbc66831a, 0x256fd2a0, 0x5268e236, 0xcc0c7795, 0xbb0b4703, 0x220216b9, 0x5505262f,
    0xc5ba3bbe, 0xb2bd0b28, 0x2bb45a92, 0x5cb36a04, 0xc2d7ffa7, 0xb5d0cf31, 0x2cd99e8b, 0x5bdeae1d,
    0x9b64c2b0, 0xec63f226, 0x756aa39c, 0x026d930a, 0x9c0906a9, 0xeb0e363f, 0x72076785, 0x05005713,
    0x95bf4a82, 0xe2b87a14, 0x7bb12bae, 0x0cb61b38, 0x92d28e9b, 0xe5d5be0d, 0x7cdcefb7, 0x0bdbdf21,
    0x86d3d2d4, 0xf1d4e242, 0x68ddb3f8, 0x1fda836e, 0x81be16cd, 0xf6b9265b, 0x6fb077e1, 0x18b74777,
    0x88085ae6, 0xff0f6a70, 0x66063bca, 0x11010b5c, 0x8f659eff, 0xf862ae69, 0x616bffd3, 0x166ccf45,
    0xa00ae278, 0xd70dd2ee, 0x4e048354, 0x3903b3c2, 0xa7672661, 0xd06016f7, 0x4969474d, 0x3e6e77db,
    0xaed16a4a, 0xd9d65adc, 0x40df0b66, 0x37d83bf0, 0xa9bcae53, 0xdebb9ec5, 0x47b2cf7f, 0x30b5ffe9,
    0xbdbdf21c, 0xcabac28a, 0x53b39330, 0x24b4a3a6, 0xbad03605, 0xcdd70693, 0x54de5729, 0x23d967bf,
    0xb3667a2e, 0xc4614ab8, 0x5d681b02, 0x2a6f2b94, 0xb40bbe37, 0xc30c8ea1, 0x5a05df1b, 0x2d02ef8d,
};

uint32_t mw_crc32(uint32_t crc, mw_str s)
{
    crc = ~crc;
    for (size_t i = 0; i < s.len; i++)
        crc = crc >> 8 ^ crc_of[(crc ^ (unsigned char)s.at[i]) & 0xff];
    return ~crc;
}

/* MD5 */

static const uint32_t sine[64] = {              /* RFC 1321 3.4: T[i], the integer part of 2^32 * |sin(i)| */
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static inline uint32_t md5_step(uint32_t a, uint32_t b, uint32_t mix, uint32_t word, uint32_t t, unsigned by)
{
    return b + rotated32(a + mix + word + t, by);
}

static inline uint32_t f(uint32_t x, uint32_t y, uint32_t z) { return z ^ (x & (y ^ z)); }
static inline uint32_t g(uint32_t x, uint32_t y, uint32_t z) { return y ^ (z & (x ^ y)); }
static inline uint32_t h(uint32_t x, uint32_t y, uint32_t z) { return x ^ y ^ z; }
static inline uint32_t i(uint32_t x, uint32_t y, uint32_t z) { return y ^ (x | ~z); }

static void md5_block(uint32_t state[4], const char *block)
{
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], w[16];

    for (unsigned n = 0; n < 16; n++)
        w[n] = read32(block + 4 * (size_t)n);
    for (unsigned n = 0; n < 16; n += 4) {
        a = md5_step(a, b, f(b, c, d), w[n], sine[n], 7);
        d = md5_step(d, a, f(a, b, c), w[n + 1], sine[n + 1], 12);
        c = md5_step(c, d, f(d, a, b), w[n + 2], sine[n + 2], 17);
        b = md5_step(b, c, f(c, d, a), w[n + 3], sine[n + 3], 22);
    }
    for (unsigned n = 16; n < 32; n += 4) {
        a = md5_step(a, b, g(b, c, d), w[(5 * n + 1) & 15], sine[n], 5);
        d = md5_step(d, a, g(a, b, c), w[(5 * n + 6) & 15], sine[n + 1], 9);
        c = md5_step(c, d, g(d, a, b), w[(5 * n + 11) & 15], sine[n + 2], 14);
        b = md5_step(b, c, g(c, d, a), w[(5 * n + 16) & 15], sine[n + 3], 20);
    }
    for (unsigned n = 32; n < 48; n += 4) {
        a = md5_step(a, b, h(b, c, d), w[(3 * n + 5) & 15], sine[n], 4);
        d = md5_step(d, a, h(a, b, c), w[(3 * n + 8) & 15], sine[n + 1], 11);
        c = md5_step(c, d, h(d, a, b), w[(3 * n + 11) & 15], sine[n + 2], 16);
        b = md5_step(b, c, h(c, d, a), w[(3 * n + 14) & 15], sine[n + 3], 23);
    }
    for (unsigned n = 48; n < 64; n += 4) {
        a = md5_step(a, b, i(b, c, d), w[(7 * n) & 15], sine[n], 6);
        d = md5_step(d, a, i(a, b, c), w[(7 * n + 7) & 15], sine[n + 1], 10);
        c = md5_step(c, d, i(d, a, b), w[(7 * n + 14) & 15], sine[n + 2], 15);
        b = md5_step(b, c, i(c, d, a), w[(7 * n + 21) & 15], sine[n + 3], 21);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void mw_md5_begin(mw_md5 *m)
{
    *m = (mw_md5){ .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } };
}

void mw_md5_add(mw_md5 *m, mw_str s)
{
    size_t at = (size_t)(m->bytes & 63);

    m->bytes += s.len;
    if (at > 0) {                               /* fill up what was begun */
        mw_str part = mw_str_take(s, 64 - at);

        if (part.len > 0)
            memcpy(m->rest + at, part.at, part.len);
        if (at + part.len < 64)
            return;
        md5_block(m->state, (const char *)m->rest);
        s = mw_str_drop(s, part.len);
    }
    for (; s.len >= 64; s = mw_str_drop(s, 64))
        md5_block(m->state, s.at);
    if (s.len > 0)
        memcpy(m->rest, s.at, s.len);
}

void mw_md5_end(mw_md5 *m, uint8_t digest[16])
{
    static const char pad[64] = { '\x80' };
    uint64_t          bits = m->bytes * 8;
    char              length[8];

    mw_md5_add(m, (mw_str){ pad, 1 + (size_t)((119 - m->bytes) & 63) });    /* to 8 bytes before an end */
    for (unsigned n = 0; n < 8; n++)
        length[n] = (char)(bits >> (8 * n));
    mw_md5_add(m, (mw_str){ length, sizeof length });
    for (unsigned n = 0; n < 16; n++)
        digest[n] = (uint8_t)(m->state[n / 4] >> (8 * (n % 4)));
}
