/* session.c - sessions to be resumed: a server's in a zone that all workers share, a client's in its peer's slot.
 *
 * In the zone: a table of chains by the first bytes of the id (they are random: we made them), and a list from the
 * oldest to the newest.  When the zone is full the oldest go.  All links are distances from the zone's beginning.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ssl.h>

#include "core/alloc.h"
#include "tls/room.h"

enum { BYTES_MOST = 4096, ID_MOST = SSL_MAX_SSL_SESSION_ID_LENGTH };

typedef struct saved {          /* followed by its bytes */
    uint64_t next, older, newer;        /* 0: none */
    int64_t  until;             /* seconds, wall */
    uint32_t length;
    uint8_t  id_length, id[ID_MOST];
} saved;

typedef struct shelf {          /* the root of the zone */
    mw_ticket_ring ring;
    uint64_t       table, oldest, newest;
    uint32_t       slots;       /* of the table, a power of two */
} shelf;

static void *at(const mw_zone *z, uint64_t place) { return place == 0 ? NULL : &((char *)z->base)[place]; }

static uint64_t place_of(const mw_zone *z,
    const void *p) { return (uint64_t)((const char *)p - (const char *)z->base); }

mw_ticket_ring *mw_tls_session_ring(void *root) { return &((shelf *)root)->ring; }

static mw_rc make(mw_zone *z, void *root)
{
    shelf    *s = root;
    uint32_t  slots = 16;
    uint64_t *table;

    while (slots < z->size / 512 && slots < 1u << 20)
        slots *= 2;
    table = mw_zone_try(z, slots * sizeof *table);
    if (table == NULL)
        return MW_ERR;
    s->slots = slots;
    s->table = place_of(z, table);
    return MW_OK;
}

const mw_zone_kind mw_tls_session_kind = { .name = "ssl sessions", .version = 1, .root = sizeof(shelf), .make = make };

static uint64_t *slot_of(const mw_zone *z, const shelf *s, mw_str id)
{
    uint64_t *table = at(z, s->table);
    uint32_t  mix = 0;

    memcpy(&mix, id.at, id.len < sizeof mix ? id.len : sizeof mix);
    return &table[mix & (s->slots - 1)];
}

static mw_str id_of(const saved *one) { return (mw_str){ (const char *)one->id, one->id_length }; }

static saved *find(const mw_zone *z, const shelf *s, mw_str id)
{
    saved *one = at(z, *slot_of(z, s, id));

    while (one != NULL && !mw_str_eq(id_of(one), id))
        one = at(z, one->next);
    return one;
}

static void take_out(mw_zone *z, shelf *s, saved *one)
{
    uint64_t *link = slot_of(z, s, id_of(one)), place = place_of(z, one);
    saved    *older = at(z, one->older), *newer = at(z, one->newer), *before;

    while (*link != place) {
        before = at(z, *link);
        link = &before->next;
    }
    *link = one->next;
    *(older != NULL ? &older->newer : &s->oldest) = one->newer;
    *(newer != NULL ? &newer->older : &s->newest) = one->older;
    mw_zone_give(z, one);
}

static void put_in(mw_zone *z, shelf *s, saved *one)
{
    uint64_t *slot = slot_of(z, s, id_of(one)), place = place_of(z, one);
    saved    *newest = at(z, s->newest);

    one->next = *slot;
    *slot = place;
    one->older = s->newest;
    *(newest != NULL ? &newest->newer : &s->oldest) = place;
    s->newest = place;
}

/* A little of what is over goes first; room comes from the oldest. */
static saved *take_room(mw_zone *z, shelf *s, size_t n, int64_t now)
{
    saved *one, *old;

    for (unsigned i = 0; i < 2 && (old = at(z, s->oldest)) != NULL && old->until < now; i++)
        take_out(z, s, old);
    for (;;) {
        one = mw_zone_try(z, n);
        old = at(z, s->oldest);
        if (one != NULL || old == NULL)
            return one;
        take_out(z, s, old);
    }
}

static mw_zone *zone_of(const mw_tls_conf *conf)
{
    return conf != NULL && conf->session.zone != NULL && conf->session.zone->base != NULL ? conf->session.zone : NULL;
}

static mw_str id_in(const SSL_SESSION *session)
{
    unsigned             n;
    const unsigned char *id = SSL_SESSION_get_id(session, &n);

    return (mw_str){ (const char *)id, n };
}

static int save(SSL *ssl, SSL_SESSION *session)
{
    const mw_tls_conn *t = mw_tls_conn_by(ssl);
    mw_zone           *z = zone_of(t->first);
    int64_t            now = t->conn->loop->clock.sec;
    unsigned char      bytes[BYTES_MOST], *end = bytes;
    int                n = i2d_SSL_SESSION(session, NULL);
    mw_str             id = id_in(session);
    saved             *one;

    /* a ticket holds all there is: nothing need be remembered */
    if (SSL_version(ssl) == TLS1_3_VERSION && (SSL_get_options(ssl) & SSL_OP_NO_TICKET) == 0)
        return 0;
    if (z == NULL || n <= 0 || n > BYTES_MOST || id.len == 0 || id.len > ID_MOST)
        return 0;
    (void)i2d_SSL_SESSION(session, &end);
    mw_zone_lock(z);
    one = take_room(z, mw_zone_root(z), sizeof *one + (size_t)n, now);
    if (one != NULL) {
        one->until = now + t->first->session_timeout.seconds;
        one->length = (uint32_t)n;
        one->id_length = (uint8_t)id.len;
        memcpy(one->id, id.at, id.len);
        memcpy(&one[1], bytes, (size_t)n);
        put_in(z, mw_zone_root(z), one);
    }
    mw_zone_unlock(z);
    if (one == NULL)
        MW_LOG(t->conn->log, MW_LOG_ALERT, 0, "could not allocate new session in SSL session shared cache \"%.*s\"",
               MW_S(z->name));
    return 0;
}

static SSL_SESSION *recall(SSL *ssl, const unsigned char *bytes, int n, int *copy)
{
    const mw_tls_conn   *t = mw_tls_conn_by(ssl);
    mw_zone             *z = zone_of(t->first);
    unsigned char        room[BYTES_MOST];
    const unsigned char *from = room;
    long                 length = 0;
    saved               *one;

    *copy = 0;
    if (z == NULL || n <= 0 || n > ID_MOST)
        return NULL;
    mw_zone_lock(z);
    one = find(z, mw_zone_root(z), (mw_str){ (const char *)bytes, (size_t)n });
    if (one != NULL && one->until <= t->conn->loop->clock.sec) {
        take_out(z, mw_zone_root(z), one);
        one = NULL;
    }
    if (one != NULL && one->length <= sizeof room) {
        memcpy(room, &one[1], one->length);
        length = (long)one->length;
    }
    mw_zone_unlock(z);
    return length > 0 ? d2i_SSL_SESSION(NULL, &from, length) : NULL;
}

static void forget(SSL_CTX *ctx, SSL_SESSION *session)
{
    const mw_tls_ctx *x = SSL_CTX_get_app_data(ctx);
    mw_zone          *z = x != NULL ? zone_of(x->conf) : NULL;
    mw_str            id = id_in(session);
    saved            *one;

    if (z == NULL || id.len == 0)
        return;
    mw_zone_lock(z);
    one = find(z, mw_zone_root(z), id);
    if (one != NULL)
        take_out(z, mw_zone_root(z), one);
    mw_zone_unlock(z);
}

mw_rc mw_tls_sessions_ready(mw_bind *b, mw_tls_ctx *x)
{
    const mw_tls_conf *c = x->conf;
    SSL_CTX           *ctx = x->ssl;
    long               mode = SSL_SESS_CACHE_SERVER;

    SSL_CTX_set_timeout(ctx, (long)c->session_timeout.seconds);
    (void)SSL_CTX_set_app_data(ctx, x);
    if (c->session.off)
        mode = SSL_SESS_CACHE_OFF;
    else if (!c->session.builtin)         /* `none`, too: the client may ask, nothing is kept */
        mode |= SSL_SESS_CACHE_NO_AUTO_CLEAR | SSL_SESS_CACHE_NO_INTERNAL_STORE;
    (void)SSL_CTX_set_session_cache_mode(ctx, mode);
    if (c->session.builtin && c->session.size > 0)
        (void)SSL_CTX_sess_set_cache_size(ctx, (long)c->session.size);
    if (!c->session.off && !c->session.builtin && c->session.zone == NULL)
        (void)SSL_CTX_sess_set_cache_size(ctx, 1);      /* 0 would be no limit */
    if (c->session.zone != NULL) {
        SSL_CTX_sess_set_new_cb(ctx, save);
        SSL_CTX_sess_set_get_cb(ctx, recall);
        SSL_CTX_sess_set_remove_cb(ctx, forget);
    }
    return mw_tls_tickets_ready(b, x);
}

/* --- a client's ----------------------------------------------------------------------------------------------- */

struct mw_tls_session { SSL_SESSION *it; };

void mw_tls_session_drop(mw_tls_session *s)
{
    if (s == NULL)
        return;
    SSL_SESSION_free(s->it);
    mw_free(s);
}

static int renew(SSL *ssl, SSL_SESSION *session)
{
    mw_tls_conn    *t = mw_tls_conn_by(ssl);
    mw_tls_session *s;

    if (t->slot == NULL)
        return 0;
    s = mw_alloc(sizeof *s);
    s->it = session;
    mw_tls_session_drop(*t->slot);
    *t->slot = s;
    return 1;                           /* its count is ours now */
}

void mw_tls_client_sessions(struct ssl_ctx_st *ctx)
{
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, renew);
}

void mw_tls_session_offer(mw_tls_conn *t, mw_tls_session **slot)
{
    t->slot = slot;
    if (slot != NULL && *slot != NULL && SSL_set_session(t->ssl, (*slot)->it) != 1)
        mw_tls_forget();
}
