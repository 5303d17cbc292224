/* codec.h - base64, hex and percent: into a pen, never in place.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_CODEC_H
#define MW_CORE_CODEC_H

#include "core/out.h"
#include "core/scan.h"

void mw_base64(mw_out *o, mw_str bytes);                    /* RFC 4648 4, padded */
void mw_base64url(mw_out *o, mw_str bytes);                 /* RFC 4648 5, not padded */
bool mw_unbase64(mw_out *o, mw_str text);  /* either alphabet, padding optional; false: not that, or cut */
bool mw_unhex(mw_out *o, mw_str text);
void mw_percent(mw_out *o, mw_str s, const mw_set *plain);  /* %XX in upper case for every byte not in plain */
void mw_unpercent(mw_out *o, mw_str s);                     /* a broken %-sequence stays as it is */
bool mw_utf8_valid(mw_str s);                               /* RFC 3629 */
size_t mw_utf8_char(mw_str s);                              /* bytes of the first character; 0: broken, or none */

#endif
