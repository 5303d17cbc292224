/* wants.h - what a configuration asks of the process that runs it: logs to open, zones to make, folders, sockets.
 * Filled
 * while binding, carried out by main/cycle.c, so that nothing is opened by -t that need not be.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_WANTS_H
#define MW_CONF_WANTS_H

#include "core/addr.h"
#include "core/log.h"
#include "core/zone.h"

struct mw_listener;
struct mw_node;

typedef struct mw_listen {      /* one address that somebody listens on */
    mw_list           all;      /* in mw_wants.listens */
    mw_addr           addr;
    mw_listen_options options;
    int               type;     /* SOCK_STREAM or SOCK_DGRAM */
    /* a wildcard of the same port listens: no socket of its own (nginx's rule) */
    bool              wildcard_covers;
    /* of the door above; in workers */
    void            (*accepted)(struct mw_listener *l, int fd, const mw_addr *peer);
    const void       *door;     /* the door's own: servers by name, options */
    int              *fds;      /* filled by main/: one per worker with reuseport, else one */
    unsigned          nfds;
} mw_listen;

/* to be made at start, owned by the workers' user */
typedef struct mw_want_dir { mw_list all; mw_str path; } mw_want_dir;

/* of threads, to read files; main/ knows whether there is one */
typedef struct mw_want_pool { mw_list all; mw_str name; const struct mw_node *node; } mw_want_pool;

typedef struct mw_wants {
    mw_list logs;               /* mw_log_file.all */
    mw_list zones;              /* mw_zone.all */
    mw_list dirs;               /* mw_want_dir.all */
    mw_list listens;            /* mw_listen.all */
    mw_list pools;              /* mw_want_pool.all */
    bool    net_raw;            /* workers keep CAP_NET_RAW: somebody speaks from addresses that are not ours */
} mw_wants;

void         mw_wants_init(mw_wants *w);
/* absolute path, or empty for stderr; shared */
mw_log_file *mw_wants_log(mw_wants *w, mw_arena *a, mw_str path);
/* A zone that is there already answers when kind and owner are the same and size is 0 or equal; NULL: it clashes. size
 * 0
 * for one not (yet) sized: somebody else must size it. */
mw_zone     *mw_wants_zone(mw_wants *w, mw_arena *a, mw_str name, size_t size, const mw_zone_kind *kind,
                           const void *owner);
void         mw_wants_dir(mw_wants *w, mw_arena *a, mw_str path);
void         mw_wants_pool(mw_wants *w, mw_arena *a, mw_str name, const struct mw_node *node);

#endif
