/* errlog.c - error_log: where lines of which level go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/bind.h"

static mw_rc to_ring(mw_bind *b, const mw_node *n, mw_str size, mw_sink *sink)
{
    uint64_t bytes = 0;

    if (!mw_read_size(size, &bytes) || bytes < 8192)
        return mw_bind_error_at(b, n, 0, "invalid buffer size \"%.*s\" defined by \"%.*s\"", MW_S(size),
                                MW_S(n->args[0]));
    sink->ring = MW_NEW(b->arena, mw_ring);
    sink->ring->size = (size_t)bytes;
    sink->ring->at = mw_arena_zalloc(b->arena, (size_t)bytes);
    return MW_OK;
}

static mw_rc read_target(mw_bind *b, const mw_node *n, mw_sink *sink)
{
    mw_str      to = n->args[0];
    const char *why = NULL;

    if (mw_str_eq(to, MW_STR("stderr"))) {
        sink->file = mw_wants_log(b->wants, b->arena, (mw_str){ "", 0 });
        return MW_OK;
    }
    if (mw_str_starts(to, MW_STR("memory:")))
        return to_ring(b, n, mw_str_drop(to, 7), sink);
    if (mw_str_starts(to, MW_STR("syslog:"))) {
        if (mw_syslog_parse(b->arena, to, &sink->syslog, &why) != MW_OK)
            return mw_bind_error_at(b, n, 0, "%s", why);
        return MW_OK;
    }
    if (to.len == 0)
        return mw_bind_error_at(b, n, 0, "invalid log name \"\"");
    sink->file = mw_wants_log(b->wants, b->arena, mw_bind_path(b, to));
    return MW_OK;
}

mw_rc mw_set_error_log(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    const mw_sinks **slot = field;
    mw_sinks        *sinks = MW_NEW(b->arena, mw_sinks);
    mw_sink         *sink = MW_NEW(b->arena, mw_sink);

    (void)d;
    sink->level = MW_LOG_ERROR;
    if (n->nargs > 2)
        return mw_bind_error(b, n, "invalid number of arguments in \"error_log\" directive");
    if (n->nargs == 2) {
        sink->level = mw_log_level_of(n->args[1]);
        if (sink->level == MW_LOG_STDERR)
            return mw_bind_error_at(b, n, 1, "invalid log level \"%.*s\"", MW_S(n->args[1]));
    }
    if (read_target(b, n, sink) != MW_OK)
        return MW_ERR;
    if (*slot != NULL)
        *sinks = **slot;                        /* the earlier ones of this block; their list goes on behind ours */
    sink->next = sinks->first;
    sinks->first = sink;
    if (sink->level > sinks->most)
        sinks->most = sink->level;
    *slot = sinks;
    return MW_OK;
}
