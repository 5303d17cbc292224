/* incoming.c - the client's body: decoded for whoever pulls it, or dropped when nobody does.
 *
 * Bytes are given as views of the block they were read into.  Small chunks are moved together first, so that a client
 * cannot make a view of every byte.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"
#include "http/h1/state.h"

enum { SMALL_READ = 4096, READ = 16384, BIG_READ = 65536, SMALL_CHUNK = 1024, DROP_TURNS = 16 };

struct mw_h1_incoming { mw_source base; mw_h1_work *work; };     /* work NULL: the wire is gone */

static void eat(mw_h1_work *w, size_t n)
{
    w->at += (uint32_t)n;
    if (w->r != NULL)
        w->r->line_bytes += n;
}

/* A small piece that lies behind the chain's last view, in the same block, is moved up to it: what is between them is
 * framing, which nobody needs any more. */
static bool join(mw_chain *to, mw_block *block, mw_str data)
{
    mw_buf *last;
    size_t  end, from;

    if (to->head == NULL || data.len > SMALL_CHUNK)
        return false;
    last = MW_OWNER(to->tail, mw_buf, next);
    if (last->block != block || last->file != NULL)
        return false;
    end = (size_t)(last->mem.at - block->data) + last->mem.len;
    from = (size_t)(data.at - block->data);
    if (end > from)
        return false;
    memmove(&block->data[end], &block->data[from], data.len);
    last->mem.len += data.len;
    to->bytes += data.len;
    return true;
}

static void give(mw_h1_work *w, mw_chain *to, mw_str data)
{
    if (to != NULL && !join(to, w->block, data))
        mw_chain_add_block(to, w->block, data);
}

static mw_rc take_length(mw_h1_work *w, mw_chain *to, size_t want)
{
    mw_str part = mw_h1_bytes(w);

    part = mw_str_take(part, w->left < part.len ? (size_t)w->left : part.len);
    part = mw_str_take(part, want);
    if (part.len > 0)
        give(w, to, part);
    w->left -= part.len;
    eat(w, part.len);
    return w->left == 0 ? MW_END : part.len > 0 ? MW_OK : MW_AGAIN;
}

static mw_rc take_chunks(mw_h1_work *w, mw_chain *to, size_t want)
{
    mw_body   *body = w->r != NULL ? w->r->body : NULL;
    mw_fields *trailers = body != NULL ? &body->trailers : NULL;
    size_t     given = 0;
    mw_rc      rc = MW_OK;

    while (rc == MW_OK && given < want) {
        mw_str in = mw_h1_bytes(w), before = in, data;

        rc = mw_chunked_next(&w->chunked, &in, &data, w->r != NULL ? w->r->arena : NULL, trailers);
        eat(w, before.len - in.len);
        if (rc == MW_OK)
            give(w, to, data);
        given += data.len;
    }
    if (body != NULL)
        body->coming = mw_chunked_coming(&w->chunked);
    return rc == MW_AGAIN && given > 0 ? MW_OK : rc;
}

static mw_rc take_raw(mw_h1_work *w, mw_chain *to)
{
    mw_str part = mw_h1_bytes(w);

    if (part.len == 0)
        return MW_AGAIN;
    give(w, to, part);
    eat(w, part.len);
    return MW_OK;
}

/* Of what was read already; to NULL: it is dropped. */
static mw_rc take(mw_h1_work *w, mw_chain *to, size_t want)
{
    mw_rc rc = MW_END;

    switch (w->body) {
    case MW_H1_LENGTH:  rc = take_length(w, to, want); break;
    case MW_H1_CHUNKED: rc = take_chunks(w, to, want); break;
    case MW_H1_RAW:     rc = take_raw(w, to);          break;
    case MW_H1_NO_BODY: break;
    }
    if (rc == MW_END)
        w->body = MW_H1_NO_BODY;
    return rc;
}

static uint32_t room_for(const mw_h1_work *w)
{
    if (w->body != MW_H1_LENGTH || (w->left > SMALL_READ && w->left < BIG_READ))
        return READ;
    return w->left <= SMALL_READ ? SMALL_READ : BIG_READ;
}

static void ask_for_it(mw_h1_work *w)
{
    mw_request *r = w->r;

    if (w->continued || !r->expects)
        return;
    w->continued = true;
    mw_h1_inform(r, 100, NULL);
}

static mw_rc broken(mw_h1_work *w)
{
    w->keep = false;
    MW_LOG(&w->r->log, MW_LOG_INFO, 0, "client sent invalid chunked body");
    return MW_ERR;
}

/* The client went, in the middle of its body; in a tunnel that is how it ends. */
static mw_rc gone(mw_h1_work *w, mw_rc rc)
{
    mw_request *r = w->r;

    if (w->body == MW_H1_RAW && rc == MW_END)
        return MW_END;
    w->keep = false;
    r->gone = true;
    if (rc == MW_END)
        MW_LOG(&r->log, MW_LOG_INFO, 0, "client prematurely closed connection");
    else
        MW_LOG(&r->log, MW_LOG_INFO, w->h1->conn->err, "recv() failed");
    return MW_ERR;
}

static mw_rc incoming_pull(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    mw_h1_incoming *x = MW_OWNER(s, mw_h1_incoming, base);
    mw_h1_work     *w = x->work;
    size_t          bytes = want.bytes > 0 ? want.bytes : SIZE_MAX;
    mw_rc           rc;

    if (w == NULL)
        return MW_ERR;
    w->hungry = NULL;
    rc = take(w, to, bytes);
    while (rc == MW_AGAIN) {
        ask_for_it(w);
        if (w->dead)
            return MW_ERR;
        rc = mw_h1_fill(w, room_for(w));
        if (rc == MW_AGAIN) {
            w->hungry = bell;
            return MW_AGAIN;
        }
        if (rc != MW_OK)
            return gone(w, rc);
        rc = take(w, to, bytes);
    }
    return rc == MW_ERR ? broken(w) : rc;
}

static void incoming_close(mw_source *s)
{
    mw_h1_incoming *x = MW_OWNER(s, mw_h1_incoming, base);

    if (x->work != NULL && x->work->incoming == x) {
        x->work->hungry = NULL;
        x->work->incoming = NULL;
    }
    x->work = NULL;
}

static const mw_source_kind incoming_kind = { .name = "h1", .pull = incoming_pull, .close = incoming_close };

mw_source *mw_h1_incoming_of(mw_request *r)
{
    mw_h1_work     *w = r->wire_state;
    mw_h1_incoming *x;

    if (r->res.tunnel)
        w->body = MW_H1_RAW;
    if (w->body == MW_H1_NO_BODY)
        return NULL;
    mw_h1_incoming_part(w);                     /* of two, the later one reads */
    x = MW_NEW(r->arena, mw_h1_incoming);
    x->base.kind = &incoming_kind;
    x->work = w;
    w->incoming = x;
    return &x->base;
}

void mw_h1_incoming_part(mw_h1_work *w)
{
    if (w->incoming != NULL)
        w->incoming->work = NULL;
    w->incoming = NULL;
    w->hungry = NULL;
}

mw_rc mw_h1_drop_body(mw_h1_work *w, bool read)
{
    for (unsigned n = 0; n < DROP_TURNS; n++) {
        mw_rc rc = take(w, NULL, SIZE_MAX);

        if (rc == MW_OK && w->at < w->end)
            continue;
        if (rc == MW_END || rc == MW_ERR)
            return rc;
        if (!read)
            return MW_AGAIN;
        rc = mw_h1_fill(w, READ);
        if (rc != MW_OK)
            return rc == MW_AGAIN ? MW_AGAIN : MW_ERR;
    }
    mw_bell_ring(&w->step);                     /* others' turn; there is more */
    return MW_AGAIN;
}
