/* conn.c - unit test of reading and writing over TLS: records, slow readers, ends, and what is no record.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/conn.c"

#include "pair.h"

static char     pattern[300000];
static mw_chain out;

static void fill(void)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (char)('a' + i % 26 + i / 26 % 7);
    mw_chain_init(&out);
}

static mw_tls_conn *met(const char *text)
{
    fill();
    secure(text);
    ck_assert_int_eq(meet(), MW_OK);
    return mw_tls_conn_of(near);
}

static void say(const char *at, int n) { ck_assert_int_eq(SSL_write(far, at, n), n); }

static mw_rc hear_ours(char *to, size_t room, size_t *n)
{
    mw_rc rc = MW_AGAIN;

    *n = 0;
    for (unsigned i = 0; i < HOUSE_TURNS && rc == MW_AGAIN; i++) {
        mw_loop_turn(worker.loop, 1);
        if (mw_conn_readable(near))
            rc = near->io->read(near, to, room, n);
    }
    return rc;
}

START_TEST(in_small_pieces)
{
    char   room[8];
    size_t n, all = 0;

    (void)met("");
    say("one", 3);
    say("two-and-more", 12);
    while (all < 15) {
        ck_assert_int_eq(hear_ours(room, sizeof room, &n), MW_OK);
        ck_assert_mem_eq(room, &"onetwo-and-more"[all], n);
        all += n;
    }
    ck_assert_int_eq(near->io->read(near, room, sizeof room, &n), MW_AGAIN);
    ck_assert(!mw_conn_readable(near));
    part();
}
END_TEST

/* Head and body, small views: one record. */
START_TEST(one_record_of_many_views)
{
    char room[64];

    (void)met("");
    mw_chain_add_static(&out, MW_STR("head,"));
    mw_chain_add_static(&out, MW_STR("and "));
    mw_chain_add_static(&out, MW_STR("body"));
    ck_assert_int_eq(near->io->write(near, &out, UINT64_MAX), MW_OK);
    ck_assert_uint_eq(out.bytes, 0);
    ck_assert_int_eq(hear(room, sizeof room), 13);
    ck_assert_mem_eq(room, "head,and body", 13);
    part();
}
END_TEST

START_TEST(records_of_the_wanted_size)
{
    char room[20000];

    (void)met("ssl_buffer_size 1k;");
    mw_chain_add_static(&out, (mw_str){ pattern, 3000 });
    ck_assert_int_eq(near->io->write(near, &out, UINT64_MAX), MW_OK);
    ck_assert_int_eq(hear(room, sizeof room), 1024);
    ck_assert_int_eq(hear(room, sizeof room), 1024);
    ck_assert_int_eq(hear(room, sizeof room), 952);
    ck_assert_mem_eq(room, &pattern[2048], 952);
    part();
}
END_TEST

START_TEST(as_much_as_was_asked)
{
    char room[64];

    (void)met("");
    mw_chain_add_static(&out, (mw_str){ pattern, 100 });
    ck_assert_int_eq(near->io->write(near, &out, 30), MW_OK);
    ck_assert_uint_eq(out.bytes, 70);
    ck_assert_int_eq(hear(room, sizeof room), 30);
    part();
    mw_chain_clear(&out);
}
END_TEST

/* The socket takes some: what is encrypted waits, the plain bytes stay with the caller until it is gone. */
START_TEST(a_slow_reader)
{
    mw_tls_conn *t = met("");
    static char  room[sizeof pattern];
    size_t       all = 0;
    mw_rc        rc;
    bool         held = false;

    mw_chain_add_static(&out, (mw_str){ pattern, sizeof pattern });
    for (unsigned i = 0; i < 2000 && all < sizeof pattern; i++) {
        int n;

        rc = mw_conn_write(near, &out, UINT64_MAX);
        ck_assert(rc == MW_OK || rc == MW_AGAIN);
        held = held || t->held > 0;
        ck_assert(t->held <= out.bytes);
        n = SSL_read(far, &room[all], 16384);
        all += n > 0 ? (size_t)n : 0;
        mw_loop_turn(worker.loop, 0);
    }
    ck_assert(held);
    ck_assert_uint_eq(all, sizeof pattern);
    ck_assert_mem_eq(room, pattern, sizeof pattern);
    ck_assert_uint_eq(out.bytes, 0);
    ERR_clear_error();
    part();
}
END_TEST

START_TEST(a_file)
{
    char     room[64];
    int      fd;
    mw_file *f;

    (void)met("");
    write_file("text", "0123456789");
    fd = mw_open(mw_str_of(in_folder("text")), 0, 0);
    ck_assert_int_ge(fd, 0);
    f = mw_file_new(fd);
    mw_chain_add_static(&out, MW_STR("head:"));
    mw_chain_add_file(&out, f, 2, 8);
    ck_assert_int_eq(near->io->write(near, &out, UINT64_MAX), MW_OK);
    ck_assert_int_eq(hear(room, sizeof room), 11);
    ck_assert_mem_eq(room, "head:234567", 11);
    mw_chain_add_file(&out, f, 8, 100);             /* it became shorter */
    ck_assert_int_eq(near->io->write(near, &out, UINT64_MAX), MW_ERR);
    mw_chain_clear(&out);
    mw_file_done(f);
    part();
}
END_TEST

START_TEST(their_end)
{
    char   room[8];
    size_t n;

    (void)met("");
    say("last", 4);
    (void)SSL_shutdown(far);
    ck_assert_int_eq(hear_ours(room, sizeof room, &n), MW_OK);
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(hear_ours(room, sizeof room, &n), MW_END);
    ck_assert_int_eq(near->io->read(near, room, sizeof room, &n), MW_END);
    part();
}
END_TEST

START_TEST(their_end_without_a_word)
{
    char   room[8];
    size_t n;

    (void)met("");
    shutdown(SSL_get_fd(far), SHUT_WR);
    ck_assert_int_eq(hear_ours(room, sizeof room, &n), MW_END);
    ck_assert(!near->broken);
    part();
}
END_TEST

START_TEST(no_record)
{
    static const char garbage[] = "\x17\x03\x03\x00\x20" "this is not encrypted by anyone...";
    char              room[8];
    size_t            n;

    (void)met("");
    ck_assert_int_eq(send(SSL_get_fd(far), garbage, 37, 0), 37);
    ck_assert_int_eq(hear_ours(room, sizeof room, &n), MW_ERR);
    ck_assert(logged("SSL_read() failed"));
    ck_assert(!logged("[crit]"));
    ck_assert_int_eq(near->io->read(near, room, sizeof room, &n), MW_ERR);
    mw_chain_add_static(&out, MW_STR("x"));
    ck_assert_int_eq(near->io->write(near, &out, UINT64_MAX), MW_ERR);
    mw_chain_clear(&out);
    part();
}
END_TEST

START_TEST(our_end)
{
    char room[8];

    (void)met("");
    ck_assert_int_eq(near->io->shut(near), MW_OK);
    ck_assert_int_eq(near->io->shut(near), MW_OK);          /* said once */
    ck_assert_int_eq(hear(room, sizeof room), 0);
    ck_assert_int_eq(SSL_get_shutdown(far) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    part();
}
END_TEST

START_TEST(who_never_reads)
{
    mw_tls_conn *t = met("");

    ck_assert(keep(t, pattern, 200000));
    ck_assert(!keep(t, pattern, 100000));           /* somebody plays with key updates */
    ck_assert(t->broken);
    ck_assert_int_eq(near->err, ENOBUFS);
    part();
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/conn");

    SECURE_CASE(s, in_small_pieces);
    SECURE_CASE(s, one_record_of_many_views);
    SECURE_CASE(s, records_of_the_wanted_size);
    SECURE_CASE(s, as_much_as_was_asked);
    SECURE_CASE(s, a_slow_reader);
    SECURE_CASE(s, a_file);
    SECURE_CASE(s, their_end);
    SECURE_CASE(s, their_end_without_a_word);
    SECURE_CASE(s, no_record);
    SECURE_CASE(s, our_end);
    SECURE_CASE(s, who_never_reads);
    return s;
}

#include "run.h"
