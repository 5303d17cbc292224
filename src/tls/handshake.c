/* handshake.c - the handshake as an op, on the server's and on the client's side.
 *
 * While it is under way the connection's events are ours; in the end they are given back to whoever had them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "core/must.h"
#include "core/pool.h"
#include "tls/room.h"

enum { EARLY_MOST = 16384 };

typedef struct handshaker {     /* mw_handshake.state while it is pending */
    mw_tls_conn       *tls;
    const mw_conn_use *use;     /* whose the connection was */
    void              *user;
    const char        *doing;   /* what his log said */
    mw_tls_hello       hello;
    mw_tls_to          to;
    bool               given;   /* the events are ours */
} handshaker;

static mw_pool handshakers = MW_POOL(sizeof(handshaker), 256);

static void give_back(mw_handshake *h)
{
    handshaker *s = h->state;
    mw_conn    *c = h->conn;

    if (s == NULL)
        return;
    if (s->given)
        mw_conn_give(c, s->use, s->user, c->log);
    if (s->tls->client == NULL)
        mw_conn_expect(c, 0);
    mw_log_doing(c->log, s->doing);
    s->tls->hello = NULL;
    s->tls->to = NULL;
    mw_pool_give(&handshakers, s);
    h->state = NULL;
}

static void stop(mw_op *op) { give_back(MW_OWNER(op, mw_handshake, op)); }

/* With an error of the library's or with none: it depends on where the peer stopped. */
static bool peer_left(const mw_tls_conn *t)
{
    unsigned long e = ERR_peek_error();

    return t->eof
        && (e == 0 || (ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING));
}

static mw_rc say_failed(mw_handshake *h, int err)
{
    handshaker  *s = h->state;
    mw_log      *log = h->conn->log;
    mw_log_level level = s->tls->client != NULL ? MW_LOG_ERROR : MW_LOG_INFO;

    h->conn->err = s->tls->conn->err;
    if (err == ETIMEDOUT) {
        h->why = s->tls->client != NULL ? "upstream timed out" : "client timed out";
        h->conn->err = ETIMEDOUT;
        mw_tls_log(log, level, ETIMEDOUT, "%s", h->why);
    } else if (peer_left(s->tls)) {
        mw_tls_forget();
        h->why = "peer closed connection in SSL handshake";
        mw_tls_log(log, level, 0, "%s", h->why);
    } else {
        h->why = "SSL_do_handshake() failed";
        if (mw_tls_is_ours() && !s->tls->broken)
            level = MW_LOG_CRIT;
        mw_tls_log(log, level, h->conn->err, "%s", h->why);
    }
    s->tls->broken = true;
    return MW_ERR;
}

/* RFC 8446 2.3: what came before the handshake is complete may be a replay.  It is kept until it is complete, and
 * thereby
 * none: a request in it is served like any other (RFC 8470 3).  1: handshake on; 0: more must come; -1: failed. */
static int take_early(mw_tls_conn *t)
{
    char   part[EARLY_MOST];
    size_t n = 0;

    for (;;) {
        int rc = SSL_read_early_data(t->ssl, part, sizeof part, &n);

        if (rc == SSL_READ_EARLY_DATA_ERROR)
            return SSL_get_error(t->ssl, 0) == SSL_ERROR_WANT_READ ? 0 : -1;
        if (n > 0) {
            if (t->early == NULL)
                t->early = mw_block_new(EARLY_MOST);
            if (n > EARLY_MOST - t->early_upto)
                return -1;              /* the library keeps the client within max_early_data */
            memcpy(&t->early->data[t->early_upto], part, n);
            t->early_upto += (uint32_t)n;
        }
        if (rc == SSL_READ_EARLY_DATA_FINISH)
            return 1;
    }
}

static mw_rc complete(mw_handshake *h)
{
    handshaker  *s = h->state;
    mw_tls_conn *t = s->tls;

    mw_tls_forget();
    t->done = true;
    h->conn->tls = true;
    if (mw_tls_flush(t) == MW_ERR)
        return say_failed(h, 0);
    if (t->client != NULL && t->client->verify && !mw_tls_verify_peer(t, s->to.name)) {
        h->why = "upstream SSL certificate verify error";
        return MW_ERR;
    }
    return MW_OK;
}

/* As far as it goes now. */
static mw_rc step(mw_handshake *h)
{
    handshaker  *s = h->state;
    mw_tls_conn *t = s->tls;
    int          rc = 1, why;

    if (mw_tls_flush(t) == MW_ERR)
        return say_failed(h, 0);
    if (s->hello.early) {
        rc = take_early(t);
        s->hello.early = rc == 0;
        if (rc <= 0)
            return rc == 0 ? MW_AGAIN : say_failed(h, 0);
    }
    rc = SSL_do_handshake(t->ssl);
    if (rc == 1)
        return complete(h);
    why = SSL_get_error(t->ssl, rc);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return MW_AGAIN;
    return say_failed(h, 0);
}

static void settle(mw_handshake *h, mw_rc rc)
{
    give_back(h);
    mw_op_finish(&h->op, rc);
}

static void ready(mw_conn *c)
{
    mw_handshake *h = c->user;
    mw_rc         rc = step(h);

    if (rc != MW_AGAIN)
        settle(h, rc);
}

static void late(mw_conn *c)
{
    mw_handshake *h = c->user;

    settle(h, say_failed(h, ETIMEDOUT));
}

static const mw_conn_use handshake_use = { .name = "handshake", .ready = ready, .late = late };

static handshaker *begin(mw_handshake *h, mw_conn *c, const mw_tls_ctx *x, const char *doing)
{
    handshaker  *s;
    mw_tls_conn *t = mw_tls_conn_new(c, x);

    h->conn = c;
    if (t == NULL)
        return NULL;
    s = mw_pool_take(&handshakers);
    *s = (handshaker){ .tls = t, .use = c->use, .user = c->user, .doing = c->log->doing };
    h->state = s;
    mw_log_doing(c->log, doing);
    return s;
}

/* The first step; the rest comes with the events. */
static mw_rc go(mw_asker *who, mw_handshake *h, uint64_t patience_ms)
{
    handshaker *s = h->state;
    mw_conn    *c = h->conn;
    mw_rc       rc = step(h);

    if (rc != MW_AGAIN) {
        give_back(h);
        return mw_op_answer(&h->op, rc);
    }
    s->given = true;
    mw_conn_give(c, &handshake_use, h, c->log);
    if (patience_ms > 0)
        mw_conn_expect(c, patience_ms);
    mw_op_begin(&h->op, who, stop);
    return MW_AGAIN;
}

mw_rc mw_tls_begins(mw_conn *c)
{
    unsigned char first;
    ssize_t       n;

    do
        n = recv(c->watch.fd, &first, 1, MSG_PEEK);
    while (n < 0 && errno == EINTR);
    if (n == 1)                         /* a record of a handshake, or SSLv2's greeting,
        which is answered with an alert */
        return first == 0x16 || (first & 0x80) != 0 ? MW_OK : MW_END;
    if (n < 0 && errno == EAGAIN) {
        c->ready = (uint8_t)(c->ready & ~(unsigned)(MW_READ | MW_HUP));
        return MW_AGAIN;
    }
    c->err = n < 0 ? errno : 0;
    return MW_ERR;
}

mw_rc mw_tls_accept(mw_asker *who, mw_handshake *h, mw_conn *c, const mw_tls_conf *conf, mw_tls_by_name *choose,
                    void *owner, void *scope)
{
    handshaker *s;

    if (h->op.state != MW_OP_IDLE)
        return h->op.state == MW_OP_PENDING ? MW_AGAIN : (mw_rc)h->op.rc;
    MW_MUST(conf->ctx != NULL);
    s = begin(h, c, conf->ctx, "SSL handshaking");
    if (s == NULL)
        return mw_op_answer(&h->op, MW_ERR);
    s->hello = (mw_tls_hello){ choose, owner, scope, conf->early_data };
    s->tls->hello = &s->hello;
    SSL_set_accept_state(s->tls->ssl);
    return go(who, h, 0);
}

/* RFC 6066 3: neither an address nor a port, nor the dot at the end, is in a name. */
static mw_str bare_name(mw_str name)
{
    char   text[64];
    mw_out o = mw_out_on(text, sizeof text - 1);
    struct in6_addr room;

    if (mw_str_char(name, 0) == '[')
        return (mw_str){ "", 0 };
    name = mw_str_take(name, mw_str_rindex(name, ':'));
    if (name.len > 0 && mw_str_char(name, name.len - 1) == '.')
        name = mw_str_take(name, name.len - 1);
    mw_out_str(&o, name);
    if (!o.cut) {
        text[o.len] = '\0';
        if (inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1)
            return (mw_str){ "", 0 };
    }
    return name;
}

static bool offer_name(mw_tls_conn *t, mw_str name)
{
    char   text[256];
    mw_out o = mw_out_on(text, sizeof text - 1);

    name = bare_name(name);
    mw_out_str(&o, name);
    if (name.len == 0)
        return true;
    text[o.len] = '\0';
    if (!o.cut && SSL_set_tlsext_host_name(t->ssl, text) == 1)
        return true;
    mw_tls_log(t->conn->log, MW_LOG_ERROR, 0, "SSL_set_tlsext_host_name(\"%.*s\") failed", MW_S(name));
    return false;
}

static bool own_certificate(mw_tls_conn *t, const mw_tls_client *conf, const mw_tls_to *to)
{
    mw_tls_names names = { to->certificate, to->key, &conf->password_file, false };

    if (to->certificate.len == 0)
        return true;
    return mw_tls_use_certificate(t, &names, conf->cache, t->conn->log);
}

mw_rc mw_tls_connect(mw_asker *who, mw_handshake *h, mw_conn *c, const mw_tls_client *conf, const mw_tls_to *to)
{
    handshaker *s;

    if (h->op.state != MW_OP_IDLE)
        return h->op.state == MW_OP_PENDING ? MW_AGAIN : (mw_rc)h->op.rc;
    MW_MUST(conf->ctx != NULL);
    s = begin(h, c, conf->ctx, "SSL handshaking to upstream");
    if (s == NULL)
        return mw_op_answer(&h->op, MW_ERR);
    s->to = *to;
    s->tls->to = &s->to;
    if ((conf->server_name && !offer_name(s->tls, to->name)) || !own_certificate(s->tls, conf, to)) {
        give_back(h);
        return mw_op_answer(&h->op, MW_ERR);
    }
    mw_tls_session_offer(s->tls, conf->session_reuse ? to->session : NULL);
    SSL_set_connect_state(s->tls->ssl);
    return go(who, h, 0);
}
