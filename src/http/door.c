/* door.c - accept, PROXY protocol, TLS; then the wire.
 *
 * A plain connection goes straight to its wire.  One that must say something first is held by a knocker, and peeked
 * at, so that whoever comes next (TLS, the wire) finds its bytes in the socket.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/door.h"

#include <errno.h>

#include "core/alloc.h"
#include "event/proxy_protocol.h"
#include "event/worker.h"
#include "http/h1/serve.h"
#include "http/request.h"
#include "http/secure.h"

enum { PROXY_MOST = 4096 };

typedef struct knocker {        /* a connection that is not yet a wire's */
    mw_conn            *c;
    const mw_site      *site;
    const mw_door_addr *at;
    mw_visit           *visit;  /* NULL until the PROXY protocol said something */
    mw_log              log;
    mw_asker            asker;
    mw_handshake        handshake;
    mw_request         *asked;  /* for the variables in names of certificates; NULL: there are none */
} knocker;

static const mw_http_conf *core_of(const mw_door_addr *at) { return at->names.otherwise->core; }

static void tell(const void *who, mw_out *o)
{
    const knocker *k = who;
    mw_addr        peer = mw_addr_from_endpoint(&k->c->peer);

    mw_out_str(o, MW_STR(", client: "));
    mw_addr_ip_text(o, &peer);
    mw_out_str(o, MW_STR(", server: "));
    mw_addr_text(o, &k->at->addr);
}

static void knocker_end(knocker *k)
{
    mw_asker_cancel(&k->asker);
    if (k->asked != NULL)
        mw_request_drop(k->asked);
    mw_free(k);
}

static void turn_away(knocker *k)
{
    mw_conn  *c = k->c;
    mw_visit *visit = k->visit;

    mw_conn_give(c, NULL, NULL, &c->loop->worker->log);
    knocker_end(k);
    mw_conn_close(c);
    mw_visit_done(visit);
}

static void to_wire(knocker *k)
{
    mw_conn            *c = k->c;
    const mw_site      *site = k->site;
    const mw_door_addr *at = k->at;
    mw_visit           *visit = k->visit;

    if (visit != NULL)
        visit->tls = c->tls;
    mw_conn_give(c, NULL, NULL, &c->loop->worker->log);
    knocker_end(k);
    mw_h1_begin(c, at, site, visit, NULL, (mw_str){ "", 0 });
}

static void knock_late(mw_conn *c)
{
    knocker *k = c->user;

    MW_LOG(&k->log, MW_LOG_INFO, ETIMEDOUT, "client timed out");
    turn_away(k);
}

/* --- TLS --- */

/* Nothing is asked yet: what has no meaning before a request is empty. */
static mw_scope *scope_of(knocker *k)
{
    if (!k->at->variables)
        return NULL;
    if (k->asked == NULL) {
        if (k->visit == NULL)
            k->visit = mw_visit_new(k->c);
        k->asked = mw_request_new(k->c->loop, k->site, NULL, NULL, k->visit);
        k->asked->server = k->at->names.otherwise;
        k->asked->place = k->at->names.otherwise->own;
        k->asked->log = k->log;
    }
    return &k->asked->scope;
}

static void shake(void *owner)
{
    knocker           *k = owner;
    const mw_tls_conf *conf = mw_secure_conf(k->at->names.otherwise);

    switch (mw_tls_accept(&k->asker, &k->handshake, k->c, conf, mw_secure_by_name, (void *)(uintptr_t)k->at,
        scope_of(k))) {
    case MW_AGAIN:
        return;
    case MW_OK:
        to_wire(k);
        return;
    case MW_END:
    case MW_ERR:
        turn_away(k);
        return;
    }
}

/* A plain request came to a TLS port: it is read, and refused with a page that says so. */
static void plain_on_tls(knocker *k)
{
    if (k->visit == NULL)
        k->visit = mw_visit_new(k->c);
    k->visit->plain_on_tls = true;
    to_wire(k);
}

static void tls_ready(mw_conn *c)
{
    knocker *k = c->user;

    switch (mw_tls_begins(c)) {
    case MW_AGAIN:
        return;
    case MW_OK:
        shake(k);
        return;
    case MW_END:
        plain_on_tls(k);
        return;
    case MW_ERR:
        MW_LOG(&k->log, MW_LOG_INFO, c->err, c->err != 0 ? "recv() failed" : "client closed connection");
        turn_away(k);
        return;
    }
}

static const mw_conn_use tls_use = { .name = "tls door", .ready = tls_ready, .late = knock_late };

static void begin_tls(knocker *k)
{
    mw_log_doing(&k->log, "SSL handshaking");
    mw_conn_give(k->c, &tls_use, k, &k->log);
    mw_conn_expect(k->c, core_of(k->at)->client_header_timeout.ms);
    if (mw_conn_readable(k->c))
        tls_ready(k->c);
}

/* --- PROXY protocol --- */

typedef struct told { mw_addr from, to; char tlvs[]; } told;

static void remember(knocker *k, const mw_proxied *p)
{
    told *t = mw_alloc(sizeof *t + p->tlvs.len);

    t->from = p->from;
    t->to = p->to;
    t->from.path = t->to.path = (mw_str){ "", 0 };
    if (p->tlvs.len > 0)
        memcpy(t->tlvs, p->tlvs.at, p->tlvs.len);
    k->visit = mw_visit_new(k->c);
    k->visit->held = t;
    k->visit->proxied_from = &t->from;
    k->visit->proxied_to = &t->to;
    k->visit->tlvs = (mw_str){ t->tlvs, p->tlvs.len };
}

/* Peeks; when the header is whole, takes just its bytes from the socket.  AGAIN, OK, or ERR: said. */
static mw_rc read_proxied(knocker *k)
{
    char        bytes[PROXY_MOST];
    mw_proxied  p;
    size_t      used = 0;
    const char *why = NULL;
    int         fd = k->c->watch.fd;
    ssize_t     n = recv(fd, bytes, sizeof bytes, MSG_PEEK);
    mw_str      line, rest, all;
    mw_rc       rc;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return MW_AGAIN;
    if (n <= 0) {
        MW_LOG(&k->log, MW_LOG_INFO, n < 0 ? errno : 0, n < 0 ? "recv() failed" : "client closed connection");
        return MW_ERR;
    }
    all = (mw_str){ bytes, (size_t)n };
    rc = mw_proxied_read(all, &p, &used, &why);
    if (rc == MW_AGAIN && all.len < sizeof bytes)
        return MW_AGAIN;
    if (rc != MW_OK) {
        (void)mw_str_cut(all, '\r', &line, &rest);
        MW_LOG(&k->log, MW_LOG_ERROR, 0, "broken header: \"%.*s\"", MW_S(mw_str_take(line, 128)));
        return MW_ERR;
    }
    if (recv(fd, bytes, used, 0) != (ssize_t)used)
        return MW_ERR;
    remember(k, &p);
    return MW_OK;
}

static void proxy_ready(mw_conn *c)
{
    knocker *k = c->user;
    mw_rc    rc;

    if (!mw_conn_readable(c))
        return;
    rc = read_proxied(k);
    if (rc == MW_AGAIN)
        return;
    if (rc != MW_OK)
        turn_away(k);
    else if (k->at->ssl)
        begin_tls(k);
    else
        to_wire(k);
}

static const mw_conn_use proxy_use = { .name = "proxy door", .ready = proxy_ready, .late = knock_late };

/* --- accept --- */

static void hold(mw_conn *c, const mw_site *site, const mw_door_addr *at)
{
    knocker *k = mw_alloc(sizeof *k);

    *k = (knocker){
        .c = c, .site = site, .at = at,
        .log = { .sinks = core_of(at)->errors, .serial = c->serial, .tell = tell, .who = k, .debug = c->debug },
    };
    mw_asker_init(&k->asker, c->loop, shake, k);
    if (!at->proxy_protocol) {
        begin_tls(k);
        return;
    }
    mw_log_doing(&k->log, "reading PROXY protocol");
    mw_conn_give(c, &proxy_use, k, &k->log);
    mw_conn_expect(c, core_of(at)->client_header_timeout.ms);
}

void mw_door_accepted(mw_listener *l, int fd, const mw_addr *peer)
{
    const mw_door      *door = l->door;
    const mw_door_addr *at;
    mw_conn            *c = mw_conn_new(l->loop, fd, peer, NULL, NULL, &l->loop->worker->log);

    if (c == NULL) {
        MW_LOG(l->log, MW_LOG_ALERT, errno, "a connection could not be watched");
        return;
    }
    c->from = l;
    for (size_t i = 0; i < l->loop->worker->ndebug && !c->debug; i++)
        c->debug = mw_cidr_has(&l->loop->worker->debug[i], peer);
    at = mw_door_address(door, c);
    if (at->ssl || at->proxy_protocol)
        hold(c, door->site, at);
    else
        mw_h1_begin(c, at, door->site, NULL, NULL, (mw_str){ "", 0 });
}
