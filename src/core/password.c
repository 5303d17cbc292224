/* password.c - does a password fit what was stored of it?
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/password.h"

#include <crypt.h>

#include "core/alloc.h"
#include "core/codec.h"
#include "core/hash.h"
#include "core/sha1.h"

enum { LONGEST = 512, APR1_SALT = 8, APR1_ROUNDS = 1000, APR1_TEXT = 22, MD5_BYTES = 16 };

#define APR1 MW_STR("$apr1$")

/* In a time that does not tell where they differ. */
static bool same(mw_str a, mw_str b)
{
    unsigned char differ = 0;

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        differ |= (unsigned char)(a.at[i] ^ b.at[i]);
    return differ == 0;
}

static mw_str digest_of(const uint8_t *digest, size_t n) { return (mw_str){ (const char *)digest, n }; }

static void first_rounds(mw_str password, mw_str salt, uint8_t digest[MD5_BYTES])
{
    mw_md5 m;

    mw_md5_begin(&m);
    mw_md5_add(&m, password);
    mw_md5_add(&m, salt);
    mw_md5_add(&m, password);
    mw_md5_end(&m, digest);
    mw_md5_begin(&m);
    mw_md5_add(&m, password);
    mw_md5_add(&m, APR1);
    mw_md5_add(&m, salt);
    for (size_t left = password.len; left > 0; left -= left < MD5_BYTES ? left : MD5_BYTES)
        mw_md5_add(&m, mw_str_take(digest_of(digest, MD5_BYTES), left));
    for (size_t i = password.len; i > 0; i >>= 1)
        mw_md5_add(&m, (i & 1) != 0 ? (mw_str){ "", 1 } : mw_str_take(password, 1));
    mw_md5_end(&m, digest);
}

/* Apache's variant of the MD5 passwords of FreeBSD (httpd, support for htpasswd). */
static bool fits_apr1(mw_str password, mw_str stored)
{
    static const char    letters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const uint8_t order[5][3] = { { 0, 6, 12 }, { 1, 7, 13 }, { 2, 8, 14 }, { 3, 9, 15 }, { 4, 10, 5 } };
    mw_str  rest = mw_str_drop(stored, APR1.len);
    mw_str  salt = mw_str_take(mw_str_take(rest, mw_str_index(rest, '$')), APR1_SALT);
    uint8_t d[MD5_BYTES];
    char    text[APR1_TEXT];
    size_t  n = 0;
    mw_md5  m;

    first_rounds(password, salt, d);
    for (unsigned i = 0; i < APR1_ROUNDS; i++) {
        mw_str before = digest_of(d, MD5_BYTES);

        mw_md5_begin(&m);
        mw_md5_add(&m, i % 2 != 0 ? password : before);
        mw_md5_add(&m, i % 3 != 0 ? salt : MW_STR(""));
        mw_md5_add(&m, i % 7 != 0 ? password : MW_STR(""));
        mw_md5_add(&m, i % 2 != 0 ? before : password);
        mw_md5_end(&m, d);
    }
    for (unsigned i = 0; i < 5; i++) {
        uint32_t v = (uint32_t)d[order[i][0]] << 16 | (uint32_t)d[order[i][1]] << 8 | d[order[i][2]];

        for (unsigned k = 0; k < 4; k++, v >>= 6)
            text[n++] = letters[v & 63];
    }
    text[n++] = letters[d[11] & 63];
    text[n] = letters[d[11] >> 6];
    (void)mw_str_cut(rest, '$', &salt, &rest);
    return same((mw_str){ text, APR1_TEXT }, rest);
}

/* {SHA} and {SSHA}: the digest, and what was added to the password behind it (RFC 2307, and OpenLDAP). */
static bool fits_sha(mw_str password, mw_str text, bool salted)
{
    uint8_t digest[MW_SHA1_BYTES];
    char    room[LONGEST];
    mw_out  o = mw_out_on(room, sizeof room);
    mw_str  bytes;
    mw_sha1 m;

    if (!mw_unbase64(&o, text))
        return false;
    bytes = mw_out_done(&o);
    if (bytes.len < MW_SHA1_BYTES || (!salted && bytes.len > MW_SHA1_BYTES))
        return false;
    mw_sha1_begin(&m);
    mw_sha1_add(&m, password);
    mw_sha1_add(&m, mw_str_drop(bytes, MW_SHA1_BYTES));
    mw_sha1_end(&m, digest);
    return same(digest_of(digest, sizeof digest), mw_str_take(bytes, MW_SHA1_BYTES));
}

static bool fits_crypt(mw_str password, mw_str stored)
{
    char               *texts = mw_alloc(2 * (LONGEST + 1));
    struct crypt_data  *data = mw_alloc(sizeof *data);
    char               *hash;
    bool                fits = false;

    if (password.len <= LONGEST && stored.len <= LONGEST && mw_str_index(password, '\0') == password.len) {
        memcpy(texts, password.at, password.len);
        memcpy(&texts[LONGEST + 1], stored.at, stored.len);
        hash = crypt_r(texts, &texts[LONGEST + 1], data);
        fits = hash != NULL && mw_str_char(mw_str_of(hash), 0) != '*' && same(mw_str_of(hash), stored);
    }
    explicit_bzero(texts, 2 * (LONGEST + 1));
    explicit_bzero(data, sizeof *data);
    mw_free(data);
    mw_free(texts);
    return fits;
}

bool mw_password_fits(mw_str password, mw_str stored)
{
    if (mw_str_starts(stored, APR1))
        return fits_apr1(password, stored);
    if (mw_str_starts(stored, MW_STR("{PLAIN}")))
        return same(password, mw_str_drop(stored, 7));
    if (mw_str_starts(stored, MW_STR("{SHA}")))
        return fits_sha(password, mw_str_drop(stored, 5), false);
    if (mw_str_starts(stored, MW_STR("{SSHA}")))
        return fits_sha(password, mw_str_drop(stored, 6), true);
    return stored.len > 0 && fits_crypt(password, stored);
}

bool mw_password_slow(mw_str stored)
{
    return mw_str_char(stored, 0) == '$' && !mw_str_starts(stored, APR1) && !mw_str_starts(stored, MW_STR("$1$"));
}
