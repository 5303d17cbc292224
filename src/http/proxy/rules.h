/* rules.h - Location, Refresh and Set-Cookie, rewritten.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_RULES_H
#define MW_HTTP_PROXY_RULES_H

#include "http/proxy/conf.h"

/* All answer the value as it is, or a new text in the request's arena. */
mw_str mw_proxy_location(mw_request *r, const mw_proxy_conf *c, mw_str value);
mw_str mw_proxy_refresh(mw_request *r, const mw_proxy_conf *c, mw_str value);
mw_str mw_proxy_cookie(mw_request *r, const mw_proxy_conf *c, mw_str value);

#endif
