/* sub.c - subrequests: requests whose wire is their parent.
 *
 * The wire's `send` only tells who asked; then the body is pulled through mw_sub_body, with the bell of who pulls.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/sub.h"

#include "core/must.h"
#include "http/pipeline.h"

enum { DEEPEST = 50, MOST = 64000, REST = 65536 };

static void tell(mw_sub *s, mw_rc rc)
{
    if (s->op.state == MW_OP_PENDING)
        mw_op_finish(&s->op, rc);
    mw_bell_ring(s->puller);
    s->puller = NULL;
}

/* What is there of a body that nobody reads: so that its maker sees the end, where it has come already. */
static void throw_away(mw_request *q)
{
    mw_chain chain;

    mw_chain_init(&chain);
    (void)mw_source_pull(q->res.body, &chain, (mw_want){ REST, true }, &q->bell);
    mw_chain_clear(&chain);
}

static void sub_send(mw_request *q)
{
    mw_sub *s = q->wire_state;

    q->bell.wake = NULL;
    q->res.sent_head = true;
    q->finished = true;
    if (s->how.head_only && q->res.body != NULL)
        throw_away(q);
    tell(s, MW_OK);
}

static void sub_abort(mw_request *q) { tell(q->wire_state, MW_ERR); }

static void sub_part(mw_request *q)
{
    mw_sub *s = q->wire_state;

    q->wire_state = NULL;
    s->request = NULL;
}

static void sub_inform(mw_request *q, int status, const mw_fields *head) { (void)q, (void)status, (void)head; }

static mw_source *sub_incoming(mw_request *q)
{
    (void)q;
    return NULL;
}

static const mw_wire sub_wire = { "subrequest", sub_send, sub_abort, sub_part, sub_inform, sub_incoming };

static void walk(void *v) { mw_pipeline_inner(v); }

/* NULL: too deep, or too many; said. */
static mw_request *new_sub(mw_request *parent, mw_str uri, mw_str args, mw_sub_how how, const mw_wire *wire)
{
    mw_request *q;

    if (parent->depth >= DEEPEST || parent->main->inner >= MOST) {
        MW_LOG(&parent->log, MW_LOG_ERROR, 0, "subrequests cycle while processing \"%.*s\"", MW_S(uri));
        return NULL;
    }
    q = mw_request_inner(parent, wire);
    q->uri = uri;
    q->args = args;
    if (how.own_method) {
        q->method = parent->method;
        q->method_name = parent->method_name;
    }
    if (how.no_body) {
        q->bodyless = true;
        q->length = -1;
        q->chunked = false;
    }
    if (how.same_place) {
        q->to.place = parent->walked;
        q->to.phase = MW_CONTENT;
        q->slice = true;
    }
    q->bell.wake = walk;
    q->bell.owner = q;
    mw_bell_ring(&q->bell);
    return q;
}

static void stop(mw_op *op) { mw_sub_end(MW_OWNER(op, mw_sub, op)); }

mw_rc mw_sub_ask(mw_asker *who, mw_sub *s, mw_request *parent, mw_str uri, mw_str args, mw_sub_how how)
{
    if (s->op.state == MW_OP_FINISHED)
        return (mw_rc)s->op.rc;
    if (s->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    s->how = how;
    s->request = new_sub(parent, uri, args, how, &sub_wire);
    if (s->request == NULL)
        return mw_op_answer(&s->op, MW_ERR);
    s->request->wire_state = s;
    s->next = parent->subs;
    parent->subs = s;
    mw_op_begin(&s->op, who, stop);
    return MW_AGAIN;
}

void mw_sub_end(mw_sub *s)
{
    mw_request *q = s->request;
    mw_sub    **link;

    if (q == NULL)
        return;
    for (link = &q->parent->subs; *link != s; link = &(*link)->next)
        MW_MUST(*link != NULL);
    *link = s->next;
    s->next = NULL;
    s->puller = NULL;
    mw_request_part(q);
    if (s->op.state == MW_OP_PENDING && s->op.link != NULL)
        mw_op_finish(&s->op, MW_ERR);
}

static mw_rc pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    mw_sub     *s = MW_OWNER(source, mw_sub, source);
    mw_request *q = s->request;
    uint64_t    before = to->bytes;
    mw_rc       rc;

    s->puller = NULL;
    if (s->op.state == MW_OP_PENDING) {
        s->puller = bell;
        return MW_AGAIN;
    }
    if (s->op.rc != MW_OK)
        return MW_ERR;
    if (q == NULL)
        return MW_END;
    rc = q->res.body == NULL || q->res.head_only ? MW_END : mw_source_pull(q->res.body, to, want, bell);
    q->sent_body += to->bytes - before;
    if (rc == MW_END)
        mw_sub_end(s);
    return rc;
}

static void closed(mw_source *source) { mw_sub_end(MW_OWNER(source, mw_sub, source)); }

static const mw_source_kind sub_kind = { .name = "subrequest", .pull = pull, .close = closed };

mw_source *mw_sub_body(mw_sub *s)
{
    s->source.kind = &sub_kind;
    return &s->source;
}

void mw_sub_launch(mw_request *parent, mw_str uri, mw_str args, mw_sub_how how)
{
    (void)new_sub(parent, uri, args, how, &mw_void_wire);
}
