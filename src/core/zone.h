/* zone.h - named shared memory, made by the master before it forks, kept over a reload and handed on at an upgrade.
 *
 * A zone is a memfd mapped shared at the same address in every process of the family (it is inherited by fork).
 * Inside: a lock, a slab allocator, and the root struct of its kind.  Nothing in it points outside it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_ZONE_H
#define MW_CORE_ZONE_H

#include "core/list.h"
#include "core/rc.h"
#include "core/str.h"

typedef struct mw_zone mw_zone;
typedef struct mw_zone_kind {
    const char *name;
    unsigned    version;
    size_t      root;                                       /* bytes of the root struct, zeroed before make */
    mw_rc     (*make)(mw_zone *z, void *root);              /* once, in fresh memory; may be NULL */
    void      (*mend)(mw_zone *z, void *root);      /* a holder of the lock died inside; may always wipe; NULL: wipe */
    void      (*left)(mw_zone *z, void *root, unsigned slot);   /* a worker died outside a lock; may be NULL */
} mw_zone_kind;

struct mw_zone {                /* the process' view of it; in the generation's arena */
    mw_list             all;    /* in mw_wants.zones */
    mw_str              name;
    size_t              size;
    const mw_zone_kind *kind;
    void               *base;   /* NULL until it is opened */
    int                 fd;     /* the memfd; -1 */
    const void         *owner;  /* who asked for it (a module): another one of the same name is an error */
};

mw_rc mw_zone_open(mw_zone *z);                         /* makes memory and root; MW_ERR: errno */
/* The memory of the last generation's; MW_ERR: name, kind, version or size differ. */
mw_rc mw_zone_adopt(mw_zone *z, const mw_zone *old);
mw_rc mw_zone_attach(mw_zone *z, int fd);               /* memory handed over by descriptor; MW_OK: fd is ours now */
void  mw_zone_close(mw_zone *z);                        /* unmaps; the last process to do so ends it */

void *mw_zone_root(mw_zone *z);
void *mw_zone_try(mw_zone *z, size_t n);                /* zeroed; lock held; NULL: full */
void  mw_zone_give(mw_zone *z, void *p);                /* lock held */
void  mw_zone_wipe(mw_zone *z);                         /* as fresh: root zeroed and made again; lock held */
void  mw_zone_lock(mw_zone *z);                         /* mends first when the last holder died */
void  mw_zone_unlock(mw_zone *z);
size_t mw_zone_pages_free(mw_zone *z);

#endif
