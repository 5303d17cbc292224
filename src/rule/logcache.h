/* logcache.h - open_log_file_cache: descriptors of logs whose paths hold variables.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_LOGCACHE_H
#define MW_RULE_LOGCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/str.h"

typedef struct mw_logcache_rule {
    unsigned max, min_uses;             /* names known; uses within `inactive` before a descriptor is kept */
    /* forgotten when not used so long; asked so often whether the name is the same file */
    uint64_t inactive_ms, valid_ms;
} mw_logcache_rule;

typedef struct mw_logcache mw_logcache;
mw_logcache *mw_logcache_new(const mw_logcache_rule *rule);
/* Opens for appending, or finds it open.  -1: errno.  *kept: the cache's; otherwise the caller closes it. */
int          mw_logcache_open(mw_logcache *c, mw_str path, uint64_t now_ms, bool *kept);
void         mw_logcache_clear(mw_logcache *c);         /* closes all */
void         mw_logcache_free(mw_logcache *c);          /* NULL is fine */
int          mw_log_append(mw_str path);                /* an open without the cache; -1: errno */

#endif
