/* site.h - an http block: its servers by address and name, its modules' numbers; and choosing among them.  All const.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_SITE_H
#define MW_HTTP_SITE_H

#include "http/core.h"
#include "rule/match.h"

typedef struct mw_door_names {  /* the servers of one address */
    const mw_server *otherwise; /* default_server, or the first */
    mw_match        *names;     /* NULL: there is only one, without regular expressions */
} mw_door_names;

typedef struct mw_door_addr {   /* an address written in some `listen`, within the port of a socket */
    mw_addr       addr;
    mw_door_names names;
    bool          ssl, http2, proxy_protocol;
    bool          variables;    /* in names of certificates */
} mw_door_addr;

typedef struct mw_door {        /* behind one listening socket: mw_listen.door */
    const mw_site *site;
    /* the first is the socket's own (wildcard or exact); more: reached through getsockname */
    mw_door_addr  *addrs;
    unsigned       n;
} mw_door;

struct mw_server {
    const mw_site  *site;
    const mw_level *level;
    const mw_place *own;        /* post_read, server_rewrite, then the location is found */
    const mw_place *bare;       /* where no location fits: the server's own level as a location */
    mw_str          name;       /* the first server_name: $server_name */
    const struct mw_locations *locations;       /* location.c */
    const mw_http_conf *core;   /* at the server's own level */
};

struct mw_site {
    mw_arena               *arena;
    const mw_module *const *modules;        /* ends with NULL */
    unsigned                nmodules;
    const mw_module       **numbered;
    size_t                 *once;           /* by module number: offset in r->once; SIZE_MAX: none */
    size_t                  once_bytes;
    unsigned                core;           /* the http core's number */
    mw_vars                *vars;
    mw_server             **servers;        /* in the order written */
    unsigned                nservers;
    const mw_level         *level;
};

/* The struct of a module at a level; by linear search. */
const void *mw_site_conf(const mw_site *site, const mw_level *level, const mw_module *m);

/* The server for a name at an address; s may be NULL before a request exists (SNI), then captures are not kept. */
const mw_server *mw_door_server(const mw_door_addr *a, mw_scope *s, mw_str host);
/* asks getsockname only where there are several */
const mw_door_addr *mw_door_address(const mw_door *d, mw_conn *c);

/* location.c: exact, then the longest prefix, then (unless ^~) the first regular expression. */
typedef struct mw_locations mw_locations;
/* add_slash: 301 to uri + "/" (a proxied "/x/" was asked for as "/x") */
typedef struct mw_found { const mw_place *place; bool add_slash; } mw_found;
mw_locations *mw_locations_new(mw_arena *a);
typedef enum mw_location_kind { MW_LOC_PREFIX, MW_LOC_NOREGEX, MW_LOC_EXACT, MW_LOC_REGEX,
    MW_LOC_NAMED } mw_location_kind;
typedef struct mw_location_row {    /* one `location`, as written */
    mw_location_kind kind;
    mw_str           name;      /* without modifier; of a regex: the pattern */
    const mw_regex  *regex;
    const mw_place  *place;
    mw_locations    *inner;     /* nested ones; NULL: none */
    bool             auto_slash;    /* name ends with '/', and "/x" shall be sent to "/x/" */
} mw_location_row;
/* false: there is one of that name */
bool          mw_locations_add(mw_locations *l, mw_arena *a, const mw_location_row *row);
void          mw_locations_freeze(mw_locations *l);
mw_found      mw_locations_find(const mw_locations *l, mw_scope *s, mw_str uri);        /* place NULL: none */
const mw_place *mw_locations_named(const mw_locations *l, mw_str name);                 /* "@x" */

#endif
