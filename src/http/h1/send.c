/* send.c - the answer: its head, then its body as fast as the socket, limit_rate and others' turns allow.
 *
 * What is pulled is gathered, and goes out at the turn's end with what other requests of the connection have
 * gathered; or at once when it is GATHERED bytes, or a part of a file.  An answer that the socket will take is done
 * with when it is gathered: its request ends before its last bytes are sent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/sock.h"
#include "http/h1/state.h"
#include "http/pipeline.h"

enum {
    GATHERED = 65536,
    MEMORY_PULL = 262144,               /* and that much a turn; file parts: sendfile_max_chunk */
    FILE_PULL = 1 << 30,                /* where that is unlimited */
    LEAST_PAUSE = 1                     /* ms, of limit_rate */
};

/* --- to the socket --- */

/* From the second send on Nagle's algorithm would hold small ones back; an answer in one send needs no call for it. */
static void be_quick(mw_h1_work *w)
{
    mw_h1 *h = w->h1;

    if (h->sent && !h->nodelay && h->conn->peer.family != MW_UNIX && mw_h1_core(w)->tcp_nodelay) {
        h->nodelay = true;
        (void)mw_sock_nodelay(h->conn->watch.fd);
    }
    h->sent = true;
}

static mw_rc write_some(mw_h1_work *w, uint64_t most)
{
    mw_conn *c = w->h1->conn;
    uint64_t before;
    mw_rc    rc;

    if (w->dead)
        return MW_ERR;
    mw_h1_out_settle(&w->out);
    before = w->out.chain.bytes;
    if (before == 0)
        return MW_OK;
    be_quick(w);
    rc = mw_conn_write(c, &w->out.chain, most);
    if (w->turn != c->loop->turns) {
        w->turn = c->loop->turns;
        w->begun = 0;
        w->spent = 0;
    }
    w->spent += before - w->out.chain.bytes;
    w->out.file = w->out.file && w->out.chain.bytes > 0;
    w->blocked = rc == MW_AGAIN;
    if (rc == MW_AGAIN)
        mw_conn_expect(c, mw_h1_core(w)->send_timeout.ms);
    if (rc != MW_ERR)
        return rc == MW_OK && w->out.chain.bytes > 0 ? MW_AGAIN : rc;
    MW_LOG(w->r != NULL ? &w->r->log : w->h1->log, MW_LOG_INFO, c->err, "send() failed");
    w->dead = true;
    mw_h1_out_end(&w->out);
    mw_bell_ring_late(&w->flush);               /* who is in the middle of a step cannot end his request here */
    return MW_ERR;
}

mw_rc mw_h1_flush(mw_h1_work *w) { return write_some(w, UINT64_MAX); }

/* --- limit_rate --- */

static uint64_t size_of(mw_request *r, uint64_t own, const mw_expr *e)
{
    uint64_t n = 0;

    if (own != UINT64_MAX)
        return own;
    return e != NULL && mw_read_size(mw_expr_text(e, &r->scope), &n) ? n : 0;
}

static void begin_pace(mw_h1_work *w);

static void set_rate(mw_h1_work *w)
{
    const mw_http_conf *core = w->r->place->core;

    w->rate = size_of(w->r, w->r->limit_rate, core->limit_rate);
    w->rated = w->rate > 0;
    if (w->rated)
        begin_pace(w);
}

/* What may be sent now: as if a second's share were there from the beginning. */
static uint64_t allowance(const mw_h1_work *w)
{
    const mw_request *r = w->r;
    uint64_t          ms = mw_loop_now(r->loop) - r->began_ms + 1000, sent = r->sent - mw_h1_out_bytes(&w->out);
    uint64_t          all = w->rate > UINT64_MAX / 2 / ms ? UINT64_MAX / 2 : w->rate * ms / 1000;

    all = w->after > UINT64_MAX / 2 ? UINT64_MAX : all + w->after;
    return all > sent ? all - sent : 0;
}

static void pause_for(mw_h1_work *w, uint64_t bytes)
{
    uint64_t ms = bytes > UINT64_MAX / 1000 ? UINT32_MAX : bytes * 1000 / w->rate + LEAST_PAUSE;

    mw_timer_set(w->h1->conn->loop, &w->pace, mw_loop_now(w->h1->conn->loop) + ms);
}

/* --- from the source to what is gathered --- */

/* All that is gathered, or what may be.  False: it goes on later, or w is dead. */
static bool push(mw_h1_work *w)
{
    uint64_t most, before = mw_h1_out_bytes(&w->out);
    mw_rc    rc;

    if (!w->rated || before == 0)
        return mw_h1_flush(w) == MW_OK;
    most = allowance(w);
    if (most == 0) {
        pause_for(w, before < w->rate ? before : w->rate);
        return false;
    }
    rc = write_some(w, most);
    if (rc == MW_ERR || w->blocked || (rc == MW_OK && w->done))
        return rc == MW_OK;
    before -= mw_h1_out_bytes(&w->out);         /* what limit_rate_after let pass is no debt */
    if (rc == MW_OK && most - before > w->rate / 2)
        return true;
    pause_for(w, before < w->rate ? before : w->rate);
    return false;
}

/* Others' turn?  Then we go on at the end of it. */
static bool had_its_share(mw_h1_work *w, uint64_t most)
{
    if (w->turn != w->h1->conn->loop->turns || w->spent < most)
        return false;
    mw_bell_ring_late(&w->r->bell);
    return true;
}

static void complete(mw_h1_work *w)
{
    mw_request *r = w->r;

    r->finished = true;
    mw_request_part(r);
}

/* All is pulled. */
static void finish(mw_h1_work *w)
{
    mw_request *r = w->r;

    w->done = true;
    if (!w->framed && !r->res.head_only && r->res.length >= 0 && w->payload != (uint64_t)r->res.length)
        r->keep_alive = false;                  /* the client cannot tell where it ends */
    w->state = MW_H1_LAST;
    w->keep = r->keep_alive && !r->res.tunnel;
    if (!w->out.file && !w->rated && !w->blocked && mw_h1_out_bytes(&w->out) < GATHERED) {
        mw_bell_ring_late(&w->flush);
        complete(w);
    } else if (push(w)) {
        complete(w);
    } else if (w->dead) {
        mw_h1_lose(w, 0);
    }
}

static void broken_off(mw_h1_work *w)
{
    (void)mw_h1_flush(w);
    w->dead = true;
    mw_request_part(w->r);
}

static mw_want want_of(const mw_h1_work *w)
{
    const mw_http_conf *core = w->r->place->core;
    bool                memory = w->h1->conn->io->memory || !core->sendfile;
    uint64_t            chunk = core->sendfile_max_chunk.bytes;

    if (memory)
        return (mw_want){ MEMORY_PULL, true };
    return (mw_want){ chunk > 0 && chunk < FILE_PULL ? (size_t)chunk : FILE_PULL, false };
}

static void gather(mw_h1_work *w, mw_chain *body, bool last)
{
    mw_request *r = w->r;
    uint64_t    before = mw_h1_out_bytes(&w->out);

    w->payload += body->bytes;
    mw_h1_write_body(r, body, &w->out, w->framed, last);
    r->sent += mw_h1_out_bytes(&w->out) - before;
    r->sent_body += mw_h1_out_bytes(&w->out) - before;
}

/* One pull.  True: go on. */
static bool pull_once(mw_h1_work *w, mw_want want)
{
    mw_request *r = w->r;
    mw_chain    body;
    mw_rc       rc;

    mw_chain_init(&body);
    rc = mw_source_pull(r->res.body, &body, want, &r->bell);
    gather(w, &body, rc == MW_END);
    switch (rc) {
    case MW_OK:
        return true;
    case MW_AGAIN:
        if (w->rated)
            (void)push(w);
        else
            mw_bell_ring_late(&w->flush);       /* what is there shall not wait for what is not */
        return false;
    case MW_END:
        finish(w);
        return false;
    case MW_ERR:
        broken_off(w);
        return false;
    }
    return false;
}

static void pull(void *v)
{
    mw_h1_work *w = v;
    mw_want     want = want_of(w);

    while (w->state == MW_H1_SEND && !w->blocked) {
        uint64_t bytes = mw_h1_out_bytes(&w->out);
        mw_want  now = want;

        if ((bytes >= GATHERED || w->out.file || (w->rated && bytes > 0)) && !push(w))
            break;
        if (had_its_share(w, want.bytes))
            return;
        if (w->rated) {
            uint64_t most = allowance(w);

            if (most == 0) {
                pause_for(w, w->rate / 10);
                return;
            }
            now.bytes = most < want.bytes ? (size_t)most : want.bytes;
        }
        if (!pull_once(w, now))
            return;
    }
    if (w->dead)
        mw_h1_lose(w, 0);
}

/* The pause is over, or the socket takes more. */
static void go_on(mw_h1_work *w)
{
    if (w->state == MW_H1_SEND) {
        pull(w);
    } else if (w->state == MW_H1_LAST) {
        if (push(w))
            complete(w);
        else if (w->dead)
            mw_h1_lose(w, 0);
    }
}

static void paced(void *owner)
{
    mw_h1_work *w = owner;

    if (!w->blocked)
        go_on(w);
}

static void begin_pace(mw_h1_work *w)
{
    w->after = size_of(w->r, w->r->limit_after, w->r->place->core->limit_rate_after);
    mw_timer_init(&w->pace, paced, w);
}

void mw_h1_writable(mw_h1_work *w)
{
    mw_rc rc;

    w->blocked = false;
    if (w->r != NULL && (w->state == MW_H1_SEND || w->state == MW_H1_LAST) && w->rated) {
        go_on(w);
        return;
    }
    rc = mw_h1_flush(w);
    if (rc == MW_ERR) {
        mw_h1_lose(w, 0);
        return;
    }
    if (rc != MW_OK)
        return;
    mw_conn_expect(w->h1->conn, 0);
    if (w->state == MW_H1_AFTER)
        mw_bell_ring(&w->step);
    else
        go_on(w);
}

/* --- the head --- */

static bool old_msie(mw_str agent)
{
    mw_str at = mw_str_drop(agent, mw_str_find(agent, MW_STR("MSIE ")));
    char   major = mw_str_char(at, 5);

    if (mw_str_char(at, 6) != '.')
        return false;
    return major == '4' || major == '5' || (major == '6' && mw_str_find(at, MW_STR("SV1")) == at.len);
}

static bool safari(mw_str agent)
{
    return mw_str_find(agent, MW_STR("Safari/")) < agent.len && mw_str_find(agent, MW_STR("Mac OS X")) < agent.len
        && mw_str_find(agent, MW_STR("Chrome/")) == agent.len;
}

static bool disabled_for(const mw_request *r, unsigned browsers)
{
    mw_str agent = mw_fields_value(&r->head, MW_T_USER_AGENT);

    if (agent.len == 0)
        return false;
    return ((browsers & 2) != 0 && r->method == MW_POST && old_msie(agent)) || ((browsers & 4) != 0 && safari(agent));
}

static bool may_keep(const mw_h1_work *w)
{
    const mw_request   *r = w->r;
    const mw_http_conf *core = r->place->core;
    const mw_conn      *c = w->h1->conn;

    return core->keepalive_timeout.ms > 0 && c->requests < core->keepalive_requests
        && mw_loop_now(c->loop) - c->since <= core->keepalive_time.ms
        && !(c->loop->worker != NULL && c->loop->worker->leaving)
        && !disabled_for(r, core->keepalive_disable);
}

/* What nobody has read of the body and is there already.  False: it is no chunked body, and that must be said. */
static bool drop_early(mw_h1_work *w)
{
    mw_request *r = w->r;

    if (w->body == MW_H1_NO_BODY || w->body == MW_H1_RAW || w->incoming != NULL || w->hungry != NULL)
        return true;
    if (mw_h1_drop_body(w, false) != MW_ERR)
        return true;
    MW_LOG(&r->log, MW_LOG_INFO, 0, "client sent invalid chunked body");
    w->body = MW_H1_NO_BODY;
    r->keep_alive = false;
    return r->res.status >= 400;
}

static void write_head(mw_h1_work *w)
{
    mw_request *r = w->r;
    uint64_t    before;

    w->framed = false;
    if (r->expects && !w->continued && r->res.status < 400 && !r->res.tunnel) {
        w->continued = true;                    /* nginx says it even when it will drop the body */
        mw_h1_write_inform(100, NULL, &w->out);
    }
    before = mw_h1_out_bytes(&w->out);
    if (r->version == MW_HTTP_09)
        r->keep_alive = false;
    else
        mw_h1_write_head(r, &w->out, &w->framed);
    r->sent += mw_h1_out_bytes(&w->out) - before;
    r->res.sent_head = true;
}

void mw_h1_send(mw_request *r)
{
    mw_h1_work *w = r->wire_state;

    if (w->dead) {
        mw_request_part(r);
        return;
    }
    if (!drop_early(w)) {
        mw_pipeline_refuse(r, r->server, 400);
        return;
    }
    w->state = MW_H1_SEND;
    w->done = false;
    w->h1->conn->log = &r->log;
    mw_log_doing(&r->log, "sending response to client");
    r->keep_alive = r->keep_alive && may_keep(w);
    set_rate(w);
    write_head(w);
    if (r->res.head_only || r->res.body == NULL) {
        mw_chain none;

        mw_chain_init(&none);
        gather(w, &none, true);
        finish(w);
        return;
    }
    r->bell.wake = pull;
    r->bell.owner = w;
    pull(w);
}

void mw_h1_inform(mw_request *r, int status, const mw_fields *head)
{
    mw_h1_work *w = r->wire_state;

    if (r->version < MW_HTTP_11 || w->dead || r->res.sent_head)
        return;
    mw_h1_write_inform(status, head, &w->out);
    if (!w->blocked)
        (void)mw_h1_flush(w);
}
