/* access.h - allow and deny: an ordered list of address ranges, the first that fits decides.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_ACCESS_H
#define MW_RULE_ACCESS_H

#include "conf/bind.h"
#include "core/addr.h"

typedef struct mw_access mw_access;

/* of rows `allow` and `deny` (row->extra: 1 allow, 0 deny): ADDRESS | CIDR | unix: | all; repeat */
mw_setter mw_set_access;
/* 1 allowed, 0 denied, -1: no rule fits. */
int mw_access_says(const mw_access *a, const mw_addr *who);

#endif
