/* ticket.c - session tickets: their keys from files, drawn for a configuration, or drawn in a zone and changed in time.
 *
 * Keys are drawn before the workers are forked, or lie in shared memory, so a ticket of one worker is good for all.
 * Where there is a shared session cache its zone holds them, and a key is used for one session timeout, then only
 * accepted for another: what is older than a session may be cannot be opened any more (RFC 5077 5.5).
 * The bytes of files and tickets are nginx's, so both may serve the same clients.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#include "core/error.h"
#include "core/file.h"
#include "core/must.h"
#include "core/random.h"
#include "tls/room.h"

struct mw_tickets {             /* the first seals, all open */
    mw_ticket_key *keys;
    unsigned       n;
};

/* Fetched once: by name they would be looked up for every ticket.  Never change afterwards. */
static EVP_CIPHER *aes128, *aes256;

void mw_ticket_key_draw(mw_ticket_key *k)
{
    k->length = 32;
    mw_random_bytes(k->name, sizeof k->name);
    mw_random_bytes(k->hmac, sizeof k->hmac);
    mw_random_bytes(k->aes, sizeof k->aes);
}

/* The zone's keys as they are now; *n: how many are good. */
static bool from_zone(const mw_tls_conf *conf, uint64_t now, mw_ticket_key *keys, unsigned *n)
{
    mw_zone        *z = conf->session.zone;
    uint64_t        life = conf->session_timeout.seconds > 0 ? (uint64_t)conf->session_timeout.seconds : 1;
    mw_ticket_ring *ring;

    if (z == NULL || z->base == NULL)
        return false;
    mw_zone_lock(z);
    ring = mw_tls_session_ring(mw_zone_root(z));
    if (ring->keys[0].length == 0 || now >= ring->keys[0].since + life) {
        ring->keys[1] = ring->keys[0];
        mw_ticket_key_draw(&ring->keys[0]);
        ring->keys[0].since = now;
    }
    memcpy(keys, ring->keys, sizeof ring->keys);
    mw_zone_unlock(z);
    *n = keys[1].length != 0 && now < keys[1].since + 2 * life ? 2 : 1;
    return true;
}

static bool arm(const mw_ticket_key *k, const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, bool seal)
{
    char        digest[] = "SHA256";
    mw_ticket_key key = *k;
    OSSL_PARAM  params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.hmac, key.length),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end(),
    };
    bool        fine;

    fine = EVP_MAC_CTX_set_params(mac, params) == 1
        && EVP_CipherInit_ex(cipher, key.length == 16 ? aes128 : aes256, NULL, key.aes, iv, seal) == 1;
    OPENSSL_cleanse(&key, sizeof key);
    return fine;
}

static int use_key(const mw_ticket_key *keys, unsigned n, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher,
                   EVP_MAC_CTX *mac, bool seal)
{
    if (seal) {
        mw_random_bytes(iv, 16);
        memcpy(name, keys[0].name, 16);
        return arm(&keys[0], iv, cipher, mac, true) ? 1 : -1;
    }
    for (unsigned i = 0; i < n; i++)
        if (memcmp(name, keys[i].name, 16) == 0)
            return !arm(&keys[i], iv, cipher, mac, false) ? -1 : i == 0 ? 1 : 2;    /* 2: and give a new one */
    return 0;
}

/* A client takes a ticket of TLS 1.3 only once (RFC 8446 C.4): 2 lets the resumed connection have a new one. */
static int renewed(SSL *ssl, int rc, int seal)
{
    return rc == 1 && seal != 1 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : rc;
}

static int ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
    mw_tls_conn      *t = mw_tls_conn_by(ssl);
    const mw_tickets *fixed = t->first->ctx->tickets;
    mw_ticket_key     keys[MW_TICKET_KEYS];
    unsigned          n;
    int               rc = -1;

    if (fixed != NULL)
        return renewed(ssl, use_key(fixed->keys, fixed->n, name, iv, cipher, mac, seal == 1), seal);
    if (from_zone(t->first, (uint64_t)t->conn->loop->clock.sec, keys, &n))
        rc = use_key(keys, n, name, iv, cipher, mac, seal == 1);
    OPENSSL_cleanse(keys, sizeof keys);
    return renewed(ssl, rc, seal);
}

/* 48 bytes: name, HMAC key of 16, AES-128 key as nginx lays them; 80 bytes: name, HMAC key of 32, AES-256 key. */
static mw_rc read_key(mw_bind *b, mw_str path, mw_ticket_key *k)
{
    mw_str bytes;

    if (mw_file_read_all(b->arena, path, 4096, &bytes) != MW_OK)
        return mw_bind_error(b, NULL, "open() \"%.*s\" failed (%d: %s)", MW_S(path), errno, mw_error_text(errno));
    if (bytes.len != 48 && bytes.len != 80)
        return mw_bind_error(b, NULL, "\"%.*s\" must be 48 or 80 bytes", MW_S(path));
    k->length = bytes.len == 48 ? 16 : 32;
    memcpy(k->name, bytes.at, 16);
    if (bytes.len == 48) {
        memcpy(k->aes, &bytes.at[16], 16);
        memcpy(k->hmac, &bytes.at[32], 16);
    } else {
        memcpy(k->hmac, &bytes.at[16], 32);
        memcpy(k->aes, &bytes.at[48], 32);
    }
    return MW_OK;
}

mw_rc mw_tls_tickets_ready(mw_bind *b, mw_tls_ctx *x)
{
    const mw_tls_conf *c = x->conf;
    mw_tickets        *t = MW_NEW(b->arena, mw_tickets);

    if (aes128 == NULL)
        aes128 = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    if (aes256 == NULL)
        aes256 = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    if (aes128 == NULL || aes256 == NULL)
        return mw_tls_bad(b, "EVP_CIPHER_fetch() failed");
    t->n = c->ticket_keys.n > 0 ? c->ticket_keys.n : 1;
    t->keys = MW_NEWS(b->arena, mw_ticket_key, t->n);
    for (unsigned i = 0; i < c->ticket_keys.n; i++)
        if (read_key(b, mw_bind_conf_path(b, c->ticket_keys.at[i]), &t->keys[i]) != MW_OK) return MW_ERR;
    if (c->ticket_keys.n == 0)
        mw_ticket_key_draw(&t->keys[0]);
    x->tickets = c->ticket_keys.n > 0 || c->session.zone == NULL ? t : NULL;
    if (SSL_CTX_set_tlsext_ticket_key_evp_cb(x->ssl, ticket) != 1)
        return mw_tls_bad(b, "SSL_CTX_set_tlsext_ticket_key_cb() failed");
    return MW_OK;
}
