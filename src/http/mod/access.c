/* access.c - allow and deny.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/modules.h"
#include "rule/access.h"

typedef struct { mw_access *rules; } access_conf;

static bool access_applies(const void *conf)
{
    const access_conf *c = conf;
    return c->rules != NULL;
}

static mw_verdict access_step(mw_request *r, const void *conf, void *ctx)
{
    const access_conf *c = conf;

    (void)ctx;
    switch (mw_access_says(c->rules, r->client)) {
    case 1:
        return MW_GRANT;
    case 0:
        if (r->place->core->satisfy == 0)
            MW_LOG(&r->log, MW_LOG_ERROR, 0, "access forbidden by rule");
        return mw_deny(r, 403);
    default:
        return MW_PASS;
    }
}

static const mw_directive access_directives[] = {
    { "allow", IN_WEB | IN_LIMIT_EXCEPT, 1, 1, MW_FIELD_BY(access_conf, rules, mw_set_access), .repeat = true,
      .extra = 1, .group = "access", .help = "lets these addresses in" },
    { "deny", IN_WEB | IN_LIMIT_EXCEPT, 1, 1, MW_FIELD_BY(access_conf, rules, mw_set_access), .repeat = true,
      .extra = 0, .group = "access", .help = "keeps these addresses out" },
    { 0 }
};

static const mw_http_part access_http = { .applies = access_applies, .access = access_step };

const mw_module mw_access_module = {
    .name = "access", .directives = access_directives, .conf_size = sizeof(access_conf), .http = &access_http,
};
