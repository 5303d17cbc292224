/* write.h - the status line, header fields and framing of an HTTP/1 response, into a chain.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_H1_WRITE_H
#define MW_HTTP_H1_WRITE_H

#include "http/core.h"

/* Decides framing (Content-Length, chunked, close) and writes the head, in nginx's order, to the chain.  Sets
 * *chunked. */
void mw_h1_write_head(mw_request *r, mw_chain *out, bool *chunked);
void mw_h1_write_inform(int status, const mw_fields *head, mw_chain *out);      /* 100, 103 */
/* Moves body bytes to out, framed when chunked; last: writes the end, with trailers. */
void mw_h1_write_body(mw_request *r, mw_chain *body, mw_chain *out, bool chunked, bool last);

#endif
