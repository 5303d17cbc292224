/* compress.h - what gzip's neighbours (compressed files, gunzip) ask it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MOD_COMPRESS_H
#define MW_HTTP_MOD_COMPRESS_H

#include "http/request.h"

/* May this request be answered with gzip, as far as gzip_http_version, gzip_proxied and gzip_disable have a say? */
bool mw_compress_gzip_fits(mw_request *r);
void mw_compress_vary(mw_request *r);           /* Vary: Accept-Encoding, once, if gzip_vary is on */

#endif
