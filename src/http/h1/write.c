/* write.c - the status line, header fields and framing of an HTTP/1 response.
 *
 * A head is written straight onto a block of the pool, behind whatever was written there before; so are bodies of up to
 * COPIED bytes, which costs less than a view of their own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/write.h"

#include "config.h"
#include "http/request.h"
#include "http/site.h"
#include "http/status.h"

enum {
    FIRST_BLOCK = 4096, NEXT_BLOCK = 16384,     /* more than one response: they come in numbers */
    COPIED = 2048,
    FIXED = 320,                                /* what a head is long at most, but for its texts */
    FRAME = 24                                  /* a chunk's size in hex, and ends of lines */
};

/* --- what is to be sent --- */

void mw_h1_out_init(mw_h1_out *o)
{
    *o = (mw_h1_out){ .block = NULL };
    mw_chain_init(&o->chain);
}

void mw_h1_out_end(mw_h1_out *o)
{
    mw_chain_clear(&o->chain);
    mw_block_done(o->block);
    mw_h1_out_init(o);
}

void mw_h1_out_settle(mw_h1_out *o)
{
    if (o->at == o->from)
        return;
    mw_chain_add_block(&o->chain, o->block, (mw_str){ &o->block->data[o->from], o->at - o->from });
    o->from = o->at;
}

/* A pen with that much room on the open block, or on a new one. */
static mw_out begin_pen(mw_h1_out *o, size_t room)
{
    if (o->block == NULL || o->block->size - o->at < room) {
        uint32_t size = o->block == NULL ? FIRST_BLOCK : NEXT_BLOCK;

        mw_h1_out_settle(o);
        mw_block_done(o->block);
        o->block = mw_block_new(room <= size ? size : (uint32_t)room);
        o->from = o->at = 0;
    }
    return mw_out_on(&o->block->data[o->at], o->block->size - o->at);
}

static void finish_pen(mw_h1_out *o, const mw_out *pen) { o->at += (uint32_t)pen->len; }

void mw_h1_out_str(mw_h1_out *o, mw_str s)
{
    mw_out pen = begin_pen(o, s.len);

    mw_out_str(&pen, s);
    finish_pen(o, &pen);
}

/* --- the head --- */

#define SERVER(text)  "Server: " text "\r\n"

static const mw_str servers[] = {
    [MW_TOKENS_OFF] = MW_STR_C(SERVER("nginx")),
    [MW_TOKENS_ON] = MW_STR_C(SERVER("nginx/" MW_NGINX_VERSION)),
    [MW_TOKENS_BUILD] = MW_STR_C(SERVER("nginx/" MW_NGINX_VERSION " (" MW_BUILD ")")),
};

static mw_str server_of(const mw_http_conf *core)
{
    return servers[core->server_tokens];
}

static void put_status(mw_out *o, const mw_response *res)
{
    int    status = mw_status_on_wire(res->status);
    mw_str line = res->status_line.len > 0 ? res->status_line : mw_status_line(status);

    mw_out_str(o, MW_STR("HTTP/1.1 "));
    if (line.len > 0) {
        mw_out_str(o, line);
    } else {
        mw_out_padded(o, (uint64_t)status, 3);
        mw_out_char(o, ' ');
    }
    mw_out_str(o, MW_STR("\r\n"));
}

/* A value of the configuration may have variables in it, and so what a client wrote: no line ends in the middle. */
static void put_value(mw_out *o, mw_str value)
{
    if (mw_str_index(value, '\n') == value.len && mw_str_index(value, '\r') == value.len) {
        mw_out_str(o, value);
        return;
    }
    for (size_t i = 0; i < value.len; i++)
        mw_out_char(o, value.at[i] == '\n' || value.at[i] == '\r' ? ' ' : value.at[i]);
}

static void put_field(mw_out *o, mw_str name, mw_str value)
{
    mw_out_str(o, name);
    mw_out_str(o, MW_STR(": "));
    put_value(o, value);
    mw_out_str(o, MW_STR("\r\n"));
}

static void put_fields(mw_out *o, const mw_fields *list, const mw_field *but)
{
    MW_FIELDS_EACH(f, list) {
        if (f != but)
            put_field(o, f->name, f->value);
    }
}

static size_t fields_size(const mw_fields *list)
{
    size_t n = 0;

    MW_FIELDS_EACH(f, list) n += f->name.len + f->value.len + 4;
    return n;
}

/* "http://name:port/x" for a Location of "/x", as absolute_redirect and its kin say; empty: it stays as it is. */
static mw_str absolute_location(mw_request *r, const mw_field *f)
{
    const mw_http_conf *core = r->place->core;
    const mw_addr      *local;
    mw_str              name = core->server_name_in_redirect ? r->server->name : r->host;
    uint16_t            usual = r->visit->tls ? 443 : 80, port;
    mw_out              o;

    if (f == NULL || !r->res.own_location || mw_str_char(f->value, 0) != '/' || !core->absolute_redirect)
        return (mw_str){ "", 0 };
    local = mw_visit_local(r->visit);
    port = core->port_in_redirect ? local->port : 0;
    o = mw_arena_pen(r->arena, name.len + f->value.len + 64 + local->path.len);
    mw_out_str(&o, r->visit->tls ? MW_STR("https://") : MW_STR("http://"));
    if (name.len > 0)
        mw_out_str(&o, name);
    else if (local->family == MW_IPV6)
        mw_out_char(&o, '[');
    if (name.len == 0)
        mw_addr_ip_text(&o, local);
    if (name.len == 0 && local->family == MW_IPV6)
        mw_out_char(&o, ']');
    if (port != 0 && port != usual) {
        mw_out_char(&o, ':');
        mw_out_u64(&o, port);
    }
    mw_out_str(&o, f->value);
    return mw_out_done(&o);
}

static bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

/* RFC 9112 6.3: where the body ends.  Whoever knows neither length nor chunks reads until the end of the connection. */
static bool frame(mw_request *r)
{
    mw_response *res = &r->res;

    if (res->trailing)
        res->length = -1;
    if (res->length >= 0 || res->head_only || res->tunnel || has_no_body(res->status))
        return false;
    if (r->version >= MW_HTTP_11 && r->place->core->chunked_transfer_encoding)
        return true;
    r->keep_alive = false;
    return false;
}

static void put_type(mw_out *o, const mw_response *res)
{
    if (res->type.len == 0)
        return;
    mw_out_str(o, MW_STR("Content-Type: "));
    put_value(o, res->type);
    if (res->charset.len > 0) {
        mw_out_str(o, MW_STR("; charset="));
        put_value(o, res->charset);
    }
    mw_out_str(o, MW_STR("\r\n"));
}

static void put_entity(mw_out *o, const mw_response *res)
{
    if (res->status != 304)
        put_type(o, res);
    if (res->status != 304 && res->length >= 0) {
        mw_out_str(o, MW_STR("Content-Length: "));
        mw_out_u64(o, (uint64_t)res->length);
        mw_out_str(o, MW_STR("\r\n"));
    }
    if (res->modified_text.len > 0) {
        put_field(o, MW_STR("Last-Modified"), res->modified_text);
    } else if (res->modified >= 0) {
        mw_out_str(o, MW_STR("Last-Modified: "));
        mw_out_http_date(o, res->modified);
        mw_out_str(o, MW_STR("\r\n"));
    }
}

static void put_connection(mw_out *o, const mw_request *r)
{
    int64_t seconds = r->place->core->keepalive_header.seconds;

    if (r->res.tunnel) {
        if (r->res.status == 101)
            mw_out_str(o, MW_STR("Connection: upgrade\r\n"));
        return;
    }
    if (!r->keep_alive) {
        mw_out_str(o, MW_STR("Connection: close\r\n"));
        return;
    }
    mw_out_str(o, MW_STR("Connection: keep-alive\r\n"));
    if (seconds > 0) {
        mw_out_str(o, MW_STR("Keep-Alive: timeout="));
        mw_out_u64(o, (uint64_t)seconds);
        mw_out_str(o, MW_STR("\r\n"));
    }
}

void mw_h1_write_head(mw_request *r, mw_h1_out *out, bool *chunked)
{
    const mw_response *res = &r->res;
    const mw_field    *location = mw_fields_get(&res->head, MW_T_LOCATION);
    mw_str             absolute = absolute_location(r, location), server = server_of(r->place->core);
    mw_out             pen;

    *chunked = frame(r);
    pen = begin_pen(out, FIXED + server.len + absolute.len + res->status_line.len + res->type.len + res->charset.len
                         + res->modified_text.len + fields_size(&res->head));
    put_status(&pen, res);
    if (mw_fields_get(&res->head, MW_T_SERVER) == NULL)
        mw_out_str(&pen, server);
    if (mw_fields_get(&res->head, MW_T_DATE) == NULL) {
        mw_out_str(&pen, MW_STR("Date: "));
        mw_out_str(&pen, (mw_str){ r->loop->clock.http, sizeof r->loop->clock.http - 1 });
        mw_out_str(&pen, MW_STR("\r\n"));
    }
    if (!res->tunnel && res->status != 204)
        put_entity(&pen, res);
    if (absolute.len > 0)
        put_field(&pen, location->name, absolute);
    if (*chunked)
        mw_out_str(&pen, MW_STR("Transfer-Encoding: chunked\r\n"));
    put_connection(&pen, r);
    put_fields(&pen, &res->head, absolute.len > 0 ? location : NULL);
    mw_out_str(&pen, MW_STR("\r\n"));
    finish_pen(out, &pen);
    if (absolute.len > 0)                       /* so that $sent_http_location is what was sent */
        mw_fields_set(r->arena, &r->res.head, MW_T_LOCATION, absolute);
}

void mw_h1_write_inform(int status, const mw_fields *head, mw_h1_out *out)
{
    mw_response res = { .status = status };
    mw_out      pen = begin_pen(out, FIXED + (head != NULL ? fields_size(head) : 0));

    put_status(&pen, &res);
    if (head != NULL)
        put_fields(&pen, head, NULL);
    mw_out_str(&pen, MW_STR("\r\n"));
    finish_pen(out, &pen);
}

/* --- the body --- */

static void copy_all(const mw_chain *body, mw_h1_out *out)
{
    mw_out pen = begin_pen(out, (size_t)body->bytes);

    for (const mw_buf *b = body->head; b != NULL; b = b->next)
        mw_out_str(&pen, b->mem);
    finish_pen(out, &pen);
}

/* Lent bytes are copied in any case: their request may end before they are sent. */
static void move_all(mw_chain *body, mw_h1_out *out)
{
    bool file = mw_chain_has_file(body);

    if (!file && body->bytes <= COPIED) {
        copy_all(body, out);
        mw_chain_clear(body);
        return;
    }
    mw_h1_out_settle(out);
    mw_chain_keep(body);
    mw_chain_move(&out->chain, body);
    out->file = out->file || file;
}

static void put_size(mw_h1_out *out, uint64_t bytes)
{
    mw_out pen = begin_pen(out, FRAME);

    mw_out_hex(&pen, bytes);
    mw_out_str(&pen, MW_STR("\r\n"));
    finish_pen(out, &pen);
}

static void put_end(mw_request *r, mw_h1_out *out)
{
    mw_out pen = begin_pen(out, FRAME + fields_size(&r->res.trailers));

    mw_out_str(&pen, MW_STR("0\r\n"));
    put_fields(&pen, &r->res.trailers, NULL);
    mw_out_str(&pen, MW_STR("\r\n"));
    finish_pen(out, &pen);
}

void mw_h1_write_body(mw_request *r, mw_chain *body, mw_h1_out *out, bool chunked, bool last)
{
    if (body->bytes > 0) {
        if (chunked)
            put_size(out, body->bytes);
        move_all(body, out);
        if (chunked)
            mw_h1_out_str(out, MW_STR("\r\n"));
    }
    if (chunked && last)
        put_end(r, out);
}
