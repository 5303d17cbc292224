/* body.h - the client's body, an object of the main request: read whole (memory, then a file), or streamed once.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_BODY_H
#define MW_HTTP_BODY_H

#include "http/request.h"

struct mw_body {
    mw_source *incoming;        /* the wire's; NULL: nothing (more) comes */
    mw_chain   kept;            /* what was read and is still in memory, when kept */
    mw_file   *spool;           /* what went to a file, before `kept` */
    mw_str     spool_path;      /* its name, when it has one (client_body_in_file_only) */
    uint64_t   spooled, got;    /* bytes in the file; bytes in all */
    uint64_t   coming;          /* bytes that the client has announced and not sent: the chunk at hand */
    int        refused;         /* 400, 408, 413: what was wrong with it; 0: nothing */
    bool       whole;           /* all of it is here */
    bool       streaming;       /* a reader took it, unkept */
    bool       asked_continue;  /* 100 was sent */
    bool       unlink_file;     /* client_body_in_file_only clean */
    mw_op      op;              /* of mw_body_whole */
    mw_asker   asker;           /* its own: who reads on when bytes come */
    mw_nap     patience;        /* client_body_timeout, between two reads */
    mw_fields  trailers;        /* the client's, after the last chunk */
    void      *owner;           /* the main request */
};

/* Is there any?  Checks client_max_body_size against Content-Length: 413 in *refused. */
bool       mw_body_expected(const mw_request *r);
/* An op: OK when all is here (and remembered), ERR: r->main->body->refused says why, refuse with it. */
mw_rc      mw_body_whole(mw_request *r, mw_asker *who);
/* Reads what is there already, up to client_body_buffer_size, and waits for nothing; whole then tells whether that was
 * all.  What was read stands before what a reader streams.  ERR: refused, as above. */
mw_rc      mw_body_early(mw_request *r);
/* A source from byte 0: any number of them when it is whole, one when it is not (then it streams, unkept). NULL: no
 * body.
 * Its ERR: body->refused. */
mw_source *mw_body_reader(mw_request *r);
mw_str     mw_body_text(mw_request *r);             /* $request_body: whole and in memory; otherwise empty */
void       mw_body_end(mw_request *r);              /* at the request's end: files closed and unlinked, ops cancelled */
/* replaces it (proxy_set_body keeps its own; this is for subrequests) */
void       mw_body_set(mw_request *r, mw_str text);

#endif
