/* ticket.c - unit test of session tickets: which key seals, which open, and when a zone's keys change.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/ticket.c"

#include "pair.h"

enum { LIFE = 100 };

typedef struct sealed { unsigned char name[16], iv[16], text[64], tag[32]; int n; size_t tag_n; } sealed;

static EVP_MAC *hmac;

/* What the library does with a key: 1 fine, 2 fine and renew, 0 unknown, -1 failed. */
static int work(const mw_ticket_key *keys, unsigned n, sealed *t, bool seal, unsigned char *plain)
{
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    EVP_MAC_CTX    *mac = EVP_MAC_CTX_new(hmac);
    unsigned char   tag[32];
    size_t          tag_n = 0;
    int             rc = use_key(keys, n, t->name, t->iv, cipher, mac, seal), more = 0, n_plain = 0;

    if (rc > 0) {
        ck_assert_int_eq(EVP_MAC_init(mac, NULL, 0, NULL), 1);
        if (seal) {
            ck_assert(EVP_EncryptUpdate(cipher, t->text, &t->n, plain, 20) == 1
                      && EVP_EncryptFinal(cipher, &t->text[t->n], &more) == 1);
            t->n += more;
        }
        ck_assert(EVP_MAC_update(mac, t->text, (size_t)t->n) == 1 && EVP_MAC_final(mac, tag, &tag_n, 32) == 1);
        if (seal) {
            memcpy(t->tag, tag, 32);
        } else {
            ck_assert_mem_eq(tag, t->tag, 32);
            ck_assert(EVP_DecryptUpdate(cipher, plain, &n_plain, t->text, t->n) == 1
                      && EVP_DecryptFinal(cipher, &plain[n_plain], &more) == 1);
            ck_assert_int_eq(n_plain + more, 20);
        }
    }
    EVP_CIPHER_CTX_free(cipher);
    EVP_MAC_CTX_free(mac);
    return rc;
}

static void set_up(void)
{
    begin();
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    aes128 = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    aes256 = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
}

static void tear_down(void)
{
    EVP_MAC_free(hmac);
    finish();
}

START_TEST(sealed_and_opened)
{
    mw_ticket_key keys[3], other;
    unsigned char secret[64] = "twenty bytes of text", back[64];
    sealed        t[2] = { { .n = 0 }, { .n = 0 } };

    for (unsigned i = 0; i < 3; i++)
        mw_ticket_key_draw(&keys[i]);
    keys[1].length = 16;
    for (unsigned i = 0; i < 2; i++) {                      /* AES-256, AES-128 */
        ck_assert_int_eq(work(&keys[i], 1, &t[i], true, secret), 1);
        ck_assert_mem_eq(t[i].name, keys[i].name, 16);
        ck_assert_int_eq(work(keys, 3, &t[i], false, back), i == 0 ? 1 : 2);    /* an older key: and renew */
        ck_assert_mem_eq(back, secret, 20);
    }
    mw_ticket_key_draw(&other);
    ck_assert_int_eq(work(&other, 1, &t[0], false, back), 0);
    ck_assert_int_eq(work(&keys[1], 2, &t[0], false, back), 0);
}
END_TEST

START_TEST(no_iv_twice)
{
    mw_ticket_key key;
    unsigned char secret[64] = "twenty bytes of text";
    sealed        a = { .n = 0 }, b = { .n = 0 };

    mw_ticket_key_draw(&key);
    (void)work(&key, 1, &a, true, secret);
    (void)work(&key, 1, &b, true, secret);
    ck_assert_mem_ne(a.iv, b.iv, 16);
    ck_assert_mem_ne(a.text, b.text, 16);
}
END_TEST

START_TEST(a_zone_changes_them)
{
    mw_zone       zone = { .name = MW_STR("z"), .size = 65536, .kind = &mw_tls_session_kind, .fd = -1 };
    mw_tls_conf   conf = { .session = { .zone = &zone }, .session_timeout = { LIFE } };
    mw_ticket_key keys[MW_TICKET_KEYS], first, second;
    unsigned      n;

    ck_assert(!from_zone(&conf, 1000, keys, &n));           /* not open yet */
    ck_assert_int_eq(mw_zone_open(&zone), MW_OK);
    ck_assert(from_zone(&conf, 1000, keys, &n));
    ck_assert_uint_eq(n, 1);
    first = keys[0];
    ck_assert(from_zone(&conf, 1000 + LIFE - 1, keys, &n));
    ck_assert_uint_eq(n, 1);
    ck_assert_mem_eq(keys[0].name, first.name, 16);
    ck_assert(from_zone(&conf, 1000 + LIFE, keys, &n));     /* a new one seals, the old one opens */
    ck_assert_uint_eq(n, 2);
    ck_assert_mem_ne(keys[0].name, first.name, 16);
    ck_assert_mem_eq(keys[1].name, first.name, 16);
    second = keys[0];
    ck_assert(from_zone(&conf, 1000 + 2 * LIFE, keys, &n));
    ck_assert_uint_eq(n, 2);
    ck_assert_mem_eq(keys[1].name, second.name, 16);
    ck_assert(from_zone(&conf, 1000 + 9 * LIFE, keys, &n));  /* nobody came: what is left is too old */
    ck_assert_uint_eq(n, 1);
    mw_zone_close(&zone);
}
END_TEST

static void write_bytes(const char *name, size_t n)
{
    char bytes[128];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    ck_assert_int_eq(mw_file_replace(mw_str_of(in_folder(name)), (mw_str){ bytes, n }, 0600), MW_OK);
}

START_TEST(files)
{
    mw_ticket_key k;
    mw_bind       b = { .arena = arena };

    write_bytes("48", 48);
    write_bytes("80", 80);
    ck_assert_int_eq(read_key(&b, mw_str_of(in_folder("48")), &k), MW_OK);
    ck_assert(k.length == 16 && k.name[0] == 0 && k.aes[0] == 16 && k.hmac[0] == 32);
    ck_assert_int_eq(read_key(&b, mw_str_of(in_folder("80")), &k), MW_OK);
    ck_assert(k.length == 32 && k.name[0] == 0 && k.hmac[0] == 16 && k.aes[0] == 48 && k.aes[31] == 79);
}
END_TEST

static const struct { const char *name, *why; size_t n; } bad[] = {
    { "47", "must be 48 or 80 bytes", 47 }, { "81", "must be 48 or 80 bytes", 81 }, { "0", "must be 48 or 80", 0 },
    { "none", "open() \"", 0 },
};

START_TEST(bad_files)
{
    certificate("house.test", NULL);
    if (strcmp(bad[_i].name, "none") != 0)
        write_bytes(bad[_i].name, bad[_i].n);
    ck_assert_uint_eq(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { }\nhttp { server { listen "
        "127.0.0.1:8443 ssl; ssl_certificate house.test.crt; ssl_certificate_key house.test.key; "
        "ssl_session_ticket_key %s; } }", bad[_i].name))), 1);
    ck_assert_msg(mw_str_find(cycle->diag.first->text, mw_str_of(bad[_i].why)) < cycle->diag.first->text.len, "%.*s",
                  MW_S(cycle->diag.first->text));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/ticket");
    TCase *t = tcase_create("keys");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, sealed_and_opened);
    tcase_add_test(t, no_iv_twice);
    tcase_add_test(t, a_zone_changes_them);
    tcase_add_test(t, files);
    tcase_add_loop_test(t, bad_files, 0, sizeof bad / sizeof *bad);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
