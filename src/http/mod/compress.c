/* compress.c - gzip, brotli and zstd: bodies are compressed on their way out, where the client takes it and it pays.
 *
 * One head for the three: of those that are on here and fit the answer, the client chooses by quality.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/compress.h"

#include "core/press.h"
#include "http/coding.h"
#include "http/core.h"
#include "http/media.h"
#include "http/mod/modules.h"
#include "http/vars.h"

enum { BLOCK = 32768, PULL = 65536, GZIP_MOST = 9, BROTLI_MOST = 11, ZSTD_MOST = 22 };
enum { VIA_OFF = 1, VIA_EXPIRED = 2, VIA_NO_CACHE = 4, VIA_NO_STORE = 8, VIA_PRIVATE = 16, VIA_NO_MODIFIED = 32,
       VIA_NO_ETAG = 64, VIA_AUTH = 128, VIA_ANY = 256 };

typedef struct {                /* what is said of each coding */
    bool     on;
    int64_t  level;
    mw_bytes least, window;
    mw_bufs  buffers;
    mw_media types;
    int      window_bits;       /* 0: the library's own */
} coding_conf;

typedef struct {
    coding_conf with[MW_CODINGS];
    bool        vary;           /* the rest is gzip's, but for gzip_vary, which is everybody's */
    mw_enum     version;
    mw_bytes    hash;
    mw_flags    proxied;
    bool        disable_msie6;
    mw_array    disable;        /* of mw_regex *: User-Agents that get nothing */
    int         memory_level;
} gzip_conf;

typedef struct { uint64_t in, out; bool used; } gzip_counts;
typedef struct { gzip_counts of[MW_CODINGS]; } gzip_once;

typedef struct {
    mw_source    base;
    mw_request  *r;
    gzip_counts *counts;
    mw_press    *press;
    mw_chain     held;          /* pulled, not yet eaten */
    bool         ended, flushed;        /* the source below has; nothing lies in the compressor that is not written */
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
    return c->with[MW_CODING_BR].on || c->with[MW_CODING_ZSTD].on || c->with[MW_CODING_GZIP].on;
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

/* false: no memory; the body stays as it is, then. */
static bool put_on(mw_request *r, const gzip_conf *c, mw_coding with)
{
    static const mw_press_kind kinds[MW_CODINGS] = {
        [MW_CODING_BR] = MW_BROTLI, [MW_CODING_ZSTD] = MW_ZSTD, [MW_CODING_GZIP] = MW_GZIP,
    };
    const coding_conf *k = &c->with[with];
    gzip_source       *s = MW_NEW(r->arena, gzip_source);
    gzip_once         *once = mw_request_once(r, &mw_compress_module);

    s->press = mw_press_open(kinds[with], (int)k->level, k->window_bits, c->memory_level);
    if (s->press == NULL)
        return false;
    s->base = (mw_source){ &gzip_kind, r->res.body };
    s->r = r;
    s->counts = &once->of[with];
    s->counts->used = true;
    mw_chain_init(&s->held);
    r->res.body = &s->base;
    return true;
}

bool mw_compress_gzip_fits(mw_request *r)
{
    const gzip_conf *c = mw_request_conf(r, &mw_compress_module);

    return (int)r->version >= c->version && r->main == r && fits_proxy(r, c) && !disabled(r, c);
}

void mw_compress_vary(mw_request *r)
{
    const gzip_conf *c = mw_request_conf(r, &mw_compress_module);

    if (!c->vary)
        return;
    MW_FIELDS_EACH(f, &r->res.head)
        if (f->token == MW_T_VARY && mw_list_has(f->value, MW_STR("Accept-Encoding"))) return;
    mw_fields_add_token(r->arena, &r->res.head, MW_T_VARY, MW_STR("Accept-Encoding"));
}

/* The codings that are on, and take an answer of this length and type. */
static unsigned fitting(const mw_request *r, const gzip_conf *c)
{
    unsigned set = 0;

    for (unsigned i = 0; i < MW_CODINGS; i++) {
        const coding_conf *k = &c->with[i];

        if (k->on && (r->res.length < 0 || (uint64_t)r->res.length >= k->least.bytes)
            && mw_media_has(&k->types, r->res.type))
            set |= 1u << i;
    }
    return set;
}

/* RFC 9110 9.3.2: the answer to HEAD has the fields that GET would have got, so it is told without being done. */
static mw_rc gzip_head(mw_request *r, const void *conf, void *ctx)
{
    const gzip_conf *c = conf;
    unsigned         set;
    mw_coding        with;

    (void)ctx;
    if ((r->res.status != 200 && r->res.status != 403 && r->res.status != 404) || r->res.tunnel
        || r->res.head.first[MW_T_CONTENT_ENCODING] != 0)
        return MW_OK;
    set = fitting(r, c);
    if (set == 0)
        return MW_OK;
    mw_compress_vary(r);
    with = mw_coding_pick(mw_fields_value(&r->head, MW_T_ACCEPT_ENCODING), set);
    if (with == MW_CODING_GZIP && !mw_compress_gzip_fits(r))
        with = mw_coding_pick(mw_fields_value(&r->head, MW_T_ACCEPT_ENCODING), set & ~(1u << MW_CODING_GZIP));
    if (with == MW_CODINGS || (!r->res.head_only && !put_on(r, c, with)))
        return MW_OK;
    mw_head_reshaped(r);
    mw_fields_add_token(r->arena, &r->res.head, MW_T_CONTENT_ENCODING, mw_coding_name(with));
    return MW_OK;
}

static bool get_ratio(mw_scope *s, const mw_var *v, mw_str *text)
{
    const gzip_once   *once = mw_request_once(mw_scope_request(s), &mw_compress_module);
    const gzip_counts *counts = &once->of[v->data];
    mw_out             o = mw_arena_pen(s->arena, 32);
    uint64_t           hundredths;

    if (!counts->used || counts->out == 0)
        return false;
    hundredths = (counts->in * 100 + counts->out / 2) / counts->out;
    mw_out_u64(&o, hundredths / 100);
    mw_out_char(&o, '.');
    mw_out_padded(&o, hundredths % 100, 2);
    *text = mw_out_done(&o);
    return true;
}

static const mw_var gzip_vars[] = {
    { "gzip_ratio", .get = get_ratio, .data = MW_CODING_GZIP, .fleeting = true },
    { "brotli_ratio", .get = get_ratio, .data = MW_CODING_BR, .fleeting = true },
    { "zstd_ratio", .get = get_ratio, .data = MW_CODING_ZSTD, .fleeting = true },
    { .name = NULL }
};

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
    gzip_conf   *c = conf;
    coding_conf *gzip = &c->with[MW_CODING_GZIP];

    (void)b;
    (void)level;
    gzip->window_bits = bits_of(gzip->window.bytes);
    c->memory_level = bits_of(c->hash.bytes) - 7;
    if (gzip->window_bits < 9 || gzip->window_bits > 15)
        gzip->window_bits = 15;
    if (c->memory_level < 1 || c->memory_level > 9)
        c->memory_level = 8;
    c->with[MW_CODING_BR].window_bits = bits_of(c->with[MW_CODING_BR].window.bytes);
    return MW_OK;
}

/* Levels: `extra` is the highest; brotli alone has a 0. */
static mw_rc set_level(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    int64_t *level = field, most = (int64_t)d->extra, least = most == BROTLI_MOST ? 0 : 1;

    if (mw_set_int(b, n, d, field) != MW_OK)
        return MW_ERR;
    if (*level >= least && *level <= most)
        return MW_OK;
    return mw_bind_error_at(b, n, 0, "value must be between %d and %d", (int)least, (int)most);
}

static mw_rc set_brotli_window(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_bytes *window = field;

    if (mw_set_bytes(b, n, d, field) != MW_OK)
        return MW_ERR;
    if (window->bytes >= 1024 && window->bytes <= 16 << 20 && (window->bytes & (window->bytes - 1)) == 0)
        return MW_OK;
    return mw_bind_error_at(b, n, 0, "value must be a power of two between 1k and 16m");
}

static const mw_choice versions[] = { { "1.0", MW_HTTP_10 }, { "1.1", MW_HTTP_11 }, { NULL, 0 } };
static const mw_choice proxied[] = {
    { "off", VIA_OFF }, { "expired", VIA_EXPIRED }, { "no-cache", VIA_NO_CACHE }, { "no-store", VIA_NO_STORE },
    { "private", VIA_PRIVATE }, { "no_last_modified", VIA_NO_MODIFIED }, { "no_etag", VIA_NO_ETAG },
    { "auth", VIA_AUTH },
    { "any", VIA_ANY }, { NULL, 0 }
};

#define FIELD_OF(coding, field)  MW_FIELD(gzip_conf, with[MW_CODING_ ## coding].field)
#define FIELD_OF_BY(coding, field, reader)  MW_FIELD_BY(gzip_conf, with[MW_CODING_ ## coding].field, reader)

static const mw_directive gzip_directives[] = {
    { "gzip", IN_WEB | IN_IF, 1, 1, FIELD_OF(GZIP, on), .otherwise = "off", .help = "compresses responses" },
    { "gzip_comp_level", IN_WEB, 1, 1, FIELD_OF_BY(GZIP, level, set_level), .extra = GZIP_MOST,
      .otherwise = "1", .help = "how hard, 1 to 9" },
    { "gzip_min_length", IN_WEB, 1, 1, FIELD_OF(GZIP, least), .otherwise = "20",
      .help = "shorter responses stay as they are" },
    { "gzip_types", IN_WEB, 1, MANY, FIELD_OF_BY(GZIP, types, mw_set_media), .repeat = true,
      .help = "media types besides text/html; *: all" },
    { "gzip_http_version", IN_WEB, 1, 1, MW_CHOICE(gzip_conf, version, versions), .otherwise = "1.1",
      .help = "the oldest version of HTTP that gets it" },
    { "gzip_proxied", IN_WEB, 1, MANY, MW_FLAGS(gzip_conf, proxied, proxied), .otherwise = "off",
      .help = "which responses are compressed for proxies" },
    { "gzip_vary", IN_WEB, 1, 1, MW_FIELD(gzip_conf, vary), .otherwise = "off", .help = "adds Vary: Accept-Encoding" },
    { "gzip_disable", IN_WEB, 1, MANY, MW_FIELD_BY(gzip_conf, disable, set_disable), .repeat = true,
      .help = "User-Agents that get nothing compressed" },
    { "gzip_buffers", IN_WEB, 2, 2, FIELD_OF(GZIP, buffers), .otherwise = "32 4k", .help = "accepted" },
    { "gzip_window", IN_WEB, 1, 1, FIELD_OF(GZIP, window), .otherwise = "32k", .help = "the compressor's window" },
    { "gzip_hash", IN_WEB, 1, 1, MW_FIELD(gzip_conf, hash), .otherwise = "32k", .help = "the compressor's memory" },
    { "postpone_gzipping", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "gzip_no_buffer", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "brotli", IN_WEB | IN_IF, 1, 1, FIELD_OF(BR, on), .otherwise = "off",
      .help = "compresses responses with brotli" },
    { "brotli_comp_level", IN_WEB, 1, 1, FIELD_OF_BY(BR, level, set_level), .extra = BROTLI_MOST,
      .otherwise = "6", .help = "how hard, 0 to 11" },
    { "brotli_min_length", IN_WEB, 1, 1, FIELD_OF(BR, least), .otherwise = "20",
      .help = "shorter responses stay as they are" },
    { "brotli_types", IN_WEB, 1, MANY, FIELD_OF_BY(BR, types, mw_set_media), .repeat = true,
      .help = "media types besides text/html; *: all" },
    { "brotli_window", IN_WEB, 1, 1, FIELD_OF_BY(BR, window, set_brotli_window), .otherwise = "512k",
      .help = "the compressor's window, a power of two" },
    { "brotli_buffers", IN_WEB, 2, 2, FIELD_OF(BR, buffers), .otherwise = "32 4k", .help = "accepted" },
    { "zstd", IN_WEB | IN_IF, 1, 1, FIELD_OF(ZSTD, on), .otherwise = "off", .help = "compresses responses with zstd" },
    { "zstd_comp_level", IN_WEB, 1, 1, FIELD_OF_BY(ZSTD, level, set_level), .extra = ZSTD_MOST,
      .otherwise = "1", .help = "how hard, 1 to 22" },
    { "zstd_min_length", IN_WEB, 1, 1, FIELD_OF(ZSTD, least), .otherwise = "20",
      .help = "shorter responses stay as they are" },
    { "zstd_types", IN_WEB, 1, MANY, FIELD_OF_BY(ZSTD, types, mw_set_media), .repeat = true,
      .help = "media types besides text/html; *: all" },
    { "zstd_buffers", IN_WEB, 2, 2, FIELD_OF(ZSTD, buffers), .otherwise = "32 4k", .help = "accepted" },
    { 0 }
};

static const mw_http_part gzip_http = {
    .once_size = sizeof(gzip_once), .applies = gzip_applies, .head = gzip_head, .vars = gzip_vars,
};

const mw_module mw_compress_module = {
    .name = "gzip", .directives = gzip_directives, .conf_size = sizeof(gzip_conf), .ready = gzip_ready,
    .http = &gzip_http,
};
