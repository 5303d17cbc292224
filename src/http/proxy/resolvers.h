/* resolvers.h - what a worker keeps for the proxy: a resolver for each `resolver` used, TLS sessions by peer.  Private.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_RESOLVERS_H
#define MW_HTTP_PROXY_RESOLVERS_H

#include "event/resolver.h"
#include "http/proxy/conf.h"

mw_resolver *mw_proxy_resolver(mw_worker *w, const mw_http_conf *core);         /* NULL: there is none to ask */
/* Where the session with that peer is kept; NULL: none is. */
mw_tls_session **mw_proxy_session(mw_worker *w, const mw_proxy_tls *t, const mw_addr *peer, mw_str name);
mw_rc mw_proxy_start(mw_worker *w);
void  mw_proxy_stop(mw_worker *w);

#endif
