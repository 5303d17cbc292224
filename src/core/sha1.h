/* sha1.h - SHA-1 (FIPS 180-4), for what others have hashed with it; not for anything new.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_SHA1_H
#define MW_CORE_SHA1_H

#include "core/str.h"

enum { MW_SHA1_BYTES = 20 };

typedef struct mw_sha1 { uint32_t state[5]; uint64_t bytes; uint8_t rest[64]; } mw_sha1;

void mw_sha1_begin(mw_sha1 *m);
void mw_sha1_add(mw_sha1 *m, mw_str s);
void mw_sha1_end(mw_sha1 *m, uint8_t digest[MW_SHA1_BYTES]);

#endif
