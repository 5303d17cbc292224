/* connect.c - which upstream, and a connection to it: the stages group, pick, dial and tls.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/must.h"
#include "http/proxy/resolvers.h"
#include "http/proxy/speak.h"
#include "http/proxy/spool.h"
#include "upstream/keepalive.h"

/* --- group: of a URL with variables ------------------------------------------------------------------------------- */

static mw_rc bad_gateway(mw_exchange *x)
{
    x->status = 502;
    return MW_ERR;
}

static mw_rc resolve(mw_exchange *x)
{
    const mw_http_conf *core = x->r->place->core;
    mw_resolver        *resolver = mw_proxy_resolver(x->r->loop->worker, core);
    mw_rc               rc;

    if (x->resolve == NULL) {
        x->resolve = MW_NEW(x->r->arena, mw_resolve);
        x->resolve->arena = x->r->arena;
    }
    if (resolver == NULL) {
        MW_LOG(&x->r->log, MW_LOG_ERROR, 0, "no resolver defined to resolve %.*s", MW_S(x->host));
        return bad_gateway(x);
    }
    rc = mw_resolve_name(&x->asker, x->resolve, resolver, x->host, x->port);
    if (rc == MW_AGAIN)
        return rc;
    if (rc != MW_OK || x->resolve->n == 0) {
        MW_LOG(&x->r->log, MW_LOG_ERROR, 0, "%.*s could not be resolved (%d: %s)", MW_S(x->host),
               x->resolve->code, x->resolve->why != NULL ? x->resolve->why : "no address");
        return bad_gateway(x);
    }
    x->group = mw_group_made(x->r->arena, x->host, x->resolve->addrs, x->resolve->n);
    return MW_OK;
}

/* Takes the port off x->host. */
static mw_rc split_port(mw_exchange *x)
{
    size_t   colon = mw_str_rindex(x->host, ':');
    uint64_t port;

    if (colon == x->host.len)
        return MW_OK;
    if (!mw_str_u64(mw_str_drop(x->host, colon + 1), &port) || port == 0 || port > 65535) {
        MW_LOG(&x->r->log, MW_LOG_ERROR, 0, "invalid port in upstream \"%.*s\"", MW_S(x->host));
        x->status = 500;
        return MW_ERR;
    }
    x->port = (uint16_t)port;
    x->host = mw_str_take(x->host, colon);
    return MW_OK;
}

/* A group none of whose servers could be resolved when the configuration was read: its name may resolve by now. */
static bool asks_again(mw_exchange *x)
{
    const mw_group *g = x->group;

    for (unsigned i = 0; i < g->n && x->resolve == NULL; i++)
        if (g->peers[i].unresolved) {
            x->host = g->peers[i].server;
            x->port = g->implicit ? g->port : 80;
            if (split_port(x) != MW_OK)
                return false;
            x->resolve = MW_NEW(x->r->arena, mw_resolve);
            x->resolve->arena = x->r->arena;
            x->group = NULL;
            x->stage = MW_X_GROUP;
            return true;
        }
    return false;
}

/* "host", "host:port", "[::1]:port", "unix:/path" */
static mw_rc find_group(mw_exchange *x)
{
    mw_addr literal;

    x->group = mw_group_named(x->r->loop->worker, x->host, x->port);
    if (x->group != NULL)
        return MW_OK;
    if (mw_addr_parse(x->host, x->port, &literal)) {
        x->group = mw_group_made(x->r->arena, x->host, &literal, 1);
        return MW_OK;
    }
    if (split_port(x) != MW_OK)
        return MW_ERR;
    if (x->host.len > 0)
        return resolve(x);
    MW_LOG(&x->r->log, MW_LOG_ERROR, 0, "no host in upstream");
    x->status = 500;
    return MW_ERR;
}

mw_rc mw_x_group(mw_exchange *x)
{
    mw_rc rc = x->group != NULL ? MW_OK : x->resolve != NULL ? resolve(x) : find_group(x);

    if (rc != MW_OK)
        return rc;
    x->keeps = x->way->keepalive && x->group->keep.connections > 0 && !(x->group->implicit && x->tls != NULL);
    mw_try_begin(&x->try, x->group, x->r->loop->worker, x->r->arena, &x->r->scope);
    x->stage = MW_X_PICK;
    return MW_OK;
}

/* --- pick --------------------------------------------------------------------------------------------------------- */

void mw_exchange_adopt(mw_exchange *x, mw_conn *c, bool kept)
{
    x->conn = c;
    x->kept = kept;
    x->sent = x->deaf = false;
    x->sent_before = c->sent;
    x->got_before = c->got;
    c->requests++;
    mw_conn_give(c, &mw_exchange_use, x, &x->r->log);
}

/* nginx opened a connection for each request of a bare address: there none that may be dead carries what must not be
 * sent twice. */
static bool may_take(const mw_exchange *x)
{
    return x->keeps && !x->fresh && (!x->group->implicit || mw_exchange_repeatable(x));
}

mw_rc mw_x_pick(mw_exchange *x)
{
    mw_worker  *w = x->r->loop->worker;
    mw_attempt *a;
    mw_conn    *c = NULL;

    if (mw_try_pick(&x->try) != MW_OK) {
        if (x->tries == 0 && asks_again(x))
            return MW_OK;
        a = mw_facts_attempt(x->r, x->group->name, x->tries == 0);
        a->status = 502;
        a->response_ms = 0;
        mw_exchange_say(x, MW_LOG_ERROR, 0, "no live upstreams");
        return bad_gateway(x);
    }
    a = mw_facts_attempt(x->r, x->try.peer->name, x->tries++ == 0);
    x->attempt = (unsigned)mw_facts_of(x->r)->attempts.n - 1;
    a->began_ms = mw_loop_now(x->r->loop);
    if (may_take(x))
        c = mw_keep_take(w, x->group, &x->try.peer->addr, x->key);
    if (c == NULL) {
        x->stage = MW_X_DIAL;
        return MW_OK;
    }
    mw_exchange_adopt(x, c, true);
    a->connect_ms = 0;
    x->stage = MW_X_SEND;
    return MW_OK;
}

/* --- dial --------------------------------------------------------------------------------------------------------- */

static bool bound(mw_exchange *x, mw_addr *address)
{
    mw_str text = mw_expr_text(x->way->bind.address, &x->r->scope);

    if (text.len == 0)
        return false;
    if (mw_addr_parse(text, 0, address))
        return true;
    MW_LOG(&x->r->log, MW_LOG_ERROR, 0, "invalid local address \"%.*s\"", MW_S(text));
    return false;
}

mw_rc mw_x_dial(mw_exchange *x)
{
    mw_dial_how how = { .keepalive = x->way->socket_keepalive, .transparent = x->way->bind.transparent,
                        .rcvbuf = (int)x->way->socket_rcvbuf.bytes, .sndbuf = (int)x->way->socket_sndbuf.bytes };
    mw_addr     local;
    mw_attempt *a;
    mw_conn    *c;
    mw_rc       rc;

    if (x->dial.op.state == MW_OP_IDLE && x->way->bind.address != NULL && bound(x, &local))
        how.bind = &local;
    rc = mw_dial_to(&x->asker, &x->dial, &x->try.peer->addr, &how, &x->r->log);
    if (rc == MW_AGAIN) {
        if (x->late.due == 0)
            mw_exchange_time(x, x->way->connect_timeout.ms);
        return rc;
    }
    mw_exchange_time(x, 0);
    c = x->dial.conn;
    x->dial.conn = NULL;
    mw_op_reset(&x->dial.op);
    if (rc != MW_OK)
        return mw_exchange_next(x, MW_NEXT_ERROR);
    mw_exchange_adopt(x, c, false);
    a = mw_exchange_attempt(x);
    a->connect_ms = (int64_t)(mw_loop_now(x->r->loop) - a->began_ms);
    x->stage = x->tls != NULL ? MW_X_TLS : MW_X_SEND;
    return MW_OK;
}

/* --- tls ---------------------------------------------------------------------------------------------------------- */

mw_str mw_proxy_tls_file(mw_request *r, const mw_proxy_tls *t, const mw_expr *e)
{
    mw_str text;

    if (e == NULL || mw_expr_is_constant(e, &text))
        return MW_STR("");
    text = mw_expr_text(e, &r->scope);
    return text.len == 0 || mw_proxy_is_store(text) ? text : mw_path_join(r->arena, t->folder, text);
}

mw_rc mw_x_tls(mw_exchange *x)
{
    const mw_proxy_tls *t = x->tls;
    mw_tls_to           to = { .name = x->tls_name };
    mw_attempt         *a;
    mw_rc               rc;

    if (x->handshake == NULL)
        x->handshake = MW_NEW(x->r->arena, mw_handshake);
    to.certificate = mw_proxy_tls_file(x->r, t, t->certificate);
    to.key = mw_proxy_tls_file(x->r, t, t->key);
    to.session = mw_proxy_session(x->r->loop->worker, t, &x->try.peer->addr, x->tls_name);
    rc = mw_tls_connect(&x->asker, x->handshake, x->conn, t->client, &to);
    if (rc == MW_AGAIN) {
        if (x->late.due == 0)
            mw_exchange_time(x, x->way->connect_timeout.ms);
        return rc;
    }
    mw_exchange_time(x, 0);
    x->handshake = NULL;
    if (rc != MW_OK)
        return mw_exchange_next(x, MW_NEXT_ERROR);
    mw_conn_give(x->conn, &mw_exchange_use, x, &x->r->log);
    a = mw_exchange_attempt(x);
    a->connect_ms = (int64_t)(mw_loop_now(x->r->loop) - a->began_ms);
    x->stage = MW_X_SEND;
    return MW_OK;
}

/* --- letting go --------------------------------------------------------------------------------------------------- */

static void account(mw_exchange *x)
{
    mw_attempt *a = mw_exchange_attempt(x);

    if (x->conn != NULL) {
        a->sent = x->conn->sent - x->sent_before;
        a->received = x->conn->got - x->got_before;
    }
    if (a->response_ms == MW_UNTOLD)
        a->response_ms = (int64_t)(mw_loop_now(x->r->loop) - a->began_ms);
    a->length = x->read_body;
}

void mw_exchange_leave(mw_exchange *x, mw_outcome how)
{
    if (x->try.peer == NULL)
        return;
    account(x);
    mw_try_done(&x->try, how);
}

void mw_exchange_drop(mw_exchange *x)
{
    if (x->conn == NULL)
        return;
    account(x);
    mw_conn_close(x->conn);
    x->conn = NULL;
}

void mw_exchange_let(mw_exchange *x)
{
    if (!x->held)
        return;
    x->held = false;
    mw_request_let(x->r);
}

void mw_exchange_over(mw_exchange *x)
{
    mw_conn *c = x->conn;

    mw_exchange_time(x, 0);
    x->ended = true;
    if (x->spool != NULL)
        mw_store_finish(x->spool, x->way, x->r->res.modified);
    mw_exchange_let(x);
    if (c == NULL)
        return;
    account(x);
    x->conn = NULL;
    if (x->keeps && x->out.bytes == 0 && x->asking == NULL && !x->deaf && !x->upgrade && x->used == x->eaten
        && x->speak->reusable(x))
        mw_keep_give(x->r->loop->worker, x->group, &x->try.peer->addr, x->key, c);
    else
        mw_conn_close(c);
    mw_exchange_leave(x, MW_PEER_FINE);
}
