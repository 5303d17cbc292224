/* lock.h - a lock between processes that survives the death of its holder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_LOCK_H
#define MW_CORE_LOCK_H

#include <pthread.h>
#include <stdbool.h>

typedef struct mw_lock { pthread_mutex_t mutex; } mw_lock;      /* in shared memory; robust, process-shared */

void mw_lock_init(mw_lock *l);
bool mw_lock_take(mw_lock *l);      /* false: taken, but its last holder died inside: mend, then go on */
bool mw_lock_try(mw_lock *l, bool *died);       /* false: somebody has it */
void mw_lock_give(mw_lock *l);

#endif
