/* route.c - compiles what the modules say about a place to one short array of stops.
 *
 * Three stops are the house's own: `locate` in the server's own place, `verdict` behind the access steps where any of
 * them
 * satisfies, and `missing` at the end of every way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/route.h"

#include "core/must.h"
#include "http/core.h"
#include "http/site.h"
#include "http/uri.h"

/* "/x" where only "/x/" is a location. */
static mw_verdict to_slash(mw_request *r)
{
    mw_str parts[4] = { r->uri, MW_STR("/"), MW_STR("?"), r->args };
    mw_out pen = mw_arena_pen(r->arena, mw_uri_escaped_size(r->uri, MW_ESCAPE_URI));

    mw_uri_escape(&pen, r->uri, MW_ESCAPE_URI);
    parts[0] = mw_out_done(&pen);
    return mw_moved(r, 301, mw_arena_join(r->arena, parts, r->args.len > 0 ? 4 : 2));
}

static mw_verdict locate(mw_request *r, const void *conf, void *ctx)
{
    mw_found        found = mw_locations_find(r->server->locations, &r->scope, r->uri);
    const mw_place *p = found.place != NULL ? found.place : r->server->bare;
    uint64_t        most;
    bool            unread;                     /* it is early enough to refuse a body that is too large */

    (void)conf;
    (void)ctx;
    if (found.add_slash)
        return to_slash(r);
    r->place = p;
    r->rewritten = r->uri_below_alias = false;
    if (p->internal && !r->internal)
        return mw_refuse(r, 404);
    if (p->except != NULL && (p->allowed & (uint32_t)r->method) == 0)
        r->place = p = p->except;
    most = p->core->client_max_body_size.bytes;
    unread = r->body == NULL || (p->core->client_body_early_read && !r->erred);
    if (r->length > 0 && most > 0 && (uint64_t)r->length > most && r->main == r && unread) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "client intended to send too large body: %lld bytes", (long long)r->length);
        return mw_refuse(r, 413);
    }
    return MW_ENTER;
}

/* Who did not say who he is waits for his refusal, so that guesses take time. */
static mw_verdict verdict(mw_request *r, const void *conf, void *ctx)
{
    mw_nap  *nap = ctx;
    uint64_t ms = r->place->core->auth_delay.ms;

    (void)conf;
    if (r->denied == 0)
        return MW_PASS;
    if (r->denied == 401 && ms > 0) {
        if (nap->op.state == MW_OP_IDLE)
            MW_LOG(&r->log, MW_LOG_DEBUG, 0, "delaying unauthorized request");
        if (!r->gone && mw_nap_for(&r->asker, nap, ms) == MW_AGAIN) {
            r->gone_bell = &r->asker.bell;
            return MW_WAIT;
        }
        r->gone_bell = NULL;
        if (r->gone) {
            r->res.status = 499;
            return MW_ABORT;
        }
    }
    if (r->denied == 403)
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "access forbidden by rule");
    return mw_refuse(r, r->denied);
}

static mw_verdict missing(mw_request *r, const void *conf, void *ctx)
{
    (void)conf;
    (void)ctx;
    return mw_refuse(r, 404);
}

static mw_step *step_of(const mw_http_part *h, mw_phase phase)
{
    switch (phase) {
    case MW_POST_READ:      return h->post_read;
    case MW_SERVER_REWRITE: return h->server_rewrite;
    case MW_REWRITE:        return h->rewrite;
    case MW_PREACCESS:      return h->preaccess;
    case MW_ACCESS:         return h->access;
    case MW_PRECONTENT:     return h->precontent;
    case MW_CONTENT:        return h->content;
    case MW_LOCATE:
    case MW_PHASES:         return NULL;
    }
    return NULL;
}

static bool wanted(const mw_place *p, mw_phase phase)
{
    if (p == p->server->own)
        return phase <= MW_LOCATE;
    return phase > (p->inner ? MW_REWRITE : MW_LOCATE);
}

typedef struct compiling { const mw_site *site; mw_place *p; size_t *ctx; const mw_module *sole; } compiling;

static void add_stop(mw_route *way, mw_stop stop) { way->stops[way->nstops++] = stop; }

static void add_phase(compiling *c, mw_phase phase)
{
    mw_place *p = c->p;

    p->at[phase] = (uint16_t)p->route.nstops;
    if (!wanted(p, phase))
        return;
    for (unsigned i = 0; i < c->site->nmodules; i++) {
        const mw_module *m = c->site->modules[i];
        mw_step         *run;
        uint8_t          on;

        if (c->ctx[i] == SIZE_MAX || (run = step_of(m->http, phase)) == NULL)
            continue;
        if (phase == MW_CONTENT && c->sole != NULL && m != c->sole)
            continue;
        on = phase == MW_ACCESS ? MW_ON_MAIN : m->http->steps_on != 0 ? m->http->steps_on : MW_ON_MAIN | MW_ON_SUB;
        add_stop(&p->route, (mw_stop){ run, p->conf[i], m, (uint32_t)c->ctx[i], on });
    }
    if (phase == MW_LOCATE)
        add_stop(&p->route, (mw_stop){ locate, NULL, NULL, 0, MW_ON_MAIN | MW_ON_SUB });
    if (phase == MW_ACCESS && (p->any || p->core->auth_delay.ms > 0)) {
        add_stop(&p->route, (mw_stop){ verdict, NULL, NULL, (uint32_t)p->route.ctx_bytes, MW_ON_MAIN });
        p->route.ctx_bytes += (sizeof(mw_nap) + 15) & ~(size_t)15;
    }
}

static void add_module(compiling *c, unsigned i)
{
    const mw_module    *m = c->site->modules[i];
    const mw_http_part *h = m->http;
    mw_route           *way = &c->p->route;
    const void         *conf = c->p->conf[i];

    c->ctx[i] = SIZE_MAX;
    if (h == NULL || (h->applies != NULL && !h->applies(conf)))
        return;
    c->ctx[i] = way->ctx_bytes;
    way->ctx_bytes += (h->ctx_size + 15) & ~(size_t)15;
    if (h->sole && h->content != NULL && c->sole == NULL)
        c->sole = m;
    if (h->head != NULL)
        way->heads[way->nheads++] = (mw_mark){ h->head, conf, m, (uint32_t)c->ctx[i],
                                               h->heads_on != 0 ? h->heads_on : MW_ON_MAIN };
    if (h->log != NULL)
        way->notes[way->nnotes++] = (mw_last){ h->log, conf, m, (uint32_t)c->ctx[i] };
}

void mw_place_compile(const mw_site *site, mw_place *p, mw_arena *a)
{
    unsigned  n = site->nmodules;
    compiling c = { site, p, MW_NEWS(a, size_t, n), NULL };

    p->route = (mw_route){
        .stops = MW_NEWS(a, mw_stop, n * MW_PHASES + 3),
        .heads = MW_NEWS(a, mw_mark, n),
        .notes = MW_NEWS(a, mw_last, n),
    };
    for (unsigned i = 0; i < n; i++)
        add_module(&c, i);
    for (unsigned phase = 0; phase < MW_PHASES; phase++)
        add_phase(&c, (mw_phase)phase);
    p->at[MW_PHASES] = (uint16_t)p->route.nstops;
    add_stop(&p->route, (mw_stop){ missing, NULL, NULL, 0, MW_ON_MAIN | MW_ON_SUB });
    if (p->route.ctx_bytes == 0)
        p->route.ctx_bytes = 16;                /* so that there is always something to point to */
}

static bool has_row(const mw_module *m, mw_str name)
{
    for (const mw_directive *d = m->directives; d != NULL && d->name != NULL; d = &d[1])
        if (mw_str_eq(name, mw_str_of(d->name))) return true;
    return false;
}

/* Where the module was configured for this level: the lines of the nearest block that has any of its rows. */
static void show_lines(mw_out *o, const mw_module *m, const mw_level *level)
{
    const mw_source_file *file = NULL;

    for (const mw_level *l = level; l != NULL && file == NULL; l = l->parent)
        for (const mw_node *n = l->node != NULL ? l->node->kids : NULL; n != NULL; n = n->next) {
            if (!has_row(m, n->name))
                continue;
            if (file != n->pos.file)
                mw_out_fmt(o, "%s%.*s:%u", file == NULL ? "" : " ", MW_S(n->pos.file->path), n->pos.line);
            else
                mw_out_fmt(o, ",%u", n->pos.line);
            file = n->pos.file;
        }
    if (file == NULL)
        mw_out_str(o, MW_STR("(by default)"));
}

/* One stop a line: what it is, what its module says of it, where that was written. */
static void show_one(mw_out *o, const char *what, const mw_module *m, const void *conf, const mw_place *p)
{
    mw_out_fmt(o, "  %-4s  %-16s", what, m->name);
    if (m->http->show != NULL) {
        mw_out_char(o, '(');
        m->http->show(o, conf);
        mw_out_str(o, MW_STR(") "));
    }
    show_lines(o, m, p->level);
    mw_out_char(o, '\n');
}

void mw_route_show(mw_out *o, const mw_place *p)
{
    const mw_route *way = &p->route;

    for (unsigned i = 0; i < way->nstops; i++) {
        const mw_stop *s = &way->stops[i];

        if (s->module != NULL)
            show_one(o, i == 0 ? "in" : "", s->module, s->conf, p);
        else
            mw_out_fmt(o, "  %-4s  %s\n", i == 0 ? "in" : "",
                       s->run == locate ? "locate" : s->run == verdict ? "verdict" : "missing");
    }
    for (unsigned i = 0; i < way->nheads; i++)
        show_one(o, i == 0 ? "head" : "", way->heads[i].module, way->heads[i].conf, p);
    for (unsigned i = 0; i < way->nnotes; i++)
        show_one(o, i == 0 ? "note" : "", way->notes[i].module, way->notes[i].conf, p);
}
