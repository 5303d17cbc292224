/* hash.h - all the mixing of bytes: SipHash, murmur2, crc32, md5, sha1.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_HASH_H
#define MW_CORE_HASH_H

#include "core/str.h"

uint64_t mw_siphash(mw_str s, const uint8_t key[16]);       /* SipHash-1-3 (Aumasson, Bernstein 2012) */
uint64_t mw_hash(mw_str s);                                 /* SipHash with a key drawn once per process */
uint64_t mw_hash_fold(mw_str s);                            /* the same, ASCII letters alike */
uint32_t mw_murmur2(mw_str s, uint32_t seed);               /* MurmurHash2, 32 bit (Appleby): split_clients and kin */
uint32_t mw_crc32(uint32_t crc, mw_str s);                  /* IEEE 802.3; begin with 0 */

typedef struct mw_md5 { uint32_t state[4]; uint64_t bytes; uint8_t rest[64]; } mw_md5;      /* RFC 1321 */
void mw_md5_begin(mw_md5 *m);
void mw_md5_add(mw_md5 *m, mw_str s);
void mw_md5_end(mw_md5 *m, uint8_t digest[16]);

#endif
