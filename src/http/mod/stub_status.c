/* stub_status.c - stub_status: the counters of all workers, and the variables of their connections.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/vars.h"

typedef struct { bool on; } status_conf;

static bool status_applies(const void *conf)
{
    const status_conf *c = conf;
    return c->on;
}

static mw_verdict status_content(mw_request *r, const void *conf, void *ctx)
{
    const mw_counters *c = r->loop->worker->counters;
    mw_out             o = mw_arena_pen(r->arena, 512);

    (void)conf;
    (void)ctx;
    if ((r->method & (MW_GET | MW_HEAD)) == 0)
        return mw_refuse(r, 405);
    mw_out_fmt(&o, "Active connections: %llu \nserver accepts handled requests\n %llu %llu %llu \n",
               (unsigned long long)mw_counters_sum(c, MW_COUNT_ACTIVE),
               (unsigned long long)mw_counters_sum(c, MW_COUNT_ACCEPTED),
               (unsigned long long)mw_counters_sum(c, MW_COUNT_HANDLED),
               (unsigned long long)mw_counters_sum(c, MW_COUNT_REQUESTS));
    mw_out_fmt(&o, "Reading: %llu Writing: %llu Waiting: %llu \n",
               (unsigned long long)mw_counters_sum(c, MW_COUNT_READING),
               (unsigned long long)mw_counters_sum(c, MW_COUNT_WRITING),
               (unsigned long long)mw_counters_sum(c, MW_COUNT_WAITING));
    r->res.type = MW_STR("text/plain");
    return mw_answer(r, 200, mw_out_done(&o));
}

static bool get_count(mw_scope *s, const mw_var *v, mw_str *text)
{
    return mw_got_u64(s, text, mw_counters_sum(mw_scope_request(s)->loop->worker->counters, (mw_count)v->data));
}

static const mw_var status_vars[] = {
    { "connections_active", .get = get_count, .data = MW_COUNT_ACTIVE, .fleeting = true },
    { "connections_reading", .get = get_count, .data = MW_COUNT_READING, .fleeting = true },
    { "connections_writing", .get = get_count, .data = MW_COUNT_WRITING, .fleeting = true },
    { "connections_waiting", .get = get_count, .data = MW_COUNT_WAITING, .fleeting = true },
    { .name = NULL }
};

static mw_rc set_status(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b;
    (void)n;
    (void)d;
    *(bool *)field = true;
    return MW_OK;
}

static const mw_directive status_directives[] = {
    { "stub_status", IN_SERVER | IN_LOCATION, 0, 1, MW_FIELD_BY(status_conf, on, set_status), .repeat = true,
      .help = "shows the server's counters here" },
    { 0 }
};

static const mw_http_part status_http = {
    .applies = status_applies, .content = status_content, .sole = true, .vars = status_vars,
};

const mw_module mw_stub_status_module = {
    .name = "stub_status", .directives = status_directives, .conf_size = sizeof(status_conf), .http = &status_http,
};
