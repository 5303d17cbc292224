/* pipeline.c - the walk: stops, heads, send.
 *
 * A request is woken only while it waits.  Leaving a stop, by any verdict but MW_WAIT, cancels what it asked: so an
 * answer
 * that comes too late finds nobody, and cannot run a later stop twice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/pipeline.h"

#include "core/must.h"
#include "http/core.h"
#include "http/error_page.h"
#include "http/site.h"
#include "http/sub.h"

static void enter(mw_request *r, const mw_place *p, mw_phase phase)
{
    r->place = p;
    r->walked = p;
    r->stop = p->at[phase];
    r->ctx = p->route.ctx_bytes > 0 ? mw_arena_zalloc(r->arena, p->route.ctx_bytes) : NULL;
    r->log.sinks = p->core->errors;
}

static mw_phase phase_of(const mw_place *p, unsigned stop)
{
    unsigned phase = 0;

    MW_MUST(stop < p->at[MW_PHASES]);
    while (p->at[phase + 1] <= stop)
        phase++;
    return (mw_phase)phase;
}

static void reroute(mw_request *r)
{
    mw_asker_cancel(&r->asker);
    mw_asker_cancel(&r->lasting);
    while (r->subs != NULL)
        mw_sub_end(r->subs);
    mw_source_close(r->res.body);
    r->res.body = NULL;
    r->denied = 0;
    enter(r, r->to.place, r->to.phase);
    r->to.place = NULL;
}

static void lost(mw_request *r)
{
    r->state = MW_DONE;
    if (r->wire != NULL) r->wire->abort(r);
}

static void challenge(mw_request *r)
{
    if (r->res.challenge.len > 0)
        mw_fields_add_token(r->arena, &r->res.head, MW_T_WWW_AUTHENTICATE, r->res.challenge);
    for (size_t i = 0; i < r->res.challenges.n; i++)
        mw_fields_add_token(r->arena, &r->res.head, MW_T_WWW_AUTHENTICATE, MW_ITEM(&r->res.challenges, mw_str, i));
}

/* What every answer needs before its heads run. */
static void settle(mw_request *r)
{
    if (r->walked != r->place)                  /* answered inside an `if`: its heads need their own memory */
        enter(r, r->place, MW_CONTENT);
    if (r->err_status != 0)
        r->res.status = r->err_status;
    if (r->res.status == 401)
        challenge(r);
    if (r->method == MW_HEAD || r->res.status == 204 || r->res.status == 304)
        r->res.head_only = true;
}

/* True: handed on, r may be gone.  False: a head refused, and its error_page is where to walk now. */
static bool respond(mw_request *r)
{
    bool     again = false;
    unsigned i = 0;

    settle(r);
    while (i < r->walked->route.nheads) {
        const mw_mark *m = &r->walked->route.heads[i++];
        mw_rc          rc;

        if ((m->on & (r->parent == NULL ? MW_ON_MAIN : r->slice ? MW_ON_SLICE : MW_ON_SUB)) == 0)
            continue;
        rc = m->run(r, m->conf, &r->ctx[m->ctx]);
        if (rc == MW_OK)
            continue;
        if (rc == MW_END && r->to.place != NULL) {
            reroute(r);
            return false;
        }
        if (rc != MW_END || again) {            /* broken, or it refuses even the built-in page */
            lost(r);
            return true;
        }
        again = true;
        settle(r);
        i = 0;                                  /* the built-in page goes past all heads, from the first */
    }
    r->state = MW_SENDING;
    if (r->wire != NULL) r->wire->send(r);      /* else whoever holds r works by himself */
    return true;
}

/* Debug builds wake every waiting step once for nothing: one that may not be run again is found at once. */
static mw_verdict take(mw_request *r, const mw_stop *s)
{
    mw_verdict v;

    if (r->parent != NULL && (s->on & MW_ON_SUB) == 0)
        return MW_PASS;
    v = s->run(r, s->conf, r->ctx == NULL ? NULL : &r->ctx[s->ctx]);
#ifdef MW_DEBUG  /* lint: if - a check of debug builds only, in the one place that runs steps */
    if (v == MW_WAIT)
        v = s->run(r, s->conf, r->ctx == NULL ? NULL : &r->ctx[s->ctx]);
#endif
    if (v == MW_WAIT) {
        MW_MUST(r->asker.pending != NULL || r->lasting.pending != NULL
                || r->asker.bell.queued != NULL || r->lasting.bell.queued != NULL);
        r->state = MW_WAITING;
        return v;
    }
    if (r->asker.pending != NULL || r->asker.bell.queued != NULL)
        mw_asker_cancel(&r->asker);
    if (v == MW_DENY && !r->walked->any && (r->denied != 401 || r->place->core->auth_delay.ms == 0))
        return mw_refuse(r, r->denied);
    return v;
}

static unsigned granted(mw_request *r)
{
    if (!r->walked->any)
        return r->stop + 1;
    r->denied = 0;
    r->res.challenge = MW_STR("");
    r->res.challenges.n = 0;
    return r->walked->at[MW_PRECONTENT];
}

/* Another step may grant; otherwise it is the stop `verdict` that refuses, in its time. */
static unsigned denied(const mw_request *r)
{
    return r->walked->any ? r->stop + 1 : (unsigned)r->walked->at[MW_PRECONTENT] - 1;
}

void mw_pipeline_run(mw_request *r)
{
    r->state = MW_WALKING;
    for (;;) {
        MW_MUST(r->stop < r->walked->route.nstops);
        switch (take(r, &r->walked->route.stops[r->stop])) {
        case MW_DENY:     r->stop = denied(r);                                                  continue;
        case MW_PASS:     r->stop++;                                                            continue;
        case MW_GRANT:    r->stop = granted(r);                                                 continue;
        case MW_WAIT:                                                                           return;
        case MW_ENTER:    enter(r, r->place, (mw_phase)(phase_of(r->walked, r->stop) + 1));     continue;
        case MW_REROUTE:  reroute(r);                                                           continue;
        case MW_ANSWERED: if (respond(r)) return;                                               continue;
        case MW_ABORT:    lost(r);                                                              return;
        }
    }
}

void mw_pipeline_woken(void *v)
{
    mw_request *r = v;

    if (r->state == MW_WAITING) mw_pipeline_run(r);
}

void mw_pipeline_reroute(mw_request *r)
{
    reroute(r);
    mw_pipeline_run(r);
}

void mw_pipeline_start(mw_request *r, const mw_server *server)
{
    r->server = server;
    enter(r, server->own, MW_POST_READ);
    mw_pipeline_run(r);
}

void mw_pipeline_inner(mw_request *r)
{
    const mw_place *there = r->to.place;

    r->to.place = NULL;
    if (there != NULL)
        enter(r, there, r->to.phase);
    else
        enter(r, r->server->own, MW_SERVER_REWRITE);
    mw_pipeline_run(r);
}

void mw_pipeline_refuse(mw_request *r, const mw_server *server, int status)
{
    r->server = server;
    enter(r, server->own, MW_POST_READ);
    r->state = MW_WALKING;
    switch (mw_refuse(r, status)) {
    case MW_REROUTE:  mw_pipeline_reroute(r);                                           return;
    case MW_ANSWERED: if (!respond(r)) mw_pipeline_run(r);                              return;
    case MW_PASS: case MW_GRANT: case MW_DENY: case MW_WAIT: case MW_ENTER:
    case MW_ABORT:    lost(r);                                                          return;
    }
}
