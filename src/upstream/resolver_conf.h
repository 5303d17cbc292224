/* resolver_conf.h - the arguments of a `resolver` directive, wherever it stands.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UPSTREAM_RESOLVER_CONF_H
#define MW_UPSTREAM_RESOLVER_CONF_H

#include "conf/bind.h"
#include "event/resolver.h"

mw_rc mw_resolver_read(mw_bind *b, const mw_node *n, mw_resolver_conf *r);      /* MW_ERR: said */

#endif
