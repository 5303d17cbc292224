/* http1.c - HTTP/1.0 and 1.1 towards an upstream: a request's head written, a response's head and framing read.
 *
 * The head is written anew: what the configuration says, then the client's own fields but those of one hop.  A response
 * must be framed beyond doubt (RFC 9112 6.3), or its connection is not kept, and nothing of it is taken for the next
 * one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/http1.h"

#include "http/core.h"
#include "http/h1/parse.h"
#include "http/vars.h"

enum { LINES = 128 };           /* "HTTP/1.1", "Content-Length: ", ends of lines: what a head has beside its texts */

#define BIT(token)  (UINT64_C(1) << (token))

/* --- the request -------------------------------------------------------------------------------------------------- */

static bool ends_line(mw_str s)
{
    return mw_str_index(s, '\n') < s.len || mw_str_index(s, '\r') < s.len || mw_str_index(s, '\0') < s.len;
}

/* Variables may hold what a client wrote, decoded: no line ends in the middle. */
static void put_value(mw_out *o, mw_str value)
{
    if (!ends_line(value)) {
        mw_out_str(o, value);
        return;
    }
    for (size_t i = 0; i < value.len; i++) {
        char c = mw_str_char(value, i);

        mw_out_char(o, c == '\n' || c == '\r' || c == '\0' ? ' ' : c);
    }
}

/* Variables may hold blanks as well: the line has three words whatever they say. */
static void put_target(mw_out *o, mw_str target)
{
    for (size_t i = 0; i < target.len; i++) {
        char c = mw_str_char(target, i);

        if ((unsigned char)c > ' ' && c != 0x7f) {
            mw_out_char(o, c);
            continue;
        }
        mw_out_char(o, '%');
        mw_out_hex_bytes(o, mw_str_part(target, i, i + 1));
    }
}

static void put_field(mw_out *o, mw_str name, mw_str value)
{
    mw_out_str(o, name);
    mw_out_str(o, MW_STR(": "));
    put_value(o, value);
    mw_out_str(o, MW_STR("\r\n"));
}

/* The fields that the configuration says, evaluated; bytes they take. */
static size_t evaluate(mw_request *r, const mw_proxy_conf *c, mw_str *values)
{
    size_t bytes = 0;

    for (size_t i = 0; i < c->fields.n; i++) {
        const mw_proxy_header *h = &MW_ITEM(&c->fields, mw_proxy_header, i);

        values[i] = mw_expr_text(h->value, &r->scope);
        bytes += h->name.len + values[i].len + 4;
    }
    return bytes;
}

static bool only_usual(mw_str connection)
{
    return connection.len == 0 || mw_str_ieq(connection, MW_STR("keep-alive"))
        || mw_str_ieq(connection, MW_STR("close"));
}

/* RFC 9110 7.6.1: fields that the client's Connection names are for us alone. */
static bool passes(const mw_request *r, const mw_proxy_conf *c, const mw_field *f, mw_str connection)
{
    if (f->token != MW_T_NONE && (c->said & UINT64_C(1) << f->token) != 0)
        return false;
    if (f->token == MW_T_NONE && c->said_names != NULL && mw_map_get(c->said_names, f->name) != NULL)
        return false;
    (void)r;
    return connection.len == 0 || !mw_list_has(connection, f->name);
}

static void put_client_fields(mw_out *o, mw_request *r, const mw_proxy_conf *c, mw_str connection)
{
    MW_FIELDS_EACH(f, &r->head) {
        if (passes(r, c, f, connection))
            put_field(o, f->name, f->value);
    }
}

static size_t client_bytes(const mw_request *r)
{
    size_t bytes = 0;

    MW_FIELDS_EACH(f, &r->head) bytes += f->name.len + f->value.len + 4;
    return bytes;
}

/* How the body is framed.  Length -1: none is said. */
static int64_t frame_request(mw_exchange *x, const mw_http1 *h)
{
    mw_request *r = x->r;

    x->chunked = false;
    if (h->conf->body != NULL)
        return (int64_t)h->body.len;
    if (!x->wants_body || r->bodyless)
        return -1;
    if (!x->streams && mw_body_expected(r))
        return (int64_t)r->main->body->got;
    if (r->main->chunked)
        x->chunked = true;
    return r->main->chunked ? -1 : r->main->length;
}

static void put_framing(mw_out *o, mw_exchange *x, const mw_proxy_conf *c, int64_t length)
{
    if (length >= 0 && !c->says_length) {
        mw_out_str(o, MW_STR("Content-Length: "));
        mw_out_u64(o, (uint64_t)length);
        mw_out_str(o, MW_STR("\r\n"));
    }
    if (x->chunked && !c->says_coding)
        mw_out_str(o, MW_STR("Transfer-Encoding: chunked\r\n"));
}

/* We say that the connection ends, or cannot say that it goes on. */
static bool says_close(const mw_proxy_conf *c, const mw_str *values)
{
    bool keeps = c->version >= MW_HTTP_11;

    for (size_t i = 1; i < c->fields.n; i++) {
        if (mw_token_of(MW_ITEM(&c->fields, mw_proxy_header, i).name) != MW_T_CONNECTION)
            continue;
        keeps = !mw_list_has(values[i], MW_STR("close")) && (keeps || mw_list_has(values[i], MW_STR("keep-alive")));
    }
    return !keeps;
}

static void put_said(mw_out *o, const mw_proxy_conf *c, const mw_str *values, size_t from, size_t upto)
{
    for (size_t i = from; i < upto; i++)
        if (values[i].len > 0)
            put_field(o, MW_ITEM(&c->fields, mw_proxy_header, i).name, values[i]);
}

static void send_body(mw_exchange *x, const mw_http1 *h)
{
    if (h->conf->body != NULL)
        mw_chain_add_lent(&x->out, h->body);
    else if (x->wants_body && mw_body_expected(x->r))
        x->asking = mw_body_reader(x->r);
}

static mw_rc ask(mw_exchange *x)
{
    mw_http1            *h = x->speaker;
    const mw_proxy_conf *c = h->conf;
    mw_request          *r = x->r;
    mw_str              *values = MW_NEWS(r->arena, mw_str, c->fields.n);
    mw_str               connection = mw_fields_joined(r->arena, &r->head, MW_STR("Connection"), ',');
    size_t               bytes = evaluate(r, c, values) + h->method.len + h->target.len * 3 + LINES;
    int64_t              length = frame_request(x, h);
    mw_block            *block;
    mw_out               o;

    h->state = (mw_http1_state){ .chunked.strict = true, .closes = says_close(c, values) };
    if (c->way.pass_headers)
        bytes += client_bytes(r);
    block = bytes < UINT32_MAX ? mw_block_try((uint32_t)bytes) : NULL;
    if (block == NULL || ends_line(h->method) || mw_str_index(h->method, ' ') < h->method.len) {
        mw_block_done(block);
        x->status = block == NULL ? 500 : 400;
        return MW_ERR;
    }
    o = mw_out_on(block->data, block->size);
    mw_out_str(&o, h->method);
    mw_out_char(&o, ' ');
    put_target(&o, h->target);
    mw_out_str(&o, c->version == MW_HTTP_10 ? MW_STR(" HTTP/1.0\r\n") : MW_STR(" HTTP/1.1\r\n"));
    put_said(&o, c, values, 0, 1);
    put_framing(&o, x, c, length);
    put_said(&o, c, values, 1, c->fields.n);
    if (c->way.pass_headers)
        put_client_fields(&o, r, c, only_usual(connection) ? MW_STR("") : connection);
    mw_out_str(&o, MW_STR("\r\n"));
    mw_chain_give_block(&x->out, block, mw_out_done(&o));
    send_body(x, h);
    return MW_OK;
}

/* --- the response's head ------------------------------------------------------------------------------------------ */

static mw_rc invalid(mw_exchange *x, const char *why, mw_str what)
{
    mw_str text = mw_arena_fmt(x->r->arena, "%s: \"%.*s\"", why, MW_S(mw_str_take(what, 256)));

    mw_exchange_say(x, MW_LOG_ERROR, 0, mw_arena_z(x->r->arena, text));
    return MW_ERR;
}

static mw_rc duplicate(mw_exchange *x, const mw_h1_field *f, const mw_field *before, bool harmless)
{
    mw_str text = mw_arena_fmt(x->r->arena, "upstream sent duplicate header line: \"%.*s: %.*s\", previous value: "
                               "\"%.*s: %.*s\"%s", MW_S(mw_str_take(f->name, 64)), MW_S(mw_str_take(f->value, 256)),
                               MW_S(mw_str_take(before->name, 64)), MW_S(mw_str_take(before->value, 256)),
                               harmless ? ", ignored" : "");

    mw_exchange_say(x, harmless ? MW_LOG_WARN : MW_LOG_ERROR, 0, mw_arena_z(x->r->arena, text));
    return harmless ? MW_END : MW_ERR;
}

/* RFC 9110 5.6.2: what may stand in a field's name. */
static bool is_token(mw_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = mw_lower(mw_str_char(name, i));

        if (!mw_is_digit(c) && !mw_is_alpha(c) && strchr("!#$%&'*+-.^_`|~", c) == NULL)
            return false;
    }
    return true;
}

/* Fields that are said once: OK; where it is harmless the second one is passed over: END. */
static mw_rc once(mw_exchange *x, const mw_h1_field *f)
{
    static const uint64_t fatal = BIT(MW_T_CONTENT_LENGTH) | BIT(MW_T_TRANSFER_ENCODING);
    static const uint64_t harmless = BIT(MW_T_STATUS) | BIT(MW_T_CONTENT_TYPE) | BIT(MW_T_LAST_MODIFIED)
                                   | BIT(MW_T_ETAG) | BIT(MW_T_SERVER) | BIT(MW_T_LOCATION) | BIT(MW_T_REFRESH)
                                   | BIT(MW_T_EXPIRES) | BIT(MW_T_X_ACCEL_EXPIRES) | BIT(MW_T_X_ACCEL_REDIRECT)
                                   | BIT(MW_T_DATE) | BIT(MW_T_X_ACCEL_LIMIT_RATE);
    const mw_field *before;

    if (f->token == MW_T_NONE || (BIT(f->token) & (fatal | harmless)) == 0)
        return MW_OK;
    before = mw_fields_get(&x->head, f->token);
    if (before == NULL)
        return MW_OK;
    return duplicate(x, f, before, (BIT(f->token) & harmless) != 0);
}

/* RFC 9112 6.3, and nothing that two readers could read in two ways. */
static mw_rc frame(mw_exchange *x)
{
    mw_http1       *h = x->speaker;
    mw_http1_state *s = &h->state;
    const mw_field *coding = mw_fields_get(&x->head, MW_T_TRANSFER_ENCODING);
    const mw_field *length = mw_fields_get(&x->head, MW_T_CONTENT_LENGTH);

    if (length != NULL && coding != NULL) {
        mw_exchange_say(x, MW_LOG_ERROR, 0,
                        "upstream sent \"Content-Length\" and \"Transfer-Encoding\" headers at the same time");
        return MW_ERR;
    }
    if (coding != NULL && !mw_str_ieq(coding->value, MW_STR("chunked")))
        return invalid(x, "upstream sent unknown \"Transfer-Encoding\"", coding->value);
    if (length != NULL && !mw_h1_content_length(length->value, &s->length))
        return invalid(x, "upstream sent invalid \"Content-Length\" header", length->value);
    s->left = length != NULL ? (uint64_t)s->length : 0;
    if (length == NULL)
        s->length = -1;
    if (x->upgrade)
        s->framing = MW_FRAMED_RAW;
    else if (h->head_asked || x->status < 200 || x->status == 204 || x->status == 304)
        s->framing = MW_FRAMED_NONE;
    else if (coding != NULL)
        s->framing = MW_FRAMED_CHUNKS;
    else
        s->framing = length != NULL ? MW_FRAMED_LENGTH : MW_FRAMED_EOF;
    if (s->framing == MW_FRAMED_LENGTH && s->left == 0)
        s->framing = MW_FRAMED_NONE;
    return MW_OK;
}

static void keeps(mw_exchange *x, mw_http1_state *s)
{
    for (const mw_field *f = mw_fields_get(&x->head, MW_T_CONNECTION); f != NULL; f = mw_fields_next(&x->head, f)) {
        s->closes = s->closes || mw_list_has(f->value, MW_STR("close"));
        s->keeps = s->keeps || mw_list_has(f->value, MW_STR("keep-alive"));
    }
    s->keep = !s->closes && (s->version >= MW_HTTP_11 || s->keeps) && s->framing != MW_FRAMED_EOF && x->status >= 200;
}

static bool upgrade_asked(const mw_exchange *x)
{
    const mw_http1 *h = x->speaker;

    for (size_t i = 0; i < h->conf->fields.n; i++)
        if (mw_token_of(MW_ITEM(&h->conf->fields, mw_proxy_header, i).name) == MW_T_UPGRADE)
            return x->r->upgrade;
    return false;
}

/* Of a head that is passed on as it is: what is for this hop alone. */
static void drop_hop(mw_exchange *x)
{
    static const mw_token hop[] = { MW_T_CONNECTION, MW_T_KEEP_ALIVE, MW_T_PROXY_CONNECTION, MW_T_TE,
                                    MW_T_TRANSFER_ENCODING, MW_T_CONTENT_LENGTH };
    mw_str connection = mw_fields_joined(x->r->arena, &x->head, MW_STR("Connection"), ','), name;

    while (connection.len > 0) {
        (void)mw_str_cut(connection, ',', &name, &connection);
        mw_fields_drop_name(&x->head, mw_str_trim(name));
    }
    for (size_t i = 0; i < sizeof hop / sizeof hop[0]; i++)
        mw_fields_drop(&x->head, hop[i]);
}

/* 100 and kin go by; 103 may be told; 101 is an answer, and nothing follows it if it was not asked for.
 * OK: it was one, and the next head follows. */
static mw_rc informed(mw_exchange *x, bool *was)
{
    mw_http1   *h = x->speaker;
    mw_request *r = x->r;

    *was = false;
    if (x->status == 101) {
        x->upgrade = upgrade_asked(x);
        return MW_OK;
    }
    if (x->status >= 200)
        return MW_OK;
    *was = true;
    if (x->status == 103 && r->wire != NULL && r->parent == NULL && mw_exprs_any(&h->conf->early_hints, &r->scope)) {
        drop_hop(x);
        r->wire->inform(r, 103, &x->head);
    }
    if (++h->state.informed > MW_HTTP1_INFORMED)
        return invalid(x, "upstream sent too many statuses", MW_STR("1xx"));
    mw_fields_clear(&x->head);
    h->state.lined = false;
    return MW_OK;
}

static mw_rc status_line(mw_exchange *x, mw_str bytes, size_t *used)
{
    mw_http1    *h = x->speaker;
    mw_h1_status line;
    mw_rc        rc = mw_h1_status_line(bytes, &line, used);

    if (rc == MW_ERR) {
        mw_exchange_say(x, MW_LOG_ERROR, 0, "upstream sent no valid HTTP/1.0 header");
        return MW_ERR;
    }
    if (rc != MW_OK)
        return rc;
    h->state.lined = true;
    h->state.version = line.version;
    h->state.line = line.line;
    x->status = line.status;
    return MW_OK;
}

/* The empty line.  END: the head is whole; OK: it was an informal one. */
static mw_rc head_ends(mw_exchange *x)
{
    mw_http1 *h = x->speaker;
    bool      was;

    if (informed(x, &was) != MW_OK)
        return MW_ERR;
    if (was)
        return MW_OK;
    if (frame(x) != MW_OK)
        return MW_ERR;
    keeps(x, &h->state);
    return MW_END;
}

static mw_rc one_line(mw_exchange *x, mw_str bytes, size_t *used)
{
    mw_http1   *h = x->speaker;
    mw_h1_field f;
    mw_h1_fault fault = MW_H1_FINE;
    mw_rc       rc;

    if (!h->state.lined)
        return status_line(x, bytes, used);
    rc = mw_h1_header(bytes, &f, used, &fault);
    if (rc == MW_AGAIN)
        return rc;
    if (rc == MW_END)
        return head_ends(x);
    if (rc == MW_ERR || (f.invalid && !is_token(f.name)))
        return invalid(x, "upstream sent invalid header", rc == MW_ERR ? mw_str_take(bytes, mw_str_index(bytes, '\n'))
                                                                       : f.name);
    rc = once(x, &f);
    if (rc != MW_OK)
        return rc == MW_END ? MW_OK : MW_ERR;
    if (mw_fields_add_parsed(x->r->arena, &x->head, f.name, f.value, f.token) == NULL)
        return invalid(x, "upstream sent too many headers", f.name);
    return MW_OK;
}

static mw_rc head(mw_exchange *x, mw_str bytes, size_t *used)
{
    mw_rc rc = MW_OK;

    *used = 0;
    while (rc == MW_OK) {
        size_t eaten = 0;

        rc = one_line(x, mw_str_drop(bytes, *used), &eaten);
        if (rc == MW_OK || rc == MW_END)
            *used += eaten;
    }
    return rc == MW_END ? MW_OK : rc;
}

/* --- its body ----------------------------------------------------------------------------------------------------- */

static void give(mw_exchange *x, mw_block *b, mw_str bytes)
{
    x->read_body += bytes.len;
    if (bytes.len > 0)
        mw_chain_add_block(&x->ready, b, bytes);
}

/* Bytes behind the end: whatever they are, they are nobody's answer. */
static void superfluous(mw_exchange *x, mw_http1_state *s)
{
    s->keep = false;
    mw_exchange_say(x, MW_LOG_WARN, 0, s->framing == MW_FRAMED_CHUNKS ? "upstream sent data after final chunk"
                    : "upstream sent more data than specified in \"Content-Length\" header");
}

static mw_rc body_of_length(mw_exchange *x, mw_http1_state *s, mw_block *b, mw_str bytes)
{
    mw_str part = mw_str_take(bytes, s->left < bytes.len ? (size_t)s->left : bytes.len);

    give(x, b, part);
    s->left -= part.len;
    if (part.len < bytes.len)
        superfluous(x, s);
    return s->left == 0 ? MW_END : MW_OK;
}

static mw_rc body_of_chunks(mw_exchange *x, mw_http1_state *s, mw_block *b, mw_str bytes)
{
    mw_fields *trailers = mw_facts_of(x->r)->trailers;
    mw_str     data;
    mw_rc      rc;

    while ((rc = mw_chunked_next(&s->chunked, &bytes, &data, x->r->arena, trailers)) == MW_OK)
        give(x, b, data);
    if (rc == MW_AGAIN)
        return MW_OK;
    if (rc == MW_ERR) {
        mw_exchange_say(x, MW_LOG_ERROR, 0, "upstream sent invalid chunked response");
        return MW_ERR;
    }
    if (x->way->pass_trailers) {
        MW_FIELDS_EACH(f, trailers) (void)mw_fields_add(x->r->arena, &x->r->res.trailers, f->name, f->value);
    }
    if (bytes.len > 0)
        superfluous(x, s);
    return MW_END;
}

static mw_rc body(mw_exchange *x, mw_block *b, mw_str bytes)
{
    mw_http1_state *s = &((mw_http1 *)x->speaker)->state;

    switch (s->framing) {
    case MW_FRAMED_NONE:
        if (bytes.len > 0)
            superfluous(x, s);
        return MW_END;
    case MW_FRAMED_LENGTH:
        return body_of_length(x, s, b, bytes);
    case MW_FRAMED_CHUNKS:
        return body_of_chunks(x, s, b, bytes);
    case MW_FRAMED_EOF:
    case MW_FRAMED_RAW:
        give(x, b, bytes);
        return MW_OK;
    }
    return MW_ERR;
}

static mw_rc ended(mw_exchange *x)
{
    switch (((mw_http1 *)x->speaker)->state.framing) {
    case MW_FRAMED_NONE:
    case MW_FRAMED_EOF:
    case MW_FRAMED_RAW:
        return MW_END;
    case MW_FRAMED_LENGTH:
    case MW_FRAMED_CHUNKS:
        break;
    }
    mw_exchange_say(x, MW_LOG_ERROR, 0, "upstream prematurely closed connection");
    return MW_ERR;
}

static bool reusable(const mw_exchange *x)
{
    return ((const mw_http1 *)x->speaker)->state.keep;
}

const mw_speak mw_speak_http1 = {
    .name = "http1", .ask = ask, .head = head, .body = body, .ended = ended, .reusable = reusable,
};
