/* vars.c - $uri and its family: the variables of the http core.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/vars.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "core/codec.h"
#include "core/random.h"
#include "http/body.h"
#include "http/core.h"
#include "http/site.h"
#include "http/status.h"
#include "http/uri.h"

enum { NUMBER = 24 };

bool mw_got(mw_str *text, mw_str value)
{
    *text = value;
    return true;
}

bool mw_got_u64(mw_scope *s, mw_str *text, uint64_t n)
{
    mw_out o = mw_arena_pen(s->arena, NUMBER);

    mw_out_u64(&o, n);
    return mw_got(text, mw_out_done(&o));
}

/* Seconds with three decimals. */
bool mw_got_seconds(mw_scope *s, mw_str *text, uint64_t ms)
{
    mw_out o = mw_arena_pen(s->arena, NUMBER);

    mw_out_u64(&o, ms / 1000);
    mw_out_char(&o, '.');
    mw_out_padded(&o, ms % 1000, 3);
    return mw_got(text, mw_out_done(&o));
}

/* Fields of the request that are text already, by their offset. */
static bool get_text(mw_scope *s, const mw_var *v, mw_str *text)
{
    const char *r = (const char *)mw_scope_request(s);

    return mw_got(text, *(const mw_str *)(const void *)&r[v->data]);
}

static void set_args(mw_scope *s, const mw_var *v, mw_str text)
{
    (void)v;
    mw_scope_request(s)->args = text;
}

static bool get_header(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);
    const mw_field   *f = mw_fields_get(&r->head, (mw_token)v->data);

    if (f == NULL)
        return false;
    return mw_got(text, f->then == 0 ? f->value : mw_fields_joined(s->arena, &r->head, f->name, ',')) && text->len > 0;
}

/* $http_x_y: a field named x-y; names are compared with '_' for '-'. */
static bool name_fits(mw_str field, mw_str rest)
{
    if (field.len != rest.len)
        return false;
    for (size_t i = 0; i < rest.len; i++) {
        char c = mw_lower(mw_str_char(field, i));

        if ((c == '-' ? '_' : c) != mw_lower(mw_str_char(rest, i))) return false;
    }
    return true;
}

bool mw_got_fields(mw_scope *s, const mw_fields *list, mw_str rest, char separator, mw_str *text)
{
    mw_str   first = { NULL, 0 };
    size_t   bytes = 0;
    unsigned n = 0;
    mw_out   o;

    MW_FIELDS_EACH(f, list) {
        if (!name_fits(f->name, rest))
            continue;
        first = n++ == 0 ? f->value : first;
        bytes += f->value.len + 2;
    }
    if (n <= 1)
        return mw_got(text, first) && n == 1;
    o = mw_arena_pen(s->arena, bytes);
    MW_FIELDS_EACH(f, list) {
        if (!name_fits(f->name, rest))
            continue;
        if (o.len > 0) {
            mw_out_char(&o, separator);
            mw_out_char(&o, ' ');
        }
        mw_out_str(&o, f->value);
    }
    return mw_got(text, mw_out_done(&o));
}

static bool get_http(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);
    char              separator = mw_str_ieq(v->rest, MW_STR("cookie")) ? ';' : ',';

    return mw_got_fields(s, &r->head, v->rest, separator, text);
}

/* What the wire itself puts into the head. */
static bool sent_by_wire(mw_scope *s, const mw_request *r, mw_str rest, mw_str *text)
{
    const mw_response *res = &r->res;
    mw_out             o;

    if (mw_str_eq(rest, MW_STR("content_type")) && res->type.len > 0) {
        mw_str parts[3] = { res->type, MW_STR("; charset="), res->charset };

        return mw_got(text, res->charset.len > 0 ? mw_arena_join(s->arena, parts, 3) : res->type);
    }
    if (mw_str_eq(rest, MW_STR("content_length")) && res->length >= 0 && res->status >= 200)
        return mw_got_u64(s, text, (uint64_t)res->length);
    if (mw_str_eq(rest, MW_STR("last_modified")) && res->modified >= 0) {
        o = mw_arena_pen(s->arena, 32);
        mw_out_http_date(&o, res->modified);
        return mw_got(text, mw_out_done(&o));
    }
    if (mw_str_eq(rest, MW_STR("transfer_encoding")) && res->sent_head && res->length < 0 && r->version == MW_HTTP_11
        && !res->tunnel && !res->head_only && res->status != 204 && res->status != 304)
        return mw_got(text, MW_STR("chunked"));
    if (mw_str_eq(rest, MW_STR("connection")))
        return mw_got(text, res->status == 101 ? MW_STR("upgrade")
                   : r->keep_alive ? MW_STR("keep-alive") : MW_STR("close"));
    if (mw_str_eq(rest, MW_STR("keep_alive")) && r->keep_alive && r->place->core->keepalive_header.seconds > 0) {
        o = mw_arena_pen(s->arena, 40);
        mw_out_str(&o, MW_STR("timeout="));
        mw_out_u64(&o, (uint64_t)r->place->core->keepalive_header.seconds);
        return mw_got(text, mw_out_done(&o));
    }
    return false;
}

static bool get_sent_http(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);

    if (r->res.status == 0)
        return false;
    return mw_got_fields(s, &r->res.head, v->rest, ',', text) || sent_by_wire(s, r, v->rest, text);
}

static bool get_sent_trailer(mw_scope *s, const mw_var *v, mw_str *text)
{
    return mw_got_fields(s, &mw_scope_request(s)->res.trailers, v->rest, ',', text);
}

static bool get_arg(mw_scope *s, const mw_var *v, mw_str *text)
{
    return mw_arg_find(mw_scope_request(s)->args, v->rest, text);
}

static bool cookie_in(mw_str header, mw_str name, mw_str *text)
{
    mw_str one, rest = header, key, value;

    while (rest.len > 0) {
        (void)mw_str_cut(rest, ';', &one, &rest);
        if (mw_str_cut(mw_str_trim(one), '=', &key, &value) && mw_str_ieq(mw_str_trim(key), name))
            return mw_got(text, mw_str_trim(value));
    }
    return false;
}

static bool get_cookie(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);

    for (const mw_field *f = mw_fields_get(&r->head, MW_T_COOKIE); f != NULL; f = mw_fields_next(&r->head, f))
        if (cookie_in(f->value, v->rest, text)) return true;
    return false;
}

static bool get_host(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);

    (void)v;
    return mw_got(text, r->host.len > 0 ? r->host : r->server != NULL ? r->server->name : MW_STR(""));
}

static bool get_hostname(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_out o = mw_arena_pen(s->arena, 256);

    (void)v;
    if (gethostname(o.at, 255) != 0)
        return false;
    return mw_got(text, mw_str_of(o.at));
}

static bool get_constant(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)s;
    return mw_got(text, mw_str_of((const char *)v->data));
}

static bool get_pid(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got_u64(s, text, (uint64_t)getpid());
}

static bool get_server_name(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->server->name);
}

static bool get_scheme(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->visit->tls ? MW_STR("https") : MW_STR("http"));
}

static bool get_https(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->visit->tls ? MW_STR("on") : MW_STR(""));
}

static bool get_is_args(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->args.len > 0 ? MW_STR("?") : MW_STR(""));
}

static bool get_request_port(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->host_port);
}

static bool get_is_request_port(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->host_port.len > 0 ? MW_STR(":") : MW_STR(""));
}

static bool get_protocol(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    switch (mw_scope_request(s)->version) {
    case MW_HTTP_09: return mw_got(text, MW_STR(""));        /* it says none */
    case MW_HTTP_10: return mw_got(text, MW_STR("HTTP/1.0"));
    case MW_HTTP_11: return mw_got(text, MW_STR("HTTP/1.1"));
    case MW_HTTP_2:  return mw_got(text, MW_STR("HTTP/2.0"));
    }
    return mw_got(text, MW_STR(""));
}

static bool get_method(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->main->method_name) && text->len > 0;
}

static bool get_remote_user(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_str auth = mw_fields_value(&mw_scope_request(s)->head, MW_T_AUTHORIZATION), rest;
    mw_out o;

    (void)v;
    if (!mw_str_istarts(auth, MW_STR("Basic ")) || auth.len > 8192)
        return false;
    auth = mw_str_trim(mw_str_drop(auth, 6));
    o = mw_arena_pen(s->arena, auth.len);
    if (!mw_unbase64(&o, auth))
        return false;
    return mw_str_cut(mw_out_done(&o), ':', text, &rest) && text->len > 0;
}

static bool get_status(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);
    int               status = r->err_status != 0 ? r->err_status : r->res.status;
    mw_out            o = mw_arena_pen(s->arena, 8);

    (void)v;
    if (status == 0 && r->version == MW_HTTP_09)
        status = 9;
    mw_out_padded(&o, (uint64_t)status, 3);
    return mw_got(text, mw_out_done(&o));
}

static bool get_bytes_sent(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got_u64(s, text, mw_scope_request(s)->sent);
}

static bool get_body_bytes_sent(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got_u64(s, text, mw_scope_request(s)->sent_body);
}

static bool get_request_length(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got_u64(s, text, mw_scope_request(s)->line_bytes);
}

static bool get_request_time(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);

    (void)v;
    return mw_got_seconds(s, text, r->loop->clock.now > r->began_ms ? r->loop->clock.now - r->began_ms : 0);
}

static bool get_pipe(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);

    (void)v;
    return mw_got(text, r->pipelined ? MW_STR("p") : MW_STR("."));
}

static bool get_completion(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_scope_request(s)->finished ? MW_STR("OK") : MW_STR(""));
}

static bool get_root(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_root_of(mw_scope_request(s)));
}

static bool get_realpath_root(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request *r = mw_scope_request(s);
    char       *real = realpath(mw_arena_z(s->arena, mw_root_of(r)), mw_arena_zalloc(s->arena, 4096));

    (void)v;
    if (real == NULL) {
        MW_LOG(&r->log, MW_LOG_CRIT, errno, "realpath() \"%.*s\" failed", MW_S(mw_root_of(r)));
        return false;
    }
    return mw_got(text, mw_str_of(real));
}

static bool get_filename(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request *r = mw_scope_request(s);

    (void)v;
    return mw_got(text, mw_path_of(r, r->uri));
}

static bool get_body(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request *r = mw_scope_request(s);

    (void)v;
    if (r->main->body == NULL)
        return false;
    return mw_got(text, mw_body_text(r)) && text->len > 0;
}

static bool get_body_file(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_body *body = mw_scope_request(s)->main->body;

    (void)v;
    return body != NULL && body->spool != NULL && mw_got(text, body->spool_path) && text->len > 0;
}

static bool get_request_id(mw_scope *s, const mw_var *v, mw_str *text)
{
    uint8_t id[16];
    mw_out  o = mw_arena_pen(s->arena, 2 * sizeof id);

    (void)v;
    mw_random_bytes(id, sizeof id);
    mw_out_hex_bytes(&o, (mw_str){ (const char *)id, sizeof id });
    return mw_got(text, mw_out_done(&o));
}

static bool get_limit_rate(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request *r = mw_scope_request(s);
    uint64_t          rate = r->limit_rate;

    (void)v;
    if (rate == UINT64_MAX && !r->res.sent_head)        /* the directive's is taken when the answer begins */
        rate = 0;
    if (rate == UINT64_MAX && !mw_read_size(mw_expr_text(r->place->core->limit_rate, s), &rate))
        rate = 0;
    return mw_got_u64(s, text, rate);
}

static void set_limit_rate(mw_scope *s, const mw_var *v, mw_str text)
{
    uint64_t rate;

    (void)v;
    if (mw_read_size(text, &rate)) mw_scope_request(s)->limit_rate = rate;
}

static bool get_msec(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_clock *c = &mw_scope_request(s)->loop->clock;

    (void)v;
    return mw_got_seconds(s, text, (uint64_t)c->sec * 1000 + c->msec);
}

static bool get_time_local(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_arena_copy(s->arena, (mw_str){ mw_scope_request(s)->loop->clock.log, 26 }));
}

static bool get_time_iso(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)v;
    return mw_got(text, mw_arena_copy(s->arena, (mw_str){ mw_scope_request(s)->loop->clock.iso, 25 }));
}

#define TEXT(field)  .get = get_text, .data = offsetof(mw_request, field), .fleeting = true

const mw_var mw_http_vars[] = {
    { "uri", TEXT(uri) },
    { "document_uri", TEXT(uri) },
    { "request", TEXT(line) },
    { "request_uri", TEXT(target) },
    { "args", TEXT(args), .set = set_args, .changeable = true },
    { "query_string", TEXT(args) },
    { "http_host", .get = get_header, .data = MW_T_HOST },
    { "http_user_agent", .get = get_header, .data = MW_T_USER_AGENT },
    { "http_referer", .get = get_header, .data = MW_T_REFERER },
    { "content_length", .get = get_header, .data = MW_T_CONTENT_LENGTH },
    { "content_type", .get = get_header, .data = MW_T_CONTENT_TYPE },
    { "http_", .get = get_http, .prefix = true },
    { "sent_http_", .get = get_sent_http, .prefix = true, .fleeting = true },
    { "sent_trailer_", .get = get_sent_trailer, .prefix = true, .fleeting = true },
    { "arg_", .get = get_arg, .prefix = true, .fleeting = true },
    { "cookie_", .get = get_cookie, .prefix = true },
    { "host", .get = get_host },
    { "hostname", .get = get_hostname },
    { "nginx_version", .get = get_constant, .data = (uintptr_t)MW_NGINX_VERSION },
    { "pid", .get = get_pid },
    { "remote_user", .get = get_remote_user },
    { "server_name", .get = get_server_name, .fleeting = true },
    { "server_protocol", .get = get_protocol },
    { "scheme", .get = get_scheme },
    { "https", .get = get_https },
    { "is_args", .get = get_is_args, .fleeting = true },
    { "request_port", .get = get_request_port },
    { "is_request_port", .get = get_is_request_port },
    { "request_method", .get = get_method, .fleeting = true },
    { "request_length", .get = get_request_length, .fleeting = true },
    { "request_time", .get = get_request_time, .fleeting = true },
    { "request_completion", .get = get_completion, .fleeting = true },
    { "request_filename", .get = get_filename, .fleeting = true },
    { "request_body", .get = get_body, .fleeting = true },
    { "request_body_file", .get = get_body_file, .fleeting = true },
    { "request_id", .get = get_request_id, .once = true },
    { "document_root", .get = get_root, .fleeting = true },
    { "realpath_root", .get = get_realpath_root, .fleeting = true },
    { "status", .get = get_status, .fleeting = true },
    { "bytes_sent", .get = get_bytes_sent, .fleeting = true },
    { "body_bytes_sent", .get = get_body_bytes_sent, .fleeting = true },
    { "pipe", .get = get_pipe },
    { "limit_rate", .get = get_limit_rate, .set = set_limit_rate, .changeable = true, .fleeting = true },
    { "msec", .get = get_msec, .fleeting = true },
    { "time_local", .get = get_time_local, .fleeting = true },
    { "time_iso8601", get_time_iso, .fleeting = true },
    { .name = NULL }
};

static void tell_quoted(mw_out *o, const char *what, mw_str text)
{
    if (text.len == 0)
        return;
    mw_out_str(o, mw_str_of(what));
    mw_out_char(o, '"');
    mw_out_str(o, mw_str_take(text, 1024));
    mw_out_char(o, '"');
}

void mw_request_tell(const void *request, mw_out *o)
{
    const mw_request *r = request;

    mw_out_str(o, MW_STR(", client: "));
    mw_addr_ip_text(o, r->client);
    if (r->server != NULL) {
        mw_out_str(o, MW_STR(", server: "));
        mw_out_str(o, r->server->name);
    }
    tell_quoted(o, ", request: ", r->main->line);
    if (r->parent != NULL)
        tell_quoted(o, ", subrequest: ", r->uri);
    if (r->upstream_tell != NULL)
        tell_quoted(o, ", upstream: ", r->upstream_tell(r));
    tell_quoted(o, ", host: ", mw_fields_value(&r->head, MW_T_HOST));
    tell_quoted(o, ", referrer: ", mw_fields_value(&r->head, MW_T_REFERER));
}
