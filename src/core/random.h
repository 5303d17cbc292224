/* random.h - bytes from the kernel, ids, fair choice.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_RANDOM_H
#define MW_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void     mw_random_bytes(void *to, size_t n);       /* getrandom(2); the process stops when the kernel has none */
uint64_t mw_random_u64(void);                       /* fast, reseeded from the kernel after a fork; not for secrets */
uint64_t mw_random_below(uint64_t n);               /* fair, 0..n-1; n > 0 */

#endif
