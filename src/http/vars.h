/* vars.h - $uri and its family: the variables of the http core.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_VARS_H
#define MW_HTTP_VARS_H

#include "http/request.h"

extern const mw_var mw_http_vars[];             /* ends with name NULL; prefixes http_ sent_http_ sent_trailer_ arg_ cookie_ too */
static inline mw_request *mw_scope_request(mw_scope *s) { return (mw_request *)s->self; }
void mw_request_tell(const void *request, mw_out *o);       /* mw_log.tell of a request: client, server, request, upstream, host */
#endif
