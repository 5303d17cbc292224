/* outcome.h - how reloads went, in a small file beside the pid file: for who waits for one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_OUTCOME_H
#define MW_MAIN_OUTCOME_H

#include <sys/types.h>

#include "core/arena.h"

typedef enum mw_stage { MW_STAGE_BUSY, MW_STAGE_SERVES, MW_STAGE_FAILED } mw_stage;
typedef struct mw_outcome {
    pid_t    master;
    uint64_t attempt;           /* 0: the start; then each reload */
    mw_stage stage;
    mw_str   why;               /* of a failure */
} mw_outcome;

void mw_outcome_write(mw_arena *scratch, mw_str pid_path, const mw_outcome *o);
bool mw_outcome_read(mw_arena *a, mw_str pid_path, mw_outcome *o);      /* false: there is none */
void mw_outcome_remove(mw_arena *scratch, mw_str pid_path);              /* unless it is another master's */

#endif
