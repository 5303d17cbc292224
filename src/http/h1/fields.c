/* fields.c - what a request line and its fields mean: method, target, host, where the body ends, whether to keep alive.
 *
 * What could be read in two ways is refused (RFC 9112 6.1, 6.3; 7.2 of RFC 9110), in nginx's words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/state.h"
#include "http/site.h"
#include "http/uri.h"

/* Why its sender is to blame. */
#define BLAME(w, ...)  MW_LOG(&(w)->r->log, MW_LOG_INFO, 0, __VA_ARGS__)

static int refuse(mw_h1_work *w, int status)
{
    w->r->keep_alive = false;
    return status;
}

static void choose_server(mw_h1_work *w)
{
    mw_request *r = w->r;

    w->server = mw_door_server(w->h1->at, &r->scope, r->host);
    r->server = w->server;
    r->log.sinks = w->server->core->errors;
}

static bool take_host(mw_h1_work *w, mw_str text)
{
    mw_request *r = w->r;
    mw_out      lower = mw_arena_pen(r->arena, text.len);
    mw_str      port;

    if (!mw_host_valid(text, &lower, &port))
        return false;
    if (r->host.len > 0)                        /* that of the target counts, RFC 9112 3.2.2 */
        return true;
    r->host = mw_out_done(&lower);
    r->host_port = port;
    choose_server(w);
    return true;
}

/* "/path?args" of a target, as it came. */
static mw_str origin_form(mw_request *r, const mw_target *t, mw_str target)
{
    mw_str rest = mw_str_drop(target, t->scheme.len + 3 + t->host.len);
    mw_str parts[2] = { MW_STR("/"), rest };

    if (t->scheme.len == 0)
        return target;
    return mw_str_char(rest, 0) == '/' ? rest : mw_arena_join(r->arena, parts, 2);
}

/* The absolute form's host counts before any field; CONNECT has no path, all others have one. */
static int take_target(mw_h1_work *w, const mw_h1_line *line)
{
    mw_request *r = w->r;
    mw_target   t;
    mw_out      normal;

    if (!mw_target_parse(line->target, &t) || t.star || t.authority != (r->method == MW_CONNECT)) {
        BLAME(w, "client sent invalid request");
        return refuse(w, 400);
    }
    r->target = origin_form(r, &t, line->target);
    r->args = t.args;
    r->uri = t.authority ? MW_STR("/") : t.path;
    r->same_uri = true;
    r->plain_target = !t.complex;
    if (t.complex) {
        normal = mw_arena_pen(r->arena, t.path.len);
        r->uri = MW_STR("");
        if (mw_uri_normalise(t.path, w->server->core->merge_slashes, &normal) != MW_OK) {
            BLAME(w, "client sent invalid request");
            return refuse(w, 400);
        }
        r->uri = mw_out_done(&normal);
    }
    if ((t.scheme.len > 0 || t.authority) && !take_host(w, t.host)) {
        BLAME(w, "client sent invalid host in request line");
        return refuse(w, 400);
    }
    return 0;
}

int mw_h1_take_line(mw_h1_work *w, const mw_h1_line *line)
{
    mw_request *r = w->r;
    int         status;

    r->method_name = line->method;
    r->method = mw_method_of(line->method);
    r->version = line->version;
    r->keep_alive = line->version >= MW_HTTP_11;
    MW_LOG(&r->log, MW_LOG_DEBUG, 0, "http request line: \"%.*s\"", MW_S(line->whole));
    status = take_target(w, line);
    if (status != 0 && line->version == MW_HTTP_09)
        r->version = MW_HTTP_10;                /* a word too few, rather than an old client: it gets a head */
    return status;
}

static void say_invalid(mw_h1_work *w, const mw_h1_field *f)
{
    unsigned char bad = (unsigned char)mw_str_char(f->value, 0);

    BLAME(w, "client sent invalid header line: \"%.*s\\x%02x...\"", MW_S(mw_str_take(f->name, 512)), bad);
}

int mw_h1_take_fault(mw_h1_work *w, mw_h1_fault fault, const mw_h1_field *f)
{
    switch (fault) {
    case MW_H1_BAD_METHOD:
        BLAME(w, "client sent invalid method");
        break;
    case MW_H1_BAD_09_METHOD:
        BLAME(w, "client sent invalid method in HTTP/0.9 request");
        w->r->version = MW_HTTP_09;             /* and so no head in the answer */
        break;
    case MW_H1_BAD_VERSION:
        if (mw_str_starts(w->r->line, MW_STR("PRI * HTTP/2.0"))) {      /* as nginx without HTTP/2 here */
            BLAME(w, "client sent invalid request");
            break;
        }
        BLAME(w, "client sent invalid version");
        return refuse(w, 505);
    case MW_H1_BAD_FIELD:
    case MW_H1_FOLDED:
        say_invalid(w, f);
        break;
    case MW_H1_TOO_MANY:
        BLAME(w, "client sent too many header lines");
        break;
    case MW_H1_FINE:
    case MW_H1_BAD_LINE:
        BLAME(w, "client sent invalid request");
        break;
    }
    return refuse(w, 400);
}

/* RFC 9110 5.3: not lists, so there may be one. */
static bool is_single(mw_token t)
{
    switch ((unsigned)t) {
    case MW_T_HOST: case MW_T_IF_MODIFIED_SINCE: case MW_T_IF_UNMODIFIED_SINCE: case MW_T_IF_MATCH:
    case MW_T_IF_NONE_MATCH: case MW_T_CONTENT_LENGTH: case MW_T_CONTENT_RANGE: case MW_T_IF_RANGE:
    case MW_T_TRANSFER_ENCODING: case MW_T_EXPECT: case MW_T_AUTHORIZATION:
        return true;
    default:
        return false;
    }
}

static bool has_word(mw_str value, mw_str word)         /* anywhere in it, as nginx has it */
{
    for (; value.len >= word.len; value = mw_str_drop(value, 1))
        if (mw_str_istarts(value, word)) return true;
    return false;
}

static void take_connection(mw_request *r, mw_str value)
{
    if (has_word(value, MW_STR("close")))
        r->keep_alive = false;
    else if (has_word(value, MW_STR("keep-alive")))
        r->keep_alive = true;
    r->upgrade = r->upgrade || (r->version >= MW_HTTP_11 && has_word(value, MW_STR("upgrade")));
}

static int repeated(mw_h1_work *w, const mw_h1_field *f, const mw_field *before)
{
    BLAME(w, "client sent duplicate %s: \"%.*s: %.*s\", previous value: \"%.*s: %.*s\"",
          f->token == MW_T_HOST ? "host header" : "header line", MW_S(f->name), MW_S(f->value), MW_S(before->name),
          MW_S(before->value));
    return refuse(w, 400);
}

int mw_h1_take_field(mw_h1_work *w, const mw_h1_field *f)
{
    const mw_http_conf *core = w->server->core;
    mw_request         *r = w->r;
    const mw_field     *before;

    if (r->head.n >= core->max_headers)
        return mw_h1_take_fault(w, MW_H1_TOO_MANY, f);
    if (core->ignore_invalid_headers && (f->invalid || (f->underscore && !core->underscores_in_headers))) {
        BLAME(w, "client sent invalid header line: \"%.*s: %.*s\"", MW_S(f->name), MW_S(mw_str_take(f->value, 512)));
        return 0;
    }
    before = f->token != MW_T_NONE ? mw_fields_get(&r->head, f->token) : NULL;
    if (mw_fields_add_parsed(r->arena, &r->head, f->name, f->value, f->token) == NULL)
        return mw_h1_take_fault(w, MW_H1_TOO_MANY, f);
    if (before != NULL && is_single(f->token))
        return repeated(w, f, before);
    if (f->token == MW_T_CONNECTION)
        take_connection(r, f->value);
    if (f->token == MW_T_HOST && !take_host(w, f->value)) {
        BLAME(w, "client sent invalid host header");
        return refuse(w, 400);
    }
    return 0;
}

/* Where the body ends (RFC 9112 6.3); what could be read in two ways is refused. */
static int take_framing(mw_h1_work *w)
{
    mw_request     *r = w->r;
    const mw_field *length = mw_fields_get(&r->head, MW_T_CONTENT_LENGTH);
    const mw_field *coding = mw_fields_get(&r->head, MW_T_TRANSFER_ENCODING);

    if (length != NULL && !mw_h1_content_length(length->value, &r->length)) {
        BLAME(w, "client sent invalid \"Content-Length\" header");
        return refuse(w, 400);
    }
    if (coding == NULL)
        return 0;
    if (r->version < MW_HTTP_11) {
        BLAME(w, "client sent HTTP/1.0 request with \"Transfer-Encoding\" header");
        return refuse(w, 400);
    }
    if (!mw_str_ieq(coding->value, MW_STR("chunked"))) {
        BLAME(w, "client sent unknown \"Transfer-Encoding\": \"%.*s\"", MW_S(coding->value));
        return refuse(w, 501);
    }
    if (length != NULL) {
        BLAME(w, "client sent \"Content-Length\" and \"Transfer-Encoding\" headers at the same time");
        r->length = -1;
        return refuse(w, 400);
    }
    r->chunked = true;
    return 0;
}

static void expect_body(mw_h1_work *w)
{
    const mw_request *r = w->r;

    w->body = r->chunked ? MW_H1_CHUNKED : r->length > 0 ? MW_H1_LENGTH : MW_H1_NO_BODY;
    w->left = r->length > 0 ? (uint64_t)r->length : 0;
    w->chunked = (mw_chunked){ .strict = true };
    w->continued = false;
}

int mw_h1_take_end(mw_h1_work *w)
{
    mw_request *r = w->r;
    int         status;

    if (r->host.len == 0)
        choose_server(w);                       /* server_name "" */
    if (r->version >= MW_HTTP_11 && mw_fields_get(&r->head, MW_T_HOST) == NULL) {
        BLAME(w, "client sent HTTP/1.1 request without \"Host\" header");
        return refuse(w, 400);
    }
    status = take_framing(w);
    if (status != 0)
        return status;
    expect_body(w);
    r->upgrade = r->upgrade && mw_fields_get(&r->head, MW_T_UPGRADE) != NULL;
    r->expects = r->version >= MW_HTTP_11
              && mw_str_ieq(mw_fields_value(&r->head, MW_T_EXPECT), MW_STR("100-continue"));
    if (r->method == MW_TRACE || r->method == MW_CONNECT) {
        BLAME(w, "client sent %s method", r->method == MW_TRACE ? "TRACE" : "CONNECT");
        return refuse(w, 405);
    }
    return 0;
}
