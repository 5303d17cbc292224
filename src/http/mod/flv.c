/* flv.c - films in FLV from where the client wants to see them: ?start=BYTES, with a new header before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/mod/static.h"
#include "http/uri.h"

typedef struct { bool on; } flv_conf;
typedef struct { mw_source base; bool begun; } flv_source;

/* Version 1, sound and pictures, nine bytes long; and that there is no tag before the first one. */
static const mw_str flv_header = MW_STR_C("FLV\1\5\0\0\0\11\0\0\0\0");

static mw_rc flv_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    flv_source *s = (flv_source *)source;
    mw_rc       rc;

    if (!s->begun)
        mw_chain_add_static(to, flv_header);
    rc = mw_source_pull(s->base.below, to, want, bell);
    if (rc == MW_AGAIN && !s->begun)
        rc = MW_OK;
    s->begun = true;
    return rc;
}

static const mw_source_kind flv_kind = { .name = "flv", .pull = flv_pull };

static bool flv_applies(const void *conf)
{
    const flv_conf *c = conf;
    return c->on;
}

static mw_verdict flv_content(mw_request *r, const void *conf, void *ctx)
{
    const mw_entry *e;
    flv_source     *s;
    mw_verdict      v;
    mw_str          text;
    uint64_t        start;

    (void)conf;
    (void)ctx;
    if ((r->method & (MW_GET | MW_HEAD)) == 0)
        return mw_refuse(r, 405);
    if (mw_str_char(r->uri, r->uri.len - 1) == '/')
        return MW_PASS;
    v = mw_static_find(r, &e);
    if (v != MW_PASS)
        return v;
    if (!mw_arg_find(r->args, MW_STR("start"), &text) || !mw_str_u64(text, &start) || start == 0 || start >= e->size)
        return mw_static_send(r, e, 0);
    v = mw_static_send(r, e, start);
    s = MW_NEW(r->arena, flv_source);
    s->base = (mw_source){ &flv_kind, r->res.body };
    r->res.body = &s->base;
    r->res.length += (int64_t)flv_header.len;
    return v;
}

static mw_rc set_on(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b;
    (void)n;
    (void)d;
    *(bool *)field = true;
    return MW_OK;
}

static const mw_directive flv_directives[] = {
    { "flv", IN_LOCATION, 0, 0, MW_FIELD_BY(flv_conf, on, set_on), .inherit = MW_INNER, .repeat = true,
      .help = "sends films in FLV from ?start= on" },
    { 0 }
};

static const mw_http_part flv_http = { .applies = flv_applies, .content = flv_content, .sole = true };

const mw_module mw_flv_module = {
    .name = "flv", .directives = flv_directives, .conf_size = sizeof(flv_conf), .http = &flv_http,
};
