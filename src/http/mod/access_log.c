/* access_log.c - log_format and access_log: one line per request, to as many logs as are in effect.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "conf/bind.h"
#include "core/map.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "rule/logfile.h"
#include "rule/logline.h"

enum { LINE_USUAL = 4096, LINE_MOST = 4096 * 64 };

typedef struct { mw_logfile to; const mw_logline *line; mw_expr *condition; } log_row;

typedef struct {
    mw_array rows;              /* of log_row */
    bool     off;
    uint32_t cache_max, cache_uses;
    uint64_t cache_inactive_ms, cache_valid_ms;
    mw_map  *formats;           /* of the main level: name to mw_logline */
    const mw_logline *json;     /* of the main level: the format of that name, if it is ours */
    unsigned count;             /* of the main level: log rows in the generation */
} log_conf;

static bool log_applies(const void *conf)
{
    const log_conf *c = conf;
    return !c->off && c->rows.n > 0;
}

static mw_logs *logs_of(const mw_request *r)
{
    const mw_worker *w = r->loop->worker;

    for (unsigned i = 0; w->modules[i] != NULL; i++)
        if (w->modules[i] == &mw_access_log_module) return w->state[i];
    return NULL;
}

static bool wanted(const log_row *row, mw_scope *s)
{
    mw_str value;

    if (row->condition == NULL)
        return true;
    value = mw_expr_text(row->condition, s);
    return value.len > 0 && !mw_str_eq(value, MW_STR("0"));
}

/* Straight into the log's buffer; a line that is longer than usual is written again with more room. */
static void log_in_place(mw_request *r, mw_logs *logs, const log_row *row)
{
    for (size_t room = LINE_USUAL; room <= LINE_MOST; room *= 8) {
        mw_out o = mw_logs_pen(logs, &row->to, room);

        mw_logline_write(row->line, &r->scope, &o);
        if (o.cut && room < LINE_MOST)
            continue;
        mw_logs_wrote(logs, &row->to, &o);
        return;
    }
}

static void log_apart(mw_request *r, mw_logs *logs, const log_row *row)
{
    for (size_t room = LINE_USUAL; room <= LINE_MOST; room *= 8) {
        mw_out o = mw_arena_pen(r->arena, room);

        mw_logline_write(row->line, &r->scope, &o);
        if (o.cut && room < LINE_MOST)
            continue;
        mw_logs_write(logs, &row->to, &r->scope, mw_out_done(&o));
        return;
    }
}

static void log_note(mw_request *r, const void *conf, void *ctx)
{
    const log_conf *c = conf;
    mw_logs        *logs = logs_of(r);

    (void)ctx;
    for (size_t i = 0; i < c->rows.n && logs != NULL; i++) {
        const log_row *row = &MW_ITEM(&c->rows, log_row, i);

        if (!wanted(row, &r->scope))
            continue;
        if (row->to.path == NULL && row->to.file != NULL)
            log_in_place(r, logs, row);
        else
            log_apart(r, logs, row);
    }
}

static const char combined[] = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
                               "\"$http_referer\" \"$http_user_agent\"";

/* The format `json`, unless the configuration has one of that name. */
static const mw_log_member json[] = {
    { "time", "time_iso8601", false }, { "msec", "msec", true }, { "remote_addr", "remote_addr", false },
    { "remote_user", "remote_user", false }, { "scheme", "scheme", false }, { "host", "host", false },
    { "server_name", "server_name", false }, { "method", "request_method", false }, { "uri", "request_uri", false },
    { "protocol", "server_protocol", false }, { "status", "status", true },
    { "body_bytes_sent", "body_bytes_sent", true }, { "bytes_sent", "bytes_sent", true },
    { "request_length", "request_length", true }, { "request_time", "request_time", true },
    { "referer", "http_referer", false }, { "user_agent", "http_user_agent", false },
    { "upstream_addr", "upstream_addr", false }, { "upstream_status", "upstream_status", true },
    { "upstream_response_time", "upstream_response_time", true }, { "connection", "connection", true },
    { "connection_requests", "connection_requests", true },
};

/* The module's struct of the main level, where formats live. */
static log_conf *at_top(mw_bind *b) { return mw_bind_conf(b, b->top, &mw_access_log_module); }

static const mw_logline *format_named(mw_bind *b, const mw_node *n, mw_str name)
{
    log_conf   *top = at_top(b);
    mw_logline *line = top->formats != NULL ? mw_map_get(top->formats, name) : NULL;

    if (line == NULL && mw_str_eq(name, MW_STR("combined"))) {
        if (top->formats == NULL)
            top->formats = mw_map_new(b->arena, false);
        line = mw_logline_text(b, n, (mw_str){ combined, sizeof combined - 1 }, MW_ESCAPE_DEFAULT);
        if (line != NULL)
            mw_map_set(top->formats, MW_STR("combined"), line);
    }
    if (line == NULL && mw_str_eq(name, MW_STR("json")) && top->json == NULL)
        top->json = mw_logline_json(b, n, json, sizeof json / sizeof json[0]);
    return line == NULL && mw_str_eq(name, MW_STR("json")) ? top->json : line;
}

static mw_rc set_format(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    log_conf   *c = at_top(b);
    mw_logline *line;

    (void)d;
    (void)field;
    if (c->formats == NULL)
        c->formats = mw_map_new(b->arena, false);
    if (mw_map_get(c->formats, n->args[0]) != NULL || mw_str_eq(n->args[0], MW_STR("combined")))
        return mw_bind_error_at(b, n, 0, "duplicate \"log_format\" name \"%.*s\"", MW_S(n->args[0]));
    line = mw_logline_compile(b, n, 1);
    if (line == NULL)
        return MW_ERR;
    mw_map_set(c->formats, n->args[0], line);
    return MW_OK;
}

static mw_rc read_option(mw_bind *b, const mw_node *n, unsigned i, log_row *row)
{
    mw_str   word = n->args[i];
    uint64_t level = 0;

    if (mw_str_starts(word, MW_STR("buffer="))) {
        if (!mw_read_size(mw_str_drop(word, 7), &row->to.buffer) || row->to.buffer == 0)
            return mw_bind_error_at(b, n, i, "invalid buffer size \"%.*s\"", MW_S(mw_str_drop(word, 7)));
        return MW_OK;
    }
    if (mw_str_starts(word, MW_STR("flush="))) {
        if (!mw_read_msec(mw_str_drop(word, 6), &row->to.flush_ms) || row->to.flush_ms == 0)
            return mw_bind_error_at(b, n, i, "invalid flush time \"%.*s\"", MW_S(mw_str_drop(word, 6)));
        return MW_OK;
    }
    if (mw_str_eq(word, MW_STR("gzip")) || mw_str_starts(word, MW_STR("gzip="))) {
        row->to.gzip = 1;
        if (word.len > 4 && (!mw_str_u64(mw_str_drop(word, 5), &level) || level < 1 || level > 9))
            return mw_bind_error_at(b, n, i, "invalid compression level \"%.*s\"", MW_S(mw_str_drop(word, 5)));
        row->to.gzip = level > 0 ? (int)level : 1;
        return MW_OK;
    }
    if (mw_str_starts(word, MW_STR("if="))) {
        row->condition = mw_expr_compile(b, n, mw_str_drop(word, 3));
        return row->condition != NULL ? MW_OK : MW_ERR;
    }
    return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(word));
}

static mw_rc read_target(mw_bind *b, const mw_node *n, log_row *row)
{
    mw_str      to = n->args[0], constant;
    const char *why = NULL;
    mw_expr    *e;

    if (mw_str_starts(to, MW_STR("syslog:"))) {
        if (mw_syslog_parse(b->arena, to, &row->to.syslog, &why) != MW_OK)
            return mw_bind_error_at(b, n, 0, "%s", why);
        return MW_OK;
    }
    e = mw_expr_compile(b, n, to);
    if (e == NULL)
        return MW_ERR;
    if (!mw_expr_is_constant(e, &constant))
        row->to.path = mw_str_char(to, 0) == '/' || mw_str_char(to, 0) == '$' ? e
                     : mw_expr_compile(b, n, mw_bind_path(b, to));
    else if (mw_str_eq(to, MW_STR("stderr")))
        row->to.file = mw_wants_log(b->wants, b->arena, (mw_str){ "", 0 });
    else
        row->to.file = mw_wants_log(b->wants, b->arena, mw_bind_path(b, to));
    return MW_OK;
}

static mw_rc add_row(mw_bind *b, const mw_node *n, log_conf *c)
{
    log_conf *top = at_top(b);
    log_row  *row = MW_PUSH(b->arena, &c->rows, log_row);
    mw_str    format = n->nargs > 1 ? n->args[1] : MW_STR("combined");

    row->to.number = top->count++;
    if (read_target(b, n, row) != MW_OK)
        return MW_ERR;
    for (unsigned i = 2; i < n->nargs; i++)
        if (read_option(b, n, i, row) != MW_OK) return MW_ERR;
    if (row->to.flush_ms > 0 && row->to.buffer == 0 && row->to.gzip == 0)
        return mw_bind_error(b, n, "no buffer is defined for access_log \"%.*s\"", MW_S(n->args[0]));
    if (row->to.gzip > 0 && row->to.buffer == 0)
        row->to.buffer = 65536;
    if (row->to.buffer > 0 && (row->to.path != NULL || row->to.syslog != NULL))
        return mw_bind_error(b, n, row->to.path != NULL ? "buffered logs cannot have variables in name"
                             : "logs to syslog cannot be buffered");
    row->line = format_named(b, n, format);
    if (row->line == NULL)
        return mw_bind_error_at(b, n, n->nargs > 1 ? 1 : 0, "unknown log format \"%.*s\"", MW_S(format));
    return MW_OK;
}

static mw_rc set_log(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    log_conf *c = mw_bind_conf(b, b->level, &mw_access_log_module);

    (void)d;
    (void)field;
    if (mw_str_eq(n->args[0], MW_STR("off"))) {
        if (n->nargs > 1)
            return mw_bind_error_at(b, n, 1, "invalid parameter \"%.*s\"", MW_S(n->args[1]));
        c->off = true;
        return MW_OK;
    }
    return add_row(b, n, c);
}

static mw_rc set_cache(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    log_conf *c = at_top(b);                    /* one cache for the process */
    uint64_t  number;

    (void)d;
    (void)field;
    c->cache_inactive_ms = 10000;
    c->cache_valid_ms = 60000;
    c->cache_uses = 1;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str word = n->args[i];

        if (mw_str_eq(word, MW_STR("off")))
            c->cache_max = 0;
        else if (mw_str_starts(word, MW_STR("max=")) && mw_str_u64(mw_str_drop(word, 4), &number) && number > 0)
            c->cache_max = (uint32_t)(number < 65536 ? number : 65536);
        else if (mw_str_starts(word, MW_STR("min_uses=")) && mw_str_u64(mw_str_drop(word, 9), &number) && number > 0)
            c->cache_uses = (uint32_t)number;
        else if (!(mw_str_starts(word, MW_STR("inactive="))
                   && mw_read_msec(mw_str_drop(word, 9), &c->cache_inactive_ms))
                 && !(mw_str_starts(word, MW_STR("valid=")) && mw_read_msec(mw_str_drop(word, 6), &c->cache_valid_ms)))
            return mw_bind_error_at(b, n, i, "invalid \"open_log_file_cache\" parameter \"%.*s\"", MW_S(word));
    }
    return MW_OK;
}

/* Where nothing is written nginx logs to the place given when it was built.  That log is opened only if some server
 * has no other: its folder need not be there. */
static mw_rc log_begin(mw_bind *b)
{
    mw_node *synthetic = MW_NEW(b->arena, mw_node);
    log_row *row = MW_PUSH(b->arena, &at_top(b)->rows, log_row);

    synthetic->name = MW_STR("access_log");
    row->to.number = at_top(b)->count++;
    row->line = format_named(b, synthetic, MW_STR("combined"));
    return row->line != NULL ? MW_OK : MW_ERR;
}

static mw_rc log_finish(mw_bind *b)
{
    log_conf *top = at_top(b);

    for (const mw_level *http = b->top->kids; http != NULL; http = http->next)
        for (const mw_level *s = http->where == IN_HTTP ? http->kids : NULL; s != NULL; s = s->next) {
            const log_conf *c = mw_bind_conf(b, s, &mw_access_log_module);

            if (s->where == IN_SERVER && !c->off && c->rows.items == top->rows.items)
                MW_ITEM(&top->rows, log_row, 0).to.file =
                    mw_wants_log(b->wants, b->arena, mw_bind_path(b, MW_STR(MW_HTTP_LOG_PATH)));
        }
    return MW_OK;
}

static const mw_directive log_directives[] = {
    { "access_log", IN_WEB | IN_IF | IN_LIMIT_EXCEPT, 1, MANY, MW_FIELD_BY(log_conf, rows, set_log), .repeat = true,
      .group = "access_log", .help = "where requests are logged, and how: combined, json, or a log_format" },
    { "log_format", IN_HTTP, 2, MANY, .set = set_format, .repeat = true, .help = "defines the lines of access logs" },
    { "open_log_file_cache", IN_WEB, 1, 4, .set = set_cache, .help = "keeps logs with variables in their names open" },
    { 0 }
};

static const mw_http_part log_http = { .begin = log_begin, .applies = log_applies, .log = log_note };

static unsigned own_number(const mw_worker *w)
{
    unsigned i = 0;

    while (w->modules[i] != &mw_access_log_module)
        i++;
    return i;
}

static mw_rc log_start(mw_worker *w)
{
    unsigned        i = own_number(w);
    const log_conf *c = w->conf->conf[i];
    mw_logs        *logs = mw_logs_new(w, c->count);

    if (c->cache_max > 0)
        mw_logs_cache(logs, c->cache_max, c->cache_inactive_ms, c->cache_valid_ms, c->cache_uses);
    w->state[i] = logs;
    return MW_OK;
}

static void log_stop(mw_worker *w)
{
    mw_logs_free(w->state[own_number(w)]);
}

const mw_module mw_access_log_module = {
    .name = "access_log", .directives = log_directives, .conf_size = sizeof(log_conf), .finish = log_finish,
    .start = log_start, .stop = log_stop, .http = &log_http,
};
