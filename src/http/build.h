/* build.h - what the folder gathers while an http block is bound, until it becomes a site.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_BUILD_H
#define MW_HTTP_BUILD_H

#include "http/site.h"

typedef struct mw_listen_row {      /* one address of one `listen` */
    const mw_node    *node;
    mw_level         *server;       /* its level */
    mw_addr           addr;
    mw_listen_options options;
    bool              shaped;       /* options of the socket were written: it is bound apart */
    bool              default_server, ssl, http2, quic, proxy_protocol;
} mw_listen_row;

typedef struct mw_gather {          /* mw_bind.http */
    mw_site *site;
    mw_array listens;               /* mw_listen_row */
    mw_array places;                /* mw_place *: compiled when all is bound */
} mw_gather;

mw_rc mw_http_enter(mw_bind *b, const mw_node *n);          /* the four `enter`s of the blocks */
mw_rc mw_server_enter(mw_bind *b, const mw_node *n);
mw_rc mw_location_enter(mw_bind *b, const mw_node *n);
/* What a `location` says without its modifier; *other: it is a regular expression, or named. */
mw_str mw_location_name(const mw_node *n, bool *other);
mw_rc mw_limit_except_enter(mw_bind *b, const mw_node *n);
mw_rc mw_http_finish(mw_bind *b);
mw_rc mw_listen_addrs(mw_bind *b, const mw_node *n, mw_array *addrs);   /* adds the mw_addr of a `listen` */
mw_rc mw_doors_build(mw_bind *b, mw_gather *g);             /* listen.c: rows to sockets and doors */
mw_setter mw_set_server_name, mw_set_resolver, mw_set_root, mw_set_disable_symlinks, mw_set_open_file_cache,
          mw_set_keepalive_timeout, mw_set_directio, mw_set_aio, mw_set_rate, mw_set_temp_path,
          mw_set_file_access;           /* set.c; a file mode: "user:rw group:r" */

#endif
