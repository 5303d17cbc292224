/* vars.h - $uri and its family: the variables of the http core.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_VARS_H
#define MW_HTTP_VARS_H

#include "http/request.h"

/* ends with name NULL; prefixes http_ sent_http_ sent_trailer_ arg_ cookie_ too */
extern const mw_var mw_http_vars[];
extern const mw_var mw_visit_vars[];            /* of its connection; vars_visit.c */
static inline mw_request *mw_scope_request(mw_scope *s) { return (mw_request *)s->self; }
/* mw_log.tell of a request: client, server, request, upstream, host */
/* What getters end with: all answer true. */
bool mw_got(mw_str *text, mw_str value);
bool mw_got_u64(mw_scope *s, mw_str *text, uint64_t n);
bool mw_got_seconds(mw_scope *s, mw_str *text, uint64_t ms);            /* "1.234" */
/* all fields of that name, written with underscores; false: none */
bool mw_got_fields(mw_scope *s, const mw_fields *list, mw_str name, char separator, mw_str *text);
void mw_request_tell(const void *request, mw_out *o);
#endif
