/* static.h - how a file becomes an answer: for static files, those that lie compressed beside them, and films.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MOD_STATIC_H
#define MW_HTTP_MOD_STATIC_H

#include "event/filecache.h"
#include "http/request.h"

/* PASS: the regular file that r->uri names here, the request's; otherwise it was refused, or is a folder and moved. */
mw_verdict mw_static_find(mw_request *r, const mw_entry **found);
/* Answers 200 with a regular file from that byte on, typed by r->uri; the entry's count stays the caller's.  Always
 * MW_ANSWERED. */
mw_verdict mw_static_send(mw_request *r, const mw_entry *e, uint64_t from);

#endif
