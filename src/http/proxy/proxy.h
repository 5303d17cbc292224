/* proxy.h - the module that passes requests to upstreams.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_PROXY_H
#define MW_HTTP_PROXY_PROXY_H

#include "conf/module.h"

extern const mw_module mw_proxy_module;         /* proxy_pass and kin: a content step */

#endif
