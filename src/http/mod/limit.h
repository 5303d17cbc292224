/* limit.h - what limit_req and limit_conn share: zones of records by key.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MOD_LIMIT_H
#define MW_HTTP_MOD_LIMIT_H

#include "http/core.h"

enum { MW_LIMIT_KEY_MOST = 65535 };

typedef struct mw_limit_record {    /* first member of every record; in the zone, as its key */
    struct mw_limit_record *next;   /* of the same bucket */
    char                   *key;
    uint64_t                hash;
    uint32_t                len;
} mw_limit_record;

typedef struct mw_limit_table {     /* in the zone's root; the lock is held for whatever is done with it */
    mw_limit_record **buckets;
    uint64_t          seed[2];      /* of this table: another one, when the zone was wiped */
    uint32_t          mask;
} mw_limit_table;

typedef struct mw_limit_zone {      /* what a ..._zone directive says, or a row that names it before */
    mw_str         name;
    mw_expr       *key;             /* NULL: not defined (yet) */
    mw_str         key_text;        /* as it is written */
    mw_zone       *zone;
    const mw_node *node;            /* where it was first named */
    uint64_t       requests, per_ms;        /* rate of limit_req: so many in so long */
} mw_limit_zone;

mw_rc            mw_limit_table_make(mw_zone *z, mw_limit_table *t);
mw_limit_record *mw_limit_find(const mw_limit_table *t, mw_str key);        /* NULL: none */
mw_limit_record *mw_limit_add(mw_zone *z, mw_limit_table *t, mw_str key, size_t size);     /* zeroed; NULL: full */
void             mw_limit_cut(mw_zone *z, mw_limit_table *t, mw_limit_record *record);

/* The zone of that name in the list (of mw_limit_zone *), made when it is new. */
mw_limit_zone *mw_limit_zone_named(mw_bind *b, const mw_node *n, mw_array *list, mw_str name);
/* "zone=NAME:SIZE", argument i of n: defines it, with the key of argument 0. */
mw_rc          mw_limit_zone_define(mw_bind *b, const mw_node *n, unsigned i, mw_array *list, const mw_zone_kind *kind,
                                    const mw_module *owner, mw_limit_zone **zone);
mw_rc          mw_limit_zones_defined(mw_bind *b, const mw_array *list);    /* all that were named? */
/* The key for this request; false: it is not counted (empty, or too long, which is said). */
bool           mw_limit_key(const mw_limit_zone *z, mw_request *r, mw_str *key);
/* Refuses with this status; later (if it is one of those that say so): Retry-After, in seconds. */
mw_verdict     mw_limit_refuse(mw_request *r, int status, uint64_t retry);
mw_setter      mw_set_limit_status;         /* mw_enum: 400 .. 599 */
extern const mw_choice mw_limit_levels[];   /* info, notice, warn, error */

#endif
