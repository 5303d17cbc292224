/* ssi.c - server side includes: commands in pages are replaced by what they say.
 *
 * A source that makes a list of pieces of the page it pulls, bytes and includes, and gives from the first of them.  It
 * works ahead of what is given, so includes are asked side by side, but for those with `wait` and `set`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/ssi.h"

#include "core/clock.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/vars.h"

enum { PULL = 65536, AHEAD = 65536, SIDE_BY_SIDE = 16, DEEPEST = 8 };

static const mw_str begin_mark = MW_STR_C("<!--#");

mw_str mw_ssi_timefmt(const mw_ssi *s)
{
    return s != NULL ? s->timefmt : MW_STR("%A, %d-%b-%Y %H:%M:%S %Z");
}

mw_ssi_item *mw_ssi_item_new(mw_ssi *s)
{
    mw_ssi_item *item = MW_NEW(s->r->arena, mw_ssi_item);

    mw_chain_init(&item->bytes);
    mw_list_add(&s->items, &item->link);
    return item;
}

mw_chain *mw_ssi_out(mw_ssi *s)
{
    mw_ssi_item *last = mw_list_empty(&s->items) ? NULL : MW_OWNER(s->items.prev, mw_ssi_item, link);

    return last != NULL && !last->include ? &last->bytes : &mw_ssi_item_new(s)->bytes;
}

/* ------------------------------------------------------------------------------------------ the page */

static void put_text(mw_ssi *s, uint64_t n)
{
    if (n == 0)
        return;
    if (s->in_block && !s->block_too_long)
        mw_chain_move_some(&s->block_text, &s->held, n);
    else if (s->in_block || s->mute)
        mw_chain_drop(&s->held, n);
    else
        mw_chain_move_some(mw_ssi_out(s), &s->held, n);
}

/* What is held and not yet looked at; true: a command begins at s->seek.from. */
static bool find_command(mw_ssi *s)
{
    uint64_t before = 0;

    for (const mw_buf *b = s->held.head; b != NULL; b = b->next) {
        if (s->seek.at < before + b->mem.len
            && mw_needles_seek(s->c->begin, &s->seek, mw_str_drop(b->mem, (size_t)(s->seek.at - before))))
            return true;
        before += b->mem.len;
    }
    return false;
}

static void text(mw_ssi *s)
{
    uint64_t open;

    if (find_command(s)) {
        put_text(s, s->seek.from);
        mw_chain_move_some(&s->raw, &s->held, begin_mark.len);
        s->seek = (mw_seek){ .at = 0 };
        s->parse = (mw_ssi_parse){ .arena = s->r->arena, .longest = (size_t)s->c->value_length.bytes };
        s->in_command = true;
        return;
    }
    open = s->ended ? s->held.bytes : mw_needles_open(s->c->begin, &s->seek);
    put_text(s, open);
    s->seek.at -= open;
}

static void command(mw_ssi *s)
{
    bool   was_well = s->parse.why.at == NULL, ended;
    size_t n = mw_ssi_eat(&s->parse, s->held.head->mem, &ended);

    if (was_well && s->parse.why.at != NULL && !s->mute && !s->in_block)
        MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "%.*s", MW_S(s->parse.why));
    if (s->in_block && !s->block_too_long)
        mw_chain_move_some(&s->raw, &s->held, n);
    else
        mw_chain_drop(&s->held, n);
    if (!ended)
        return;
    s->in_command = false;
    mw_ssi_command(s);
    mw_chain_clear(&s->raw);
}

static bool may_work(const mw_ssi *s)
{
    uint64_t ready = 0;

    MW_LIST_EACH(node, &s->items)
        ready += MW_OWNER(node, mw_ssi_item, link)->bytes.bytes;
    return s->gate == NULL && s->waiting < SIDE_BY_SIDE && ready < AHEAD;
}

/* Works on what is held, as long as that needs no more bytes. */
static void work(mw_ssi *s)
{
    while (may_work(s) && s->held.bytes > 0 && (s->in_command || s->ended || s->seek.at < s->held.bytes)) {
        if (s->in_command)
            command(s);
        else
            text(s);
    }
}

/* ------------------------------------------------------------------------------------------ the pieces */

static const mw_source_kind ssi_kind;

static mw_ssi *new_ssi(mw_request *r, const mw_ssi_conf *c, mw_source *below)
{
    mw_ssi *s = MW_NEW(r->arena, mw_ssi);

    s->base = (mw_source){ &ssi_kind, below };
    s->r = r;
    s->scope = &r->scope;
    s->c = c;
    s->once = mw_request_once(r, &mw_ssi_module);
    s->errmsg = MW_STR("[an error occurred while processing the directive]");
    s->timefmt = mw_ssi_timefmt(NULL);
    mw_chain_init(&s->held);
    mw_chain_init(&s->raw);
    mw_chain_init(&s->block_text);
    mw_list_init(&s->items);
    return s;
}

/* The block stands for the include: its commands, if any are looked for there, mean the included request. */
static void begin_stub(mw_ssi *s, mw_ssi_item *item)
{
    mw_request        *q = item->request;
    const mw_ssi_conf *c = q != NULL && q->place != NULL ? mw_request_conf(q, &mw_ssi_module) : NULL;
    mw_source         *block = mw_source_of_text(s->r->arena, item->stub->text);
    mw_ssi            *inner;

    item->instead = block;
    if (c == NULL || !c->on || s->depth >= DEEPEST)
        return;
    inner = new_ssi(s->r, c, block);
    inner->scope = &q->scope;
    inner->depth = s->depth + 1;
    item->instead = &inner->base;
}

/* Before anything has come there may not even be a place. */
static bool is_too_big(const mw_ssi_item *item)
{
    return item->set.at != NULL && item->bytes.bytes > 0
        && item->bytes.bytes > item->request->place->core->subrequest_output_buffer_size.bytes;
}

/* OK: bytes; END: the include is over; AGAIN. */
static mw_rc pull_include(mw_ssi *s, mw_ssi_item *item, mw_chain *to, mw_want want, mw_bell *bell)
{
    mw_chain *into = item->set.at != NULL ? &item->bytes : to;
    uint64_t  had = into->bytes;
    mw_rc     rc;

    if (item->instead != NULL)
        return mw_source_pull(item->instead, to, want, bell);
    if (item->set.at != NULL)
        want = (mw_want){ PULL, true };
    if (item->stub != NULL && item->sub.op.state == MW_OP_FINISHED && item->sub.op.rc == MW_OK
        && item->request->refused != 0)
        rc = MW_ERR;
    else
        rc = mw_source_pull(mw_sub_body(&item->sub), into, want, bell);
    item->any = item->any || into->bytes > had;
    if (is_too_big(item)) {
        MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "too big subrequest response: %llu", (unsigned long long)into->bytes);
        item->too_big = true;
        return MW_ERR;
    }
    if ((rc == MW_END || rc == MW_ERR) && !item->any && item->stub != NULL) {
        mw_sub_end(&item->sub);
        begin_stub(s, item);
        return mw_source_pull(item->instead, to, want, bell);
    }
    return rc;
}

static void end_include(mw_ssi *s, mw_ssi_item *item, bool well)
{
    char *text;

    mw_sub_end(&item->sub);
    mw_source_close(item->instead);
    item->instead = NULL;
    if (item->set.at != NULL && well) {
        text = mw_arena_alloc(s->r->main->arena, item->bytes.bytes + 1);
        mw_ssi_set(s, item->set, (mw_str){ text, mw_chain_peek(&item->bytes, text, item->bytes.bytes) });
    }
    mw_chain_clear(&item->bytes);
    if (s->gate == item)
        s->gate = NULL;
    s->waiting--;
}

/* Gives from the first pieces; AGAIN: the first waits; OK: something was given, END: there is none, ERR. */
static mw_rc give(mw_ssi *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    uint64_t had = to->bytes;

    while (!mw_list_empty(&s->items)) {
        mw_ssi_item *item = MW_OWNER(s->items.next, mw_ssi_item, link);

        if (item->include) {
            mw_rc rc = pull_include(s, item, to, want, bell);

            if (rc == MW_AGAIN)
                return to->bytes > had ? MW_OK : MW_AGAIN;
            if (item->too_big)
                return MW_ERR;                  /* as nginx does: the page breaks off */
            if (rc == MW_OK && item->set.at != NULL)
                continue;
            if (rc == MW_OK)
                return MW_OK;
            end_include(s, item, rc == MW_END);
        } else {
            mw_chain_move(to, &item->bytes);
        }
        mw_list_drop(&item->link);
    }
    return to->bytes > had ? MW_OK : MW_END;
}

static mw_rc ssi_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    mw_ssi *s = (mw_ssi *)source;

    for (;;) {
        mw_rc given = give(s, to, want, bell), rc;

        if (given == MW_OK || given == MW_ERR)
            return given;
        work(s);
        if (given == MW_END && !mw_list_empty(&s->items))
            continue;
        if (s->ended || !may_work(s))
            return given;
        rc = mw_source_pull(s->base.below, &s->held, (mw_want){ PULL, true }, bell);
        if (rc == MW_ERR || (rc == MW_AGAIN && s->held.bytes == 0))
            return rc;
        s->ended = rc == MW_END;
    }
}

static void ssi_close(mw_source *source)
{
    mw_ssi *s = (mw_ssi *)source;

    MW_LIST_EACH(node, &s->items) {
        mw_ssi_item *item = MW_OWNER(node, mw_ssi_item, link);

        if (item->include)
            mw_sub_end(&item->sub);
        mw_source_close(item->instead);
        item->instead = NULL;
        mw_chain_clear(&item->bytes);
    }
    mw_list_init(&s->items);
    mw_chain_clear(&s->held);
    mw_chain_clear(&s->raw);
    mw_chain_clear(&s->block_text);
}

static const mw_source_kind ssi_kind = { .name = "ssi", .pull = ssi_pull, .close = ssi_close };

/* ------------------------------------------------------------------------------------------ the module */

static bool ssi_applies(const void *conf)
{
    const mw_ssi_conf *c = conf;
    return c->on;
}

static mw_rc ssi_head(mw_request *r, const void *conf, void *ctx)
{
    const mw_ssi_conf *c = conf;

    (void)ctx;
    if (r->res.length == 0 || r->res.tunnel || !mw_media_has(&c->types, r->res.type))
        return MW_OK;
    if (r->res.body != NULL && !r->res.head_only)
        r->res.body = &new_ssi(r, c, r->res.body)->base;
    if (r->main == r && !c->last_modified) {
        r->res.modified = -1;
        r->res.modified_text = (mw_str){ "", 0 };
        mw_fields_drop(&r->res.head, MW_T_LAST_MODIFIED);
        mw_fields_drop(&r->res.head, MW_T_ETAG);
    }
    mw_head_reshaped(r);
    return MW_OK;
}

static bool get_date(mw_scope *scope, const mw_var *v, mw_str *text)
{
    mw_request        *r = mw_scope_request(scope);
    const mw_ssi_once *once = mw_request_once(r, &mw_ssi_module);
    mw_str             format = mw_ssi_timefmt(once->now);
    mw_out             o = mw_arena_pen(scope->arena, 256);

    if (mw_str_eq(format, MW_STR("%s")))
        mw_out_i64(&o, r->loop->clock.sec);
    else
        mw_out_strftime(&o, mw_arena_z(scope->arena, format), r->loop->clock.sec, v->data != 0);
    *text = mw_out_done(&o);
    return true;
}

static const mw_var ssi_vars[] = {
    { "date_local", .get = get_date, .data = 1, .fleeting = true },
    { "date_gmt", .get = get_date, .fleeting = true },
    { .name = NULL }
};

static mw_rc ssi_ready(mw_bind *b, const mw_level *level, void *conf)
{
    mw_ssi_conf *c = conf;

    (void)level;
    if (c->on && c->begin == NULL)
        c->begin = mw_needles_new(b->arena, &begin_mark, 1);
    return MW_OK;
}

static const mw_directive ssi_directives[] = {
    { "ssi", IN_WEB | IN_IF, 1, 1, MW_FIELD(mw_ssi_conf, on), .otherwise = "off",
      .help = "runs the commands of server side includes in pages" },
    { "ssi_silent_errors", IN_WEB, 1, 1, MW_FIELD(mw_ssi_conf, silent), .otherwise = "off",
      .help = "says nothing in the page where a command fails" },
    { "ssi_last_modified", IN_WEB, 1, 1, MW_FIELD(mw_ssi_conf, last_modified), .otherwise = "off",
      .help = "keeps Last-Modified" },
    { "ssi_types", IN_WEB, 1, MANY, MW_FIELD_BY(mw_ssi_conf, types, mw_set_media), .repeat = true,
      .help = "media types besides text/html; *: all" },
    { "ssi_value_length", IN_WEB, 1, 1, MW_FIELD(mw_ssi_conf, value_length), .otherwise = "256",
      .help = "the longest value in a command" },
    { "ssi_min_file_chunk", IN_WEB, 1, 1, MW_FIELD(mw_ssi_conf, min_file_chunk), .otherwise = "1k",
      .help = "accepted" },
    { "ssi_ignore_recycled_buffers", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { 0 }
};

static const mw_http_part ssi_http = {
    .once_size = sizeof(mw_ssi_once), .applies = ssi_applies, .head = ssi_head, .heads_on = MW_ON_MAIN | MW_ON_SUB,
    .vars = ssi_vars,
};

const mw_module mw_ssi_module = {
    .name = "ssi", .directives = ssi_directives, .conf_size = sizeof(mw_ssi_conf), .ready = ssi_ready,
    .http = &ssi_http,
};
