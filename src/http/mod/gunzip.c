/* gunzip.c - what comes compressed with gzip is unpacked for clients that do not take it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/press.h"
#include "http/coding.h"
#include "http/core.h"
#include "http/mod/compress.h"
#include "http/mod/modules.h"

enum { BLOCK = 32768, PULL = 65536 };

typedef struct { bool on; mw_bufs buffers; } gunzip_conf;

typedef struct {
    mw_source   base;
    mw_request *r;
    mw_unpress *unpress;
    mw_chain    held;           /* pulled, not yet unpacked */
    bool        begun;          /* in the middle of a member */
    bool        full;           /* there was no room for all that was unpacked */
    bool        ended;          /* the source below has */
} gunzip_source;

/* One block of output at most: a small body may become a very large one.  OK: something was written, or nothing is
 * held any more. */
static mw_rc unpack(gunzip_source *s, mw_chain *to)
{
    mw_block *b = mw_block_new(BLOCK);
    mw_out    o = mw_out_on(b->data, BLOCK);

    do {
        mw_str in = s->held.head != NULL ? s->held.head->mem : (mw_str){ "", 0 };
        size_t had = in.len;
        mw_rc  rc = mw_unpress_run(s->unpress, &in, &o);

        if (rc == MW_ERR) {
            mw_block_done(b);
            return MW_ERR;
        }
        s->begun = rc != MW_END;
        s->full = rc == MW_AGAIN;
        mw_chain_drop(&s->held, rc == MW_END ? had : had - in.len);     /* what follows the end is no member */
    } while (s->held.bytes > 0 && !s->full);
    mw_chain_give_block(to, b, mw_out_done(&o));
    return MW_OK;
}

static mw_rc broken(gunzip_source *s, const char *how)
{
    MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "gunzip: %s", how);
    return MW_ERR;
}

static mw_rc gunzip_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    gunzip_source *s = (gunzip_source *)source;
    uint64_t       had = to->bytes;

    (void)want;
    for (;;) {
        mw_rc rc;

        if ((s->held.bytes > 0 || s->full) && unpack(s, to) != MW_OK)
            return broken(s, "the response is not what gzip writes");
        if (to->bytes > had)
            return MW_OK;
        if (s->held.bytes > 0 || s->full)
            continue;
        if (s->ended)
            return s->begun ? broken(s, "the response ends too early") : MW_END;
        rc = s->base.below == NULL ? MW_END : mw_source_pull(s->base.below, &s->held, (mw_want){ PULL, true }, bell);
        if (rc == MW_ERR || (rc == MW_AGAIN && s->held.bytes == 0))
            return rc;
        s->ended = rc == MW_END;
    }
}

static void gunzip_close(mw_source *source)
{
    gunzip_source *s = (gunzip_source *)source;

    mw_chain_clear(&s->held);
    mw_unpress_close(s->unpress);
    s->unpress = NULL;
}

static const mw_source_kind gunzip_kind = { .name = "gunzip", .pull = gunzip_pull, .close = gunzip_close };

static bool gunzip_applies(const void *conf)
{
    const gunzip_conf *c = conf;
    return c->on;
}

static bool takes_gzip(mw_request *r)
{
    mw_str list = mw_fields_value(&r->head, MW_T_ACCEPT_ENCODING);

    return mw_coding_pick(list, 1u << MW_CODING_GZIP) == MW_CODING_GZIP && mw_compress_gzip_fits(r);
}

static mw_rc gunzip_head(mw_request *r, const void *conf, void *ctx)
{
    gunzip_source *s;

    (void)conf;
    (void)ctx;
    if (!mw_str_ieq(mw_fields_value(&r->res.head, MW_T_CONTENT_ENCODING), MW_STR("gzip")) || r->res.tunnel)
        return MW_OK;
    mw_compress_vary(r);
    if (takes_gzip(r))
        return MW_OK;
    if (!r->res.head_only) {
        s = MW_NEW(r->arena, gunzip_source);
        s->unpress = mw_unpress_open();
        if (s->unpress == NULL)
            return MW_ERR;
        s->base = (mw_source){ &gunzip_kind, r->res.body };
        s->r = r;
        mw_chain_init(&s->held);
        r->res.body = &s->base;
    }
    mw_fields_drop(&r->res.head, MW_T_CONTENT_ENCODING);
    mw_head_reshaped(r);
    return MW_OK;
}

static const mw_directive gunzip_directives[] = {
    { "gunzip", IN_WEB, 1, 1, MW_FIELD(gunzip_conf, on), .otherwise = "off",
      .help = "unpacks gzip for clients that do not take it" },
    { "gunzip_buffers", IN_WEB, 2, 2, MW_FIELD(gunzip_conf, buffers), .otherwise = "32 4k", .help = "accepted" },
    { 0 }
};

static const mw_http_part gunzip_http = {
    .applies = gunzip_applies, .head = gunzip_head, .heads_on = MW_ON_MAIN | MW_ON_SUB,
};

const mw_module mw_gunzip_module = {
    .name = "gunzip", .directives = gunzip_directives, .conf_size = sizeof(gunzip_conf), .http = &gunzip_http,
};
