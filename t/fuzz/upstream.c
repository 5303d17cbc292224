/* upstream.c - fuzz target of an upstream's responses: head, framing and body as the proxy reads them.  The same in one
 * piece or in many; and where a connection may be kept, not one byte is left that the next request would take for its
 * answer.  The first byte tells how it was asked, and how big the pieces are.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "http/proxy/http1.h"

enum { MOST = 32768, ASKED_HEAD = 1, ASKED_UPGRADE = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct reading {        /* of one response */
    mw_rc    rc;                /* END: whole; ERR: refused, or cut off */
    int      status;
    uint64_t body, sum;
    unsigned fields, framing;
    bool     kept;
    size_t   used;              /* bytes of head and body that were read when it ended */
} reading;

static void add_up(mw_chain *ready, reading *to)
{
    for (const mw_buf *b = ready->head; b != NULL; b = b->next)
        for (size_t i = 0; i < b->mem.len; i++)
            to->sum = to->sum * 31 + (unsigned char)b->mem.at[i];
    to->body += ready->bytes;
    mw_chain_clear(ready);
}

/* The head, from bytes that come by and by; how many of them were there when it was whole. */
static mw_rc read_head(mw_exchange *x, const mw_block *room, size_t size, size_t piece, size_t *there)
{
    size_t eaten = 0;

    for (*there = 0; *there < size;) {
        size_t used = 0;
        mw_rc  rc;

        *there = size - *there < piece ? size : *there + piece;
        rc = x->speak->head(x, (mw_str){ &room->data[eaten], *there - eaten }, &used);
        MW_MUST(used <= *there - eaten);
        eaten += used;
        x->eaten = (uint32_t)eaten;
        if (rc != MW_AGAIN)
            return rc;
    }
    return MW_ERR;
}

static void read_body(mw_exchange *x, mw_block *room, size_t size, size_t there, reading *to)
{
    size_t piece = there - x->eaten;            /* what came with the head, maybe nothing */

    for (size_t at = x->eaten; ; at += piece, piece = 1 + piece % 777) {
        piece = size - at < piece ? size - at : piece;
        to->rc = x->speak->body(x, room, (mw_str){ &room->data[at], piece });
        to->used = at + piece;
        add_up(&x->ready, to);
        if (to->rc != MW_OK || to->used == size)
            break;
    }
    if (to->rc == MW_OK)
        to->rc = x->speak->ended(x);
    to->kept = to->rc == MW_END && x->speak->reusable(x);
}

static reading read_all(mw_str text, unsigned asked, size_t piece)
{
    static const mw_sinks quiet = { .most = MW_LOG_STDERR };
    mw_arena        *a = mw_arena_new(4096);
    mw_request      *r = MW_NEW(a, mw_request);
    mw_proxy_conf   *c = MW_NEW(a, mw_proxy_conf);
    mw_http1        *h = MW_NEW(a, mw_http1);
    mw_exchange     *x = MW_NEW(a, mw_exchange);
    mw_block        *room = mw_block_new((uint32_t)text.len + 1);
    mw_proxy_header *upgrade = MW_PUSH(a, &c->fields, mw_proxy_header);
    reading          got = { .rc = MW_ERR };
    size_t           there;

    memcpy(room->data, text.at, text.len);
    r->arena = a;
    r->log.sinks = &quiet;
    r->upgrade = (asked & ASKED_UPGRADE) != 0;
    upgrade->name = MW_STR("Upgrade");
    *h = (mw_http1){ .conf = c, .head_asked = (asked & ASKED_HEAD) != 0, .state.chunked.strict = true };
    *x = (mw_exchange){ .r = r, .way = &c->way, .speak = &mw_speak_http1, .speaker = h, .stage = MW_X_HEAD };
    mw_chain_init(&x->ready);
    mw_facts_of(r)->trailers = MW_NEW(a, mw_fields);
    got.rc = read_head(x, room, text.len, piece, &there);
    if (got.rc == MW_OK) {
        MW_MUST(x->status >= 100 && x->status <= 999);
        got.status = x->status;
        got.framing = h->state.framing;
        MW_FIELDS_EACH(f, &x->head) {
            MW_MUST(f->name.len > 0 && mw_str_index(f->value, '\n') == f->value.len);
            got.fields++;
        }
        read_body(x, room, text.len, there, &got);
    }
    mw_block_done(room);
    mw_arena_free(a);
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str  text = { (const char *)data, size };
    reading one, many;

    if (size < 2 || size > MOST)
        return 0;
    text = mw_str_drop(text, 1);
    one = read_all(text, data[0] & 3u, text.len);
    many = read_all(text, data[0] & 3u, 1u + (data[0] >> 2));
    MW_MUST(one.status == many.status && one.fields == many.fields && one.framing == many.framing);
    MW_MUST(one.rc == many.rc && one.body == many.body && one.sum == many.sum);
    MW_MUST(!one.kept || one.used == text.len);         /* nothing behind it was passed over */
    MW_MUST(!one.kept || many.kept);
    MW_MUST(!one.kept || one.framing != MW_FRAMED_EOF);
    return 0;
}
