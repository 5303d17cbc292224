/* conn.c - the io of a connection that speaks TLS: records in and out of its socket.
 *
 * OpenSSL talks to the socket through a BIO of ours, which knows what the connection remembers of its readiness: no
 * recv is made only to see EAGAIN, and a record comes in with one call (read_ahead).  Writing never blocks inside
 * OpenSSL: the records of one burst are gathered in a buffer of the process and go out with one send; what the socket
 * does not take is kept as ciphertext, and the plain bytes stay in the caller's chain (`held`) until it is gone.  Small
 * views - head and body - become one record.  A burst begins with a record and grows while the socket takes all of it,
 * so a slow client holds 16 KB of us and a fast one needs a call for 64.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "core/must.h"
#include "core/pool.h"
#include "event/filepart.h"
#include "tls/room.h"

enum {
    RECORD = 16384, BURST = 4 * RECORD,         /* plain bytes */
    GATHERED = BURST + 4 * 512,                 /* with what records add to them */
    /* more than that is not a burst, but somebody's game with key updates */
    BACKLOG = 256 * 1024,
    KEPT = 1024
};

static mw_pool conns = MW_POOL(sizeof(mw_tls_conn), KEPT);

/* Rule 21 broken: scratch of the process, empty between two calls; only the loop's thread is here. */
static char   plain[RECORD], gathered[GATHERED];
static size_t gathered_bytes;
static bool   gathering;

static BIO_METHOD *method;                      /* made once; never changes */

static void unready(mw_conn *c, unsigned what) { c->ready = (uint8_t)(c->ready & ~what); }

static bool broken(mw_tls_conn *t, int err)
{
    t->conn->err = err;
    t->broken = true;
    return false;
}

/* Keeps ciphertext for when the socket takes more. */
static bool keep(mw_tls_conn *t, const char *at, size_t n)
{
    uint32_t  old = t->upto - t->from;
    mw_block *b;

    if (old + n > BACKLOG)
        return broken(t, ENOBUFS);
    if (t->backlog == NULL || t->backlog->size - t->upto < n) {
        b = mw_block_new((uint32_t)(old + n));
        if (old > 0)
            memcpy(b->data, &t->backlog->data[t->from], old);
        mw_block_done(t->backlog);
        t->backlog = b;
        t->from = 0;
        t->upto = old;
    }
    memcpy(&t->backlog->data[t->upto], at, n);
    t->upto += (uint32_t)n;
    return true;
}

/* What the socket takes at once; false: it is broken. */
static bool send_now(mw_tls_conn *t, const char *at, size_t n, size_t *sent)
{
    ssize_t done;

    *sent = 0;
    if ((t->conn->ready & MW_WRITE) == 0)
        return true;
    do
        done = send(t->conn->watch.fd, at, n, MSG_NOSIGNAL);
    while (done < 0 && errno == EINTR);
    if (done < 0 && errno != EAGAIN)
        return broken(t, errno);
    *sent = done < 0 ? 0 : (size_t)done;
    if (*sent < n)
        unready(t->conn, MW_WRITE);
    return true;
}

static bool put(mw_tls_conn *t, const char *at, size_t n)
{
    size_t sent = 0;

    if (t->broken)
        return false;
    if (t->backlog == NULL && !send_now(t, at, n, &sent))
        return false;
    return sent == n || keep(t, &at[sent], n - sent);
}

static bool put_gathered(mw_tls_conn *t)
{
    size_t n = gathered_bytes;

    gathered_bytes = 0;
    return n == 0 || put(t, gathered, n);
}

mw_rc mw_tls_flush(mw_tls_conn *t)
{
    size_t sent;

    if (t->broken)
        return MW_ERR;
    if (t->backlog == NULL)
        return MW_OK;
    if (!send_now(t, &t->backlog->data[t->from], t->upto - t->from, &sent))
        return MW_ERR;
    t->from += (uint32_t)sent;
    if (t->from < t->upto)
        return MW_AGAIN;
    mw_block_done(t->backlog);
    t->backlog = NULL;
    t->from = t->upto = 0;
    return MW_OK;
}

/* --- the BIO -------------------------------------------------------------------------------------------------- */

static int bio_write(BIO *b, const char *at, size_t n, size_t *written)
{
    mw_tls_conn *t = BIO_get_data(b);
    bool         fine;

    BIO_clear_retry_flags(b);
    *written = n;
    if (!gathering)
        fine = put(t, at, n);
    else {
        fine = n <= sizeof gathered - gathered_bytes || put_gathered(t);
        if (fine && n <= sizeof gathered) {
            memcpy(&gathered[gathered_bytes], at, n);
            gathered_bytes += n;
        } else {
            fine = fine && put(t, at, n);
        }
    }
    return fine ? 1 : 0;
}

static int bio_read(BIO *b, char *to, size_t room, size_t *got)
{
    mw_tls_conn *t = BIO_get_data(b);
    mw_conn     *c = t->conn;
    ssize_t      n;

    BIO_clear_retry_flags(b);
    *got = 0;
    if ((c->ready & (MW_READ | MW_HUP)) == 0 || t->broken || t->eof) {
        if (!t->broken && !t->eof)
            BIO_set_retry_read(b);
        return 0;
    }
    do
        n = recv(c->watch.fd, to, room, 0);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        if ((size_t)n < room && (c->ready & MW_HUP) == 0)
            unready(c, MW_READ);
        t->starved = false;
        *got = (size_t)n;
        return 1;
    }
    if (n == 0)
        t->eof = true;
    else if (errno != EAGAIN)
        (void)broken(t, errno);
    else {
        unready(c, MW_READ | MW_HUP);
        BIO_set_retry_read(b);
    }
    return 0;
}

static long bio_control(BIO *b, int command, long number, void *pointer)
{
    const mw_tls_conn *t = BIO_get_data(b);

    (void)number, (void)pointer;
    if (command == BIO_CTRL_EOF)
        return t->eof;
    return command == BIO_CTRL_FLUSH;
}

static BIO *bio_new(mw_tls_conn *t)
{
    BIO *b;

    if (method == NULL) {
        method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "connection");
        MW_MUST(method != NULL);
        (void)BIO_meth_set_write_ex(method, bio_write);
        (void)BIO_meth_set_read_ex(method, bio_read);
        (void)BIO_meth_set_ctrl(method, bio_control);
    }
    b = BIO_new(method);
    if (b != NULL) {
        BIO_set_data(b, t);
        BIO_set_init(b, 1);
    }
    return b;
}

/* --- the io --------------------------------------------------------------------------------------------------- */

static void say_failed(mw_tls_conn *t, const char *call)
{
    mw_log_level level = t->broken || !mw_tls_is_ours() ? MW_LOG_INFO : MW_LOG_CRIT;

    if (t->client != NULL && level == MW_LOG_INFO)
        level = MW_LOG_ERROR;
    mw_tls_log(t->conn->log, level, t->conn->err, "%s failed", call);
}

static mw_rc give_early(mw_tls_conn *t, char *to, size_t room, size_t *got)
{
    size_t n = t->early_upto - t->early_from;

    n = n < room ? n : room;
    memcpy(to, &t->early->data[t->early_from], n);
    t->early_from += (uint32_t)n;
    if (t->early_from == t->early_upto) {
        mw_block_done(t->early);
        t->early = NULL;
    }
    *got = n;
    return MW_OK;
}

/* Why SSL_read gave nothing. */
static mw_rc read_ended(mw_tls_conn *t)
{
    int why = SSL_get_error(t->ssl, 0);

    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
        t->starved = true;
        return MW_AGAIN;
    }
    t->over = true;
    if (why == SSL_ERROR_ZERO_RETURN || (why == SSL_ERROR_SYSCALL && !t->broken)) {
        mw_tls_forget();
        return MW_END;
    }
    say_failed(t, "SSL_read()");
    t->broken = true;
    return MW_ERR;
}

static mw_rc tls_read(mw_conn *c, char *to, size_t room, size_t *got)
{
    mw_tls_conn *t = c->io_state;
    size_t       n = 0, part;
    mw_rc        rc = MW_OK;

    if (t->early != NULL)
        return give_early(t, to, room, got);
    if (t->over || t->broken)
        return t->broken ? MW_ERR : MW_END;
    do {
        if (SSL_read_ex(t->ssl, &to[n], room - n, &part) != 1)
            rc = read_ended(t);
        else
            n += part;
    } while (rc == MW_OK && n < room && SSL_has_pending(t->ssl) && !t->starved);
    if (t->backlog != NULL && mw_tls_flush(t) == MW_ERR)    /* key updates answer by themselves */
        return MW_ERR;
    *got = n;
    return n > 0 ? MW_OK : rc;
}

static bool tls_pending(const mw_conn *c)
{
    const mw_tls_conn *t = c->io_state;

    return t->early != NULL || t->over || SSL_pending(t->ssl) > 0 || (!t->starved && SSL_has_pending(t->ssl));
}

typedef struct cursor { const mw_buf *at; uint64_t off; } cursor;      /* a place in the caller's chain */

/* The next bytes for a record, at most `most`: where they lie, or copied together from small views and files.
 * at NULL: errno. */
static mw_str next_bytes(cursor *x, size_t most)
{
    size_t n = 0;

    while (x->at != NULL && n < most) {
        const mw_buf *b = x->at;
        uint64_t      rest = (b->file != NULL ? b->upto - b->from : b->mem.len) - x->off;
        size_t        now = rest < most - n ? (size_t)rest : most - n;
        mw_block     *block = NULL;
        mw_str        part = { 0 };

        if (b->file != NULL && now > 0) {
            block = mw_filepart_read(b->file, b->from + x->off, b->from + x->off + now, &part);
            if (block == NULL)
                return (mw_str){ NULL, 0 };
        } else {
            part = mw_str_part(b->mem, (size_t)x->off, (size_t)x->off + now);
        }
        x->off += part.len;
        if (part.len == rest)
            *x = (cursor){ b->next, 0 };
        if (n == 0 && block == NULL && (part.len == most || x->at == NULL))
            return part;
        if (part.len > 0)
            memcpy(&plain[n], part.at, part.len);
        n += part.len;
        mw_block_done(block);
    }
    return (mw_str){ plain, n };
}

static size_t record_size(const mw_tls_conn *t)
{
    uint64_t wanted = t->conf != NULL ? t->conf->buffer_size.bytes : RECORD;

    return wanted > 0 && wanted < RECORD ? (size_t)wanted : RECORD;
}

/* Makes records of the chain's first bytes and sends them; *made: how many bytes those were. */
static mw_rc send_burst(mw_tls_conn *t, const mw_chain *out, uint64_t most, uint64_t *made)
{
    size_t   record = record_size(t), part;
    uint64_t all = out->bytes < most ? out->bytes : most;
    cursor   x = { out->head, 0 };
    bool     fine = true;

    all = all < t->burst ? all : t->burst;
    *made = 0;
    while (fine && *made < all) {
        mw_str bytes = next_bytes(&x, all - *made < record ? (size_t)(all - *made) : record);

        if (bytes.at == NULL || bytes.len == 0) {
            (void)broken(t, errno);
            break;
        }
        gathering = gathered_bytes > 0 || bytes.len < all - *made;      /* one record goes out from where it lies */
        fine = SSL_write_ex(t->ssl, bytes.at, bytes.len, &part) == 1;
        *made += bytes.len;
    }
    gathering = false;
    if (!fine || t->broken) {
        gathered_bytes = 0;
        if (!fine)
            say_failed(t, "SSL_write()");
        t->broken = true;
        return MW_ERR;
    }
    return put_gathered(t) ? MW_OK : MW_ERR;
}

static mw_rc write_held(mw_tls_conn *t, mw_chain *out, uint64_t *most)
{
    mw_rc rc = mw_tls_flush(t);

    if (rc != MW_OK)
        return rc;
    mw_chain_drop(out, t->held);
    *most = *most > t->held ? *most - t->held : 0;
    t->held = 0;
    return MW_OK;
}

static mw_rc tls_write(mw_conn *c, mw_chain *out, uint64_t most)
{
    mw_tls_conn *t = c->io_state;
    mw_rc        rc = write_held(t, out, &most);
    uint64_t     made;

    while (rc == MW_OK && out->bytes > 0 && most > 0) {
        if ((c->ready & MW_WRITE) == 0)
            return MW_AGAIN;
        rc = send_burst(t, out, most, &made);
        if (rc != MW_OK)
            return rc;
        if (t->backlog != NULL) {
            t->held = made;
            t->burst = RECORD;
            return MW_AGAIN;
        }
        mw_chain_drop(out, made);
        most -= made;
        t->burst = t->burst * 2 < BURST ? t->burst * 2 : BURST;
    }
    return rc;
}

/* close_notify, as far as the socket takes it. */
static void say_over(mw_tls_conn *t)
{
    if (t->said || !t->done || t->broken)
        return;
    t->said = true;
    if (SSL_shutdown(t->ssl) < 0)
        mw_tls_forget();
}

static mw_rc tls_shut(mw_conn *c)
{
    mw_tls_conn *t = c->io_state;
    mw_rc        rc;

    say_over(t);
    rc = mw_tls_flush(t);
    if (rc != MW_OK)
        return rc;
    if (shutdown(c->watch.fd, SHUT_WR) == 0)
        return MW_OK;
    c->err = errno;
    return MW_ERR;
}

/* A client that closed by itself is told nothing: it would answer with RST. */
static void tls_close(mw_conn *c)
{
    mw_tls_conn *t = c->io_state;

    if (t->backlog == NULL && !c->eof && !c->broken && !t->over && (c->ready & MW_WRITE) != 0)
        say_over(t);
    if (!t->broken)
        SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);     /* or the session would be forgotten */
    SSL_free(t->ssl);
    mw_tls_forget();
    mw_block_done(t->backlog);
    mw_block_done(t->early);
    mw_pool_give(&conns, t);
    c->io_state = NULL;
    c->tls = false;
}

const mw_conn_io mw_tls_io = {
    .name = "tls", .memory = true, .read = tls_read, .write = tls_write, .shut = tls_shut, .close = tls_close,
    .pending = tls_pending,
};

mw_tls_conn *mw_tls_conn_new(mw_conn *c, const mw_tls_ctx *x)
{
    mw_tls_conn *t = mw_pool_take(&conns);
    BIO         *b = NULL;

    *t = (mw_tls_conn){ .conn = c, .first = x->conf, .conf = x->conf, .client = x->client, .burst = RECORD };
    t->ssl = SSL_new(x->ssl);
    if (t->ssl != NULL)
        b = bio_new(t);
    if (b == NULL) {
        mw_tls_log(c->log, MW_LOG_ALERT, 0, "SSL_new() failed");
        SSL_free(t->ssl);
        mw_pool_give(&conns, t);
        return NULL;
    }
    SSL_set_bio(t->ssl, b, b);
    c->io = &mw_tls_io;
    c->io_state = t;
    return t;
}

mw_tls_conn *mw_tls_conn_of(const mw_conn *c) { return c->io == &mw_tls_io ? c->io_state : NULL; }

mw_tls_conn *mw_tls_conn_by(const struct ssl_st *ssl) { return BIO_get_data(SSL_get_rbio(ssl)); }

const mw_tls_conf *mw_tls_chosen(const mw_conn *c)
{
    const mw_tls_conn *t = mw_tls_conn_of(c);

    return t != NULL ? t->conf : NULL;
}
