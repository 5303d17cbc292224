/* conf.h - what the proxy_* directives say for a place, compiled.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_CONF_H
#define MW_HTTP_PROXY_CONF_H

#include "conf/bind.h"
#include "http/core.h"
#include "http/proxy/proxy.h"
#include "rule/field.h"
#include "tls/tls.h"
#include "upstream/group.h"

typedef enum mw_next {          /* proxy_next_upstream: what sends a request to the next peer */
    MW_NEXT_ERROR = 1, MW_NEXT_TIMEOUT = 2, MW_NEXT_INVALID = 4, MW_NEXT_500 = 8, MW_NEXT_502 = 16, MW_NEXT_503 = 32,
    MW_NEXT_504 = 64, MW_NEXT_403 = 128, MW_NEXT_404 = 256, MW_NEXT_429 = 512, MW_NEXT_NON_IDEMPOTENT = 1024,
    MW_NEXT_OFF = 2048
} mw_next;

typedef enum mw_ignored {       /* proxy_ignore_headers */
    MW_IGNORE_REDIRECT = 1, MW_IGNORE_X_EXPIRES = 2, MW_IGNORE_LIMIT_RATE = 4, MW_IGNORE_BUFFERING = 8,
    MW_IGNORE_CHARSET = 16, MW_IGNORE_EXPIRES = 32, MW_IGNORE_CACHE_CONTROL = 64, MW_IGNORE_SET_COOKIE = 128,
    MW_IGNORE_VARY = 256
} mw_ignored;

typedef struct mw_store_to { mw_expr *path; bool on; } mw_store_to;      /* on without path: below root */
typedef struct mw_bind_to { mw_expr *address; bool transparent; } mw_bind_to;

typedef struct mw_exchange_conf {       /* of any protocol towards an upstream */
    mw_msec  connect_timeout, send_timeout, read_timeout, next_timeout;
    uint32_t next_tries;
    mw_flags next;                      /* mw_next */
    mw_bytes buffer_size, busy_size, temp_max, temp_write;
    mw_bufs  buffers;
    mw_str   temp_path;
    mw_flags ignore;                    /* mw_ignored */
    mw_expr *limit_rate;
    mw_store_to store;
    uint32_t store_access;              /* file mode */
    mw_bind_to bind;
    bool     buffering, request_buffering, pass_headers, pass_body, ignore_abort, intercept, force_ranges;
    bool     socket_keepalive, pass_trailers, keepalive;
    mw_bytes socket_rcvbuf, socket_sndbuf;      /* 0: the system's */
    mw_str   pool;                      /* which idle connections are this location's, where they are kept apart */
} mw_exchange_conf;

typedef struct mw_proxy_target {        /* one proxy_pass */
    const mw_node  *node;
    mw_str          url;                /* as written */
    mw_str          host, port;         /* $proxy_host, $proxy_port */
    mw_str          uri;                /* the part behind host and port; empty: none */
    mw_str          location;           /* what uri stands for */
    const mw_group *group;              /* found when all is bound */
    mw_expr        *expr;               /* with variables: url is evaluated for each request; all else is empty then */
    bool            tls;
} mw_proxy_target;

typedef struct mw_proxy_header { mw_str name; mw_expr *value; } mw_proxy_header;

typedef struct mw_proxy_rule {          /* proxy_redirect, proxy_cookie_domain, _path */
    const mw_regex *regex;              /* or */
    mw_expr        *from;
    mw_expr        *to;
} mw_proxy_rule;

typedef struct mw_proxy_rules {         /* and proxy_cookie_flags */
    mw_array list;
    bool     off;
    bool     otherwise;                 /* `default` was written */
} mw_proxy_rules;

typedef struct mw_proxy_flags { const mw_regex *regex; mw_expr *cookie; mw_exprs flags; } mw_proxy_flags;

typedef struct mw_proxy_tls {
    mw_flags  protocols;
    mw_str    ciphers, trusted_certificate, crl;
    bool      verify, session_reuse, server_name;
    uint32_t  verify_depth;
    mw_expr  *certificate, *key, *name;
    mw_str    folder;                   /* of the configuration: what names with variables are relative to */
    mw_strs   password_file;
    mw_array  commands;                 /* mw_str, mw_str */
    struct mw_tls_certs *cache;         /* proxy_ssl_certificate_cache; NULL: off */
    mw_tls_client *client;              /* made in ready, where a target speaks TLS; NULL: none */
} mw_proxy_tls;

typedef struct mw_proxy_conf {
    mw_exchange_conf way;
    mw_proxy_target *target;            /* NULL: no proxy_pass here */
    mw_array         headers;           /* mw_proxy_header, as written */
    mw_strs          hide, pass;
    mw_expr         *method, *body;
    mw_enum          version;           /* 10, 11 */
    mw_proxy_rules   redirect, cookie_domain, cookie_path;
    mw_proxy_rules   cookie_flags;      /* of mw_proxy_flags */
    mw_exprs         early_hints;
    mw_proxy_tls     tls;

    /* compiled in ready; fields of rows must stay as written, for they are inherited */
    mw_array         redirects;         /* mw_proxy_rule, the default among them */
    mw_array         fields;            /* mw_proxy_header: what is said, Host first */
    uint64_t         said;              /* by mw_token: names that the client's fields must not have */
    mw_map          *said_names;        /* the same of other names; NULL: none */
    /* Content-Length and Transfer-Encoding are written by proxy_set_header */
    bool             says_length, says_coding;
    mw_map          *hidden;            /* names of response fields that are not passed on */
    uint64_t         hides;             /* the known ones among them, by mw_token */
    bool             keeps_date, keeps_server;
    mw_array         targets;           /* of the main level only: mw_proxy_target *, all of them */
} mw_proxy_conf;

_Static_assert((int)MW_TOKENS <= 64, "a bit for each known name");

static inline bool mw_proxy_hides(const mw_proxy_conf *c, const mw_field *f)
{
    return f->token != MW_T_NONE ? (c->hides >> f->token & 1) != 0 : mw_map_get(c->hidden, f->name) != NULL;
}

/* pass.c, set.c, rules.c, headers.c, conf.c */
mw_setter mw_set_proxy_pass, mw_set_proxy_header, mw_set_proxy_rules, mw_set_proxy_cookie_flags, mw_set_proxy_store,
          mw_set_proxy_bind, mw_set_proxy_file, mw_set_proxy_version;
mw_rc     mw_proxy_ready(mw_bind *b, const mw_level *level, void *conf);
mw_rc     mw_proxy_finish(mw_bind *b);
mw_rc     mw_proxy_headers_compile(mw_bind *b, const mw_node *n, mw_proxy_conf *c);
bool      mw_proxy_is_store(mw_str name);               /* "engine:...", "data:...", "store:...": no file */
bool      mw_proxy_url_split(mw_str url, mw_proxy_target *t);      /* scheme, host, port, uri; false: no URL prefix */

extern const mw_directive mw_proxy_directives[];
extern const mw_var mw_proxy_vars[];

#endif
