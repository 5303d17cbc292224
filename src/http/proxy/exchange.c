/* exchange.c - the life of an exchange with an upstream: its stages, what wakes it, its end.
 *
 *     body -> group -> pick -> (an idle connection | dial -> tls) -> send -> head -> stream | tunnel -> over
 *
 * Up to the head it is an op of the request: the step asks it, and is run again when it is finished.  From then on it
 * is the source of the response's body, driven by the connection and by whoever pulls.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "http/proxy/speak.h"
#include "http/proxy/spool.h"

static const struct { const char *name, *doing; mw_rc (*run)(mw_exchange *x); } stages[MW_STAGES] = {
    [MW_X_BODY]   = { "body",   "reading client request body",                 mw_x_body },
    [MW_X_GROUP]  = { "group",  "resolving upstream name",                     mw_x_group },
    [MW_X_PICK]   = { "pick",   "connecting to upstream",                      mw_x_pick },
    [MW_X_DIAL]   = { "dial",   "connecting to upstream",                      mw_x_dial },
    [MW_X_TLS]    = { "tls",    "SSL handshaking to upstream",                 mw_x_tls },
    [MW_X_SEND]   = { "send",   "sending request to upstream",                 mw_x_send },
    [MW_X_HEAD]   = { "head",   "reading response header from upstream",       mw_x_head },
    [MW_X_KNOWN]  = { "known",  "reading response header from upstream",       NULL },
    [MW_X_STREAM] = { "stream", "reading upstream",                            NULL },
    [MW_X_TUNNEL] = { "tunnel", "proxying upgraded connection",                NULL },
    [MW_X_OVER]   = { "over",   NULL,                                          NULL },
};

void mw_exchange_say(mw_exchange *x, mw_log_level level, int err, const char *text)
{
    mw_log     *log = &x->r->log;
    const char *before = log->doing;

    mw_log_doing(log, stages[x->stage].doing);
    MW_LOG(log, level, err, "%s", text);
    mw_log_doing(log, before);
}

mw_attempt *mw_exchange_attempt(mw_exchange *x)
{
    return &MW_ITEM(&mw_facts_of(x->r)->attempts, mw_attempt, x->attempt);
}

bool mw_exchange_repeatable(const mw_exchange *x)
{
    return (x->way->next & MW_NEXT_NON_IDEMPOTENT) != 0 || (x->r->method & (MW_POST | MW_LOCK | MW_PATCH)) == 0;
}

void mw_exchange_time(mw_exchange *x, uint64_t ms)
{
    if (ms > 0)
        mw_timer_set(x->r->loop, &x->late, mw_loop_now(x->r->loop) + ms);
    else
        x->late.due = 0;                /* it may stay in the wheel, which finds nothing due */
}

/* Until it must wait, or knows. */
static mw_rc run(mw_exchange *x)
{
    mw_rc rc;

    do {
        MW_MUST(stages[x->stage].run != NULL);
        mw_log_doing(&x->r->log, stages[x->stage].doing);
        rc = stages[x->stage].run(x);
    } while (rc == MW_OK);
    if (rc == MW_AGAIN)
        return rc;
    mw_log_doing(&x->r->log, NULL);
    if (rc == MW_END)
        return MW_OK;
    mw_exchange_end(x);
    return MW_ERR;
}

/* Something happened: whatever it was, look. */
static void wake(mw_exchange *x)
{
    mw_rc rc;

    if (x->op.state == MW_OP_PENDING) {
        rc = run(x);
        if (rc != MW_AGAIN) mw_op_finish(&x->op, rc);
        return;
    }
    if (x->stage == MW_X_TUNNEL || x->stage == MW_X_STREAM) {
        mw_exchange_pump(x);
        mw_exchange_stream(x);
    }
}

static void woken(void *owner) { wake(owner); }
static void conn_ready(mw_conn *c) { wake(c->user); }

const mw_conn_use mw_exchange_use = { .name = "upstream", .ready = conn_ready };

/* Whatever we wait for; also a connection that is made, and that nobody has taken yet. */
static void cancel(mw_exchange *x)
{
    mw_asker_cancel(&x->asker);
    if (x->dial.conn != NULL)
        mw_conn_close(x->dial.conn);
    x->dial.conn = NULL;
}

static void timed_out(mw_exchange *x)
{
    if (x->stage == MW_X_KNOWN) {       /* not the upstream was slow */
        mw_exchange_time(x, x->way->read_timeout.ms);
        return;
    }
    if (!x->half_closed)
        mw_exchange_say(x, MW_LOG_ERROR, 110, "upstream timed out");
    if (x->op.state != MW_OP_PENDING) {
        mw_exchange_fail(x);
        return;
    }
    cancel(x);
    mw_op_reset(&x->dial.op);
    if (mw_exchange_next(x, MW_NEXT_TIMEOUT) == MW_OK) {
        wake(x);
        return;
    }
    mw_log_doing(&x->r->log, NULL);
    mw_exchange_end(x);
    mw_op_finish(&x->op, MW_ERR);
}

static void late(void *owner)
{
    mw_exchange *x = owner;

    if (!x->pacing) {
        timed_out(x);
        return;
    }
    x->pacing = false;
    wake(x);
}

/* The client left.  Who must go on without it does; otherwise nothing is worth an answer. */
static void client_left(void *owner)
{
    mw_exchange *x = owner;

    if (x->held) {
        wake(x);
        return;
    }
    if (x->op.state == MW_OP_PENDING) {
        mw_exchange_say(x, MW_LOG_INFO, 0, "client prematurely closed connection");
        x->status = 499;
        mw_log_doing(&x->r->log, NULL);
        mw_exchange_end(x);
        mw_op_finish(&x->op, MW_ERR);
        return;
    }
    if (x->stage == MW_X_STREAM && !x->ended) {
        mw_exchange_say(x, MW_LOG_INFO, 0, "client prematurely closed connection, "
            "so upstream connection is closed too");
        mw_exchange_fail(x);
    }
}

static void stop(mw_op *op) { mw_exchange_end(MW_OWNER(op, mw_exchange, op)); }

/* The texts of the head are the request's until it is no more. */
static void end_at_last(void *owner)
{
    mw_exchange *x = owner;

    mw_exchange_end(x);
    mw_block_done(x->head_room);
    x->head_room = NULL;
}

mw_exchange *mw_exchange_new(mw_request *r, const mw_exchange_conf *way, const mw_speak *speak, void *speaker)
{
    mw_exchange *x = MW_NEW(r->arena, mw_exchange);

    x->source.kind = &mw_exchange_source;
    x->r = r;
    x->way = way;
    x->speak = speak;
    x->speaker = speaker;
    x->buffered = way->buffering;
    mw_asker_init(&x->asker, r->loop, woken, x);
    mw_bell_init(&x->gone, r->loop, client_left, x);
    mw_timer_init(&x->late, late, x);
    mw_chain_init(&x->out);
    mw_chain_init(&x->ready);
    mw_chain_init(&x->inward);
    mw_arena_on_free(r->arena, end_at_last, x);
    return x;
}

/* What outlives its client is held; everybody else wants to know when it left. */
static void begin(mw_exchange *x)
{
    x->began_ms = mw_loop_now(x->r->loop);
    x->held = x->way->ignore_abort || x->way->store.on;
    if (x->held)
        mw_request_hold(x->r);
    x->r->gone_bell = &x->gone;
    x->r->upstream_tell = mw_facts_tell;
}

mw_rc mw_exchange_ask(mw_exchange *x)
{
    mw_rc rc;

    if (x->op.state == MW_OP_FINISHED)
        return (mw_rc)x->op.rc;
    if (x->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    begin(x);
    rc = run(x);
    if (rc != MW_AGAIN)
        return mw_op_answer(&x->op, rc);
    mw_op_begin(&x->op, &x->r->lasting, stop);
    return MW_AGAIN;
}

void mw_exchange_end(mw_exchange *x)
{
    mw_request *r = x->r;

    cancel(x);
    mw_source_close(x->asking);
    x->asking = NULL;
    mw_exchange_drop(x);
    if (x->try.peer != NULL)
        mw_exchange_leave(x, MW_PEER_FINE);
    mw_timer_stop(r->loop, &x->late);
    if (r->gone_bell == &x->gone)
        r->gone_bell = NULL;
    mw_bell_mute(&x->gone);
    mw_chain_clear(&x->out);
    mw_chain_clear(&x->ready);
    mw_chain_clear(&x->inward);
    mw_spool_end(x->spool);
    x->spool = NULL;
    mw_block_done(x->room);
    x->room = NULL;
    x->puller = NULL;
    x->stage = MW_X_OVER;
    mw_exchange_let(x);
}
