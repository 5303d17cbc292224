/* room.h - what the files of this folder share.  Private to it.
 *
 * OpenSSL's structs have their own names here (struct ssl_st), so that its headers stay in the .c files.  Its error
 * queue is empty whenever we call it: who sees a failure takes the queue with him, into the log or into nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_TLS_ROOM_H
#define MW_TLS_ROOM_H

#include "tls/tls.h"

struct ssl_st;
struct ssl_ctx_st;
struct evp_pkey_st;
struct bio_method_st;

typedef struct mw_tickets mw_tickets;
typedef struct mw_tls_conn mw_tls_conn;

struct mw_tls_ctx {
    struct ssl_ctx_st   *ssl;
    const mw_tls_conf   *conf;      /* of a server; NULL: a client's */
    const mw_tls_client *client;
    mw_str               folder;    /* of relative names that are known only at a handshake */
    mw_tickets          *tickets;   /* keys from files, or drawn; NULL: those of the session zone */
    bool                 dynamic;   /* certificates have variables: loaded at each handshake */
};

typedef struct mw_tls_hello {       /* of the server's side while the handshake is under way */
    mw_tls_by_name *choose;
    void           *owner, *scope;
    bool            early;          /* early data may still come */
} mw_tls_hello;

struct mw_tls_conn {                /* mw_conn.io_state of what speaks TLS */
    struct ssl_st       *ssl;
    mw_conn             *conn;
    const mw_tls_conf   *first, *conf;      /* of a server: the socket's own; the one that was chosen */
    const mw_tls_client *client;
    const mw_tls_to     *to;                /* of a client, during the handshake */
    mw_tls_session     **slot;              /* where a client's session goes; NULL: nowhere */
    mw_tls_hello        *hello;             /* of a server, during the handshake */
    mw_block            *early;             /* early data that nobody has read yet */
    mw_block            *backlog;           /* ciphertext that the socket would not take; NULL: none */
    uint32_t             early_from, early_upto, from, upto;
    uint32_t             burst;             /* bytes of plain text for one send */
    uint64_t             held;              /* bytes of the caller's chain that went into the backlog */
    bool                 eof, starved, done, said, over, broken;
    /* the socket ended; what lies inside is less than a record; the handshake is complete; close_notify was sent;
       reading has ended, with `broken` or well */
};

/* error.c: OpenSSL's errors as text, the queue emptied. */
void  mw_tls_errors(mw_out *o);                     /* " (SSL: error:... error:...)", or nothing */
void  mw_tls_forget(void);                          /* empties the queue */
mw_rc mw_tls_bad(mw_bind *b, const char *format, ...) __attribute__((format(printf, 2, 3)));     /* MW_ERR */
void  mw_tls_log(const mw_log *log, mw_log_level level, int err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool  mw_tls_is_ours(void);                         /* the last error in the queue is not the peer's doing */

/* cert.c */
typedef struct mw_tls_names { mw_str certificate, key; const mw_strs *passwords; bool ask; } mw_tls_names;
                                                    /* paths; ask: the terminal for a password, when there is none */
mw_rc mw_tls_ctx_certificate(mw_bind *b, mw_tls_ctx *x, const mw_tls_names *n);
bool  mw_tls_use_certificate(mw_tls_conn *t, const mw_tls_names *n, struct mw_tls_certs *cache, const mw_log *log);
struct mw_tls_certs *mw_tls_certs_new(mw_arena *a, size_t most, uint64_t valid_ms, uint64_t inactive_ms);
mw_str mw_tls_path(mw_arena *a, mw_str folder, mw_str name);   /* absolute; data:, store: and engine: stay */

/* ctx.c */
mw_rc mw_tls_ctx_make(mw_bind *b, mw_tls_conf *c);  /* c->ctx, once; MW_ERR: said */

/* conn.c */
extern const mw_conn_io mw_tls_io;
mw_tls_conn *mw_tls_conn_new(mw_conn *c, const mw_tls_ctx *x);      /* becomes c's io; NULL: said */
mw_tls_conn *mw_tls_conn_of(const mw_conn *c);      /* NULL: c does not speak TLS */
mw_tls_conn *mw_tls_conn_by(const struct ssl_st *ssl);
mw_rc mw_tls_flush(mw_tls_conn *t);                 /* the backlog; OK: there is none (any more) */

/* memory.c */
void mw_tls_memory_ready(void);     /* before the library takes any; once is enough */

/* sni.c */
void mw_tls_sni_ready(struct ssl_ctx_st *ctx);      /* its callbacks */
void mw_tls_alpn_ready(struct ssl_ctx_st *ctx);

/* session.c */
extern const mw_zone_kind mw_tls_session_kind;
mw_rc mw_tls_sessions_ready(mw_bind *b, mw_tls_ctx *x);
void  mw_tls_client_sessions(struct ssl_ctx_st *ctx);
void  mw_tls_session_offer(mw_tls_conn *t, mw_tls_session **slot);      /* to an upstream; and remembers the slot */

/* ticket.c */
typedef struct mw_ticket_key { uint8_t name[16], hmac[32], aes[32]; uint8_t length; uint64_t since; } mw_ticket_key;
                                                    /* length: of hmac and aes, 16 or 32; since: seconds */
enum { MW_TICKET_KEYS = 2 };                        /* of a zone: the one in use, and the one before */
typedef struct mw_ticket_ring { mw_ticket_key keys[MW_TICKET_KEYS]; } mw_ticket_ring;
mw_rc mw_tls_tickets_ready(mw_bind *b, mw_tls_ctx *x);
mw_ticket_ring *mw_tls_session_ring(void *root);    /* in the root of a session zone */
void  mw_ticket_key_draw(mw_ticket_key *k);

/* verify.c */
mw_rc mw_tls_trust(mw_bind *b, mw_tls_ctx *x, mw_str file, bool announce);      /* announce: to clients, as wanted */
mw_rc mw_tls_crl(mw_bind *b, mw_tls_ctx *x, mw_str file);
mw_rc mw_tls_verify_ready(mw_bind *b, mw_tls_ctx *x);          /* of a server */
bool  mw_tls_verify_peer(mw_tls_conn *t, mw_str name);         /* of an upstream; false: said */

#endif
