/* secure.h - TLS as http sees it: whose certificate for which name, what is refused for it, $ssl_*.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_SECURE_H
#define MW_HTTP_SECURE_H

#include "http/site.h"
#include "rule/var.h"
#include "tls/tls.h"

extern const mw_var mw_secure_vars[];

/* While binding, before variables are settled: ALPN, and certificates whose names have variables.  MW_ERR: said. */
mw_rc mw_secure_ready(mw_bind *b, const mw_level *server);
/* When all is bound: an address that speaks TLS has a certificate for whoever asks for no name.  MW_ERR: said. */
mw_rc mw_secure_check(mw_bind *b, const mw_door_addr *at);
/* The rules of an address, and of the server that a name belongs to (owner: the mw_door_addr). */
const mw_tls_conf *mw_secure_conf(const mw_server *s);
mw_tls_by_name     mw_secure_by_name;
/* Does a certificate of it have variables in its name? */
bool               mw_secure_variables(const mw_server *s);
/* 0, or what a request on that connection is refused with: 400 with 497, 495, 496, 421.  Said. */
int mw_secure_refusal(mw_request *r, const mw_server *s);

#endif
