/* read.c - from bytes to a whole head: buffers, their limits, lines.
 *
 * A block is bigger than client_header_buffer_size, so that pipelined requests come in one read; what nginx's buffers
 * would have allowed is counted apart.  A line lies in one piece: when a block is full, its last, unfinished line moves
 * on to the next one; the blocks of a head live as long as its request.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "http/h1/state.h"
#include "http/site.h"
#include "http/status.h"

enum { BLOCK = 4096, LEAST_ROOM = 1024, LOG_LINE = 512 };

static void done_with_block(void *block) { mw_block_done(block); }

/* Once for each block a head lies in. */
static void hold_block(mw_h1_work *w)
{
    if (w->held == w->block)
        return;
    w->held = w->block;
    mw_arena_on_free(w->r->arena, done_with_block, mw_block_hold(w->block));
}

/* A new block for what is read and not parsed; size: of the block. */
static void move_on(mw_h1_work *w, uint32_t size)
{
    mw_str    rest = mw_h1_bytes(w);
    mw_block *old = w->block;

    w->block = rest.len > 0 ? mw_block_new(rest.len * 2 > size ? (uint32_t)rest.len * 2 : size) : NULL;
    if (rest.len > 0)
        memcpy(w->block->data, rest.at, rest.len);
    w->at = 0;
    w->end = (uint32_t)rest.len;
    w->held = NULL;
    mw_block_done(old);
}

mw_rc mw_h1_fill(mw_h1_work *w, uint32_t size)
{
    mw_str got;
    mw_rc  rc;

    if (w->block != NULL && w->at == w->end && w->block->refs == 1 && w->block->size >= size)
        w->at = w->end = 0;                     /* nobody looks at it any more */
    if (w->block != NULL && w->block->size - w->end < (size > BLOCK ? size / 4 : LEAST_ROOM))
        move_on(w, size);
    rc = mw_conn_read(w->h1->conn, &w->block, size, w->end, &got);
    if (w->block == NULL)
        w->at = w->end = 0;
    if (rc == MW_OK)
        w->end += (uint32_t)got.len;
    return rc;
}

/* --- limits --- */

/* Would nginx have had room for this line?  whole: with its end; otherwise it is what came of it so far. */
static bool fits(mw_h1_work *w, size_t len, bool whole)
{
    const mw_bufs *large = &w->server->core->large_client_header_buffers;

    if (len < w->room || (whole && len == w->room)) {
        w->room -= whole ? len : 0;
        return true;
    }
    if (w->larges >= large->n || len > large->size.bytes || (!whole && len == large->size.bytes))
        return false;
    if (whole) {
        w->larges++;
        w->room = large->size.bytes - len;
    }
    return true;
}

static int too_long(mw_h1_work *w)
{
    mw_str text = mw_h1_bytes(w);

    w->r->keep_alive = false;
    if (!w->line) {
        w->r->line = mw_str_take(text, mw_str_index(text, '\r'));
        MW_LOG(&w->r->log, MW_LOG_INFO, 0, "client sent too long URI");
        return 414;
    }
    MW_LOG(&w->r->log, MW_LOG_INFO, 0, "client sent too long header line: \"%.*s...\"",
           MW_S(mw_str_take(mw_str_take(text, mw_str_index(text, '\r')), LOG_LINE)));
    return MW_STATUS_HEADER_TOO_LARGE;
}

/* --- lines --- */

static void begin_request(mw_h1_work *w)
{
    mw_h1      *h = w->h1;
    mw_conn    *c = h->conn;
    mw_request *r = mw_request_new(c->loop, h->at->names.otherwise->site, &mw_h1_wire, w, mw_h1_visit(h));

    w->r = r;
    w->server = h->at->names.otherwise;
    w->room = w->server->core->client_header_buffer_size.bytes;
    w->larges = 0;
    w->line = w->patient = w->keep = w->done = w->rated = w->half_closed = false;
    w->held = NULL;
    w->refuse = 0;
    w->body = MW_H1_NO_BODY;
    w->payload = 0;
    r->server = w->server;
    r->log.sinks = w->server->core->errors;
    r->log.debug = c->debug;
    r->version = MW_HTTP_10;                    /* until it says: so that it can be refused */
    r->pipelined = w->pipelined;
    mw_log_doing(&r->log, w->pipelined ? "reading client pipelined request line" : "reading client request line");
    c->requests++;
    h->served = true;
    mw_h1_gauge(h, MW_COUNT_READING);
    if (c->loop->worker != NULL && c->loop->worker->count != NULL)
        mw_count_add(c->loop->worker->count, MW_COUNT_REQUESTS, 1);
}

static void eat(mw_h1_work *w, size_t n)
{
    w->at += (uint32_t)n;
    w->r->line_bytes += n;
}

/* OK: go on with the next line; END: the head is whole, or refused; AGAIN: more bytes. */
static mw_rc read_line(mw_h1_work *w)
{
    mw_str      bytes = mw_h1_bytes(w);
    mw_h1_line  line;
    mw_h1_fault fault;
    size_t      used;
    mw_rc       rc = mw_h1_request_line(bytes, &line, &used, &fault);

    if (rc == MW_AGAIN) {
        eat(w, used);                           /* empty lines */
        if (!fits(w, w->end - w->at, false))
            w->refuse = too_long(w);
        return w->refuse != 0 ? MW_END : MW_AGAIN;
    }
    hold_block(w);
    w->r->line = line.whole;
    if (rc == MW_ERR) {
        w->refuse = mw_h1_take_fault(w, fault, NULL);
        return MW_END;
    }
    if (!fits(w, used, true)) {
        w->refuse = too_long(w);
        return MW_END;
    }
    eat(w, used);
    w->line = true;
    w->refuse = mw_h1_take_line(w, &line);
    if (w->refuse == 0)
        mw_log_doing(&w->r->log, "reading client request headers");
    return w->refuse != 0 || line.version == MW_HTTP_09 ? MW_END : MW_OK;
}

static mw_rc read_field(mw_h1_work *w)
{
    mw_str      bytes = mw_h1_bytes(w);
    mw_h1_field f;
    mw_h1_fault fault;
    size_t      used;
    mw_rc       rc = mw_h1_header(bytes, &f, &used, &fault);

    switch (rc) {
    case MW_AGAIN:
        if (fits(w, bytes.len, false))
            return MW_AGAIN;
        hold_block(w);
        w->refuse = too_long(w);
        return MW_END;
    case MW_ERR:
        hold_block(w);
        w->refuse = mw_h1_take_fault(w, fault, &f);
        return MW_END;
    case MW_OK:
        hold_block(w);
        w->refuse = fits(w, used, true) ? mw_h1_take_field(w, &f) : too_long(w);
        eat(w, used);
        return w->refuse != 0 ? MW_END : MW_OK;
    case MW_END:
        eat(w, used);
        w->refuse = mw_h1_take_end(w);
        return MW_END;
    }
    return MW_END;
}

/* All lines that are there. */
static mw_rc read_lines(mw_h1_work *w)
{
    mw_rc rc = MW_OK;

    if (w->at == w->end)
        return MW_AGAIN;
    if (w->r == NULL)
        begin_request(w);
    while (rc == MW_OK)
        rc = w->line ? read_field(w) : read_line(w);
    return rc;
}

static mw_rc went(mw_h1_work *w, mw_rc rc)
{
    mw_request *r = w->r;

    w->dead = true;
    if (r == NULL)
        return MW_END;
    if (rc == MW_END)
        MW_LOG(&r->log, MW_LOG_INFO, 0, "client prematurely closed connection");
    else
        MW_LOG(&r->log, MW_LOG_INFO, w->h1->conn->err, "recv() failed");
    w->refuse = 400;
    return MW_END;
}

mw_rc mw_h1_read_head(mw_h1_work *w)
{
    for (;;) {
        mw_rc rc = read_lines(w);

        if (rc == MW_END) {
            mw_log_doing(&w->r->log, NULL);
            return MW_OK;
        }
        if (mw_h1_out_bytes(&w->out) > 0 && mw_h1_flush(w) == MW_ERR)
            return went(w, MW_ERR);
        rc = mw_h1_fill(w, BLOCK);
        if (rc == MW_AGAIN && w->r != NULL && !w->patient && !w->blocked) {
            w->patient = true;
            mw_conn_expect(w->h1->conn, w->server->core->client_header_timeout.ms);
        }
        if (rc == MW_AGAIN)
            return MW_AGAIN;
        if (rc != MW_OK)
            return went(w, rc);
    }
}
