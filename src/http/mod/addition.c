/* addition.c - add_before_body, add_after_body: the answers to two requests more, before and behind a body.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/media.h"
#include "http/mod/modules.h"
#include "http/sub.h"

typedef struct { mw_str before, after; mw_media types; } addition_conf;

typedef enum part { BEFORE, BODY, AFTER, PARTS } part;

typedef struct {
    mw_source            base;
    mw_request          *r;
    const addition_conf *c;
    part                 at;
    mw_sub               before, after;
} addition_source;

static mw_rc pull_other(addition_source *s, mw_sub *sub, mw_str uri, mw_chain *to, mw_want want, mw_bell *bell)
{
    if (uri.len == 0)
        return MW_END;
    (void)mw_sub_ask(&s->r->lasting, sub, s->r, uri, (mw_str){ "", 0 }, (mw_sub_how){ .own_method = false });
    return mw_source_pull(mw_sub_body(sub), to, want, bell);
}

static mw_rc pull_part(addition_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    switch (s->at) {
    case BEFORE: return pull_other(s, &s->before, s->c->before, to, want, bell);
    case BODY:   return s->base.below == NULL ? MW_END : mw_source_pull(s->base.below, to, want, bell);
    case AFTER:  return pull_other(s, &s->after, s->c->after, to, want, bell);
    case PARTS:  break;
    }
    return MW_END;
}

static mw_rc addition_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    addition_source *s = (addition_source *)source;
    uint64_t         had = to->bytes;

    while (s->at < PARTS) {
        mw_rc rc = pull_part(s, to, want, bell);

        if (rc != MW_END)
            return rc;
        s->at++;
        if (to->bytes > had)
            return s->at < PARTS ? MW_OK : MW_END;
    }
    return MW_END;
}

static void addition_close(mw_source *source)
{
    addition_source *s = (addition_source *)source;

    mw_sub_end(&s->before);
    mw_sub_end(&s->after);
}

static const mw_source_kind addition_kind = { .name = "addition", .pull = addition_pull, .close = addition_close };

static bool addition_applies(const void *conf)
{
    const addition_conf *c = conf;
    return c->before.len > 0 || c->after.len > 0;
}

static mw_rc addition_head(mw_request *r, const void *conf, void *ctx)
{
    const addition_conf *c = conf;
    addition_source     *s;

    (void)ctx;
    if (r->res.status != 200 || r->res.tunnel || !mw_media_has(&c->types, r->res.type))
        return MW_OK;
    if (!r->res.head_only) {
        s = MW_NEW(r->arena, addition_source);
        s->base = (mw_source){ &addition_kind, r->res.body };
        s->r = r;
        s->c = c;
        r->res.body = &s->base;
    }
    mw_head_reshaped(r);
    return MW_OK;
}

static const mw_directive addition_directives[] = {
    { "add_before_body", IN_WEB, 1, 1, MW_FIELD(addition_conf, before),
      .help = "the URI whose answer stands before a body; \"\": none" },
    { "add_after_body", IN_WEB, 1, 1, MW_FIELD(addition_conf, after),
      .help = "the URI whose answer stands behind a body; \"\": none" },
    { "addition_types", IN_WEB, 1, MANY, MW_FIELD_BY(addition_conf, types, mw_set_media), .repeat = true,
      .help = "media types besides text/html; *: all" },
    { 0 }
};

static const mw_http_part addition_http = { .applies = addition_applies, .head = addition_head };

const mw_module mw_addition_module = {
    .name = "addition", .directives = addition_directives, .conf_size = sizeof(addition_conf), .http = &addition_http,
};
