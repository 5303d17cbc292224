/* request.c - the life of a request: born of a wire, ended when neither wire nor hold is left.
 *
 * It ends in one order, always: the ops of both askers, the sources from the top, the body, the notes, the arena.
 * A request that has to go on without its client (post_action, a hold) gets the void wire, which pulls and forgets.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include "core/must.h"
#include "http/body.h"
#include "http/core.h"
#include "http/pipeline.h"
#include "http/site.h"
#include "http/sub.h"
#include "http/vars.h"

enum { FIRST_CHUNK = 4096, VOID_PULL = 65536 };

static mw_request *new_in(mw_arena *a, mw_loop *loop, const mw_site *site, const mw_wire *wire, mw_visit *visit)
{
    mw_request *r = MW_NEW(a, mw_request);

    r->arena = a;
    r->loop = loop;
    r->wire = wire;
    r->bell.loop = loop;
    mw_asker_init(&r->asker, loop, mw_pipeline_woken, r);
    mw_asker_init(&r->lasting, loop, mw_pipeline_woken, r);
    r->site = site;
    r->main = r;
    r->visit = mw_visit_hold(visit);
    r->client = visit->real != NULL ? visit->real : &visit->peer;
    r->scope.vars = site->vars;
    r->scope.arena = a;
    r->scope.log = &r->log;
    r->scope.self = r;
    r->log.serial = visit->serial;
    r->log.tell = mw_request_tell;
    r->log.who = r;
    r->length = -1;
    r->res.length = -1;
    r->res.modified = -1;
    r->limit_rate = UINT64_MAX;
    r->limit_after = UINT64_MAX;
    r->began_ms = loop->clock.now;
    r->began_sec = loop->clock.sec;
    r->began_msec = loop->clock.msec;
    return r;
}

mw_request *mw_request_new(mw_loop *loop, const mw_site *site, const mw_wire *wire, void *wire_state,
                           mw_visit *visit)
{
    mw_request *r = new_in(mw_arena_new(FIRST_CHUNK), loop, site, wire, visit);

    r->wire_state = wire_state;
    return r;
}

/* In the arena of the main request, as its values are: what is found here may be remembered there. */
mw_request *mw_request_inner(mw_request *parent, const mw_wire *wire)
{
    mw_request *main = parent->main, *r = new_in(main->arena, main->loop, main->site, wire, main->visit);

    main->inner++;
    r->main = main;
    r->parent = parent;
    r->depth = (uint8_t)(parent->depth + 1);
    r->client = parent->client;
    r->server = parent->server;
    mw_scope_share(&parent->scope);
    r->scope.values = parent->scope.values;
    r->log.sinks = parent->log.sinks;
    r->log.debug = parent->log.debug;
    r->method = MW_GET;
    r->method_name = MW_STR("GET");
    r->line = parent->line;
    r->target = parent->target;
    r->host = parent->host;
    r->host_port = parent->host_port;
    r->version = parent->version;
    r->head = parent->head;
    r->head.room = r->head.n;                   /* whoever adds to it, adds to his own */
    r->length = parent->length;
    r->chunked = parent->chunked;
    r->bodyless = parent->bodyless;
    r->line_bytes = parent->line_bytes;
    r->internal = true;
    r->gone = parent->gone;
    return r;
}

static void write_notes(mw_request *r)
{
    const mw_route *way;

    if (r->accounted || r->walked == NULL || (r->parent != NULL && !r->place->core->log_subrequest))
        return;
    r->accounted = true;
    if (r->walked != r->place && r->place != NULL) {        /* it ended inside an `if` that was not answered there */
        r->walked = r->place;
        r->ctx = mw_arena_zalloc(r->arena, r->place->route.ctx_bytes);
    }
    way = &r->walked->route;
    mw_log_doing(&r->log, "logging request");
    for (unsigned i = 0; i < way->nnotes; i++)
        way->notes[i].run(r, way->notes[i].conf, &r->ctx[way->notes[i].ctx]);
}

static void inner_closed(mw_request *main)
{
    MW_MUST(main->inner > 0);
    if (--main->inner == 0 && main->over) mw_bell_ring(&main->bell);
}

static void end_subs(mw_request *r)
{
    while (r->subs != NULL)
        mw_sub_end(r->subs);
}

static void close_request(mw_request *r)
{
    mw_visit *visit = r->visit;
    mw_wake  *wake = r->bell.wake;

    end_subs(r);
    r->state = MW_DONE;
    r->bell.wake = NULL;
    mw_bell_mute(&r->bell);
    mw_asker_cancel(&r->asker);
    mw_asker_cancel(&r->lasting);
    mw_source_close(r->res.body);
    r->res.body = NULL;
    r->over = r->inner > 0;
    if (r->over) {
        r->bell.wake = wake;                    /* the last of them rings it */
        return;
    }
    if (r->main == r && r->body != NULL)
        mw_body_end(r);
    write_notes(r);
    if (r->main != r)
        inner_closed(r->main);
    else
        mw_arena_free(r->arena);                /* and with it r */
    mw_visit_done(visit);
}

static void close_if_free(void *v)
{
    mw_request *r = v;

    if (r->holds == 0) close_request(r);
}

/* The void wire: nobody listens, but the body must be pulled to its end so that its makers can finish. */
static void void_pull(void *v)
{
    mw_request *r = v;
    mw_chain    chain;
    mw_rc       rc;

    do {
        mw_chain_init(&chain);
        rc = r->res.body == NULL ? MW_END
           : mw_source_pull(r->res.body, &chain, (mw_want){ VOID_PULL, false }, &r->bell);
        mw_chain_clear(&chain);
    } while (rc == MW_OK);
    if (rc != MW_AGAIN) mw_request_part(r);
}

static void void_send(mw_request *r)
{
    r->bell.wake = void_pull;
    r->bell.owner = r;
    void_pull(r);
}

static void       void_abort(mw_request *r) { mw_request_part(r); }
static void       void_part(mw_request *r) { (void)r; }
static void       void_inform(mw_request *r, int status, const mw_fields *head) { (void)r; (void)status; (void)head; }
static mw_source *void_incoming(mw_request *r) { (void)r; return NULL; }

const mw_wire mw_void_wire = {
    .name = "void", .send = void_send, .abort = void_abort, .part = void_part, .inform = void_inform,
    .incoming = void_incoming,
};

/* post_action: the same request walks once more, to another place, with nobody at its other end. */
static bool post_action(mw_request *r)
{
    const mw_http_conf *core = r->place != NULL ? r->place->core : NULL;
    mw_str              uri, args = { "", 0 };
    mw_verdict          v;

    if (core == NULL || core->post_action == NULL || r->post_acted || r->parent != NULL || r->gone)
        return false;
    r->post_acted = true;
    uri = mw_expr_text(core->post_action, &r->scope);
    if (uri.len == 0 || mw_str_eq(uri, MW_STR("off")))
        return false;
    mw_bell_mute(&r->bell);
    r->wire = &mw_void_wire;
    r->res.status = 0;
    r->err_status = 0;
    r->internal = true;
    if (mw_str_char(uri, 0) == '@') {
        v = mw_named(r, uri);
    } else {
        (void)mw_str_cut(uri, '?', &uri, &args);
        if (r->method != MW_HEAD) {
            r->method = MW_GET;
            r->method_name = MW_STR("GET");
        }
        v = mw_redirect(r, uri, args);
    }
    if (v == MW_REROUTE)
        mw_pipeline_reroute(r);
    else
        void_send(r);
    return true;
}

void mw_request_drop(mw_request *r) { close_request(r); }

void mw_request_hold(mw_request *r) { r->holds++; }

void mw_request_let(mw_request *r)
{
    MW_MUST(r->holds > 0);
    if (--r->holds == 0 && r->wire == NULL) mw_bell_ring(&r->bell);
}

void mw_request_part(mw_request *r)
{
    MW_MUST(r->wire != NULL);
    r->wire->part(r);
    r->wire = NULL;
    mw_bell_mute(&r->bell);
    end_subs(r);
    if (r->holds > 0)
        mw_bell_ring(r->gone_bell);             /* who goes on without a client has nobody who pulls */
    if (post_action(r))
        return;
    r->bell.wake = close_if_free;               /* a source may still ring it, and finds this */
    r->bell.owner = r;
    close_if_free(r);
}

void mw_request_gone(mw_request *r)
{
    r->gone = true;
    mw_bell_ring(r->gone_bell);
    for (mw_sub *s = r->subs; s != NULL; s = s->next)
        mw_request_gone(s->request);
}

void *mw_request_once(mw_request *r, const mw_module *m)
{
    mw_request *main = r->main;
    unsigned    i = 0;
    size_t      at;

    while (i < r->site->nmodules && r->site->modules[i] != m)
        i++;
    MW_MUST(i < r->site->nmodules && r->site->once[i] != SIZE_MAX);
    at = r->site->once[i];
    if (main->once == NULL)
        main->once = mw_arena_zalloc(main->arena, r->site->once_bytes);
    return &main->once[at];
}

const void *mw_request_conf(const mw_request *r, const mw_module *m)
{
    return mw_site_conf(r->site, r->place->level, m);
}
