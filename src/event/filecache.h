/* filecache.h - open descriptors and bodies in memory, validated by inotify, or by one stat a second where
 * there is none.
 *
 * An entry is immutable and counted: body, size, mtime and ETag belong together, and were seen together
 * (stat before and after the read).  A changed file makes a new entry; whoever holds the old one keeps
 * serving the old file whole.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_FILECACHE_H
#define MW_EVENT_FILECACHE_H

#include <sys/types.h>

#include "core/buf.h"
#include "core/log.h"
#include "event/loop.h"

typedef struct mw_filecache mw_filecache;
/* disable_symlinks off | on | if_not_owner */
typedef enum mw_links { MW_LINKS_ON, MW_LINKS_OFF, MW_LINKS_OWNER } mw_links;

typedef struct mw_entry {       /* what a name meant; counted, immutable */
    uint32_t  refs;
    int       err;              /* errno of the failed open or stat, 0: it is there */
    const char *failed;         /* "open", "stat", "openat" ...: the call that failed */
    bool      is_dir, is_file;
    uint64_t  size;
    int64_t   mtime;
    uint64_t  inode, device;
    mode_t    mode;
    mw_file  *file;             /* open, when the body is not in memory; NULL for directories */
    mw_block *body;             /* whole, when it is small enough */
    mw_str    etag;             /* "\"65f1-400\"" (nginx's form: mtime-size, hex) */
    mw_str    date;             /* Last-Modified's text */
    char      texts[64];        /* where those two lie */
} mw_entry;

typedef struct mw_filecache_how {
    mw_links links;
    size_t   links_from;        /* disable_symlinks from=: that many bytes of the path are trusted */
    bool     fresh;             /* `open_file_cache off` written out: stat at each request */
    /* only whether and what it is (try_files, index, -f): no body is read, nothing kept open */
    bool     probe;
    bool     direct;            /* will be sent as a file part, O_DIRECT from direct_from on */
    uint64_t direct_from;       /* directio size; 0: off */
} mw_filecache_how;

/* budget: bytes of bodies kept (a file is kept up to 64 KB); the path must be absolute. */
mw_filecache *mw_filecache_new(mw_loop *l, uint64_t budget, unsigned entries, mw_log *log);
void          mw_filecache_free(mw_filecache *c);
/* one count, the caller's; never NULL */
mw_entry     *mw_filecache_get(mw_filecache *c, mw_str path, const mw_filecache_how *how);
static inline mw_entry *mw_entry_hold(mw_entry *e) { e->refs++; return e; }
void          mw_entry_done(mw_entry *e);

#endif
