/* sub.h - subrequests: requests whose wire is their parent.
 *
 * A subrequest walks from the server's rewrites, past the access steps, with the client's head, variables, body and
 * `once` memory, all of them its main request's; so is its arena.  It is an op until its head is there, then a source.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_SUB_H
#define MW_HTTP_SUB_H

#include "http/request.h"

typedef struct mw_sub_how {
    bool own_method;            /* asks with the parent's method; otherwise GET */
    bool no_body;               /* it does not see the client's body */
    bool same_place;            /* goes on where its parent found its answer: no rewrites, no other location */
    bool head_only;             /* whoever asks reads no body: what is there of it is thrown away */
} mw_sub_how;

typedef struct mw_sub {         /* in the memory of who asks; zeroed */
    mw_op          op;          /* until the head is there */
    mw_request    *request;     /* from the asking to mw_sub_end; NULL: none */
    struct mw_sub *next;        /* of the parent's, newest first */
    mw_sub_how     how;
    mw_source      source;
    mw_bell       *puller;      /* who pulled before there was a head */
} mw_sub;

/* An op.  OK: the head is in s->request->res; ERR: none comes (given up, or too many within another).  It begins from
 * the loop's queue.  Ended with what asked it (who), with the parent's reroute or end, or by mw_sub_end. */
mw_rc      mw_sub_ask(mw_asker *who, mw_sub *s, mw_request *parent, mw_str uri, mw_str args, mw_sub_how how);
/* Its body, which may be pulled before its head is there.  The END closes it; ERR: none comes, or it broke off. */
mw_source *mw_sub_body(mw_sub *s);
void       mw_sub_end(mw_sub *s);               /* no more is wanted of it; also when there is nothing */
/* In the background: nobody hears its answer, and it goes on without the client.  The parent's main request lives until
 * it ends. */
void       mw_sub_launch(mw_request *parent, mw_str uri, mw_str args, mw_sub_how how);

#endif
