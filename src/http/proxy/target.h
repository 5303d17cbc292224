/* target.h - what is asked of an upstream.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_TARGET_H
#define MW_HTTP_PROXY_TARGET_H

#include "http/proxy/conf.h"

/* The request's target, in the arena or of the request.  uri: of a URL with variables, evaluated. */
mw_str mw_proxy_target_text(mw_request *r, const mw_proxy_target *t, mw_str uri);
/* A proxy_pass with variables, for this request; false: said. */
bool   mw_proxy_target_evaluate(mw_request *r, const mw_proxy_target *t, mw_proxy_target *now);

#endif
