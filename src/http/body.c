/* body.c - the client's body: read whole into memory and then a file, or streamed once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"

#include <errno.h>
#include <unistd.h>

#include "core/file.h"
#include "core/random.h"
#include "http/core.h"

enum { PULL = 65536, TEMP_TRIES = 20 };
#define TEMP_NAMES  UINT64_C(10000000000)

static const mw_http_conf *core_of(const mw_body *body) { return ((const mw_request *)body->owner)->place->core; }

bool mw_body_expected(const mw_request *r)
{
    return !r->bodyless && (r->main->length > 0 || r->main->chunked);
}

static void read_on(void *v);

static mw_body *body_of(mw_request *r)
{
    mw_request *main = r->main;
    mw_body    *body = main->body;

    if (body != NULL)
        return body;
    main->body = body = MW_NEW(main->arena, mw_body);
    body->owner = main;
    mw_chain_init(&body->kept);
    mw_asker_init(&body->asker, main->loop, read_on, body);
    if (mw_body_expected(main) && main->wire != NULL)
        body->incoming = main->wire->incoming(main);
    body->whole = body->incoming == NULL;
    return body;
}

/* --- the file --- */

static bool open_spool(mw_body *body)
{
    mw_request *r = body->owner;
    mw_str      dir = core_of(body)->client_body_temp_path;
    int         fd = -1;

    for (unsigned i = 0; i < TEMP_TRIES && fd < 0; i++) {
        fd = mw_temp_named(r->arena, dir, mw_random_below(TEMP_NAMES), &body->spool_path);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0) {
        MW_LOG(&r->log, MW_LOG_CRIT, errno, "open() \"%.*s\" failed",
               MW_S(body->spool_path.len > 0 ? body->spool_path : dir));
        return false;
    }
    body->spool = mw_file_new(fd);
    body->unlink_file = core_of(body)->client_body_in_file_only != MW_IN_FILE_ON;
    if (core_of(body)->client_body_in_file_only == MW_IN_FILE_OFF)
        MW_LOG(&r->log, MW_LOG_WARN, 0, "a client request body is buffered to a temporary file %.*s",
               MW_S(body->spool_path));
    return true;
}

static bool write_out(mw_body *body)
{
    mw_request *r = body->owner;

    if (body->spool == NULL && !open_spool(body))
        return false;
    while (body->kept.head != NULL) {
        mw_str  bytes = body->kept.head->mem;
        ssize_t n = pwrite(body->spool->fd, bytes.at, bytes.len, (off_t)body->spooled);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            MW_LOG(&r->log, MW_LOG_CRIT, n < 0 ? errno : ENOSPC, "pwrite() \"%.*s\" failed", MW_S(body->spool_path));
            return false;
        }
        body->spooled += (uint64_t)n;
        mw_chain_drop(&body->kept, (uint64_t)n);
    }
    return true;
}

/* --- reading it whole --- */

static mw_rc refuse(mw_body *body, int status)
{
    if (body->refused == 0)
        body->refused = status;
    return MW_ERR;
}

/* With what is announced, so that nobody sends it in vain. */
static bool too_big(const mw_body *body)
{
    uint64_t    most = core_of(body)->client_max_body_size.bytes, all = body->got + body->coming;
    mw_request *r = body->owner;

    if (most == 0 || all <= most)
        return false;
    mw_log_doing(&r->main->log, NULL);
    MW_LOG(&r->log, MW_LOG_ERROR, 0, "client intended to send too large chunked body: %llu+%llu bytes",
           (unsigned long long)body->got, (unsigned long long)body->coming);
    return true;
}

static mw_rc keep(mw_body *body)
{
    body->got = body->spooled + body->kept.bytes;
    if (too_big(body))
        return refuse(body, 413);
    if (body->kept.bytes > core_of(body)->client_body_buffer_size.bytes && !write_out(body))
        return refuse(body, 500);
    return MW_OK;
}

static mw_rc end(mw_body *body)
{
    bool in_file = core_of(body)->client_body_in_file_only != MW_IN_FILE_OFF || body->spooled > 0;

    body->whole = true;
    mw_asker_cancel(&body->asker);
    if (in_file && body->got > 0 && !write_out(body))
        return refuse(body, 500);
    return MW_OK;
}

/* Pulls until nothing is there, or all is. */
static mw_rc gather(mw_body *body)
{
    for (;;) {
        mw_rc rc = mw_source_pull(body->incoming, &body->kept, (mw_want){ PULL, true }, &body->asker.bell);

        if (rc == MW_ERR)
            return refuse(body, 400);
        if (keep(body) != MW_OK)
            return MW_ERR;
        if (rc == MW_END)
            return end(body);
        if (rc == MW_AGAIN) {
            if (body->patience.op.state == MW_OP_PENDING)
                mw_asker_cancel(&body->asker);
            else
                mw_op_reset(&body->patience.op);
            return mw_nap_for(&body->asker, &body->patience, core_of(body)->client_body_timeout.ms);
        }
    }
}

static mw_rc gather_or_time_out(mw_body *body)
{
    mw_rc rc = gather(body);

    if (rc != MW_AGAIN)
        mw_asker_cancel(&body->asker);
    return rc;
}

static void read_on(void *v)
{
    mw_body    *body = v;
    mw_request *r = body->owner;
    mw_rc       rc;

    if (body->op.state != MW_OP_PENDING)
        return;
    if (body->patience.op.state == MW_OP_FINISHED) {
        MW_LOG(&r->log, MW_LOG_INFO, ETIMEDOUT, "client timed out");
        mw_op_finish(&body->op, refuse(body, 408));
        return;
    }
    rc = gather_or_time_out(body);
    if (rc != MW_AGAIN)
        mw_op_finish(&body->op, rc);
}

static void stop_reading(mw_op *op) { mw_asker_cancel(&MW_OWNER(op, mw_body, op)->asker); }

mw_rc mw_body_whole(mw_request *r, mw_asker *who)
{
    mw_body *body = body_of(r);
    mw_rc    rc;

    if (body->refused != 0)
        return MW_ERR;
    if (body->whole)
        return MW_OK;
    if (body->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    if (body->streaming)
        return refuse(body, 500);
    mw_log_doing(&r->main->log, "reading client request body");
    rc = gather_or_time_out(body);
    if (rc == MW_AGAIN)
        mw_op_begin(&body->op, who, stop_reading);
    else
        mw_log_doing(&r->main->log, NULL);
    return rc;
}

mw_rc mw_body_early(mw_request *r)
{
    mw_body *body = body_of(r);

    while (!body->whole && !body->streaming && body->refused == 0) {
        uint64_t room = core_of(body)->client_body_buffer_size.bytes;
        mw_rc    rc;

        if (body->kept.bytes >= room)
            break;
        rc = mw_source_pull(body->incoming, &body->kept, (mw_want){ (size_t)(room - body->kept.bytes), true },
                            &body->asker.bell);
        body->got = body->kept.bytes;
        if (rc == MW_ERR)
            return refuse(body, 400);
        if (too_big(body))
            return refuse(body, 413);
        body->whole = rc == MW_END;
        if (rc == MW_AGAIN)
            break;
    }
    return body->refused != 0 ? MW_ERR : MW_OK;
}

/* --- readers --- */

typedef struct reader {
    mw_source  base;
    mw_body   *body;
    mw_source *file;            /* the part in the file, first; NULL: none, or done */
    mw_buf    *at;              /* the next view of what is kept */
} reader;

static mw_rc reader_pull(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    reader  *x = (reader *)s;
    uint64_t most = to->bytes + want.bytes;

    if (x->file != NULL) {
        mw_rc rc = mw_source_pull(x->file, to, want, bell);

        if (rc != MW_END)
            return rc;
        mw_source_close(x->file);
        x->file = NULL;
        return x->at != NULL ? MW_OK : MW_END;
    }
    for (; x->at != NULL && to->bytes < most; x->at = x->at->next) {
        if (x->at->block != NULL)
            mw_chain_add_block(to, x->at->block, x->at->mem);
        else
            mw_chain_add_lent(to, x->at->mem);
    }
    return x->at != NULL ? MW_OK : MW_END;
}

static void reader_close(mw_source *s)
{
    mw_source_close(((reader *)s)->file);
    ((reader *)s)->file = NULL;
}

static const mw_source_kind reader_kind = { .name = "body", .pull = reader_pull, .close = reader_close };

/* One reader of what is not kept: the wire's own source, with patience and a limit. */
typedef struct stream { mw_source base; mw_body *body; mw_bell *bell; mw_asker asker; mw_nap patience; } stream;

static void stream_late(void *v)
{
    stream *x = v;

    if (x->patience.op.state == MW_OP_FINISHED) {
        (void)refuse(x->body, 408);
        mw_bell_ring(x->bell);
    }
}

static mw_rc stream_pull(mw_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    stream             *x = (stream *)s;
    const mw_http_conf *core = core_of(x->body);
    uint64_t            had = to->bytes;
    mw_rc               rc;

    if (x->body->refused != 0)
        return MW_ERR;
    mw_asker_cancel(&x->asker);
    x->bell = bell;
    if (x->body->kept.bytes > 0) {              /* what was read before it became a stream */
        mw_chain_move(to, &x->body->kept);
        return x->body->whole ? MW_END : MW_OK;
    }
    rc = mw_source_pull(x->body->incoming, to, want, bell);
    x->body->got += to->bytes - had;
    if (too_big(x->body))
        return refuse(x->body, 413);
    if (rc == MW_ERR)
        return refuse(x->body, 400);
    if (rc == MW_END)
        x->body->whole = true;
    if (rc == MW_AGAIN) {
        mw_op_reset(&x->patience.op);
        (void)mw_nap_for(&x->asker, &x->patience, core->client_body_timeout.ms);
    }
    return rc;
}

static void stream_close(mw_source *s) { mw_asker_cancel(&((stream *)s)->asker); }

static const mw_source_kind stream_kind = { .name = "body stream", .pull = stream_pull, .close = stream_close };

static mw_source *reader_of_stream(mw_body *body, mw_request *r)
{
    stream *x = MW_NEW(r->arena, stream);

    body->streaming = true;
    x->base.kind = &stream_kind;
    x->body = body;
    mw_asker_init(&x->asker, r->loop, stream_late, x);
    return &x->base;
}

mw_source *mw_body_reader(mw_request *r)
{
    mw_body *body = body_of(r);
    reader  *x;

    if (body->incoming == NULL && body->got == 0)
        return NULL;
    if (!body->whole || body->streaming)
        return body->streaming ? NULL : reader_of_stream(body, r);
    if (body->got == 0)
        return NULL;
    x = MW_NEW(r->arena, reader);
    x->base.kind = &reader_kind;
    x->body = body;
    x->at = body->kept.head;
    if (body->spooled > 0)
        x->file = mw_source_of_file(r->arena, body->spool, 0, body->spooled);
    return &x->base;
}

mw_str mw_body_text(mw_request *r)
{
    const mw_body *body = r->main->body;
    mw_out         o;

    if (body == NULL || !body->whole || body->streaming || body->spooled > 0 || body->kept.bytes == 0)
        return (mw_str){ "", 0 };
    if (body->kept.head->next == NULL)
        return body->kept.head->mem;
    o = mw_arena_pen(r->arena, (size_t)body->kept.bytes);
    for (const mw_buf *b = body->kept.head; b != NULL; b = b->next)
        mw_out_str(&o, b->mem);
    return mw_out_done(&o);
}

void mw_body_set(mw_request *r, mw_str text)
{
    mw_body *body = body_of(r);

    mw_chain_clear(&body->kept);
    mw_chain_add_lent(&body->kept, text);
    body->got = text.len;
    body->whole = true;
}

void mw_body_end(mw_request *r)
{
    mw_body *body = r->body;

    mw_asker_cancel(&body->asker);
    mw_source_close(body->incoming);
    body->incoming = NULL;
    mw_chain_clear(&body->kept);
    if (body->spool != NULL && body->unlink_file && unlink(mw_arena_z(r->arena, body->spool_path)) != 0)
        MW_LOG(&r->log, MW_LOG_CRIT, errno, "unlink() \"%.*s\" failed", MW_S(body->spool_path));
    mw_file_done(body->spool);
    body->spool = NULL;
}
