/* headers.h - a response's head on its way to the client.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_HEADERS_H
#define MW_HTTP_PROXY_HEADERS_H

#include "http/proxy/speak.h"

/* Fields that go on, as proxy_hide_header, proxy_redirect and kin say, are added to r->res. */
void mw_proxy_pass_head(mw_exchange *x, const mw_proxy_conf *c);
/* X-Accel-Limit-Rate, -Buffering, -Charset; whether it is to be passed on live. */
void mw_proxy_head_for_us(mw_exchange *x);
/* True: X-Accel-Redirect leads elsewhere, the exchange is over, *v is what the step says. */
bool mw_proxy_accel_redirect(mw_exchange *x, const mw_proxy_conf *c, mw_verdict *v);
/* True: an error_page stands for this status (proxy_intercept_errors); the rest as above. */
bool mw_proxy_intercept(mw_exchange *x, mw_verdict *v);

#endif
