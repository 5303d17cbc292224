/* tls.h - TLS as the floors above see it: configuration, handshakes as ops, facts about a connection.
 * OpenSSL is known in this folder only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_TLS_TLS_H
#define MW_TLS_TLS_H

#include "conf/bind.h"
#include "event/conn.h"
#include "event/nap.h"
#include "event/op.h"
#include "event/worker.h"

typedef enum mw_tls_version { MW_TLS_SSL2 = 1, MW_TLS_SSL3 = 2, MW_TLS_1_0 = 4, MW_TLS_1_1 = 8, MW_TLS_1_2 = 16,
                              MW_TLS_1_3 = 32 } mw_tls_version;
typedef struct mw_tls_ctx mw_tls_ctx;       /* an SSL_CTX and what belongs to it; const once ready */

/* A name with variables, handed down: this floor knows no scopes.  text() answers for the scope it is given. */
typedef struct mw_tls_text { const void *expr; mw_str (*text)(const void *expr, void *scope); } mw_tls_text;

/* Readers for rows, here and above. */
/* mw_strs: the lines of the file that is named; "[emerg] open() ... failed" at once */
mw_setter mw_set_tls_passwords;
mw_setter mw_set_tls_command;       /* mw_array of mw_tls_command: one more name and value; of a row with `repeat` */
mw_setter mw_set_tls_certificate_cache;     /* struct mw_tls_certs *: off, or a cache for names with variables */
extern const mw_choice mw_tls_protocols[];      /* of a mw_flags field: SSLv2 .. TLSv1.3 */
typedef struct mw_tls_command { mw_str name, value; } mw_tls_command;

typedef struct mw_tls_kept {    /* where sessions are kept: off | none | builtin[:n] | shared:name:size */
    mw_zone *zone;
    bool     builtin, off;
    uint64_t size;              /* sessions, of builtin; 0: the library's own limit */
} mw_tls_kept;

typedef struct mw_tls_conf {    /* the ssl_* directives of a server */
    mw_strs    certificates, keys;              /* pairs, in order; as written */
    mw_tls_text *certificate_texts, *key_texts; /* set from above for those that have variables; else expr NULL */
    mw_strs    password_file;                   /* the passwords in it */
    mw_flags   protocols;
    mw_str     ciphers, curves, dhparam;
    mw_str     client_certificate, trusted_certificate, crl;
    mw_enum    verify;                          /* 0 off, 1 on, 2 optional, 3 optional_no_ca */
    uint32_t   verify_depth;
    bool       prefer_server_ciphers, session_tickets, early_data, reject_handshake;
    bool       stapling, stapling_verify;
    mw_tls_kept session;                        /* ssl_session_cache */
    mw_strs    ticket_keys;
    mw_sec     session_timeout;
    mw_bytes   buffer_size;
    mw_array   commands;                        /* ssl_conf_command: mw_tls_command */
    /* what is offered, as on the wire: each name behind its length; set from above */
    mw_str     alpn;
    struct mw_tls_certs *cache;                 /* ssl_certificate_cache; NULL: off */
    bool       made;                            /* ctx is as it can be */
    /* made for each server when all is bound; NULL: no certificate, no TLS */
    mw_tls_ctx *ctx;
} mw_tls_conf;

extern const mw_module mw_tls_module;           /* ssl_certificate and kin, in http and server (and stream, later) */

/* Whose certificate and rules for the name that the client asked for (empty: none); NULL: stay with the first one. */
typedef const mw_tls_conf *mw_tls_by_name(void *owner, mw_str name);

typedef struct mw_handshake {   /* zeroed before the first asking */
    mw_op     op;
    mw_conn  *conn;
    mw_nap    patience;
    const char *why;            /* ERR: for the log, "SSL_do_handshake() failed" is logged already */
    void     *state;
} mw_handshake;

/* Is the first byte that a client sent the beginning of a handshake?  Peeks.  OK: yes; END: no, plain bytes; AGAIN:
 * nothing is there yet; ERR: it is gone, c->err (0: it closed). */
mw_rc mw_tls_begins(mw_conn *c);

/* The server's side.  OK: c speaks TLS from now on (c->io); ERR: said in the log (info: it is the client's fault);
 * close it.
 * scope: handed to mw_tls_text; may be NULL.  The handshake takes the connection's events and gives its use back. */
mw_rc mw_tls_accept(mw_asker *who, mw_handshake *h, mw_conn *c, const mw_tls_conf *conf, mw_tls_by_name *choose,
                    void *owner, void *scope);

/* The client's side: to an upstream. */
typedef struct mw_tls_client {  /* the proxy_ssl_* directives, compiled */
    mw_flags    protocols;
    mw_str      ciphers, trusted_certificate, crl;
    bool        verify, session_reuse, server_name;
    uint32_t    verify_depth;
    mw_str      certificate, key;               /* constant ones; empty: none, or with variables: see mw_tls_connect */
    mw_strs     password_file;                  /* the passwords in it: mw_set_tls_passwords */
    struct mw_tls_certs *cache;                 /* of those with variables; NULL: off */
    mw_array    commands;                       /* proxy_ssl_conf_command: mw_set_tls_command */
    mw_tls_ctx *ctx;
} mw_tls_client;
mw_rc mw_tls_client_ready(mw_bind *b, mw_tls_client *c);        /* makes its ctx; MW_ERR: said */

/* a session to be resumed: one slot per peer and process */
typedef struct mw_tls_session mw_tls_session;
void mw_tls_session_drop(mw_tls_session *s);                    /* NULL is fine */

typedef struct mw_tls_to {      /* what one connection needs; slices live as long as the handshake */
    mw_str           name;      /* for SNI and verification */
    mw_str           certificate, key;          /* evaluated, when they have variables; else empty */
    mw_tls_session **session;                   /* used and renewed when session_reuse; NULL: none is kept */
} mw_tls_to;
/* OK: c speaks TLS.  ERR: said.  c's deadline is the asker's: when it comes, that is said too and c->err is ETIMEDOUT.
 */
mw_rc mw_tls_connect(mw_asker *who, mw_handshake *h, mw_conn *c, const mw_tls_client *conf, const mw_tls_to *to);

typedef enum mw_tls_fact {      /* the $ssl_* variables */
    MW_TLS_PROTOCOL, MW_TLS_CIPHER, MW_TLS_CIPHERS, MW_TLS_CURVE, MW_TLS_CURVES, MW_TLS_SIGALG, MW_TLS_SESSION_ID,
    MW_TLS_SESSION_REUSED, MW_TLS_EARLY_DATA, MW_TLS_SERVER_NAME, MW_TLS_ALPN, MW_TLS_CLIENT_CERT,
    MW_TLS_CLIENT_RAW_CERT,
    MW_TLS_CLIENT_ESCAPED_CERT, MW_TLS_CLIENT_S_DN, MW_TLS_CLIENT_I_DN, MW_TLS_CLIENT_S_DN_LEGACY,
    MW_TLS_CLIENT_I_DN_LEGACY, MW_TLS_CLIENT_SERIAL, MW_TLS_CLIENT_FINGERPRINT, MW_TLS_CLIENT_VERIFY,
    MW_TLS_CLIENT_V_START, MW_TLS_CLIENT_V_END, MW_TLS_CLIENT_V_REMAIN, MW_TLS_CLIENT_SIGALG
} mw_tls_fact;
/* false: not there, or no TLS */
bool   mw_tls_tell(const mw_conn *c, mw_tls_fact what, mw_arena *a, mw_str *text);
/* What ssl_verify_client makes of this connection: 0 fine, 495 certificate error, 496 none was sent; *why for the
 * log. */
int    mw_tls_client_status(const mw_conn *c, const mw_tls_conf *conf, const char **why);
const mw_tls_conf *mw_tls_chosen(const mw_conn *c);     /* whose rules the handshake was made under; NULL: no TLS */
const char *mw_tls_library(void);               /* "OpenSSL 3.0.22 25 Aug 2026": the one really used */

#endif
