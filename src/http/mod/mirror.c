/* mirror.c - mirror: the same request goes elsewhere too, and nobody hears what is answered there.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/sub.h"

typedef struct {
    mw_array uris;              /* of mw_str */
    bool     off;
    bool     body;
} mirror_conf;

static bool mirror_applies(const void *conf)
{
    const mirror_conf *c = conf;
    return c->uris.n > 0;
}

static mw_verdict mirror_step(mw_request *r, const void *conf, void *ctx)
{
    const mirror_conf *c = conf;

    (void)ctx;
    if (c->body && mw_body_expected(r)) {
        switch (mw_body_whole(r, &r->asker)) {
        case MW_AGAIN:
            return MW_WAIT;
        case MW_ERR:
            return mw_refuse(r, r->main->body->refused);
        case MW_OK:
        case MW_END:
            break;
        }
    }
    for (size_t i = 0; i < c->uris.n; i++)
        mw_sub_launch(r, MW_ITEM(&c->uris, mw_str, i), r->args,
                      (mw_sub_how){ .own_method = true, .no_body = !c->body });
    return MW_PASS;
}

static mw_rc set_mirror(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mirror_conf *c = field;
    bool         off = mw_str_eq(n->args[0], MW_STR("off"));

    (void)d;
    if (c->off || (off && c->uris.n > 0))
        return mw_bind_error(b, n, "\"mirror\" directive is duplicate");
    c->off = off;
    if (!off)
        *MW_PUSH(b->arena, &c->uris, mw_str) = n->args[0];
    return MW_OK;
}

static const mw_directive mirror_directives[] = {
    { "mirror", IN_WEB, 1, 1, MW_SPAN(mirror_conf, uris, off, set_mirror), .repeat = true,
      .help = "sends a copy of each request to this URI" },
    { "mirror_request_body", IN_WEB, 1, 1, MW_FIELD(mirror_conf, body), .otherwise = "on",
      .help = "sends the body too" },
    { 0 }
};

static const mw_http_part mirror_http = {
    .applies = mirror_applies, .precontent = mirror_step, .steps_on = MW_ON_MAIN,
};

const mw_module mw_mirror_module = {
    .name = "mirror", .directives = mirror_directives, .conf_size = sizeof(mirror_conf), .http = &mirror_http,
};
