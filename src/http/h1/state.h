/* state.h - what the files of the h1 wire share: a connection, and what it has only while it works.  Private.
 *
 *     idle -> HEAD -> BEGIN -> RUN -> SEND -> LAST -> AFTER -> HEAD, idle, or linger and close
 *
 * Whoever ends a request does not begin the next one: AFTER is always walked from the loop's queue.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_H1_STATE_H
#define MW_HTTP_H1_STATE_H

#include "event/worker.h"
#include "http/h1/parse.h"
#include "http/h1/serve.h"
#include "http/h1/write.h"
#include "http/request.h"

typedef struct mw_h1_work mw_h1_work;

typedef struct mw_h1 {          /* a connection: all there is while it is idle */
    mw_conn            *conn;
    const mw_door_addr *at;
    mw_visit           *visit;  /* NULL while nobody needs one */
    mw_h1_work         *work;   /* NULL while idle, and while it lingers */
    uint64_t            until;  /* idle: when it may go; lingering: when it must */
    mw_log             *log;    /* NULL while idle */
    uint8_t             gauge;  /* which mw_count it is in; MW_COUNTS: none */
    bool                served; /* it had a request: what it waits for is the next one */
    bool                sent;   /* bytes were sent: from the second send on, TCP_NODELAY */
    bool                nodelay;
} mw_h1;

typedef enum mw_h1_state {
    MW_H1_HEAD,                 /* a head is being read                                          */
    MW_H1_BEGIN,                /* it is whole: the request begins from the queue                */
    MW_H1_RUN,                  /* the pipeline has the request                                  */
    MW_H1_SEND,                 /* its answer is pulled                                          */
    MW_H1_LAST,                 /* all was pulled, and waits for the socket                      */
    MW_H1_AFTER                 /* no request: the rest of its body, what is unsent; then what?  */
} mw_h1_state;

typedef enum mw_h1_body { MW_H1_NO_BODY, MW_H1_LENGTH, MW_H1_CHUNKED, MW_H1_RAW } mw_h1_body;

typedef struct mw_h1_incoming mw_h1_incoming;

struct mw_h1_work {
    mw_h1       *h1;
    mw_h1_state  state;
    mw_request  *r;             /* NULL in AFTER, and in HEAD before its first byte */
    mw_bell      step, flush;   /* the next begins, or what comes after the last; late: what was gathered is sent */

    mw_block    *block;         /* bytes at..end of it are read and not yet parsed */
    uint32_t     at, end;
    mw_block    *held;          /* the block that r holds a count of already */
    mw_h1_out    out;

    /* the head */
    const mw_server *server;    /* whose rules hold: the address's default until a name is known */
    const mw_http_conf *place;  /* what the last request ended under */
    uint64_t     room;          /* left in the buffer that nginx would be reading into */
    uint32_t     larges;        /* large_client_header_buffers taken */
    int          refuse;        /* what to refuse it with; 0: nothing */
    bool         line, patient; /* the request line is read; the deadline is set */
    bool         pipelined;     /* r's first bytes were there before the last answer was */

    /* its body */
    mw_h1_body   body;
    uint64_t     left;          /* of Content-Length */
    mw_chunked   chunked;
    mw_bell     *hungry;        /* who waits for bytes of it */
    mw_h1_incoming *incoming;   /* the source that reads it; NULL: none (any more) */
    bool         continued;     /* 100 was sent, or is out of the question */
    bool         half_closed;   /* the client's end was there when the request began: it still waits for an answer */

    /* the answer */
    bool         framed;        /* in chunks */
    bool         blocked;       /* the socket is full; send_timeout runs */
    bool         done;          /* all of it was pulled */
    bool         rated;         /* limit_rate */
    uint64_t     rate, after;
    uint64_t     payload;       /* bytes of the body, without framing */
    uint64_t     spent;         /* bytes written in this turn */
    mw_timer     pace;

    bool         dead;          /* nothing can be sent any more */
    bool         keep;          /* the connection goes on after this request */
    bool         reset;         /* it is closed with RST */
    bool         draining;      /* the rest of the body is being dropped; until h1->until */
    bool         resume;        /* this turn had its share of requests: the next one begins in the next */
    uint32_t     begun;         /* in this turn */
    uint64_t     turn;
};

static inline const mw_http_conf *mw_h1_core(const mw_h1_work *w)
{
    return w->r != NULL && w->r->place != NULL ? w->r->place->core : w->server->core;
}

/* serve.c */
void  mw_h1_gauge(mw_h1 *h, mw_count which);
void  mw_h1_close(mw_h1 *h, bool reset);            /* the end: h and its work are gone */
void  mw_h1_lose(mw_h1_work *w, int status);        /* the client is lost: its request ends. w goes from the queue */
mw_visit *mw_h1_visit(mw_h1 *h);                    /* made when it is needed */
mw_log *mw_h1_log(mw_h1 *h);                        /* the same; its connection speaks through it from now on */

/* read.c */
/* more bytes behind at..end, which stay in one piece; as mw_conn_read */
mw_rc mw_h1_fill(mw_h1_work *w, uint32_t size);
mw_rc mw_h1_read_head(mw_h1_work *w);               /* OK: whole, or w->refuse; AGAIN; END: the client went */
static inline mw_str mw_h1_bytes(const mw_h1_work *w)
{
    return w->block != NULL ? (mw_str){ &w->block->data[w->at], w->end - w->at } : (mw_str){ "", 0 };
}

/* fields.c: what is read goes into w->r.  0, or the status to refuse it with: said. */
int   mw_h1_take_line(mw_h1_work *w, const mw_h1_line *line);
int   mw_h1_take_fault(mw_h1_work *w, mw_h1_fault fault, const mw_h1_field *f);
int   mw_h1_take_field(mw_h1_work *w, const mw_h1_field *f);
int   mw_h1_take_end(mw_h1_work *w);

/* incoming.c */
mw_source *mw_h1_incoming_of(mw_request *r);
void  mw_h1_incoming_part(mw_h1_work *w);           /* its request leaves the wire */
mw_rc mw_h1_drop_body(mw_h1_work *w, bool read);    /* END: all of it is dropped; AGAIN; ERR: it is broken */

/* send.c */
void  mw_h1_send(mw_request *r);
void  mw_h1_inform(mw_request *r, int status, const mw_fields *head);
mw_rc mw_h1_flush(mw_h1_work *w);                   /* OK: all is sent; AGAIN: the socket is full; ERR: w->dead */
void  mw_h1_writable(mw_h1_work *w);                /* the socket was full, and may take more */

/* linger.c */
bool  mw_h1_must_linger(const mw_h1_work *w, const mw_http_conf *core);
void  mw_h1_linger(mw_h1 *h, const mw_http_conf *core);     /* h is gone, or will go by itself */

#endif
