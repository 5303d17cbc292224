/* counter.c - counters in shared memory: one row per worker, no locks; only readers add them up.
 *
 * Row 0 belongs to the dead: what they had counted is added there before their row is free again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/counter.h"

#include <stddef.h>
#include <sys/mman.h>

enum { APART = 128 };           /* two cache lines: the processor fetches its neighbour as well */

typedef struct slot { _Alignas(APART) mw_counter_row row; } slot;

struct mw_counters {
    slot slots[MW_SLOTS];
    _Atomic int highest;        /* no row above it was ever taken: readers touch no more memory than that */
};

mw_counters *mw_counters_open(void)
{
    void *at = mmap(NULL, sizeof(mw_counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return at != MAP_FAILED ? at : NULL;
}

static void raise_highest(mw_counters *c, int i)
{
    int was = atomic_load(&c->highest);

    while (was < i && !atomic_compare_exchange_weak(&c->highest, &was, i))
        ;
}

mw_counter_row *mw_counters_claim(mw_counters *c, int pid)
{
    int i, nobody;

    for (i = 1; i < MW_SLOTS; i++) {
        nobody = 0;
        if (atomic_compare_exchange_strong(&c->slots[i].row.taken, &nobody, pid)) {
            raise_highest(c, i);
            return &c->slots[i].row;
        }
    }
    return NULL;
}

static void bury_row(mw_counter_row *grave, mw_counter_row *row)
{
    uint64_t last;
    int      i;

    for (i = 0; i < MW_COUNTS; i++) {
        last = atomic_exchange(&row->value[i], 0);
        if (i < MW_COUNT_FIRST_GAUGE)
            atomic_fetch_add(&grave->value[i], last);
    }
    atomic_store(&row->taken, 0);
}

void mw_counters_bury(mw_counters *c, int pid)
{
    int i, highest = atomic_load(&c->highest);

    for (i = 1; i <= highest; i++)
        if (atomic_load(&c->slots[i].row.taken) == pid)
            bury_row(&c->slots[0].row, &c->slots[i].row);
}

uint64_t mw_counters_sum(const mw_counters *c, mw_count what)
{
    uint64_t sum = 0;
    int      i, highest = atomic_load_explicit(&c->highest, memory_order_relaxed);

    for (i = 0; i <= highest; i++)
        sum += atomic_load_explicit(&c->slots[i].row.value[what], memory_order_relaxed);
    return sum;
}
