/* sub_filter.c - words in a body are replaced by others.
 *
 * Nothing is copied: what stays is moved on as the views that came, up to where a word may still begin.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/needles.h"
#include "http/core.h"
#include "http/media.h"
#include "http/mod/modules.h"

enum { PULL = 65536, AT_ONCE = 262144 };        /* AT_ONCE: replacements may be much longer than what they replace */

typedef struct { mw_expr *word, *by; } pair;

typedef struct {
    mw_array    pairs;          /* of pair */
    bool        once, last_modified;
    mw_media    types;
    mw_needles *needles;        /* when all words are constant */
} sub_conf;

typedef struct {
    mw_source         base;
    mw_request       *r;
    const sub_conf   *c;
    const mw_needles *needles;
    mw_str           *words, *by;               /* by word; by: at NULL: not yet asked for */
    bool             *done;                     /* by word: was replaced, under sub_filter_once */
    unsigned          left;                     /* words that are still looked for */
    mw_seek           seek;                     /* counts from the beginning of `held` */
    mw_chain          held;                     /* pulled, not yet given on */
    bool              ended;                    /* the source below has */
} sub_source;

/* What is held and not yet looked at; true: a word is certain. */
static bool look(sub_source *s)
{
    uint64_t before = 0;

    for (const mw_buf *b = s->held.head; b != NULL; b = b->next) {
        mw_str part = b->mem;

        if (s->seek.at < before + part.len
            && mw_needles_seek(s->needles, &s->seek, mw_str_drop(part, (size_t)(s->seek.at - before))))
            return true;
        before += part.len;
    }
    return s->ended && s->seek.found;
}

static void replace(sub_source *s, mw_chain *to)
{
    unsigned    w = s->seek.word;
    const pair *p = &MW_ITEM(&s->c->pairs, pair, w);

    mw_chain_move_some(to, &s->held, s->seek.from);
    mw_chain_drop(&s->held, s->words[w].len);
    if (s->by[w].at == NULL) {
        s->by[w] = mw_expr_text(p->by, &s->r->scope);
        if (s->by[w].at == NULL)
            s->by[w] = MW_STR("");
    }
    if (s->by[w].len > 0)
        mw_chain_add_lent(to, s->by[w]);
    if (s->c->once) {
        s->done[w] = true;
        s->left--;
    }
    s->seek = (mw_seek){ .without = s->done };
}

static void pass_on(sub_source *s, mw_chain *to, uint64_t n)
{
    mw_chain_move_some(to, &s->held, n);
    s->seek.at -= n;
    s->seek.from -= s->seek.found ? n : 0;
}

static mw_rc sub_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    sub_source *s = (sub_source *)source;
    uint64_t    had = to->bytes;
    mw_rc       rc = MW_OK;

    for (;;) {
        while (s->left > 0 && to->bytes - had < AT_ONCE && look(s))
            replace(s, to);
        if (to->bytes - had >= AT_ONCE)
            return MW_OK;
        pass_on(s, to, s->left == 0 || s->ended ? s->held.bytes : mw_needles_open(s->needles, &s->seek));
        if (s->ended)
            return MW_END;
        if (to->bytes > had)
            return MW_OK;
        if (rc == MW_AGAIN)
            return MW_AGAIN;
        if (s->left == 0)
            return mw_source_pull(s->base.below, to, want, bell);
        rc = mw_source_pull(s->base.below, &s->held, (mw_want){ PULL, true }, bell);
        if (rc == MW_ERR)
            return MW_ERR;
        s->ended = rc == MW_END;
    }
}

static void sub_close(mw_source *source) { mw_chain_clear(&((sub_source *)source)->held); }

static const mw_source_kind sub_kind = { .name = "sub_filter", .pull = sub_pull, .close = sub_close };

static bool sub_applies(const void *conf)
{
    const sub_conf *c = conf;
    return c->pairs.n > 0;
}

/* NULL: nothing to look for here. */
static sub_source *source_for(mw_request *r, const sub_conf *c)
{
    sub_source *s = MW_NEW(r->arena, sub_source);
    unsigned    n = (unsigned)c->pairs.n;

    s->r = r;
    s->c = c;
    s->words = MW_NEWS(r->arena, mw_str, n);
    s->by = MW_NEWS(r->arena, mw_str, n);
    s->done = MW_NEWS(r->arena, bool, n);
    for (unsigned i = 0; i < n; i++) {
        s->words[i] = mw_expr_text(MW_ITEM(&c->pairs, pair, i).word, &r->scope);
        s->done[i] = s->words[i].len == 0;
        s->left += !s->done[i];
    }
    if (s->left == 0)
        return NULL;
    s->needles = c->needles != NULL ? c->needles : mw_needles_new(r->arena, s->words, n);
    if (s->needles == NULL) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "sub_filter: the words are longer than %d bytes in all", MW_NEEDLES_MOST);
        return NULL;
    }
    s->seek.without = s->done;
    mw_chain_init(&s->held);
    return s;
}

static mw_rc sub_head(mw_request *r, const void *conf, void *ctx)
{
    const sub_conf *c = conf;
    sub_source     *s;

    (void)ctx;
    if (r->res.length == 0 || r->res.tunnel || !mw_media_has(&c->types, r->res.type))
        return MW_OK;
    s = source_for(r, c);
    if (s == NULL)
        return MW_OK;
    if (r->res.body != NULL && !r->res.head_only) {
        s->base = (mw_source){ &sub_kind, r->res.body };
        r->res.body = &s->base;
    }
    if (r->main != r)
        return MW_OK;
    if (!c->last_modified) {
        r->res.modified = -1;
        r->res.modified_text = (mw_str){ "", 0 };
        mw_fields_drop(&r->res.head, MW_T_LAST_MODIFIED);
        mw_fields_drop(&r->res.head, MW_T_ETAG);
    }
    mw_head_reshaped(r);
    return MW_OK;
}

static mw_rc set_pair(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    pair *p = MW_PUSH(b->arena, (mw_array *)field, pair);

    (void)d;
    if (n->args[0].len == 0)
        return mw_bind_error_at(b, n, 0, "empty search pattern");
    p->word = mw_expr_compile(b, n, n->args[0]);
    p->by = mw_expr_compile(b, n, n->args[1]);
    return p->word != NULL && p->by != NULL ? MW_OK : MW_ERR;
}

static mw_rc sub_ready(mw_bind *b, const mw_level *level, void *conf)
{
    sub_conf *c = conf;
    mw_str   *words = MW_NEWS(b->arena, mw_str, c->pairs.n + 1);

    c->needles = NULL;
    for (size_t i = 0; i < c->pairs.n; i++)
        if (!mw_expr_is_constant(MW_ITEM(&c->pairs, pair, i).word, &words[i])) return MW_OK;
    c->needles = mw_needles_new(b->arena, words, (unsigned)c->pairs.n);
    return c->needles != NULL ? MW_OK : mw_bind_error(b, level->node, "words of \"sub_filter\" are longer than %d "
                                                      "bytes in all", MW_NEEDLES_MOST);
}

static const mw_directive sub_directives[] = {
    { "sub_filter", IN_WEB, 2, 2, MW_FIELD_BY(sub_conf, pairs, set_pair), .repeat = true,
      .help = "replaces a word in bodies by another text; letters alike" },
    { "sub_filter_once", IN_WEB, 1, 1, MW_FIELD(sub_conf, once), .otherwise = "on",
      .help = "replaces each word where it stands first" },
    { "sub_filter_last_modified", IN_WEB, 1, 1, MW_FIELD(sub_conf, last_modified), .otherwise = "off",
      .help = "keeps Last-Modified" },
    { "sub_filter_types", IN_WEB, 1, MANY, MW_FIELD_BY(sub_conf, types, mw_set_media), .repeat = true,
      .help = "media types besides text/html; *: all" },
    { 0 }
};

static const mw_http_part sub_http = {
    .applies = sub_applies, .head = sub_head, .heads_on = MW_ON_MAIN | MW_ON_SUB,
};

const mw_module mw_sub_filter_module = {
    .name = "sub_filter", .directives = sub_directives, .conf_size = sizeof(sub_conf), .ready = sub_ready,
    .http = &sub_http,
};
