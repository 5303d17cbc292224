/* charset.c - the character set of texts: said in Content-Type, and made where it is another one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/recode.h"
#include "http/core.h"
#include "http/media.h"
#include "http/mod/modules.h"

enum { BLOCK = 32768, PULL = 65536 };

static const mw_str utf8 = MW_STR_C("utf-8");

typedef struct { mw_str from, to; mw_recode *recode; } table;

typedef struct {
    mw_expr  *charset, *source;         /* NULL: not written */
    mw_str    charset_text, source_text;        /* when they are constant; at NULL: they are not */
    bool      override;
    mw_media  types;
    mw_array  tables;                   /* of table; of the http block */
} charset_conf;

typedef struct {
    mw_source        base;
    const mw_recode *recode;
    mw_recoding      at;
    mw_chain         held;              /* pulled, not yet written anew */
    bool             ended;             /* the source below has */
} charset_source;

/* A block of what is held, at most. */
static void write_anew(charset_source *s, mw_chain *to)
{
    mw_block *b = mw_block_new(BLOCK);
    mw_out    o = mw_out_on(b->data, BLOCK);

    while (s->held.bytes > 0 && o.room - o.len >= MW_RECODE_ROOM)
        mw_chain_drop(&s->held, mw_recode_run(s->recode, &s->at, s->held.head->mem, &o));
    if (s->ended && s->held.bytes == 0)
        mw_recode_end(s->recode, &s->at, &o);
    mw_chain_give_block(to, b, mw_out_done(&o));
}

static mw_rc charset_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    charset_source *s = (charset_source *)source;
    uint64_t        had = to->bytes;

    (void)want;
    for (;;) {
        mw_rc rc;

        if (s->held.bytes > 0 || s->ended)
            write_anew(s, to);
        if (s->ended && s->held.bytes == 0)
            return MW_END;
        if (to->bytes > had)
            return MW_OK;
        if (s->held.bytes > 0)
            continue;
        rc = mw_source_pull(s->base.below, &s->held, (mw_want){ PULL, true }, bell);
        if (rc == MW_ERR || (rc == MW_AGAIN && s->held.bytes == 0))
            return rc;
        s->ended = rc == MW_END;
    }
}

static void charset_close(mw_source *source) { mw_chain_clear(&((charset_source *)source)->held); }

static const mw_source_kind charset_kind = { .name = "charset", .pull = charset_pull, .close = charset_close };

static bool is_off(mw_str text) { return mw_str_eq(text, MW_STR("off")); }

static bool charset_applies(const void *conf)
{
    const charset_conf *c = conf;

    return c->tables.n > 0 || !is_off(c->charset_text) || c->source != NULL;
}

static const table *table_for(const charset_conf *c, mw_str from, mw_str to)
{
    for (size_t i = 0; i < c->tables.n; i++) {
        const table *t = &MW_ITEM(&c->tables, table, i);

        if (mw_str_ieq(t->from, from) && mw_str_ieq(t->to, to))
            return t;
    }
    return NULL;
}

/* The name as the tables write it. */
static mw_str usual(const charset_conf *c, mw_str name)
{
    for (size_t i = 0; i < c->tables.n; i++)
        if (mw_str_ieq(MW_ITEM(&c->tables, table, i).from, name)) return MW_ITEM(&c->tables, table, i).from;
    return name;
}

/* Empty: none. */
static mw_str text_of(mw_request *r, const mw_expr *e, mw_str constant)
{
    mw_str text = constant.at != NULL ? constant : mw_expr_text(e, &r->scope);

    return is_off(text) ? (mw_str){ "", 0 } : text;
}

/* The character set that stands in a type already; *bare: the type up to there.  Empty: none does. */
static mw_str said(mw_str type, mw_str *bare)
{
    mw_str left = type, one, charset;

    *bare = type;
    while (mw_str_cut(left, ';', &one, &left)) {
        charset = mw_str_trim(left);
        if (!mw_str_istarts(charset, MW_STR("charset=")))
            continue;
        *bare = mw_str_take(type, type.len - left.len - 1);
        charset = mw_str_drop(charset, 8);
        (void)mw_str_cut(charset, ';', &charset, &left);
        if (mw_str_char(charset, 0) == '"')
            charset = mw_str_drop(charset, 1);
        return mw_str_ends(charset, MW_STR("\"")) ? mw_str_take(charset, charset.len - 1) : charset;
    }
    return (mw_str){ "", 0 };
}

/* What the answer says of itself. */
static mw_str own_of(const mw_request *r)
{
    mw_str bare;

    return r->res.charset.len > 0 && !r->res.charset_wished ? r->res.charset : said(r->res.type, &bare);
}

/* What it shall be and what it is; false: it stays, and nothing is said. */
static bool decide(mw_request *r, const charset_conf *c, mw_str *from, mw_str *to)
{
    mw_str own = own_of(r);

    *from = own.len > 0 ? own : text_of(r, c->source, c->source_text);
    if (r->main != r) {                         /* a part of another answer is written as that is */
        *to = own_of(r->main);
        return to->len > 0;
    }
    if (r->res.charset_wished) {
        *to = r->res.charset;
        return true;
    }
    if (own.len > 0 ? !c->override : !mw_media_has(&c->types, r->res.type))
        return false;
    if (r->res.status == 301 || r->res.status == 302)
        return false;
    *to = text_of(r, c->charset, c->charset_text);
    return to->len > 0;
}

static void say(mw_request *r, mw_str charset)
{
    (void)said(r->res.type, &r->res.type);
    r->res.charset = charset;
    r->res.charset_wished = false;
}

static void put_on(mw_request *r, const mw_recode *recode)
{
    charset_source *s = MW_NEW(r->arena, charset_source);

    s->base = (mw_source){ &charset_kind, r->res.body };
    s->recode = recode;
    mw_chain_init(&s->held);
    r->res.body = &s->base;
}

static mw_rc charset_head(mw_request *r, const void *conf, void *ctx)
{
    const charset_conf *c = conf;
    const table        *t;
    mw_str              from, to;

    (void)ctx;
    if (r->res.type.len == 0 || r->res.tunnel || !decide(r, c, &from, &to))
        return MW_OK;
    if (from.len == 0 || mw_str_ieq(from, to)) {
        say(r, usual(c, to));
        return MW_OK;
    }
    t = table_for(c, from, to);
    if (t == NULL) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "no \"charset_map\" between the charsets \"%.*s\" and \"%.*s\"", MW_S(from),
               MW_S(to));
        return MW_OK;
    }
    if (r->res.head.first[MW_T_CONTENT_ENCODING] != 0)          /* the text cannot be seen, and stays as it is */
        return MW_OK;
    say(r, t->to);
    if (r->res.body != NULL && !r->res.head_only)
        put_on(r, t->recode);
    if (!mw_recode_keeps_length(t->recode)) {
        r->res.length = -1;
        r->res.ranges = false;
        mw_fields_drop(&r->res.head, MW_T_ACCEPT_RANGES);
    }
    return MW_OK;
}

static mw_rc set_name(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_expr **e = field;

    (void)d;
    *e = mw_expr_compile(b, n, n->args[0]);
    return *e != NULL ? MW_OK : MW_ERR;
}

/* Up to four bytes from their hexadecimal digits; empty: they are none. */
static mw_str read_hex(mw_bind *b, mw_str digits)
{
    mw_out o = mw_arena_pen(b->arena, 4);

    if (digits.len % 2 != 0 || digits.len > 8)
        return (mw_str){ "", 0 };
    for (size_t i = 0; i < digits.len; i += 2) {
        uint64_t byte;

        if (!mw_str_hex(mw_str_part(digits, i, i + 2), &byte))
            return (mw_str){ "", 0 };
        mw_out_char(&o, (char)byte);
    }
    return mw_out_done(&o);
}

static mw_rc read_rows(mw_bind *b, const mw_node *n, mw_recode *there, mw_recode *back)
{
    mw_rc rc = MW_OK;

    for (const mw_node *kid = n->kids; kid != NULL; kid = kid->next) {
        mw_str from = read_hex(b, kid->name), to = { "", 0 };

        if (kid->nargs != 1) {
            rc = mw_bind_error(b, kid, "invalid parameters number");
            continue;
        }
        to = read_hex(b, kid->args[0]);
        if (from.len != 1)
            rc = mw_bind_error(b, kid, "invalid value \"%.*s\"", MW_S(kid->name));
        else if (to.len == 0 || !mw_recode_row(there, back, (uint8_t)mw_str_char(from, 0), to))
            rc = mw_bind_error_at(b, kid, 0, "invalid value \"%.*s\"", MW_S(kid->args[0]));
    }
    return rc;
}

static mw_rc set_map(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    charset_conf *c = mw_bind_conf(b, b->level, &mw_charset_module);
    mw_str        from = n->args[0], to = n->args[1];
    mw_recode    *there, *back;

    (void)d;
    if (mw_str_ieq(from, to))
        return mw_bind_error(b, n, "\"charset_map\" between the same charsets \"%.*s\" and \"%.*s\"", MW_S(from),
                             MW_S(to));
    if (mw_str_ieq(from, utf8))
        return mw_bind_error(b, n, "\"charset_map\" with \"utf-8\" charset should be given in the second column");
    if (table_for(c, from, to) != NULL)
        return mw_bind_error(b, n, "duplicate \"charset_map\" between \"%.*s\" and \"%.*s\"", MW_S(from), MW_S(to));
    if (mw_str_ieq(to, utf8))
        mw_recode_utf8(b->arena, &there, &back);
    else
        mw_recode_bytes(b->arena, &there, &back);
    *MW_PUSH(b->arena, (mw_array *)field, table) = (table){ from, to, there };
    *MW_PUSH(b->arena, (mw_array *)field, table) = (table){ to, from, back };
    return read_rows(b, n, there, back);
}

static mw_rc charset_ready(mw_bind *b, const mw_level *level, void *conf)
{
    charset_conf *c = conf;
    mw_str        from = { "", 0 }, to = { "", 0 };

    if (c->charset == NULL)
        to = MW_STR("off");
    else if (!mw_expr_is_constant(c->charset, &to))
        to.at = NULL;
    if (c->source == NULL)
        from = MW_STR("off");
    else if (!mw_expr_is_constant(c->source, &from))
        from.at = NULL;
    c->charset_text = to;
    c->source_text = from;
    if (from.at == NULL || to.at == NULL || is_off(from) || is_off(to) || mw_str_ieq(from, to)
        || table_for(c, from, to) != NULL)
        return MW_OK;
    return mw_bind_error(b, level->node, "no \"charset_map\" between the charsets \"%.*s\" and \"%.*s\"", MW_S(from),
                         MW_S(to));
}

static const mw_directive charset_directives[] = {
    { "charset", IN_WEB | IN_IF, 1, 1, MW_FIELD_BY(charset_conf, charset, set_name), .otherwise = "off",
      .help = "the character set that is said in Content-Type, and made of source_charset" },
    { "source_charset", IN_WEB | IN_IF, 1, 1, MW_FIELD_BY(charset_conf, source, set_name),
      .help = "the character set that files and answers have" },
    { "override_charset", IN_WEB | IN_IF, 1, 1, MW_FIELD(charset_conf, override), .otherwise = "off",
      .help = "also where an upstream has said its own" },
    { "charset_types", IN_WEB, 1, MANY, MW_FIELD_BY(charset_conf, types, mw_set_media), .repeat = true,
      .otherwise = "text/xml text/plain text/vnd.wap.wml application/javascript application/rss+xml",
      .help = "media types besides text/html; *: all" },
    { "charset_map", IN_HTTP, 2, 2, MW_FIELD_BY(charset_conf, tables, set_map), .repeat = true, .block = MW_RAW,
      .help = "how characters of one set are written in another: rows of hexadecimal codes" },
    { 0 }
};

static const mw_http_part charset_http = {
    .applies = charset_applies, .head = charset_head, .heads_on = MW_ON_MAIN | MW_ON_SUB,
};

const mw_module mw_charset_module = {
    .name = "charset", .directives = charset_directives, .conf_size = sizeof(charset_conf), .ready = charset_ready,
    .http = &charset_http,
};
