/* cert.c - certificates and keys: from files, from text ("data:"), from stores; at start, or - when their names have
 * variables - at a handshake, where what was read is kept for a while (ssl_certificate_cache).
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/list.h"
#include "tls/room.h"

enum { CHAIN_MOST = 64, KEY_MOST = 65536, BUCKETS = 256 };

mw_str mw_tls_path(mw_arena *a, mw_str folder, mw_str name)
{
    mw_str parts[2] = { folder, name };

    if (mw_str_char(name, 0) == '/' || mw_str_starts(name, MW_STR("data:")) || mw_str_starts(name, MW_STR("store:"))
        || mw_str_starts(name, MW_STR("engine:")))
        return name;
    return mw_arena_join(a, parts, 2);
}

static BIO *open_pem(mw_str name, const char **why)
{
    char   path[MW_PATH_MAX + 1];
    mw_out o = mw_out_on(path, MW_PATH_MAX);
    BIO   *bio;

    *why = "BIO_new_mem_buf() failed";
    if (mw_str_starts(name, MW_STR("data:"))) {
        name = mw_str_drop(name, 5);
        return BIO_new_mem_buf(name.at, (int)name.len);
    }
    *why = "BIO_new_file() failed";
    mw_out_str(&o, name);
    path[o.len] = '\0';
    bio = o.cut || mw_str_index(name, '\0') < name.len ? NULL : BIO_new_file(path, "r");
    return bio;
}

/* The leaf first; NULL: *why, and the error queue. */
static STACK_OF(X509) *load_chain(mw_str name, const char **why)
{
    BIO            *bio = open_pem(name, why);
    STACK_OF(X509) *chain;
    X509           *one;
    unsigned long   e;

    if (bio == NULL)
        return NULL;
    chain = sk_X509_new_null();
    *why = "PEM_read_bio_X509_AUX() failed";
    one = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    while (one != NULL && sk_X509_num(chain) < CHAIN_MOST && sk_X509_push(chain, one) > 0) {
        *why = "PEM_read_bio_X509() failed";
        one = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    }
    (void)BIO_free(bio);
    e = ERR_peek_last_error();
    if (one == NULL && sk_X509_num(chain) > 0 && ERR_GET_LIB(e) == ERR_LIB_PEM
        && ERR_GET_REASON(e) == PEM_R_NO_START_LINE) {
        ERR_clear_error();
        return chain;
    }
    if (one != NULL)
        X509_free(one);
    sk_X509_pop_free(chain, X509_free);
    return NULL;
}

static int give_password(char *to, int room, int writing, void *password)
{
    const mw_str *p = password;

    if (writing || p == NULL || p->len > (size_t)room)
        return 0;
    memcpy(to, p->at, p->len);
    return (int)p->len;
}

static EVP_PKEY *store_key(mw_str uri, const mw_str *password, const char **why)
{
    char             text[MW_PATH_MAX + 1];
    mw_out           o = mw_out_on(text, MW_PATH_MAX);
    UI_METHOD       *ui = UI_UTIL_wrap_read_pem_callback(give_password, 0);
    OSSL_STORE_CTX  *store;
    OSSL_STORE_INFO *info;
    EVP_PKEY        *key = NULL;

    mw_out_str(&o, uri);
    text[o.len] = '\0';
    *why = "OSSL_STORE_open() failed";
    store = OSSL_STORE_open(text, ui, (void *)(uintptr_t)password, NULL, NULL);
    while (store != NULL && key == NULL && !OSSL_STORE_eof(store)) {
        *why = "OSSL_STORE_load() failed";
        info = OSSL_STORE_load(store);
        if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
            key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
        if (info == NULL && OSSL_STORE_error(store))
            break;
    }
    (void)OSSL_STORE_close(store);
    UI_destroy_method(ui);
    return key;
}

static EVP_PKEY *pem_key(mw_str name, const mw_str *password, bool ask, const char **why)
{
    BIO      *bio = open_pem(name, why);
    EVP_PKEY *key;

    if (bio == NULL)
        return NULL;
    *why = "PEM_read_bio_PrivateKey() failed";
    key = PEM_read_bio_PrivateKey(bio, NULL, ask ? NULL : give_password, (void *)(uintptr_t)password);
    (void)BIO_free(bio);
    return key;
}

/* With each password in turn. */
static EVP_PKEY *load_key(const mw_tls_names *n, const char **why)
{
    mw_str    uri = mw_str_drop(n->key, 6);
    bool      store = mw_str_starts(n->key, MW_STR("store:"));
    EVP_PKEY *key;
    unsigned  i = 0;

    if (mw_str_starts(n->key, MW_STR("engine:"))) {
        uri = mw_str_drop(n->key, 7);
        *why = mw_str_index(uri, ':') < uri.len ? "loading \"engine:...\" certificate keys is not supported"
                                                : "invalid syntax";
        return NULL;
    }
    do {
        const mw_str *password = i < n->passwords->n ? &n->passwords->at[i] : NULL;

        key = store ? store_key(uri, password, why) : pem_key(n->key, password, n->ask && password == NULL, why);
        if (key != NULL)
            ERR_clear_error();
        i++;
    } while (key == NULL && i < n->passwords->n);
    return key;
}

/* --- at start ------------------------------------------------------------------------------------------------- */

mw_rc mw_tls_ctx_certificate(mw_bind *b, mw_tls_ctx *x, const mw_tls_names *n)
{
    const char     *why;
    STACK_OF(X509) *chain = load_chain(n->certificate, &why);
    X509           *leaf;
    EVP_PKEY       *key;
    bool            fine;

    if (chain == NULL)
        return mw_tls_bad(b, "cannot load certificate \"%.*s\": %s", MW_S(n->certificate), why);
    leaf = sk_X509_shift(chain);
    fine = SSL_CTX_use_certificate(x->ssl, leaf) == 1 && SSL_CTX_set0_chain(x->ssl, chain) == 1;
    X509_free(leaf);
    if (!fine) {
        sk_X509_pop_free(chain, X509_free);
        return mw_tls_bad(b, "SSL_CTX_use_certificate(\"%.*s\") failed", MW_S(n->certificate));
    }
    key = load_key(n, &why);
    if (key == NULL)
        return mw_tls_bad(b, "cannot load certificate key \"%.*s\": %s", MW_S(n->key), why);
    fine = SSL_CTX_use_PrivateKey(x->ssl, key) == 1;
    EVP_PKEY_free(key);
    return fine ? MW_OK : mw_tls_bad(b, "SSL_CTX_use_PrivateKey(\"%.*s\") failed", MW_S(n->key));
}

/* --- at a handshake ------------------------------------------------------------------------------------------- */

typedef struct kept {           /* what one file held: a chain or a key */
    mw_list         bucket, used;       /* used: oldest first */
    uint64_t        hash, checked, asked;       /* ms */
    STACK_OF(X509) *chain;
    EVP_PKEY       *key;
    struct stat     st;
    size_t          n;
    char            name[];
} kept;

struct mw_tls_certs {           /* of one configuration, in each process its own */
    size_t   n, most;
    uint64_t valid, inactive;   /* ms */
    mw_list  used, buckets[BUCKETS];
};

static void drop(struct mw_tls_certs *cache, kept *k)
{
    mw_list_drop(&k->bucket);
    mw_list_drop(&k->used);
    sk_X509_pop_free(k->chain, X509_free);
    EVP_PKEY_free(k->key);
    mw_free(k);
    cache->n--;
}

static void drop_all(void *arg)
{
    struct mw_tls_certs *cache = arg;

    MW_LIST_EACH(node, &cache->used)
        drop(cache, MW_OWNER(node, kept, used));
}

struct mw_tls_certs *mw_tls_certs_new(mw_arena *a, size_t most, uint64_t valid_ms, uint64_t inactive_ms)
{
    struct mw_tls_certs *cache = MW_NEW(a, struct mw_tls_certs);

    cache->most = most;
    cache->valid = valid_ms;
    cache->inactive = inactive_ms;
    mw_list_init(&cache->used);
    for (size_t i = 0; i < BUCKETS; i++)
        mw_list_init(&cache->buckets[i]);
    mw_arena_on_free(a, drop_all, cache);
    return cache;
}

static bool is_file(mw_str name) { return mw_str_char(name, 0) == '/'; }

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec
        && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static kept *lookup(struct mw_tls_certs *cache, mw_str name, bool key, uint64_t now)
{
    uint64_t    hash = mw_hash(name);
    struct stat st;

    MW_LIST_EACH(old, &cache->used) {           /* nobody asked for them */
        if (MW_OWNER(old, kept, used)->asked + cache->inactive > now)
            break;
        drop(cache, MW_OWNER(old, kept, used));
    }
    MW_LIST_EACH(node, &cache->buckets[hash % BUCKETS]) {
        kept *k = MW_OWNER(node, kept, bucket);

        if (k->hash != hash || (k->key != NULL) != key || !mw_str_eq((mw_str){ k->name, k->n }, name))
            continue;
        if (now >= k->checked + cache->valid) {
            if (mw_stat(name, &st) != 0 || !is_same(&st, &k->st)) {
                drop(cache, k);
                return NULL;
            }
            k->checked = now;
        }
        k->asked = now;
        mw_list_drop(&k->used);
        mw_list_add(&cache->used, &k->used);
        return k;
    }
    return NULL;
}

/* Takes counts of its own. */
static void remember(struct mw_tls_certs *cache, mw_str name, STACK_OF(X509) *chain, EVP_PKEY *key, uint64_t now)
{
    struct stat st;
    kept       *k;

    if (mw_stat(name, &st) != 0)
        return;
    if (cache->n >= cache->most)
        drop(cache, MW_OWNER(cache->used.next, kept, used));
    k = mw_alloc(sizeof *k + name.len);
    k->hash = mw_hash(name);
    k->checked = k->asked = now;
    k->st = st;
    k->n = name.len;
    memcpy(k->name, name.at, name.len);
    k->chain = chain != NULL ? X509_chain_up_ref(chain) : NULL;
    if (key != NULL && EVP_PKEY_up_ref(key) == 1)
        k->key = key;
    mw_list_add(&cache->buckets[k->hash % BUCKETS], &k->bucket);
    mw_list_add(&cache->used, &k->used);
    cache->n++;
}

static STACK_OF(X509) *chain_of(mw_str name, struct mw_tls_certs *cache, uint64_t now, const char **why)
{
    kept           *k = cache != NULL && is_file(name) ? lookup(cache, name, false, now) : NULL;
    STACK_OF(X509) *chain;

    if (k != NULL)
        return X509_chain_up_ref(k->chain);
    chain = load_chain(name, why);
    if (chain != NULL && cache != NULL && is_file(name))
        remember(cache, name, chain, NULL, now);
    return chain;
}

static EVP_PKEY *key_of(const mw_tls_names *n, struct mw_tls_certs *cache, uint64_t now, const char **why)
{
    kept     *k = cache != NULL && is_file(n->key) ? lookup(cache, n->key, true, now) : NULL;
    EVP_PKEY *key;

    if (k != NULL)
        return EVP_PKEY_up_ref(k->key) == 1 ? k->key : NULL;
    key = load_key(n, why);
    if (key != NULL && cache != NULL && is_file(n->key))
        remember(cache, n->key, NULL, key, now);
    return key;
}

bool mw_tls_use_certificate(mw_tls_conn *t, const mw_tls_names *n, struct mw_tls_certs *cache, const mw_log *log)
{
    uint64_t        now = t->conn->loop->clock.now;
    const char     *why = "";
    STACK_OF(X509) *chain = chain_of(n->certificate, cache, now, &why);
    X509           *leaf;
    EVP_PKEY       *key;
    bool            fine;

    if (chain == NULL) {
        mw_tls_log(log, MW_LOG_ERROR, 0, "cannot load certificate \"%.*s\": %s", MW_S(n->certificate), why);
        return false;
    }
    leaf = sk_X509_shift(chain);
    fine = SSL_use_certificate(t->ssl, leaf) == 1 && SSL_set0_chain(t->ssl, chain) == 1;
    X509_free(leaf);
    if (!fine) {
        sk_X509_pop_free(chain, X509_free);
        mw_tls_log(log, MW_LOG_ERROR, 0, "SSL_use_certificate(\"%.*s\") failed", MW_S(n->certificate));
        return false;
    }
    key = key_of(n, cache, now, &why);
    if (key == NULL) {
        mw_tls_log(log, MW_LOG_ERROR, 0, "cannot load certificate key \"%.*s\": %s", MW_S(n->key), why);
        return false;
    }
    fine = SSL_use_PrivateKey(t->ssl, key) == 1;
    EVP_PKEY_free(key);
    if (!fine)
        mw_tls_log(log, MW_LOG_ERROR, 0, "SSL_use_PrivateKey(\"%.*s\") failed", MW_S(n->key));
    return fine;
}
