/* serve.c - the life of a connection that speaks HTTP/1: idle, woken, between two requests, closed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/serve.h"

#include <errno.h>

#include "core/must.h"
#include "core/pool.h"
#include "http/h1/state.h"
#include "http/pipeline.h"
#include "http/secure.h"

enum { FIRST_READ = 4096, SHARE = 32, KEPT = 1024 };

_Static_assert(sizeof(mw_h1) <= 56, "an idle connection has a budget");

/* Rule 21 broken: of the process, as all pools. */
static mw_pool idles = MW_POOL(sizeof(mw_h1), MW_POOLS_KEEP * KEPT);
static mw_pool logs = MW_POOL(sizeof(mw_log), MW_POOLS_KEEP * KEPT);
static mw_pool works = MW_POOL(sizeof(mw_h1_work), MW_POOLS_KEEP * KEPT);

static void idle(mw_h1 *h);
static void step(void *owner);
static void flush_late(void *owner);

void mw_h1_gauge(mw_h1 *h, mw_count which)
{
    mw_worker *w = h->conn->loop->worker;

    if (h->gauge == which)
        return;
    if (w != NULL && w->count != NULL) {
        if (h->gauge != MW_COUNTS)
            mw_count_add(w->count, (mw_count)h->gauge, -1);
        if (which != MW_COUNTS)
            mw_count_add(w->count, which, 1);
    }
    h->gauge = (uint8_t)which;
}

static void count(const mw_conn *c, mw_count what, int64_t n)
{
    if (c->loop->worker != NULL && c->loop->worker->count != NULL)
        mw_count_add(c->loop->worker->count, what, n);
}

static void tell(const void *who, mw_out *o)
{
    const mw_h1 *h = who;
    mw_addr      peer = mw_addr_from_endpoint(&h->conn->peer);

    mw_out_str(o, MW_STR(", client: "));
    mw_addr_ip_text(o, &peer);
    mw_out_str(o, MW_STR(", server: "));
    mw_addr_text(o, &h->at->addr);
}

mw_visit *mw_h1_visit(mw_h1 *h)
{
    if (h->visit == NULL)
        h->visit = mw_visit_new(h->conn);
    return h->visit;
}

mw_log *mw_h1_log(mw_h1 *h)
{
    const mw_conn *c = h->conn;

    if (h->log == NULL) {
        h->log = mw_pool_take(&logs);
        *h->log = (mw_log){ .sinks = h->at->names.otherwise->core->errors, .serial = c->serial,
                            .doing = "waiting for request", .tell = tell, .who = h, .debug = c->debug };
    }
    h->conn->log = h->log;
    return h->log;
}

/* Of an idle connection only its end is ever said, and then it gets its log again: until then the worker speaks. */
static void log_end(mw_h1 *h)
{
    mw_conn *c = h->conn;

    if (h->log == NULL || c->loop->worker == NULL)
        return;
    c->log = &c->loop->worker->log;
    mw_pool_give(&logs, h->log);
    h->log = NULL;
}

/* --- work --- */

static void work_begin(mw_h1 *h, mw_block *block, mw_str bytes)
{
    mw_h1_work *w = mw_pool_take(&works);
    mw_loop    *l = h->conn->loop;

    memset(w, 0, sizeof *w);
    w->h1 = h;
    w->block = block;
    if (bytes.len > 0) {
        w->at = (uint32_t)(bytes.at - block->data);
        w->end = w->at + (uint32_t)bytes.len;
    }
    w->server = h->at->names.otherwise;
    mw_h1_out_init(&w->out);
    mw_bell_init(&w->step, l, step, w);
    mw_bell_init(&w->flush, l, flush_late, w);
    h->work = w;
    (void)mw_h1_log(h);
}

static void work_end(mw_h1 *h)
{
    mw_h1_work *w = h->work;

    MW_MUST(w->r == NULL);
    mw_bell_mute(&w->step);
    mw_bell_mute(&w->flush);
    mw_h1_out_end(&w->out);
    mw_block_done(w->block);
    h->work = NULL;
    mw_pool_give(&works, w);
}

void mw_h1_close(mw_h1 *h, bool reset)
{
    mw_conn *c = h->conn;

    if (h->work != NULL)
        work_end(h);
    mw_h1_gauge(h, MW_COUNTS);
    count(c, MW_COUNT_ACTIVE, -1);
    if (h->visit != NULL) {
        h->visit->conn = NULL;
        mw_visit_done(h->visit);
    }
    if (reset)
        mw_conn_reset(c);
    else
        mw_conn_close(c);
    if (h->log != NULL)
        mw_pool_give(&logs, h->log);
    mw_pool_give(&idles, h);
}

void mw_h1_lose(mw_h1_work *w, int status)
{
    mw_request *r = w->r;

    w->dead = true;
    w->blocked = false;
    mw_h1_out_end(&w->out);
    if (r == NULL) {
        w->state = MW_H1_AFTER;
        mw_bell_ring(&w->step);
        return;
    }
    r->gone = true;
    if (r->res.status == 0)
        r->res.status = status != 0 ? status : 499;
    mw_request_part(r);
}

/* --- a head --- */

static void begin(mw_h1_work *w)
{
    mw_request *r = w->r;
    mw_conn    *c = w->h1->conn;

    w->state = MW_H1_RUN;
    w->half_closed = (c->ready & MW_HUP) != 0;
    mw_h1_gauge(w->h1, MW_COUNT_WRITING);
    if (w->refuse == 0 && (w->h1->visit->plain_on_tls || w->h1->visit->tls))
        w->refuse = mw_secure_refusal(r, w->server);
    if (w->refuse != 0)
        mw_pipeline_refuse(r, w->server, w->refuse);
    else
        mw_pipeline_start(r, w->server);
}

/* Not more than its share in one turn. */
static bool has_share(mw_h1_work *w)
{
    mw_loop *l = w->h1->conn->loop;

    if (w->turn != l->turns) {
        w->turn = l->turns;
        w->begun = 0;
        w->spent = 0;
    }
    return w->begun < SHARE;
}

/* queue: other connections' heads are read first, and changed files are seen; otherwise we are called from it. */
static void read_head(mw_h1_work *w, bool queue)
{
    if (mw_h1_read_head(w) == MW_AGAIN)
        return;
    if (w->r == NULL) {                         /* the client went before it said anything */
        mw_h1_close(w->h1, false);
        return;
    }
    w->state = MW_H1_BEGIN;
    if (queue) {
        mw_bell_ring(&w->step);
    } else if (has_share(w)) {
        w->begun++;
        begin(w);
    } else {
        w->resume = true;
        mw_bell_mute(&w->flush);
        mw_bell_ring_late(&w->flush);
    }
}

/* --- idle --- */

static void said_goodbye(mw_h1 *h, mw_rc rc)
{
    mw_conn *c = h->conn;
    mw_log   log = *mw_h1_log(h);
    mw_addr  peer = mw_addr_from_endpoint(&c->peer);
    char     text[64];
    mw_out   o = mw_out_on(text, sizeof text);

    if (rc == MW_ERR) {
        if (!h->served || c->err != ECONNRESET)
            MW_LOG(&log, MW_LOG_INFO, c->err, "recv() failed");
        return;
    }
    if (!h->served) {
        MW_LOG(&log, MW_LOG_INFO, 0, "client closed connection");
        return;
    }
    log.tell = NULL;
    log.doing = NULL;
    mw_addr_ip_text(&o, &peer);
    MW_LOG(&log, MW_LOG_INFO, 0, "client %.*s closed keepalive connection", MW_S(mw_out_done(&o)));
}

static void wake(mw_conn *c)
{
    mw_h1    *h = c->user;
    mw_block *block = NULL;
    mw_str    got;
    mw_rc     rc;

    if (!mw_conn_readable(c))
        return;
    (void)mw_h1_log(h);
    rc = mw_conn_read(c, &block, FIRST_READ, 0, &got);
    if (rc == MW_AGAIN) {
        log_end(h);
        return;
    }
    if (rc != MW_OK) {
        said_goodbye(h, rc);
        mw_h1_close(h, false);
        return;
    }
    mw_list_drop(&c->idle);
    work_begin(h, block, got);
    h->work->state = MW_H1_HEAD;
    read_head(h->work, true);
}

/* --- while it works --- */

static void client_moved(mw_h1_work *w)
{
    mw_conn    *c = w->h1->conn;
    mw_request *r = w->r;
    mw_bell    *hungry = w->hungry;

    if (hungry != NULL && mw_conn_readable(c)) {
        w->hungry = NULL;
        mw_bell_ring(hungry);
    } else if ((c->ready & MW_HUP) != 0 && !w->half_closed && !r->gone) {
        if (w->blocked || w->rated) {           /* there is more to send than it will read */
            MW_LOG(&r->log, MW_LOG_INFO, 0, "client prematurely closed connection");
            mw_h1_lose(w, 0);
            return;
        }
        mw_request_gone(r);
    }
}

static void ready(mw_conn *c)
{
    mw_h1      *h = c->user;
    mw_h1_work *w = h->work;

    if (w == NULL) {
        wake(c);
        return;
    }
    if (w->blocked && mw_conn_writable(c)) {
        mw_h1_writable(w);
        w = h->work;                            /* nobody frees h or work but the queue: both are still there */
    }
    switch (w->state) {
    case MW_H1_HEAD:
        if (mw_conn_readable(c))
            read_head(w, true);
        return;
    case MW_H1_RUN:
    case MW_H1_SEND:
    case MW_H1_LAST:
        client_moved(w);
        return;
    case MW_H1_AFTER:
        mw_bell_ring(&w->step);
        return;
    case MW_H1_BEGIN:
        return;
    }
}

static void timed_out(mw_h1_work *w)
{
    const mw_http_conf *core = mw_h1_core(w);

    MW_LOG(w->r != NULL ? &w->r->log : w->h1->log, MW_LOG_INFO, ETIMEDOUT, "client timed out");
    w->reset = core->reset_timedout_connection;
}

static void idle_late(mw_h1 *h)
{
    mw_conn *c = h->conn;

    if (h->served && h->until > mw_loop_now(c->loop) && !(c->loop->worker != NULL && c->loop->worker->leaving)) {
        mw_conn_expect(c, h->until - mw_loop_now(c->loop));     /* its least time is over: it may be reused now */
        if (c->loop->worker != NULL)
            mw_list_add(&c->loop->worker->idle, &c->idle);
        return;
    }
    if (!h->served)
        MW_LOG(mw_h1_log(h), MW_LOG_INFO, ETIMEDOUT, "client timed out");
    mw_h1_close(h, false);
}

static void late(mw_conn *c)
{
    mw_h1      *h = c->user;
    mw_h1_work *w = h->work;

    if (w == NULL) {
        idle_late(h);
        return;
    }
    if (w->blocked) {
        timed_out(w);
        mw_h1_lose(w, 0);
        return;
    }
    if (w->state == MW_H1_HEAD && w->r != NULL) {
        timed_out(w);
        mw_log_doing(&w->r->log, NULL);
        w->state = MW_H1_RUN;
        mw_pipeline_refuse(w->r, w->server, 408);
    } else if (w->state == MW_H1_AFTER && w->draining) {
        w->dead = true;
        mw_bell_ring(&w->step);
    } else if (w->state == MW_H1_HEAD) {
        mw_h1_close(h, false);
    }
}

static const mw_conn_use use = { .name = "h1", .ready = ready, .late = late };

/* --- between two requests --- */

static void part(mw_request *r)
{
    mw_h1_work *w = r->wire_state;

    mw_h1_incoming_part(w);
    if (w->rated)
        mw_timer_stop(r->loop, &w->pace);
    w->h1->conn->log = w->h1->log;
    w->dead = w->dead || !w->done;
    w->server = r->server != NULL ? r->server : w->server;
    w->held = NULL;
    w->r = NULL;
    w->state = MW_H1_AFTER;
    w->draining = false;
    w->place = r->place != NULL ? r->place->core : w->server->core;
    mw_bell_ring(&w->step);
}

static void abort_request(mw_request *r)
{
    mw_h1_work *w = r->wire_state;

    (void)mw_h1_flush(w);                       /* what earlier requests were answered */
    w->reset = w->reset || (mw_h1_core(w)->reset_timedout_connection && r->res.status == 444);
    w->dead = true;
    mw_request_part(r);
}

static void idle(mw_h1 *h)
{
    mw_conn            *c = h->conn;
    mw_worker          *worker = c->loop->worker;
    const mw_http_conf *core = h->work->place;
    uint64_t            all = core->keepalive_timeout.ms, least = core->keepalive_min_timeout.ms;

    work_end(h);
    log_end(h);
    if (h->visit->refs == 1 && h->visit->held == NULL && h->visit->real == NULL) {
        mw_visit_done(h->visit);
        h->visit = NULL;
    }
    if (worker != NULL && worker->leaving && all > MW_LEAVING_MS)
        all = MW_LEAVING_MS;                  /* it was not told in time that this was the last answer */
    least = least < all ? least : all;
    h->until = mw_loop_now(c->loop) + all;
    mw_h1_gauge(h, MW_COUNT_WAITING);
    mw_conn_expect(c, least > 0 ? least : all);
    if (least == 0 && worker != NULL)
        mw_list_add(&worker->idle, &c->idle);
}

/* The rest of a body that nobody wanted.  True: it is gone. */
static bool drained(mw_h1_work *w)
{
    mw_conn *c = w->h1->conn;
    uint64_t now = mw_loop_now(c->loop), pause = w->place->lingering_timeout.ms;

    switch (mw_h1_drop_body(w, true)) {
    case MW_END:
        w->draining = false;
        return true;
    case MW_AGAIN:
        if (!w->draining)
            w->h1->until = now + w->place->lingering_time.ms;
        w->draining = true;
        if (now < w->h1->until) {
            if (mw_h1_flush(w) == MW_OK)
                mw_conn_expect(c, w->h1->until - now < pause ? w->h1->until - now : pause);
            return false;
        }
        break;
    case MW_OK:
    case MW_ERR:
        break;
    }
    w->keep = false;
    return true;
}

static void close_after(mw_h1_work *w)
{
    mw_h1              *h = w->h1;
    const mw_http_conf *core = w->place;
    mw_rc               rc = mw_h1_flush(w);

    if (rc == MW_AGAIN)
        return;
    if (rc == MW_ERR || !mw_h1_must_linger(w, core)) {
        mw_h1_close(h, w->reset);
        return;
    }
    work_end(h);
    mw_h1_linger(h, core);
}

static void go_on(mw_h1_work *w)
{
    mw_h1 *h = w->h1;

    w->pipelined = w->at < w->end;
    if (!w->pipelined) {
        mw_rc rc = mw_h1_flush(w);

        if (rc == MW_AGAIN)
            return;                             /* AFTER again, when it is sent */
        if (rc == MW_ERR) {
            mw_h1_close(h, w->reset);
            return;
        }
        if (!mw_conn_readable(h->conn)) {
            idle(h);
            return;
        }
    }
    w->state = MW_H1_HEAD;
    read_head(w, false);
}

static void step(void *owner)
{
    mw_h1_work *w = owner;

    if (w->state == MW_H1_BEGIN) {
        (void)has_share(w);
        w->begun++;
        begin(w);
        return;
    }
    if (w->state != MW_H1_AFTER || w->blocked)
        return;
    if (w->dead)
        mw_h1_close(w->h1, w->reset);
    else if (w->keep && w->body != MW_H1_NO_BODY && !drained(w))
        return;
    else if (w->keep)
        go_on(w);
    else
        close_after(w);
}

static void flush_late(void *owner)
{
    mw_h1_work *w = owner;

    if (w->dead && w->r != NULL) {
        mw_h1_lose(w, 0);
        return;
    }
    if (!w->blocked && !w->rated && !w->dead && mw_h1_flush(w) == MW_ERR && w->r != NULL) {
        mw_h1_lose(w, 0);
        return;
    }
    if (w->resume) {
        w->resume = false;
        mw_bell_ring(&w->step);
    }
}

/* --- the wire --- */

const mw_wire mw_h1_wire = {
    .name = "h1", .send = mw_h1_send, .abort = abort_request, .part = part, .inform = mw_h1_inform,
    .incoming = mw_h1_incoming_of,
};

/* Where there is no room for one more, the one goes that has been idle longest. */
static void make_room(mw_worker *w, const mw_conn *but)
{
    if (w == NULL || w->most == 0 || w->connections < w->most || mw_list_empty(&w->idle))
        return;
    MW_LIST_EACH(node, &w->idle) {
        mw_conn *c = MW_OWNER(node, mw_conn, idle);

        if (c != but && c->use == &use) {
            mw_h1_close(c->user, false);
            return;
        }
    }
}

void mw_h1_begin(mw_conn *c, const mw_door_addr *at, const mw_site *site, mw_visit *visit, mw_block *early,
                 mw_str bytes)
{
    mw_h1              *h = mw_pool_take(&idles);
    const mw_http_conf *core = at->names.otherwise->core;
    mw_worker          *worker = c->loop->worker;

    (void)site;
    *h = (mw_h1){ .conn = c, .at = at, .visit = visit, .gauge = MW_COUNTS };
    mw_conn_give(c, &use, h, mw_h1_log(h));
    count(c, MW_COUNT_ACCEPTED, 1);
    count(c, MW_COUNT_HANDLED, 1);
    count(c, MW_COUNT_ACTIVE, 1);
    mw_h1_gauge(h, MW_COUNT_WAITING);
    make_room(worker, c);
    if (early != NULL) {
        work_begin(h, early, bytes);
        read_head(h->work, true);
        return;
    }
    mw_conn_expect(c, core->client_header_timeout.ms);
    log_end(h);
    if (worker != NULL)
        mw_list_add(&worker->idle, &c->idle);
    if (mw_conn_readable(c))
        wake(c);
}

void mw_h1_close_idle(mw_worker *w)
{
    MW_LIST_EACH(node, &w->idle) {
        mw_conn *c = MW_OWNER(node, mw_conn, idle);

        if (c->use == &use)
            mw_h1_close(c->user, false);
        else if (c->use != NULL && c->use->late != NULL)
            c->use->late(c);
    }
}
