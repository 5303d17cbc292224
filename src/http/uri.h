/* uri.h - request targets: split, decode, normalise, escape.  Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_URI_H
#define MW_HTTP_URI_H

#include "core/out.h"
#include "core/rc.h"

typedef struct mw_target {      /* of a request line (RFC 9112 3.2); slices of it */
    mw_str scheme, host;        /* of the absolute form; host with port; otherwise empty */
    mw_str path, args;          /* args without '?' */
    bool   has_args;            /* there was a '?' */
    bool   complex;             /* path has %, //, /. or #: it must be normalised */
    bool   star, authority;     /* "*"; CONNECT's host:port, which is in host */
} mw_target;

bool   mw_target_parse(mw_str text, mw_target *t);      /* false: not a target (control bytes, no slash, ...) */
/* Decodes %XX, resolves . and .. and, if merge, //; cuts at '#'.  MW_ERR: %00, broken %, or above the root.  o needs
 * path.len room. */
mw_rc  mw_uri_normalise(mw_str path, bool merge, mw_out *o);

typedef enum mw_escape {        /* what nginx escapes where */
    MW_ESCAPE_URI,              /* a path: space ? % # and bytes not printable */
    MW_ESCAPE_ARGS,             /* the same and & + = ; */
    MW_ESCAPE_COMPONENT,        /* all but unreserved (RFC 3986 2.3) */
    MW_ESCAPE_HTML,             /* < > & " (autoindex, redirects in pages) */
    MW_ESCAPE_REFRESH, MW_ESCAPE_MEMCACHED, MW_ESCAPE_MAIL_AUTH
} mw_escape;
void   mw_uri_escape(mw_out *o, mw_str s, mw_escape how);
size_t mw_uri_escaped_size(mw_str s, mw_escape how);
/* Host: or authority, nginx's strictness.  lower: without port and trailing dot, folded; port: digits, or empty. */
bool   mw_host_valid(mw_str text, mw_out *lower, mw_str *port);
mw_str mw_uri_extension(mw_str path);               /* "html" of "/a/b.html"; empty: none */
bool   mw_uri_unsafe(mw_str path);                  /* has a ".." element or a NUL: not to be opened */
bool   mw_arg_find(mw_str args, mw_str name, mw_str *value);        /* $arg_name; letters alike */

#endif
