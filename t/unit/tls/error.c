/* error.c - unit test of the library's errors as text, and of whose they are.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/error.c"

#include <check.h>

static const char *text(void)
{
    static char room[2048];
    mw_out      o = mw_out_on(room, sizeof room - 1);

    mw_tls_errors(&o);
    room[o.len] = '\0';
    return room;
}

START_TEST(as_text)
{
    ck_assert_int_eq(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL), 1);
    mw_tls_forget();
    ck_assert_str_eq(text(), "");
    ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
    ck_assert_str_eq(text(), " (SSL: error:0A0000C1:SSL routines::no shared cipher)");
    ck_assert_uint_eq(ERR_peek_error(), 0);                 /* taken out */
    ERR_raise_data(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER, "more of it");
    ERR_raise(ERR_LIB_PEM, 108);
    ck_assert_str_eq(text(), " (SSL: error:0A0000C1:SSL routines::no shared cipher:more of it "
                     "error:0480006C:PEM routines::no start line)");
}
END_TEST

START_TEST(too_many_for_a_line)
{
    char room[64];
    mw_out o = mw_out_on(room, sizeof room);

    for (unsigned i = 0; i < 10; i++)
        ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
    mw_tls_errors(&o);
    ck_assert(o.cut);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

static const struct { int library, reason; bool ours; } whose[] = {
    { ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER, false },
    { ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER, false },
    { ERR_LIB_SSL, SSL_R_HTTP_REQUEST, false },
    { ERR_LIB_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, false },
    { ERR_LIB_EC, 1, false }, { ERR_LIB_ASN1, 1, false }, { ERR_LIB_X509, 1, false }, { ERR_LIB_RSA, 1, false },
    { ERR_LIB_SSL, ERR_R_INTERNAL_ERROR, true },
    { ERR_LIB_SSL, ERR_R_MALLOC_FAILURE, true },
    { ERR_LIB_SSL, SSL_R_NO_CERTIFICATE_SET, true },
    { ERR_LIB_PEM, 108, true }, { ERR_LIB_SYS, 5, true },
};

START_TEST(ours_or_the_peers)
{
    mw_tls_forget();
    ck_assert(!mw_tls_is_ours());
    ERR_raise(whose[_i].library, whose[_i].reason);
    ck_assert(mw_tls_is_ours() == whose[_i].ours);
    mw_tls_forget();
    ck_assert(!mw_tls_is_ours());
}
END_TEST

/* A line that nobody wants still takes its errors with it. */
START_TEST(unwanted)
{
    mw_log log = { .sinks = &mw_log_stderr };

    ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
    mw_tls_log(&log, MW_LOG_DEBUG, 0, "nothing");
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/error");
    TCase *t = tcase_create("errors");

    tcase_add_test(t, as_text);
    tcase_add_test(t, too_many_for_a_line);
    tcase_add_loop_test(t, ours_or_the_peers, 0, sizeof whose / sizeof *whose);
    tcase_add_test(t, unwanted);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
