/* speak.h - an exchange with an upstream, and what a protocol must offer so that it can be spoken in one.  Private.
 *
 * An exchange is an op until the response's head is there, and the source of its body from then on.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_SPEAK_H
#define MW_HTTP_PROXY_SPEAK_H

#include "event/dial.h"
#include "event/resolver.h"
#include "http/body.h"
#include "http/proxy/conf.h"
#include "http/proxy/facts.h"

typedef struct mw_exchange mw_exchange;
typedef struct mw_spool mw_spool;       /* spool.h */

typedef struct mw_speak {
    const char *name;
    /* writes the request's head to x->out.  ERR: x->status */
    mw_rc (*ask)(mw_exchange *x);
    /* Eats the response's head from the start of bytes.  OK: *used, x->status and the rest are set; AGAIN: more,
     * *used was eaten; ERR: said */
    mw_rc (*head)(mw_exchange *x, mw_str bytes, size_t *used);
    /* adds to x->ready.  OK; END: that was all; ERR: said */
    mw_rc (*body)(mw_exchange *x, mw_block *b, mw_str bytes);
    mw_rc (*ended)(mw_exchange *x);                             /* the upstream closed.  END: fine; ERR: too early */
    bool  (*reusable)(const mw_exchange *x);                    /* after END: may the connection be kept? */
} mw_speak;

typedef enum mw_stage {
    MW_X_BODY, MW_X_GROUP, MW_X_PICK, MW_X_DIAL, MW_X_TLS, MW_X_SEND, MW_X_HEAD,
    MW_X_KNOWN,                 /* the head is there, and the asker was not yet run again: nothing is read meanwhile */
    MW_X_STREAM, MW_X_TUNNEL, MW_X_OVER, MW_STAGES
} mw_stage;

struct mw_exchange {
    mw_source               source;     /* of the response's body */
    mw_op                   op;         /* of the head; on r->lasting */
    mw_request             *r;
    const mw_exchange_conf *way;
    const mw_speak         *speak;
    void                   *speaker;    /* the protocol's own */
    mw_stage                stage;
    mw_asker                asker;      /* of what we wait for ourselves */
    mw_bell                 gone;       /* the client left */
    mw_timer                late;

    const mw_proxy_tls     *tls;        /* NULL: plain */
    mw_str                  tls_name;
    const mw_group         *group;      /* NULL: `host` must be found first */
    mw_str                  host;       /* of a URL with variables */
    mw_str                  key;        /* which idle connections may be taken */
    uint16_t                port;
    mw_resolve             *resolve;
    mw_try                  try;
    uint64_t                began_ms, answered_ms;
    unsigned                tries;      /* attempts made */

    mw_conn                *conn;
    mw_dial                 dial;
    mw_handshake           *handshake;
    uint64_t                sent_before, got_before;    /* what the connection had carried for others */
    bool                    keeps;      /* it may be idle later, and have been before */
    bool                    kept;       /* it was idle */
    bool                    fresh;      /* take none that was: one turned out dead */
    bool                    sent;       /* something of the request went out */

    mw_chain                out;
    mw_source              *asking;     /* rest of the client's body; NULL: all in out */
    bool                    chunked;    /* it is sent in chunks */
    bool                    streams;    /* it is not kept: no second try once it was begun */
    bool                    begun;
    bool                    wants_body; /* the client's body is passed on */
    bool                    asked;      /* the request's head was written */
    bool                    deaf;       /* the upstream takes no more of it */

    mw_block               *room;       /* what is being read */
    uint32_t                used, eaten;
    mw_block               *head_room;  /* where the head's texts lie */
    int                     status;     /* of the response; of the failure, with MW_ERR */
    mw_fields               head;
    mw_chain                ready;      /* read and not yet pulled */
    mw_spool               *spool;      /* of what does not fit in memory; NULL: not yet */
    mw_bell                *puller;     /* who waits for ready */
    uint64_t                limit;      /* bytes read ahead in memory */
    uint64_t                rate;       /* proxy_limit_rate; 0: none */
    uint64_t                read_body;
    mw_chain                inward;     /* of a tunnel: from the client */
    bool                    wanted;     /* it is being pulled: what comes is given at once, and no file is needed */
    bool                    buffered, held, ended, broken, pacing, half_closed, upgrade;
    unsigned                attempt;    /* index in the facts */
};

/* speaker, speak, way, r, group or host, port, tls, key are set by the asker. */
mw_exchange *mw_exchange_new(mw_request *r, const mw_exchange_conf *way, const mw_speak *speak, void *speaker);
/* OK: the head is there; AGAIN; ERR: x->status is what to refuse with */
mw_rc        mw_exchange_ask(mw_exchange *x);
mw_source   *mw_exchange_body(mw_exchange *x);          /* once the head is there: the response's body, or a tunnel */
void         mw_exchange_end(mw_exchange *x);           /* breaks off what is not over; any number of times */
/* "... while reading upstream" */
void         mw_exchange_say(mw_exchange *x, mw_log_level level, int err, const char *text);
mw_attempt  *mw_exchange_attempt(mw_exchange *x);
void         mw_exchange_time(mw_exchange *x, uint64_t ms);     /* late in so long; 0: never */
bool         mw_exchange_repeatable(const mw_exchange *x);      /* may it be asked twice, by its method? */

/* next.c: after a failure before the head, or a head that means `next one`. */
bool  mw_exchange_next_status(const mw_exchange *x, mw_next *why);      /* does the status at hand say so? */
mw_rc mw_exchange_next(mw_exchange *x, mw_next why);    /* OK: x->stage is set; ERR: there is none, x->status is set */

/* connect.c, ask.c, stream.c: the stages.  OK: go on with x->stage; AGAIN; END: the head is there; ERR: over */
mw_rc mw_x_group(mw_exchange *x);
mw_rc mw_x_pick(mw_exchange *x);
mw_rc mw_x_dial(mw_exchange *x);
mw_rc mw_x_tls(mw_exchange *x);
mw_rc mw_x_body(mw_exchange *x);
mw_rc mw_x_send(mw_exchange *x);
mw_rc mw_x_head(mw_exchange *x);
/* The name of a certificate or key that has variables, absolute; of others, which are read already: empty. */
mw_str mw_proxy_tls_file(mw_request *r, const mw_proxy_tls *t, const mw_expr *e);
void  mw_exchange_adopt(mw_exchange *x, mw_conn *c, bool kept);
void  mw_exchange_drop(mw_exchange *x);                 /* closes the connection, ends the attempt's times */
void  mw_exchange_leave(mw_exchange *x, mw_outcome how);        /* the peer is done with */
bool  mw_exchange_stale(const mw_exchange *x);          /* is it an idle connection that was closed meanwhile? */
mw_rc mw_exchange_take(mw_exchange *x, mw_str bytes);   /* body bytes that lie in x->room */
/* writes what there is to write, in a tunnel or behind an early head */
void  mw_exchange_pump(mw_exchange *x);
void  mw_exchange_stream(mw_exchange *x);               /* reads ahead, rings the puller */
void  mw_exchange_let(mw_exchange *x);                  /* the request may end now, if nobody listens any more */
void  mw_exchange_over(mw_exchange *x);                 /* the upstream's END: gives the connection back */
void  mw_exchange_fail(mw_exchange *x);                 /* broken off within the body */
extern const mw_conn_use mw_exchange_use;
extern const mw_source_kind mw_exchange_source, mw_tunnel_source;

extern const mw_speak mw_speak_http1;

#endif
