/* compress.c - gzip: bodies are compressed on their way out, where the client takes it and it pays.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/map.h"
#include "core/press.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/vars.h"

enum { BLOCK = 32768, PULL = 65536 };
enum { VIA_OFF = 1, VIA_EXPIRED = 2, VIA_NO_CACHE = 4, VIA_NO_STORE = 8, VIA_PRIVATE = 16, VIA_NO_MODIFIED = 32,
       VIA_NO_ETAG = 64, VIA_AUTH = 128, VIA_ANY = 256 };

typedef struct {
    bool     on, vary;
    uint32_t level;
    mw_enum  version;
    mw_bytes least, window, hash;
    mw_bufs  buffers;
    mw_flags proxied;
    mw_strs  types;
    mw_map  *wanted;            /* types, made ready; NULL: all */
    bool     all_types, disable_msie6;
    mw_array disable;           /* of mw_regex *: User-Agents that get nothing */
    int      window_bits, memory_level;
} gzip_conf;

typedef struct { uint64_t in, out; bool used; } gzip_once;

typedef struct {
    mw_source   base;
    mw_request *r;
    gzip_once  *counts;
    mw_press   *press;
    mw_chain    held;           /* pulled, not yet eaten */
    bool        ended, flushed; /* the source below has; nothing lies in the compressor that is not written */
} gzip_source;

/* Eats what is held, and writes to `to` as long as there is something to write. */
static mw_rc squeeze(gzip_source *s, mw_chain *to, mw_press_flush flush)
{
    for (;;) {
        mw_block *b = mw_block_new(BLOCK);
        mw_out    o = mw_out_on(b->data, BLOCK);
        mw_buf   *first = s->held.head;
        mw_str    in = first != NULL ? first->mem : (mw_str){ "", 0 };
        size_t    had = in.len;
        bool      last = first == NULL || first->next == NULL;
        mw_rc     rc = mw_press_run(s->press, &in, &o, last ? flush : MW_PRESS_MORE);

        mw_chain_drop(&s->held, had - in.len);
        mw_chain_give_block(to, b, mw_out_done(&o));
        if (rc == MW_ERR)
            return MW_ERR;
        if (rc == MW_END || (rc == MW_OK && s->held.bytes == 0))
            return rc;
    }
}

static mw_rc gzip_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    gzip_source *s = (gzip_source *)source;

    (void)want;
    for (;;) {
        uint64_t       had = to->bytes;
        mw_rc          rc = s->base.below == NULL ? MW_END
                          : mw_source_pull(s->base.below, &s->held, (mw_want){ PULL, true }, bell);
        mw_press_flush flush = rc == MW_END ? MW_PRESS_FINISH : MW_PRESS_MORE;

        if (rc == MW_ERR)
            return MW_ERR;
        if (rc == MW_AGAIN && s->r->res.live && !s->flushed)
            flush = MW_PRESS_FLUSH;
        if (s->held.bytes > 0 || flush != MW_PRESS_MORE) {
            s->flushed = flush != MW_PRESS_MORE;
            if (squeeze(s, to, flush) == MW_ERR)
                return MW_ERR;
        }
        s->counts->in = mw_press_in(s->press);
        s->counts->out = mw_press_out(s->press);
        if (rc == MW_END)
            return MW_END;
        if (to->bytes > had)
            return MW_OK;
        if (rc == MW_AGAIN)
            return MW_AGAIN;
    }
}

static void gzip_close(mw_source *source)
{
    gzip_source *s = (gzip_source *)source;

    mw_chain_clear(&s->held);
    mw_press_close(s->press);
    s->press = NULL;
}

static const mw_source_kind gzip_kind = { .name = "gzip", .pull = gzip_pull, .close = gzip_close };

static bool gzip_applies(const void *conf)
{
    const gzip_conf *c = conf;
    return c->on;
}

/* The quality of one coding in Accept-Encoding, in thousandths; -1: it is not named.  RFC 9110 12.4.2. */
static int quality_of(mw_str list, mw_str coding)
{
    mw_str one, name, rest;

    while (list.len > 0) {
        (void)mw_str_cut(list, ',', &one, &list);
        (void)mw_str_cut(mw_str_trim(one), ';', &name, &rest);
        if (!mw_str_ieq(mw_str_trim(name), coding))
            continue;
        rest = mw_str_trim(rest);
        if (!mw_str_istarts(rest, MW_STR("q=")))
            return 1000;
        rest = mw_str_drop(rest, 2);
        if (mw_str_char(rest, 0) == '1')
            return 1000;
        for (size_t i = 2; i < rest.len; i++)
            if (mw_is_digit(mw_str_char(rest, i)) && mw_str_char(rest, i) != '0') return 500;
        return 0;
    }
    return -1;
}

static bool accepted(const mw_request *r)
{
    mw_str list = mw_fields_value(&r->head, MW_T_ACCEPT_ENCODING);
    int    quality = quality_of(list, MW_STR("gzip"));

    if (quality < 0)
        quality = quality_of(list, MW_STR("*"));
    return quality > 0;
}

static bool is_past(const mw_request *r, mw_str date)
{
    mw_time when;

    return !mw_http_date(date, &when) || when < r->loop->clock.sec;     /* RFC 9111 5.3: not a date is in the past */
}

/* A request that came through another proxy (Via) is compressed only as gzip_proxied says: what the response says of
 * caches must be among it; where it says nothing, only no_last_modified and no_etag look any further. */
static bool fits_proxy(const mw_request *r, const gzip_conf *c)
{
    const mw_fields *h = &r->res.head;
    mw_str           control = mw_fields_value(h, MW_T_CACHE_CONTROL);

    if (r->head.first[MW_T_VIA] == 0 || (c->proxied & VIA_ANY) != 0)
        return true;
    if ((c->proxied & VIA_OFF) != 0)
        return false;
    if ((c->proxied & VIA_AUTH) != 0 && r->head.first[MW_T_AUTHORIZATION] != 0)
        return true;
    if (h->first[MW_T_EXPIRES] != 0)
        return (c->proxied & VIA_EXPIRED) != 0 && is_past(r, mw_fields_value(h, MW_T_EXPIRES));
    if (control.len > 0)
        return ((c->proxied & VIA_NO_CACHE) != 0 && mw_list_has(control, MW_STR("no-cache")))
            || ((c->proxied & VIA_NO_STORE) != 0 && mw_list_has(control, MW_STR("no-store")))
            || ((c->proxied & VIA_PRIVATE) != 0 && mw_list_has(control, MW_STR("private")));
    return ((c->proxied & VIA_NO_MODIFIED) == 0 || r->res.modified < 0)
        && ((c->proxied & VIA_NO_ETAG) == 0 || h->first[MW_T_ETAG] == 0);
}

static bool disabled(mw_request *r, const gzip_conf *c)
{
    mw_str agent = mw_fields_value(&r->head, MW_T_USER_AGENT);

    if (agent.len == 0)
        return false;
    if (c->disable_msie6 && mw_str_find(agent, MW_STR("MSIE ")) < agent.len) {
        char major = mw_str_char(agent, mw_str_find(agent, MW_STR("MSIE ")) + 5);

        if (major >= '4' && major <= '6' && mw_str_find(agent, MW_STR("SV1")) == agent.len)
            return true;
    }
    for (size_t i = 0; i < c->disable.n; i++)
        if (mw_regex_match(MW_ITEM(&c->disable, mw_regex *, i), agent, NULL) == MW_OK) return true;
    return false;
}

static bool type_fits(const mw_request *r, const gzip_conf *c)
{
    mw_str type, rest;

    (void)mw_str_cut(r->res.type, ';', &type, &rest);
    return c->all_types || (type.len > 0 && mw_map_get(c->wanted, mw_str_trim(type)) != NULL);
}

/* Another body than the one that was tagged: a strong tag becomes weak (RFC 9110 8.8.1). */
static void weaken(mw_request *r)
{
    mw_str tag = mw_fields_value(&r->res.head, MW_T_ETAG);
    mw_str parts[2] = { MW_STR("W/"), tag };

    if (tag.len > 0 && !mw_str_starts(tag, MW_STR("W/")))
        mw_fields_set(r->arena, &r->res.head, MW_T_ETAG, mw_arena_join(r->arena, parts, 2));
}

/* false: no memory; the body stays as it is, then. */
static bool put_on(mw_request *r, const gzip_conf *c)
{
    gzip_source *s = MW_NEW(r->arena, gzip_source);

    s->press = mw_press_open(MW_GZIP, (int)c->level, c->window_bits, c->memory_level);
    if (s->press == NULL)
        return false;
    s->base = (mw_source){ &gzip_kind, r->res.body };
    s->r = r;
    s->counts = mw_request_once(r, &mw_compress_module);
    s->counts->used = true;
    mw_chain_init(&s->held);
    r->res.body = &s->base;
    return true;
}

/* RFC 9110 9.3.2: the answer to HEAD has the fields that GET would have got, so it is told without being done. */
static mw_rc gzip_head(mw_request *r, const void *conf, void *ctx)
{
    const gzip_conf *c = conf;

    (void)ctx;
    if ((r->res.status != 200 && r->res.status != 403 && r->res.status != 404) || r->res.tunnel
        || r->res.head.first[MW_T_CONTENT_ENCODING] != 0
        || (r->res.length >= 0 && (uint64_t)r->res.length < c->least.bytes) || !type_fits(r, c))
        return MW_OK;
    if (c->vary)
        mw_fields_add_token(r->arena, &r->res.head, MW_T_VARY, MW_STR("Accept-Encoding"));
    if ((int)r->version < c->version || r->main != r || !accepted(r) || !fits_proxy(r, c) || disabled(r, c))
        return MW_OK;
    if (!r->res.head_only && !put_on(r, c))
        return MW_OK;
    r->res.length = -1;
    r->res.ranges = false;
    mw_fields_drop(&r->res.head, MW_T_ACCEPT_RANGES);
    mw_fields_add_token(r->arena, &r->res.head, MW_T_CONTENT_ENCODING, MW_STR("gzip"));
    weaken(r);
    return MW_OK;
}

static bool get_ratio(mw_scope *s, const mw_var *v, mw_str *text)
{
    const gzip_once *counts = mw_request_once(mw_scope_request(s), &mw_compress_module);
    mw_out           o = mw_arena_pen(s->arena, 32);
    uint64_t         hundredths;

    (void)v;
    if (!counts->used || counts->out == 0)
        return false;
    hundredths = (counts->in * 100 + counts->out / 2) / counts->out;
    mw_out_u64(&o, hundredths / 100);
    mw_out_char(&o, '.');
    mw_out_padded(&o, hundredths % 100, 2);
    *text = mw_out_done(&o);
    return true;
}

static const mw_var gzip_vars[] = { { "gzip_ratio", .get = get_ratio, .fleeting = true }, { .name = NULL } };

static mw_rc set_disable(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    gzip_conf *c = mw_bind_conf(b, b->level, &mw_compress_module);

    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_regex *re;
        mw_str    why;

        if (mw_str_eq(n->args[i], MW_STR("msie6"))) {
            c->disable_msie6 = true;
            continue;
        }
        if (mw_str_eq(n->args[i], MW_STR("degradation")))
            continue;
        if (mw_regex_new(b->arena, n->args[i], true, true, &re, &why) != MW_OK)
            return mw_bind_error_at(b, n, i, "%.*s", MW_S(why));
        *MW_PUSH(b->arena, (mw_array *)field, mw_regex *) = re;
    }
    return MW_OK;
}

static int bits_of(uint64_t size)
{
    int bits = 0;

    while (size > 1) {
        size /= 2;
        bits++;
    }
    return bits;
}

static mw_rc gzip_ready(mw_bind *b, const mw_level *level, void *conf)
{
    gzip_conf *c = conf;

    (void)level;
    c->window_bits = bits_of(c->window.bytes);
    c->memory_level = bits_of(c->hash.bytes) - 7;
    if (c->window_bits < 9 || c->window_bits > 15)
        c->window_bits = 15;
    if (c->memory_level < 1 || c->memory_level > 9)
        c->memory_level = 8;
    c->wanted = mw_map_new(b->arena, true);
    c->all_types = false;
    mw_map_set(c->wanted, MW_STR("text/html"), c);
    for (unsigned i = 0; i < c->types.n; i++) {
        c->all_types = c->all_types || mw_str_eq(c->types.at[i], MW_STR("*"));
        mw_map_set(c->wanted, c->types.at[i], c);
    }
    return MW_OK;
}

static mw_rc set_level(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    uint32_t *level = field;

    if (mw_set_uint(b, n, d, field) != MW_OK)
        return MW_ERR;
    return *level >= 1 && *level <= 9 ? MW_OK : mw_bind_error_at(b, n, 0, "value must be between 1 and 9");
}

static const mw_choice versions[] = { { "1.0", MW_HTTP_10 }, { "1.1", MW_HTTP_11 }, { NULL, 0 } };
static const mw_choice proxied[] = {
    { "off", VIA_OFF }, { "expired", VIA_EXPIRED }, { "no-cache", VIA_NO_CACHE }, { "no-store", VIA_NO_STORE },
    { "private", VIA_PRIVATE }, { "no_last_modified", VIA_NO_MODIFIED }, { "no_etag", VIA_NO_ETAG },
    { "auth", VIA_AUTH },
    { "any", VIA_ANY }, { NULL, 0 }
};

static const mw_directive gzip_directives[] = {
    { "gzip", IN_WEB | IN_IF, 1, 1, MW_FIELD(gzip_conf, on), .otherwise = "off", .help = "compresses responses" },
    { "gzip_comp_level", IN_WEB, 1, 1, MW_FIELD_BY(gzip_conf, level, set_level), .otherwise = "1",
      .help = "how hard, 1 to 9" },
    { "gzip_min_length", IN_WEB, 1, 1, MW_FIELD(gzip_conf, least), .otherwise = "20",
      .help = "shorter responses stay as they are" },
    { "gzip_types", IN_WEB, 1, MANY, MW_FIELD(gzip_conf, types), .help = "media types besides text/html; *: all" },
    { "gzip_http_version", IN_WEB, 1, 1, MW_CHOICE(gzip_conf, version, versions), .otherwise = "1.1",
      .help = "the oldest version of HTTP that gets it" },
    { "gzip_proxied", IN_WEB, 1, MANY, MW_FLAGS(gzip_conf, proxied, proxied), .otherwise = "off",
      .help = "which responses are compressed for proxies" },
    { "gzip_vary", IN_WEB, 1, 1, MW_FIELD(gzip_conf, vary), .otherwise = "off", .help = "adds Vary: Accept-Encoding" },
    { "gzip_disable", IN_WEB, 1, MANY, MW_FIELD_BY(gzip_conf, disable, set_disable), .repeat = true,
      .help = "User-Agents that get nothing compressed" },
    { "gzip_buffers", IN_WEB, 2, 2, MW_FIELD(gzip_conf, buffers), .otherwise = "32 4k", .help = "accepted" },
    { "gzip_window", IN_WEB, 1, 1, MW_FIELD(gzip_conf, window), .otherwise = "32k", .help = "the compressor's window" },
    { "gzip_hash", IN_WEB, 1, 1, MW_FIELD(gzip_conf, hash), .otherwise = "32k", .help = "the compressor's memory" },
    { "postpone_gzipping", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "gzip_no_buffer", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { 0 }
};

static const mw_http_part gzip_http = {
    .once_size = sizeof(gzip_once), .applies = gzip_applies, .head = gzip_head, .vars = gzip_vars,
};

const mw_module mw_compress_module = {
    .name = "gzip", .directives = gzip_directives, .conf_size = sizeof(gzip_conf), .ready = gzip_ready,
    .http = &gzip_http,
};
