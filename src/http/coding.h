/* coding.h - content codings (gzip, brotli, zstd): which of them a client likes best.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_CODING_H
#define MW_HTTP_CODING_H

#include "core/str.h"

typedef enum mw_coding { MW_CODING_BR, MW_CODING_ZSTD, MW_CODING_GZIP, MW_CODINGS } mw_coding;

mw_str mw_coding_name(mw_coding c);             /* "br" */
mw_str mw_coding_suffix(mw_coding c);           /* ".br", of a file that holds what another one says */
/* Of a set of codings (bit 1 << coding) the one with the highest quality in an Accept-Encoding; of equals the first in
 * the enum's order; MW_CODINGS: none is accepted.  RFC 9110 12.5.3. */
mw_coding mw_coding_pick(mw_str list, unsigned set);

#endif
