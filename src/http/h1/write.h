/* write.h - the status line, header fields and framing of an HTTP/1 response, onto what is to be sent.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_H1_WRITE_H
#define MW_HTTP_H1_WRITE_H

#include "http/core.h"

/* What is to be sent: a chain, and behind its end a block that is being written on; so heads and small bodies of many
 * responses lie side by side and go out as one piece. */
typedef struct mw_h1_out {
    mw_chain  chain;
    mw_block *block;            /* NULL: none is open */
    uint32_t  from, at;         /* written on it, and not yet in the chain */
    bool      file;             /* there are file parts in the chain */
} mw_h1_out;

void mw_h1_out_init(mw_h1_out *o);
void mw_h1_out_end(mw_h1_out *o);           /* forgets all, gives the block back */
void mw_h1_out_settle(mw_h1_out *o);        /* all is in the chain now */
void mw_h1_out_str(mw_h1_out *o, mw_str s);
static inline uint64_t mw_h1_out_bytes(const mw_h1_out *o) { return o->chain.bytes + (o->at - o->from); }

/* Decides framing (Content-Length, chunked, close) and writes the head, in nginx's order.  Sets *chunked, and clears
 * r->keep_alive when only the connection's end can tell where the body ends. */
void mw_h1_write_head(mw_request *r, mw_h1_out *out, bool *chunked);
void mw_h1_write_inform(int status, const mw_fields *head, mw_h1_out *out);     /* 100, 103 */
/* Moves body bytes to out, framed when chunked; last: writes the end, with trailers. */
void mw_h1_write_body(mw_request *r, mw_chain *body, mw_h1_out *out, bool chunked, bool last);

#endif
