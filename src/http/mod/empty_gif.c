/* empty_gif.c - empty_gif: one pixel, transparent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/modules.h"

enum { MADE = 23349600 };       /* its Last-Modified: nginx's, so that caches keep theirs */

typedef struct { bool on; } gif_conf;

/* GIF89a: a screen of 1x1 with two colours, a transparent one, one pixel. */
static const char gif[] =
    "GIF89a\x01\x00\x01\x00\x80\x01\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x01\x00"
    ",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;";

static bool gif_applies(const void *conf)
{
    const gif_conf *c = conf;
    return c->on;
}

static mw_verdict gif_content(mw_request *r, const void *conf, void *ctx)
{
    (void)conf;
    (void)ctx;
    if ((r->method & (MW_GET | MW_HEAD)) == 0)
        return mw_refuse(r, 405);
    r->res.type = MW_STR("image/gif");
    r->res.modified = MADE;
    return mw_answer(r, 200, (mw_str){ gif, sizeof gif - 1 });
}

static mw_rc set_gif(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b;
    (void)n;
    (void)d;
    *(bool *)field = true;
    return MW_OK;
}

static const mw_directive gif_directives[] = {
    { "empty_gif", IN_LOCATION, 0, 0, MW_FIELD_BY(gif_conf, on, set_gif), .inherit = MW_NEVER, .repeat = true,
      .help = "answers with a transparent picture of one pixel" },
    { 0 }
};

static const mw_http_part gif_http = { .applies = gif_applies, .content = gif_content, .sole = true };

const mw_module mw_empty_gif_module = {
    .name = "empty_gif", .directives = gif_directives, .conf_size = sizeof(gif_conf), .http = &gif_http,
};
