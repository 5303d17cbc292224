/* privilege.h - what a worker may do less than its master.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_PRIVILEGE_H
#define MW_MAIN_PRIVILEGE_H

#include "core/log.h"
#include "main/core.h"

/* Becomes that user, with its groups, for good; nothing unless we are root.  keep_net_raw: CAP_NET_RAW stays, for
 * clients' addresses towards backends.  MW_ERR: said; the process must end. */
mw_rc mw_privilege_drop(const mw_user *user, bool keep_net_raw, mw_log *log);
void  mw_privilege_limits(const mw_main_conf *conf, mw_log *log);       /* priority and rlimits; still as root */

#endif
