/* core.h - what the core directives of http say, for a place: one struct, read by whoever needs it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_CORE_H
#define MW_HTTP_CORE_H

#include "conf/bind.h"
#include "core/map.h"
#include "event/filecache.h"
#include "event/resolver.h"
#include "http/route.h"
#include "rule/field.h"

typedef struct mw_error_page {
    int         status;         /* of the refusal */
    int         as;             /* "=200": what is sent; -1: not written; 0: "=": what the page itself says */
    mw_expr    *uri;            /* "/404.html", "http://...", "@named" */
    mw_str      args;           /* of a constant uri */
} mw_error_page;

typedef enum mw_aio { MW_AIO_OFF, MW_AIO_ON, MW_AIO_THREADS } mw_aio;
typedef struct mw_aio_conf { mw_enum how; mw_expr *pool; } mw_aio_conf;     /* a mw_aio; NULL: the pool `default` */
typedef enum mw_lingering { MW_LINGER_OFF, MW_LINGER_ON, MW_LINGER_ALWAYS } mw_lingering;
typedef enum mw_modified_rule { MW_MODIFIED_OFF, MW_MODIFIED_EXACT, MW_MODIFIED_BEFORE } mw_modified_rule;
typedef enum mw_tokens_said { MW_TOKENS_OFF, MW_TOKENS_ON, MW_TOKENS_BUILD } mw_tokens_said;
typedef enum mw_in_file { MW_IN_FILE_OFF, MW_IN_FILE_ON, MW_IN_FILE_CLEAN } mw_in_file;

struct mw_http_conf {
    /* who may come, and how its request is read (of the server) */
    mw_bytes  client_header_buffer_size;
    mw_bufs   large_client_header_buffers;
    mw_msec   client_header_timeout;
    uint32_t  max_headers;
    bool      ignore_invalid_headers, underscores_in_headers, merge_slashes;
    bool      http2;
    mw_strs   names;                            /* server_name */

    /* its body */
    mw_bytes  client_max_body_size, client_body_buffer_size;
    mw_msec   client_body_timeout;
    mw_str    client_body_temp_path;
    mw_enum   client_body_in_file_only;         /* mw_in_file */
    bool      client_body_in_single_buffer, client_body_early_read;
    mw_enum   lingering_close;                  /* mw_lingering */
    mw_msec   lingering_time, lingering_timeout;

    /* the connection */
    mw_msec   keepalive_timeout;
    mw_sec    keepalive_header;                 /* second argument of keepalive_timeout; 0: not said */
    mw_msec   keepalive_min_timeout, keepalive_time, send_timeout;
    uint32_t  keepalive_requests;
    mw_flags  keepalive_disable;                /* 1 none, 2 msie6, 4 safari */
    bool      tcp_nodelay, tcp_nopush, reset_timedout_connection;

    /* sending */
    bool      sendfile, chunked_transfer_encoding, aio_write;
    mw_bytes  sendfile_max_chunk, postpone_output, subrequest_output_buffer_size, directio_alignment, read_ahead;
    mw_bufs   output_buffers;
    mw_aio_conf aio;
    mw_bytes  directio;                         /* UINT64_MAX: off */
    mw_expr  *limit_rate, *limit_rate_after;

    /* names to files */
    mw_expr  *root;                             /* made absolute; or alias */
    mw_str    root_text;                        /* when it is constant; at NULL: it is not */
    bool      alias;                            /* it stands for the first alias_cut bytes of the URI,    */
    bool      alias_whole;                      /* or for all of it: of a regular expression, or named    */
    size_t    alias_cut;
    mw_str    prefix;                           /* what relative names are below of */
    mw_enum   disable_symlinks;                 /* mw_links */
    mw_expr  *disable_symlinks_from;
    bool      open_file_cache_fresh;            /* open_file_cache off, written out */
    mw_map   *types;                            /* extension to mw_str *; built by mime */
    mw_str    default_type;
    mw_enum   satisfy;                          /* 0 all, 1 any */
    bool      internal;

    /* answers */
    mw_array  error_pages;                      /* of mw_error_page */
    bool      recursive_error_pages, log_not_found, log_subrequest, msie_padding, msie_refresh, etag;
    bool      absolute_redirect, port_in_redirect, server_name_in_redirect;
    mw_enum   if_modified_since, server_tokens;
    uint32_t  max_ranges;
    mw_expr  *post_action;
    mw_msec   auth_delay;

    const mw_sinks *errors;                     /* error_log in effect */
    mw_resolver_conf resolver;                  /* n 0: the system's resolv.conf */
    mw_msec   resolver_timeout;
    bool      resolver_written;
};

extern const mw_module mw_http_module;          /* http, server, location and the core directives */

/* For modules with blocks of their own inside a location (`if`): a place for the level that will be bound.  Compiled
 * when all
 * is bound; level NULL: mw_place_settle must name it later. */
mw_place *mw_place_new(mw_bind *b, const mw_level *level);
void      mw_place_settle(mw_bind *b, mw_place *p, const mw_level *level);
const mw_place *mw_place_of(mw_bind *b, const mw_level *level);      /* of a location's level; NULL: none */
mw_setter mw_set_types;                         /* `types { ... }`: field mw_map *; mod/mime.c */
mw_setter mw_set_listen;                        /* listen.c */

/* `root` or `alias` for this request, evaluated once; no slash at the end of a root */
mw_str mw_root_of(mw_request *r);
/* the file a uri names here: root + uri, or alias + what is behind the location */
mw_str mw_path_of(mw_request *r, mw_str uri);
mw_str mw_mime_type(const mw_request *r, mw_str uri);       /* by extension, or default_type */
mw_filecache_how mw_file_how(mw_request *r);    /* as disable_symlinks, open_file_cache and directio say here */

#endif
