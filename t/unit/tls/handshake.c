/* handshake.c - unit test of the handshake as an op: how it ends, in peace and otherwise, and what it gives back.
 * SPDX-License-Identifier: Apache-2.0 */
#define begin  begin_handshake             /* the house has one, too */
#include "tls/handshake.c"
#undef begin

#include "pair.h"

START_TEST(in_peace)
{
    secure("");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert(near->tls && near->use == &nobody && hand.state == NULL);
    ck_assert_ptr_eq(mw_tls_chosen(near), rules());
    ck_assert_int_eq(mw_tls_accept(&asker, &hand, near, rules(), NULL, NULL, NULL), MW_OK);     /* it is remembered */
    part();
}
END_TEST

static void send_bytes(const char *at, size_t n)
{
    ck_assert_int_eq(send(SSL_get_fd(far), at, n, 0), (ssize_t)n);
}

static mw_rc wait_for_end(void)
{
    mw_rc rc = MW_AGAIN;

    for (unsigned i = 0; i < HOUSE_TURNS && rc == MW_AGAIN; i++) {
        mw_loop_turn(worker.loop, 2);
        rc = mw_tls_accept(&asker, &hand, near, rules(), NULL, NULL, NULL);
    }
    return rc;
}

#define HELLO "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"

static const struct { const char *bytes; size_t n; bool leaves; const char *why; } starts[] = {
    { "", 0, true, "peer closed connection in SSL handshake" },
    { HELLO, sizeof HELLO - 1, true, "peer closed connection in SSL handshake" },
    { "\x16\x03", 2, true, "peer closed connection in SSL handshake" },
    { "GET / HTTP/1.1\r\n\r\n", 18, false, "SSL_do_handshake() failed" },
    { "\x15\x03\x01\x00\x02\x02\x28", 7, false, "SSL_do_handshake() failed" },
    { "\x16\x03\x01\xff\xff.....", 10, false, "SSL_do_handshake() failed" },
    { "\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9, false, "SSL_do_handshake() failed" },
};

START_TEST(of_others)
{
    secure("");
    dial();
    send_bytes(starts[_i].bytes, starts[_i].n);
    if (starts[_i].leaves)
        shutdown(SSL_get_fd(far), SHUT_WR);
    ck_assert_int_eq(wait_for_end(), MW_ERR);
    ck_assert_str_eq(hand.why, starts[_i].why);
    ck_assert_ptr_eq(near->use, &nobody);
    ck_assert_uint_eq(ERR_peek_error(), 0);
    part();
}
END_TEST

START_TEST(broken_off_by_us)
{
    secure("");
    dial();
    send_bytes(HELLO, sizeof HELLO - 1);
    mw_loop_turn(worker.loop, 2);
    ck_assert_int_eq(mw_tls_accept(&asker, &hand, near, rules(), NULL, NULL, NULL), MW_AGAIN);
    ck_assert_ptr_eq(near->use, &handshake_use);
    mw_asker_cancel(&asker);
    ck_assert_ptr_eq(near->use, &nobody);
    ck_assert_ptr_null(hand.state);
    part();
}
END_TEST

START_TEST(too_slow)
{
    secure("");
    dial();
    ck_assert_int_eq(mw_tls_accept(&asker, &hand, near, rules(), NULL, NULL, NULL), MW_AGAIN);
    near->use->late(near);
    ck_assert_int_eq(mw_tls_accept(&asker, &hand, near, rules(), NULL, NULL, NULL), MW_ERR);
    ck_assert_str_eq(hand.why, "client timed out");
    ck_assert_int_eq(near->err, ETIMEDOUT);
    part();
}
END_TEST

START_TEST(first_bytes)
{
    static const struct { const char *text; mw_rc rc; } rows[] = {
        { "\x16\x03", MW_OK }, { "\x80\x2e", MW_OK }, { "GET", MW_END }, { "\x15", MW_END }, { "\n", MW_END },
    };

    secure("");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dial();
        ck_assert_int_eq(mw_tls_begins(near), MW_AGAIN);
        send_bytes(rows[i].text, strlen(rows[i].text));
        ck_assert_int_eq(mw_tls_begins(near), rows[i].rc);
        part();
    }
    dial();
    shutdown(SSL_get_fd(far), SHUT_WR);
    ck_assert_int_eq(mw_tls_begins(near), MW_ERR);
    ck_assert_int_eq(near->err, 0);
    part();
}
END_TEST

START_TEST(bare_names)
{
    static const struct { const char *name, *bare; } rows[] = {
        { "a.example", "a.example" }, { "a.example:443", "a.example" }, { "a.example.", "a.example" },
        { "10.0.0.1", "" }, { "10.0.0.1:8443", "" }, { "[::1]:443", "" }, { "", "" }, { ".", "" }, { ":80", "" },
        { "10.0.0.1.example", "10.0.0.1.example" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(mw_str_eq(bare_name(mw_str_of(rows[i].name)), mw_str_of(rows[i].bare)), "%s", rows[i].name);
}
END_TEST

/* Our own client's side, towards `far` as an upstream. */
static const struct { const char *name, *trusted; bool verify; mw_rc rc; const char *said; } upstreams[] = {
    { "house.test", "house.test.crt", true, MW_OK, NULL }, { "house.test:443", "other.crt", false, MW_OK, NULL },
    { "other", "house.test.crt", true, MW_ERR, "upstream SSL certificate does not match \"other\"" },
    { "house.test", "other.crt", true, MW_ERR, "upstream SSL certificate verify error: (18:" },
};

START_TEST(to_an_upstream)
{
    mw_tls_client conf = { .protocols = MW_TLS_1_3, .verify = upstreams[_i].verify, .server_name = true,
                           .trusted_certificate = mw_str_of(upstreams[_i].trusted), .verify_depth = 1 };
    mw_tls_to     to = { .name = mw_str_of(upstreams[_i].name) };
    mw_bind       b = { .arena = arena, .folder = mw_arena_fmt(arena, "%s/", folder) };
    SSL_CTX      *server = SSL_CTX_new(TLS_server_method());
    mw_rc         rc = MW_AGAIN;
    int           fd;

    certificate("other", NULL);
    secure("");
    ck_assert_int_eq(SSL_CTX_use_certificate_file(server, in_folder("house.test.crt"), SSL_FILETYPE_PEM), 1);
    ck_assert_int_eq(SSL_CTX_use_PrivateKey_file(server, in_folder("house.test.key"), SSL_FILETYPE_PEM), 1);
    ck_assert_int_eq(mw_tls_client_ready(&b, &conf), MW_OK);
    dial();
    fd = SSL_get_fd(far);
    SSL_free(far);
    far = SSL_new(server);
    ck_assert_int_eq(SSL_set_fd(far, fd), 1);
    SSL_set_accept_state(far);
    for (unsigned i = 0; i < HOUSE_TURNS && rc == MW_AGAIN; i++) {
        (void)SSL_do_handshake(far);
        rc = mw_tls_connect(&asker, &hand, near, &conf, &to);
        mw_loop_turn(worker.loop, 2);
    }
    ERR_clear_error();
    ck_assert_int_eq(rc, upstreams[_i].rc);
    ck_assert_ptr_eq(near->use, &nobody);
    if (upstreams[_i].said != NULL)
        ck_assert(logged(upstreams[_i].said));
    part();
    SSL_CTX_free(server);
}
END_TEST

#define LOOP(suite, name, rows)  do {                                   \
        TCase *name##_case = tcase_create(#name);                       \
        tcase_add_checked_fixture(name##_case, begin, leave_secure);    \
        tcase_add_loop_test(name##_case, name, 0, (int)(rows));         \
        suite_add_tcase(suite, name##_case);                            \
    } while (0)

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/handshake");

    SECURE_CASE(s, in_peace);
    LOOP(s, of_others, sizeof starts / sizeof *starts);
    SECURE_CASE(s, broken_off_by_us);
    SECURE_CASE(s, too_slow);
    SECURE_CASE(s, first_bytes);
    SECURE_CASE(s, bare_names);
    LOOP(s, to_an_upstream, sizeof upstreams / sizeof *upstreams);
    return s;
}

#include "run.h"
