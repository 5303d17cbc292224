/* ask.c - the request on its way to the upstream: the stages body, send and head.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/speak.h"

enum { PIECE = 65536, HEAD_ROOM = 32768, HEAD_MOST = 1 << 20, FRAME = 24 };

/* Who expects 100 and sends no body is told it all the same, as nginx does. */
static void answer_expectation(mw_request *r)
{
    if (!r->expects || mw_body_expected(r) || r->main != r || r->wire == NULL)
        return;
    r->expects = false;
    r->wire->inform(r, 100, NULL);
}

mw_rc mw_x_body(mw_exchange *x)
{
    mw_request *r = x->r;
    mw_rc       rc = MW_OK;

    answer_expectation(r);
    if (x->wants_body && !x->streams && mw_body_expected(r))
        rc = mw_body_whole(r, &x->asker);
    else if (x->streams && r->main->body->refused != 0)
        rc = MW_ERR;
    if (rc == MW_ERR)
        x->status = r->main->body->refused != 0 ? r->main->body->refused : 400;
    else if (rc == MW_OK)
        x->stage = MW_X_GROUP;
    return rc;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void add_size(mw_chain *to, uint64_t bytes)
{
    char   room[FRAME];
    mw_out o = mw_out_on(room, sizeof room);

    mw_out_hex(&o, bytes);
    mw_out_str(&o, MW_STR("\r\n"));
    mw_chain_add_copy(to, mw_out_done(&o));
}

static void add_piece(mw_exchange *x, mw_chain *piece, bool last)
{
    if (piece->bytes > 0 && x->chunked)
        add_size(&x->out, piece->bytes);
    if (piece->bytes > 0) {
        mw_chain_move(&x->out, piece);
        if (x->chunked)
            mw_chain_add_static(&x->out, MW_STR("\r\n"));
    }
    if (last && x->chunked)
        mw_chain_add_static(&x->out, MW_STR("0\r\n\r\n"));
}

/* Pulls from the client as much as may lie in memory.  ERR: its body is broken. */
static mw_rc fill(mw_exchange *x)
{
    while (x->asking != NULL && x->out.bytes < PIECE) {
        mw_chain piece;
        mw_rc    rc;

        mw_chain_init(&piece);
        rc = mw_source_pull(x->asking, &piece, (mw_want){ PIECE, x->chunked || x->conn->io->memory }, &x->asker.bell);
        x->begun = x->begun || piece.bytes > 0 || rc == MW_END;
        if (rc == MW_ERR) {
            mw_chain_clear(&piece);
            return MW_ERR;
        }
        add_piece(x, &piece, rc == MW_END);
        if (rc == MW_AGAIN)
            return MW_OK;
        if (rc == MW_END) {
            mw_source_close(x->asking);
            x->asking = NULL;
        }
    }
    return MW_OK;
}

/* The upstream takes no more: what it has to say may still be read. */
static void be_deaf(mw_exchange *x)
{
    x->deaf = true;
    mw_chain_clear(&x->out);
    mw_source_close(x->asking);
    x->asking = NULL;
}

/* Writes what can be written.  OK: all that there is; AGAIN: the socket is full; ERR: the client's body is broken. */
static mw_rc write_on(mw_exchange *x)
{
    for (;;) {
        mw_rc rc = fill(x);

        if (rc != MW_OK || x->out.bytes == 0)
            return rc;
        rc = mw_conn_write(x->conn, &x->out, UINT64_MAX);
        x->sent = x->sent || x->conn->sent > x->sent_before;
        if (rc == MW_AGAIN)
            return rc;
        if (rc == MW_OK)
            continue;
        if (!mw_exchange_stale(x))
            mw_exchange_say(x, MW_LOG_ERROR, x->conn->err, "send() failed");
        be_deaf(x);
        x->conn->broken = false;        /* reading will tell */
        return MW_OK;
    }
}

static mw_rc client_failed(mw_exchange *x)
{
    const mw_body *body = x->r->main->body;

    x->status = x->r->gone ? 499 : body != NULL && body->refused != 0 ? body->refused : 400;
    return MW_ERR;
}

mw_rc mw_x_send(mw_exchange *x)
{
    mw_rc rc;

    if (!x->asked) {
        if (x->speak->ask(x) != MW_OK)
            return MW_ERR;
        x->asked = true;
    }
    rc = write_on(x);
    if (rc == MW_ERR)
        return client_failed(x);
    if (rc == MW_AGAIN && !mw_conn_readable(x->conn)) {
        mw_exchange_time(x, x->way->send_timeout.ms);
        return MW_AGAIN;
    }
    x->stage = MW_X_HEAD;
    return MW_OK;
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

static mw_rc upstream_failed(mw_exchange *x, mw_rc rc)
{
    mw_log_level level = mw_exchange_stale(x) ? MW_LOG_INFO : MW_LOG_ERROR;

    if (rc == MW_ERR)
        mw_exchange_say(x, level, x->conn->err, "recv() failed");
    else
        mw_exchange_say(x, level, 0, "upstream prematurely closed connection");
    return mw_exchange_next(x, MW_NEXT_ERROR);
}

/* The head is there: is it the answer?  Then what came with it is the beginning of the body. */
static mw_rc head_done(mw_exchange *x)
{
    mw_attempt *a = mw_exchange_attempt(x);
    mw_next     why;

    x->answered_ms = mw_loop_now(x->r->loop);
    a->status = x->status;
    a->header_ms = (int64_t)(x->answered_ms - a->began_ms);
    mw_try_header(&x->try);
    if (mw_exchange_next_status(x, &why))
        return mw_exchange_next(x, why);
    if (x->asking != NULL || x->out.bytes > 0)
        be_deaf(x);                             /* it answered early: the rest is not asked for */
    x->head_room = mw_block_hold(x->room);
    x->stage = MW_X_KNOWN;
    mw_exchange_time(x, x->way->read_timeout.ms);
    return MW_END;
}

static uint32_t head_most(const mw_exchange *x)
{
    return x->way->buffer_size.bytes < HEAD_MOST ? (uint32_t)x->way->buffer_size.bytes : HEAD_MOST;
}

static mw_rc too_big(mw_exchange *x)
{
    mw_exchange_say(x, MW_LOG_ERROR, 0, "upstream sent too big header");
    return mw_exchange_next(x, MW_NEXT_INVALID);
}

mw_rc mw_x_head(mw_exchange *x)
{
    uint32_t most = head_most(x);

    if ((x->asking != NULL || x->out.bytes > 0) && write_on(x) == MW_ERR)
        return client_failed(x);
    for (;;) {
        size_t eaten = 0;
        mw_str got;
        mw_rc  rc = mw_conn_read(x->conn, &x->room, most > HEAD_ROOM ? most : HEAD_ROOM, x->used, &got);

        if (rc == MW_AGAIN) {
            mw_exchange_time(x, x->out.bytes > 0 ? x->way->send_timeout.ms : x->asking != NULL
                ? 0 : x->way->read_timeout.ms);
            return rc;
        }
        if (rc != MW_OK)
            return upstream_failed(x, rc);
        x->used += (uint32_t)got.len;
        rc = x->speak->head(x, (mw_str){ &x->room->data[x->eaten], x->used - x->eaten }, &eaten);
        x->eaten += (uint32_t)eaten;
        if (rc == MW_ERR)
            return mw_exchange_next(x, MW_NEXT_INVALID);
        if (rc == MW_OK)
            return x->eaten > most ? too_big(x) : head_done(x);
        if (x->used >= most)
            return too_big(x);
    }
}

/* --- beyond the head ---------------------------------------------------------------------------------------------- */

void mw_exchange_pump(mw_exchange *x)
{
    if (x->conn == NULL || x->stage != MW_X_TUNNEL || x->deaf)
        return;
    if (write_on(x) == MW_ERR)
        be_deaf(x);
    if (x->conn != NULL && x->asking == NULL && x->out.bytes == 0 && !x->half_closed) {
        x->half_closed = true;
        (void)x->conn->io->shut(x->conn);
    }
}
