/* stream.c - the response's body: read ahead of whoever pulls it, into memory and then a file.
 *
 * Buffered, it is read as it comes, so that the upstream's connection is free as soon as may be; unbuffered, only
 * when it is wanted.  Reading stops where neither memory nor file may hold more, and goes on when something was pulled.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/filepart.h"
#include "http/proxy/speak.h"
#include "http/proxy/spool.h"

enum { READ = 65536, ROOM_LEAST = 8192 };

static uint64_t in_memory(const mw_chain *c)
{
    uint64_t n = c->bytes;

    for (const mw_buf *b = c->head; b != NULL; b = b->next)
        if (b->file != NULL) n -= b->upto - b->from;
    return n;
}

static bool may_spool(const mw_exchange *x)
{
    return x->buffered && !x->wanted && x->puller == NULL && x->way->temp_max.bytes > 0
        && (x->spool == NULL || (!x->spool->broken && x->spool->bytes + READ <= x->way->temp_max.bytes));
}

static bool has_place(const mw_exchange *x)
{
    if (x->r->wire == NULL)
        return true;                    /* nobody listens: it is not kept */
    if (!x->buffered || x->stage == MW_X_TUNNEL)
        return x->ready.bytes == 0;
    return x->ready.bytes < x->limit || in_memory(&x->ready) < x->limit || may_spool(x);
}

/* What was just read goes where it belongs: to the copy that is stored, to the file, to nowhere. */
static void put_away(mw_exchange *x, mw_chain *came)
{
    if (x->spool != NULL && x->spool->store != NULL)
        for (const mw_buf *b = came->head; b != NULL; b = b->next)
            mw_store_add(x->spool, b->mem);
    if (x->r->wire == NULL) {
        mw_chain_clear(came);
        return;
    }
    if (!may_spool(x) || (x->ready.bytes + came->bytes > x->limit
        ? in_memory(&x->ready) + came->bytes : 0) <= x->limit) {
        mw_chain_move(&x->ready, came);
        return;
    }
    if (x->spool == NULL)
        x->spool = mw_spool_new(x->r);
    while (came->head != NULL && mw_spool_add(x->spool, x->way, came->head->mem, &x->ready))
        mw_chain_drop(came, came->head->mem.len);
    mw_chain_move(&x->ready, came);             /* what the disk did not take */
}

mw_rc mw_exchange_take(mw_exchange *x, mw_str bytes)
{
    mw_chain before = x->ready, came;
    bool     empty = before.head == NULL;
    mw_rc    rc;

    mw_chain_init(&x->ready);
    rc = x->speak->body(x, x->room, bytes);
    came = x->ready;
    if (came.head == NULL)
        mw_chain_init(&came);
    x->ready = before;
    if (empty)
        mw_chain_init(&x->ready);
    if (came.head != NULL) {
        put_away(x, &came);
        return rc;
    }
    return rc;
}

/* Bytes that may be read now; 0: later, and the timer is set for it. */
static uint64_t allowed(mw_exchange *x)
{
    uint64_t ms, most;

    if (x->rate == 0)
        return UINT64_MAX;
    ms = mw_loop_now(x->r->loop) - x->answered_ms;
    most = x->rate * (ms / 1000 + 1) + x->rate * (ms % 1000) / 1000;
    if (x->read_body < most)
        return most - x->read_body;
    x->pacing = true;
    mw_exchange_time(x, (x->read_body - most) * 1000 / x->rate + 1);
    return 0;
}

/* A block with room behind x->used. */
static void make_room(mw_exchange *x)
{
    if (x->room != NULL && x->room->refs == 1 && x->used == x->eaten)
        x->used = x->eaten = 0;                 /* whoever had views of it is through with them */
    if (x->room == NULL || x->room->size - x->used >= ROOM_LEAST)
        return;
    mw_block_done(x->room);
    x->room = NULL;
    x->used = x->eaten = 0;
}

static mw_rc read_some(mw_exchange *x, uint64_t most)
{
    mw_str got;
    mw_rc  rc;

    make_room(x);
    if (most < READ && x->room == NULL)
        x->room = mw_block_new((uint32_t)(most < 1024 ? 1024 : most));
    rc = mw_conn_read(x->conn, &x->room, READ, x->used, &got);
    if (rc != MW_OK)
        return rc;
    x->used += (uint32_t)got.len;
    x->eaten = x->used;
    return mw_exchange_take(x, got);
}

static void stopped(mw_exchange *x, mw_rc rc)
{
    if (rc == MW_END && !x->conn->eof) {        /* the protocol says so */
        mw_exchange_over(x);
        return;
    }
    if (rc == MW_END && x->speak->ended(x) == MW_END) {
        mw_exchange_over(x);
        return;
    }
    if (rc == MW_ERR && x->conn->broken)
        mw_exchange_say(x, MW_LOG_ERROR, x->conn->err, "recv() failed");
    mw_exchange_fail(x);
}

/* A client that has ended its half of a tunnel may be gone altogether: then the upstream may say its last words, but
 * not hold the tunnel, and an old worker with it, for all of its time. */
static uint64_t patience(const mw_exchange *x)
{
    return x->half_closed ? x->r->place->core->lingering_timeout.ms : x->way->read_timeout.ms;
}

static bool reading(const mw_exchange *x) { return !x->ended && !x->broken && x->conn != NULL; }

void mw_exchange_stream(mw_exchange *x)
{
    bool paused = false;

    while (reading(x) && !x->pacing) {
        uint64_t most;
        bool     eof = x->conn->eof;
        mw_rc    rc;

        if (!has_place(x)) {
            paused = true;
            break;
        }
        if (!mw_conn_readable(x->conn) && !eof)
            break;
        most = allowed(x);
        if (most == 0)
            break;
        rc = read_some(x, most);
        if (rc == MW_AGAIN)
            break;
        if (rc != MW_OK)
            stopped(x, rc);
    }
    if (reading(x) && !x->pacing)
        mw_exchange_time(x, paused ? 0 : patience(x));
    if (x->puller != NULL && (x->ready.bytes > 0 || x->ended || x->broken)) {
        mw_bell *bell = x->puller;

        x->puller = NULL;
        mw_bell_ring(bell);
    }
}

void mw_exchange_fail(mw_exchange *x)
{
    mw_exchange_drop(x);
    mw_exchange_leave(x, MW_PEER_FINE);
    mw_exchange_time(x, 0);
    x->broken = true;
    if (x->puller != NULL)
        mw_bell_ring(x->puller);
    x->puller = NULL;
    mw_exchange_let(x);
}

/* --- as a source -------------------------------------------------------------------------------------------------- */

static mw_rc give_memory(mw_exchange *x, mw_chain *to, uint64_t most)
{
    const mw_buf *b = x->ready.head;
    uint64_t      n = 0;
    mw_block     *block;
    mw_str        part;

    for (; b != NULL && b->file == NULL && n < most; b = b->next)
        n += b->mem.len;
    if (n > 0) {
        mw_chain_move_some(to, &x->ready, n < most ? n : most);
        return MW_OK;
    }
    block = mw_filepart_read(b->file, b->from, b->from + (most < b->upto - b->from ? most : b->upto - b->from), &part);
    if (block == NULL)
        return MW_ERR;
    mw_chain_give_block(to, block, part);
    mw_chain_drop(&x->ready, part.len);
    return MW_OK;
}

static mw_rc pull(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    mw_exchange *x = MW_OWNER(s, mw_exchange, source);
    uint64_t     most = want.bytes > 0 ? want.bytes : UINT64_MAX;

    x->puller = NULL;
    if (reading(x) && x->ready.bytes == 0) {
        x->wanted = true;
        mw_exchange_stream(x);
        x->wanted = false;
    }
    if (x->ready.bytes > 0) {
        if (reading(x) && x->buffered)
            mw_bell_ring_late(&x->asker.bell);      /* ahead of a puller that does not come again soon */
        if (want.memory && give_memory(x, to, most) != MW_OK)
            return MW_ERR;
        if (!want.memory)
            mw_chain_move_some(to, &x->ready, most < x->ready.bytes ? most : x->ready.bytes);
        return x->ended && x->ready.bytes == 0 ? MW_END : MW_OK;
    }
    if (x->broken)
        return MW_ERR;
    if (x->ended)
        return MW_END;
    x->puller = bell;
    return MW_AGAIN;
}

/* A tunnel: both directions are moved, whoever wakes. */
static mw_rc pull_tunnel(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    mw_exchange *x = MW_OWNER(s, mw_exchange, source);

    if (!x->begun) {
        x->begun = true;
        x->asking = x->r->wire != NULL ? x->r->wire->incoming(x->r) : NULL;
    }
    mw_exchange_pump(x);
    return pull(s, to, want, bell);
}

static void closed(mw_source *s) { mw_exchange_end(MW_OWNER(s, mw_exchange, source)); }

/* What came with the head is read already.  A request without client works by itself. */
mw_source *mw_exchange_body(mw_exchange *x)
{
    mw_str early = { &x->room->data[x->eaten], x->used - x->eaten };
    mw_rc  rc;

    x->stage = x->upgrade ? MW_X_TUNNEL : MW_X_STREAM;
    if (x->upgrade) {
        x->source.kind = &mw_tunnel_source;
        x->begun = false;
    }
    x->eaten = x->used;
    x->wanted = true;
    rc = mw_exchange_take(x, early);
    x->wanted = false;
    if (rc != MW_OK)
        stopped(x, rc);
    if (x->r->wire == NULL)
        mw_bell_ring(&x->asker.bell);
    if (x->r->gone)
        mw_bell_ring(&x->gone);                 /* it left while nobody could act on it */
    return &x->source;
}

const mw_source_kind mw_exchange_source = { .name = "upstream", .pull = pull, .close = closed };
const mw_source_kind mw_tunnel_source = { .name = "tunnel", .pull = pull_tunnel, .close = closed };
