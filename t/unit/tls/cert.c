/* cert.c - unit test of certificates and keys as they are read, and as they are kept for handshakes to come.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/cert.c"

#include "pair.h"

static mw_str file(const char *name) { return mw_str_of(in_folder(name)); }

static const char *both(const char *one, const char *two)
{
    mw_str a, b;

    ck_assert(mw_file_read_all(arena, file(one), 65536, &a) == MW_OK
              && mw_file_read_all(arena, file(two), 65536, &b) == MW_OK);
    return mw_arena_z(arena, mw_arena_fmt(arena, "%.*s%.*s", MW_S(a), MW_S(b)));
}

static int chain_length(mw_str name)
{
    const char     *why = NULL;
    STACK_OF(X509) *chain = load_chain(name, &why);
    int             n = chain != NULL ? sk_X509_num(chain) : -1;

    ck_assert(chain != NULL || why != NULL);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return n;
}

START_TEST(chains)
{
    certificate("a", NULL);
    certificate("b", NULL);
    write_file("two", both("a.crt", "b.crt"));
    write_file("with-key", both("a.key", "a.crt"));
    write_file("broken", both("a.crt", "a.crt"));
    write_file("tail", mw_arena_z(arena, mw_arena_fmt(arena, "%s-----BEGIN CERTIFICATE-----\nQQ\n-----END "
                                                      "CERTIFICATE-----\n", both("a.crt", "b.crt"))));
    write_file("empty", "");
    ck_assert_int_eq(chain_length(file("a.crt")), 1);
    ck_assert_int_eq(chain_length(file("two")), 2);
    ck_assert_int_eq(chain_length(file("with-key")), 1);
    ck_assert_int_eq(chain_length(mw_arena_fmt(arena, "data:%s", both("a.crt", "b.crt"))), 2);
    ck_assert_int_eq(chain_length(file("tail")), -1);       /* all of it or nothing */
    ck_assert_int_eq(chain_length(file("empty")), -1);
    ck_assert_int_eq(chain_length(file("a.key")), -1);
    ck_assert_int_eq(chain_length(file("none")), -1);
    ck_assert_int_eq(chain_length(MW_STR("data:")), -1);
    ck_assert_int_eq(chain_length(MW_STR("data:nonsense")), -1);
    ck_assert_int_eq(chain_length(MW_STR("/a\0b")), -1);
    ck_assert_int_eq(chain_length(mw_arena_fmt(arena, "/%5000d", 1)), -1);
}
END_TEST

static bool loads(mw_str key, const mw_strs *passwords)
{
    static const mw_strs none = { 0 };
    mw_tls_names n = { MW_STR(""), key, passwords != NULL ? passwords : &none, false };
    const char  *why = NULL;
    EVP_PKEY    *it = load_key(&n, &why);

    ck_assert(it != NULL || why != NULL);
    ck_assert(it == NULL || ERR_peek_error() == 0);         /* wrong passwords leave nothing behind */
    EVP_PKEY_free(it);
    ERR_clear_error();
    return it != NULL;
}

START_TEST(keys)
{
    mw_str    words[] = { MW_STR("wrong"), MW_STR("secret") };
    mw_strs   right = { words, 2 }, wrong = { words, 1 };
    EVP_PKEY *key;
    BIO      *pem = BIO_new(BIO_s_mem());

    certificate("a", NULL);
    key = key_in("a");
    ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(pem, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1);
    EVP_PKEY_free(key);
    put_pem("locked", "key", pem);
    ck_assert(loads(file("a.key"), NULL));
    ck_assert(loads(file("a.key"), &right));
    ck_assert(!loads(file("locked.key"), NULL));
    ck_assert(!loads(file("locked.key"), &wrong));
    ck_assert(loads(file("locked.key"), &right));
    ck_assert(loads(mw_arena_fmt(arena, "data:%s", both("a.key", "a.crt")), NULL));
    ck_assert(loads(mw_arena_fmt(arena, "store:file:%.*s", MW_S(file("a.key"))), NULL));
    ck_assert(loads(mw_arena_fmt(arena, "store:file:%.*s", MW_S(file("locked.key"))), &right));
    ck_assert(!loads(mw_arena_fmt(arena, "store:file:%.*s", MW_S(file("none"))), NULL));
    ck_assert(!loads(MW_STR("store:"), NULL));
    ck_assert(!loads(MW_STR("engine:pkcs11:x"), NULL));
    ck_assert(!loads(MW_STR("engine:"), NULL));
    ck_assert(!loads(file("a.crt"), NULL));
    ck_assert(!loads(MW_STR("data:"), NULL));
}
END_TEST

START_TEST(paths)
{
    EQ(mw_tls_path(arena, MW_STR("/etc/"), MW_STR("a.crt")), "/etc/a.crt");
    EQ(mw_tls_path(arena, MW_STR("/etc/"), MW_STR("/a.crt")), "/a.crt");
    EQ(mw_tls_path(arena, MW_STR("/etc/"), MW_STR("data:x")), "data:x");
    EQ(mw_tls_path(arena, MW_STR("/etc/"), MW_STR("store:x")), "store:x");
    EQ(mw_tls_path(arena, MW_STR("/etc/"), MW_STR("engine:x:y")), "engine:x:y");
}
END_TEST

/* Is the key of `name` there, at that time?  Without its file only what was kept is. */
static bool has_key(struct mw_tls_certs *cache, const char *name, uint64_t now)
{
    static const mw_strs none = { 0 };
    mw_tls_names n = { MW_STR(""), file(name), &none, false };
    const char  *why = NULL;
    EVP_PKEY    *it = key_of(&n, cache, now, &why);

    EVP_PKEY_free(it);
    ERR_clear_error();
    return it != NULL;
}

static bool has_chain(struct mw_tls_certs *cache, const char *name, uint64_t now)
{
    const char     *why = NULL;
    STACK_OF(X509) *it = chain_of(file(name), cache, now, &why);

    sk_X509_pop_free(it, X509_free);
    ERR_clear_error();
    return it != NULL;
}

static void without(const char *name) { ck_assert_int_eq(unlink(in_folder(name)), 0); }

START_TEST(kept_while_valid)
{
    struct mw_tls_certs *cache = mw_tls_certs_new(arena, 10, 1000, 100000);

    certificate("a", NULL);
    ck_assert(has_key(cache, "a.key", 0) && has_chain(cache, "a.crt", 0));
    ck_assert_uint_eq(cache->n, 2);
    without("a.key");
    without("a.crt");
    ck_assert(has_key(cache, "a.key", 999) && has_chain(cache, "a.crt", 999));
    ck_assert(!has_key(cache, "a.key", 1000) && !has_chain(cache, "a.crt", 1000));
    ck_assert_uint_eq(cache->n, 0);
}
END_TEST

START_TEST(looked_at_again)
{
    struct mw_tls_certs *cache = mw_tls_certs_new(arena, 10, 1000, 100000);
    const char          *why;
    STACK_OF(X509)      *before, *same, *after;

    certificate("a", NULL);
    before = chain_of(file("a.crt"), cache, 0, &why);
    same = chain_of(file("a.crt"), cache, 1000, &why);      /* the same file: nothing is read */
    ck_assert_ptr_eq(sk_X509_value(before, 0), sk_X509_value(same, 0));
    certificate("a", NULL);
    after = chain_of(file("a.crt"), cache, 1999, &why);     /* not looked at yet */
    ck_assert_ptr_eq(sk_X509_value(before, 0), sk_X509_value(after, 0));
    sk_X509_pop_free(after, X509_free);
    after = chain_of(file("a.crt"), cache, 2000, &why);
    ck_assert_int_ne(X509_cmp(sk_X509_value(before, 0), sk_X509_value(after, 0)), 0);
    ck_assert_uint_eq(cache->n, 1);
    sk_X509_pop_free(before, X509_free);
    sk_X509_pop_free(same, X509_free);
    sk_X509_pop_free(after, X509_free);
}
END_TEST

START_TEST(the_least_used_makes_room)
{
    struct mw_tls_certs *cache = mw_tls_certs_new(arena, 2, 100000, 100000);

    certificate("a", NULL);
    certificate("b", NULL);
    certificate("c", NULL);
    ck_assert(has_key(cache, "a.key", 0) && has_key(cache, "b.key", 1) && has_key(cache, "a.key", 2));
    ck_assert(has_key(cache, "c.key", 3));
    ck_assert_uint_eq(cache->n, 2);
    without("a.key");
    without("b.key");
    ck_assert(has_key(cache, "a.key", 4) && !has_key(cache, "b.key", 5));
}
END_TEST

START_TEST(the_unused_go)
{
    struct mw_tls_certs *cache = mw_tls_certs_new(arena, 10, 100000, 1000);

    certificate("a", NULL);
    certificate("b", NULL);
    ck_assert(has_key(cache, "a.key", 0) && has_key(cache, "b.key", 500));
    ck_assert(has_key(cache, "b.key", 1000));
    ck_assert_uint_eq(cache->n, 1);
    ck_assert(has_key(cache, "b.key", 1999));
    ck_assert(!has_key(cache, "none", 2000));               /* nor is it kept that there is none */
    ck_assert_uint_eq(cache->n, 1);
}
END_TEST

START_TEST(text_is_not_kept)
{
    struct mw_tls_certs *cache = mw_tls_certs_new(arena, 10, 1000, 1000);
    const char          *why;
    STACK_OF(X509)      *chain;

    certificate("a", NULL);
    chain = chain_of(mw_arena_fmt(arena, "data:%s", both("a.crt", "a.crt")), cache, 0, &why);
    ck_assert_int_eq(sk_X509_num(chain), 2);
    ck_assert_uint_eq(cache->n, 0);
    sk_X509_pop_free(chain, X509_free);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/cert");

    CASE(s, chains);
    CASE(s, keys);
    CASE(s, paths);
    CASE(s, kept_while_valid);
    CASE(s, looked_at_again);
    CASE(s, the_least_used_makes_room);
    CASE(s, the_unused_go);
    CASE(s, text_is_not_kept);
    return s;
}

#include "run.h"
