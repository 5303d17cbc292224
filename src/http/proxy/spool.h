/* spool.h - what of a response does not fit in memory, in a temporary file; and the copy that proxy_store keeps.
 * Private.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_SPOOL_H
#define MW_HTTP_PROXY_SPOOL_H

#include "http/proxy/conf.h"

typedef struct mw_spool mw_spool;
struct mw_spool {               /* in the request's arena */
    mw_request *r;
    mw_file    *file;           /* unnamed; of what waits for the client */
    uint64_t    bytes;          /* written to it so far */
    bool        broken;         /* the disk refused: no more is tried */
    mw_file    *store;          /* named; NULL: nothing is stored */
    mw_str      store_path;     /* its temporary name */
    uint64_t    stored;
};

mw_spool *mw_spool_new(mw_request *r);
/* Writes the slice to the file and adds that part of it to `to`.  false: not written, said once, or there is no room.
 * */
bool      mw_spool_add(mw_spool *s, const mw_exchange_conf *way, mw_str bytes, mw_chain *to);
void      mw_spool_end(mw_spool *s);            /* lets go of both files; NULL is fine */

bool      mw_store_begin(mw_spool *s, const mw_exchange_conf *way);     /* false: said; nothing will be stored */
void      mw_store_add(mw_spool *s, mw_str bytes);
/* All of it was written: it gets its name.  modified: its time, -1: now. */
void      mw_store_finish(mw_spool *s, const mw_exchange_conf *way, int64_t modified);

#endif
