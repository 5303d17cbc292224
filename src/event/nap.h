/* nap.h - the op of a timer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_NAP_H
#define MW_EVENT_NAP_H

#include "event/op.h"

typedef struct mw_nap { mw_op op; mw_timer timer; } mw_nap;

/* MW_AGAIN until ms after the first asking; 0 ms: MW_OK at once. */
mw_rc mw_nap_for(mw_asker *who, mw_nap *nap, uint64_t ms);

#endif
