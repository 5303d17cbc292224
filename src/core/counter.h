/* counter.h - counters in shared memory: one row per worker, no locks; only readers add them up.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_COUNTER_H
#define MW_CORE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

enum { MW_SLOTS = 1024 };       /* workers of all generations alive at once */

typedef enum mw_count {         /* totals first, then gauges (dropped when a worker dies) */
    MW_COUNT_ACCEPTED, MW_COUNT_HANDLED, MW_COUNT_REQUESTS,
    MW_COUNT_ACTIVE, MW_COUNT_READING, MW_COUNT_WRITING, MW_COUNT_WAITING,
    MW_COUNTS, MW_COUNT_FIRST_GAUGE = MW_COUNT_ACTIVE
} mw_count;

typedef struct mw_counters mw_counters;     /* all rows; memory that the master made before it forked */
typedef struct mw_counter_row {             /* one worker's; on cache lines of its own */
    _Atomic uint64_t value[MW_COUNTS];
    _Atomic int      taken;                 /* pid of its worker; 0: free */
} mw_counter_row;

mw_counters    *mw_counters_open(void);                         /* anonymous shared memory, touched only where used */
mw_counter_row *mw_counters_claim(mw_counters *c, int pid);     /* by compare-and-swap; NULL: all 1,023 taken */
void            mw_counters_bury(mw_counters *c, int pid);  /* adds its totals to row 0, drops gauges, frees the row */
uint64_t        mw_counters_sum(const mw_counters *c, mw_count what);

static inline void mw_count_add(mw_counter_row *row, mw_count what, int64_t n)  /* one writer: no locked instruction */
{
    atomic_store_explicit(&row->value[what],
                          atomic_load_explicit(&row->value[what], memory_order_relaxed) + (uint64_t)n,
                          memory_order_relaxed);
}

#endif
