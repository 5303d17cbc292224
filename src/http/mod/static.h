/* static.h - how a file becomes an answer: for static files, and those that lie compressed beside them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MOD_STATIC_H
#define MW_HTTP_MOD_STATIC_H

#include "event/filecache.h"
#include "http/request.h"

/* Answers 200 with a regular file, typed by r->uri; the entry's count stays the caller's.  Always MW_ANSWERED. */
mw_verdict mw_static_send(mw_request *r, mw_entry *e);

#endif
