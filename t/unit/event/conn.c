/* conn.c - tests of connections over socketpairs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/conn.c"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

static mw_loop  *l;
static mw_conn  *c;
static int       far;
static mw_log    log_ = { .sinks = &mw_log_stderr };
static unsigned  readies, lates;
static mw_conn  *pair[2];               /* whichever is told first closes the other one */

static void ready(mw_conn *x)
{
    readies++;
    if (pair[0] != NULL) {
        mw_conn_close(x == pair[0] ? pair[1] : pair[0]);
        pair[0] = NULL;
        c = x;
    }
}

static void late(mw_conn *x)
{
    lates++;
    mw_conn_close(x);
}

static const mw_conn_use use = { .name = "test", .ready = ready, .late = late };

static mw_conn *make(int *other)
{
    mw_addr  peer = { .family = MW_UNIX, .path = MW_STR("/not/kept") };
    mw_conn *x;
    int      fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    *other = fds[1];
    x = mw_conn_new(l, fds[0], &peer, &use, NULL, &log_);
    ck_assert_ptr_nonnull(x);
    return x;
}

static void setup(void)
{
    (void)signal(SIGPIPE, SIG_IGN);     /* as every process of ours; sendfile has no MSG_NOSIGNAL */
    l = mw_loop_new(&mw_epoll);
    readies = lates = 0;
    pair[0] = pair[1] = NULL;
    c = make(&far);
}

static void teardown(void)
{
    mw_conn_close(c);
    mw_conn_close(c);                   /* twice is fine, until the turn ends */
    mw_loop_turn(l, 0);
    mw_loop_free(l);
    mw_pools_drain();
    if (far >= 0)
        close(far);
}

static void says(const char *text) { ck_assert_int_eq(write(far, text, strlen(text)), (ssize_t)strlen(text)); }

START_TEST(reads_when_there_is_something)
{
    mw_block *room = NULL;
    mw_str    got;

    ck_assert(mw_conn_writable(c) && !mw_conn_readable(c));
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 0, &got), MW_AGAIN);
    ck_assert_ptr_null(room);
    mw_loop_turn(l, 0);
    ck_assert_uint_eq(readies, 0);      /* that it is writable is no news */

    says("hello");
    mw_loop_turn(l, 1000);
    ck_assert_uint_eq(readies, 1);
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 0, &got), MW_OK);
    ck_assert(mw_str_eq(got, MW_STR("hello")));
    ck_assert_uint_eq(room->size, 1024);
    ck_assert(!mw_conn_readable(c));    /* less than there was room for */

    says("more");
    mw_loop_turn(l, 1000);
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 5, &got), MW_OK);
    ck_assert_mem_eq(room->data, "hellomore", 9);
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 9, &got), MW_AGAIN);
    ck_assert_ptr_nonnull(room);
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 0, &got), MW_AGAIN);
    ck_assert_ptr_null(room);           /* stayed empty: given back */
    ck_assert_uint_eq(c->got, 9);
}
END_TEST

START_TEST(a_full_read_asks_again)
{
    mw_block *room = NULL;
    mw_str    got;

    says("0123456789");
    mw_loop_turn(l, 1000);
    ck_assert_int_eq(mw_conn_read(c, &room, 4, 0, &got), MW_OK);
    ck_assert_uint_eq(got.len, 4);
    ck_assert(mw_conn_readable(c));
    mw_block_done(room);
    room = NULL;
    ck_assert_int_eq(mw_conn_read(c, &room, 6, 0, &got), MW_OK);
    ck_assert(mw_conn_readable(c));
    mw_block_done(room);
    room = NULL;
    ck_assert_int_eq(mw_conn_read(c, &room, 6, 0, &got), MW_AGAIN);    /* a spurious one: no harm */
    ck_assert(!mw_conn_readable(c));
    ck_assert_ptr_null(room);
}
END_TEST

START_TEST(reads_on_to_the_end)
{
    mw_block *room = NULL;
    mw_str    got;

    says("bye");
    close(far);
    far = -1;
    mw_loop_turn(l, 1000);
    ck_assert(c->ready & MW_HUP);
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 0, &got), MW_OK);
    ck_assert(mw_conn_readable(c));     /* short, but the end is known to be there */
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 3, &got), MW_END);
    ck_assert(c->eof);
    ck_assert_int_eq(mw_conn_read(c, &room, 1024, 3, &got), MW_END);
    mw_block_done(room);
}
END_TEST

static size_t hear(char *to, size_t room)       /* all that has come */
{
    size_t have = 0;

    for (;;) {
        ssize_t n = recv(far, &to[have], room - have, MSG_DONTWAIT);

        if (n <= 0)
            return have;
        have += (size_t)n;
    }
}

START_TEST(gathers_and_stops_at_most)
{
    mw_chain out;
    char     seen[300];

    mw_chain_init(&out);
    for (unsigned i = 0; i < 100; i++)          /* more views than one call takes */
        mw_chain_add_static(&out, MW_STR("ab"));
    mw_chain_add_lent(&out, MW_STR("lent"));
    ck_assert_int_eq(mw_conn_write(c, &out, 0), MW_OK);
    ck_assert_uint_eq(hear(seen, sizeof seen), 0);
    ck_assert_int_eq(mw_conn_write(c, &out, 3), MW_OK);
    ck_assert_uint_eq(hear(seen, sizeof seen), 3);
    ck_assert_uint_eq(out.bytes, 201);
    ck_assert_int_eq(mw_conn_write(c, &out, UINT64_MAX), MW_OK);
    ck_assert_uint_eq(hear(seen, sizeof seen), 201);
    ck_assert_mem_eq(&seen[195], "ablent", 6);
    ck_assert_ptr_null(out.head);
    ck_assert_uint_eq(c->sent, 204);
    ck_assert_int_eq(mw_conn_write(c, &out, 10), MW_OK);
}
END_TEST

enum { FILE_SIZE = 700000 };

static mw_file *big_file(char *copy, bool direct)
{
    char name[] = "/tmp/mw-unit-XXXXXX";
    int  fd = mkstemp(name), flags = direct ? O_RDONLY | O_DIRECT : O_RDONLY;

    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < FILE_SIZE; i++)
        copy[i] = (char)('a' + i * 31 % 25);
    ck_assert_int_eq(write(fd, copy, FILE_SIZE), FILE_SIZE);
    close(fd);
    fd = open(name, flags);
    if (fd < 0)
        fd = open(name, O_RDONLY);      /* no O_DIRECT here; the way around sendfile is tried all the same */
    unlink(name);
    return mw_file_new(fd);
}

/* Head, a file, a tail, the file's beginning: through a full socket, again and again, nothing lost or doubled. */
START_TEST(files_and_memory_survive_a_full_socket)
{
    static char copy[FILE_SIZE], seen[FILE_SIZE + 10000];
    mw_file    *f = big_file(copy, _i % 2 == 1);
    uint64_t    most = _i < 2 ? UINT64_MAX : 50001;
    mw_chain    out;
    size_t      have = 0;
    bool        was_full = false;
    mw_rc       rc;

    f->direct = _i % 2 == 1;
    mw_chain_init(&out);
    mw_chain_add_static(&out, MW_STR("head"));
    mw_chain_add_file(&out, f, 3, FILE_SIZE);
    mw_chain_add_copy(&out, MW_STR("tail"));
    mw_chain_add_file(&out, f, 0, 5000);
    mw_file_done(f);
    do {
        rc = mw_conn_write(c, &out, most);
        ck_assert_int_ne(rc, MW_ERR);
        if (rc == MW_AGAIN) {
            was_full = true;
            ck_assert(!mw_conn_writable(c));
            ck_assert_int_eq(mw_conn_write(c, &out, most), MW_AGAIN);
            readies = 0;
            have += hear(&seen[have], sizeof seen - have);
            mw_loop_turn(l, 1000);
            ck_assert_uint_eq(readies, 1);
            ck_assert(mw_conn_writable(c));
        }
    } while (out.bytes > 0);
    have += hear(&seen[have], sizeof seen - have);
    ck_assert(was_full);
    ck_assert_uint_eq(have, 4 + FILE_SIZE - 3 + 4 + 5000);
    ck_assert_uint_eq(c->sent, have);
    ck_assert_mem_eq(seen, "head", 4);
    ck_assert_mem_eq(&seen[4], &copy[3], FILE_SIZE - 3);
    ck_assert_mem_eq(&seen[4 + FILE_SIZE - 3], "tail", 4);
    ck_assert_mem_eq(&seen[8 + FILE_SIZE - 3], copy, 5000);
}
END_TEST

START_TEST(a_file_that_shrank_breaks_it)
{
    static char copy[FILE_SIZE];
    mw_file    *f = big_file(copy, false);
    mw_chain    out;

    mw_chain_init(&out);
    mw_chain_add_file(&out, f, FILE_SIZE, FILE_SIZE + 10);
    ck_assert_int_eq(mw_conn_write(c, &out, UINT64_MAX), MW_ERR);
    ck_assert_int_eq(c->err, ENODATA);
    mw_chain_clear(&out);
    mw_file_done(f);
}
END_TEST

START_TEST(a_gone_peer_breaks_it)
{
    mw_chain out;

    close(far);
    far = -1;
    mw_chain_init(&out);
    mw_chain_add_static(&out, MW_STR("anybody?"));
    ck_assert_int_eq(mw_conn_write(c, &out, UINT64_MAX), MW_ERR);
    ck_assert_int_eq(c->err, EPIPE);
    ck_assert(c->broken);
    ck_assert_int_eq(mw_conn_write(c, &out, UINT64_MAX), MW_ERR);
    mw_chain_clear(&out);
}
END_TEST

START_TEST(the_deadline_comes_unless_it_is_moved)
{
    uint64_t now = mw_loop_now(l);

    mw_conn_expect(c, 1000);
    mw_conn_expect(c, 5000);
    mw_wheel_turn(&l->wheel, now + 4000);
    ck_assert_uint_eq(lates, 0);
    mw_conn_expect(c, 0);
    mw_wheel_turn(&l->wheel, now + 6000);
    ck_assert_uint_eq(lates, 0);
    mw_conn_expect(c, 7000);
    mw_wheel_turn(&l->wheel, now + 7000);
    ck_assert_uint_eq(lates, 1);
    ck_assert_int_eq(c->watch.fd, -1);
}
END_TEST

static unsigned freed;
static void     note_freed(mw_worker *w) { freed += w->connections == 0; }

START_TEST(a_worker_counts_them)
{
    static mw_worker w;
    mw_conn         *x;
    mw_list          idle;
    int              other;

    w = (mw_worker){ .serial = 41, .freed = note_freed };
    l->worker = &w;
    x = make(&other);
    ck_assert_uint_eq(x->serial, 41);
    ck_assert_uint_eq(w.serial, 42);
    ck_assert_uint_eq(w.connections, 1);
    mw_list_init(&idle);
    mw_list_add(&idle, &x->idle);
    mw_conn_close(x);
    ck_assert(mw_list_empty(&idle));
    ck_assert_uint_eq(w.connections, 0);
    ck_assert_uint_eq(freed, 1);
    ck_assert_int_eq(mw_conn_read(x, &(mw_block *){ NULL }, 10, 0, &(mw_str){ 0 }), MW_ERR);
    l->worker = NULL;
    close(other);
}
END_TEST

START_TEST(the_closed_are_not_told)
{
    int other;

    pair[0] = c;
    pair[1] = make(&other);
    mw_loop_turn(l, 0);
    says("x");
    ck_assert_int_eq(write(other, "x", 1), 1);
    mw_loop_turn(l, 1000);              /* both have news, in one batch */
    ck_assert_uint_eq(readies, 1);      /* c is the one that lives */
    close(other);
}
END_TEST

START_TEST(the_deaf_remember)
{
    mw_conn_give(c, NULL, NULL, &log_);
    says("x");
    mw_loop_turn(l, 1000);
    ck_assert_uint_eq(readies, 0);
    ck_assert(mw_conn_readable(c));
}
END_TEST

START_TEST(a_reset_is_seen_as_one)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t          len = sizeof at;
    int                listening = socket(AF_INET, SOCK_STREAM, 0), one = socket(AF_INET, SOCK_STREAM, 0), two;
    mw_addr            peer = { .family = MW_IPV4 }, local;
    mw_conn           *x;
    char               byte;

    ck_assert_int_eq(bind(listening, (struct sockaddr *)&at, len), 0);
    ck_assert_int_eq(listen(listening, 1), 0);
    ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &len), 0);
    ck_assert_int_eq(connect(one, (struct sockaddr *)&at, len), 0);
    two = accept(listening, NULL, NULL);
    x = mw_conn_new(l, two, &peer, &use, NULL, &log_);
    ck_assert_ptr_nonnull(x);
    ck_assert(mw_conn_local(x, &local, NULL));
    ck_assert_uint_eq(local.port, ntohs(at.sin_port));
    mw_conn_reset(x);
    mw_conn_reset(x);
    ck_assert_int_eq(recv(one, &byte, 1, 0), -1);
    ck_assert_int_eq(errno, ECONNRESET);
    close(one);
    close(listening);
}
END_TEST

START_TEST(shutting_says_the_end)
{
    char byte;

    ck_assert_int_eq(c->io->shut(c), MW_OK);
    ck_assert_int_eq(recv(far, &byte, 1, 0), 0);
}
END_TEST

START_TEST(what_cannot_be_watched_is_closed)
{
    mw_addr peer = { .family = MW_IPV4 };
    int     fd = open("/tmp", O_RDONLY | O_DIRECTORY);

    ck_assert_ptr_null(mw_conn_new(l, fd, &peer, &use, NULL, &log_));
    ck_assert_int_eq(errno, EPERM);
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/conn");
    TCase *t = tcase_create("conn");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, reads_when_there_is_something);
    tcase_add_test(t, a_full_read_asks_again);
    tcase_add_test(t, reads_on_to_the_end);
    tcase_add_test(t, gathers_and_stops_at_most);
    tcase_add_loop_test(t, files_and_memory_survive_a_full_socket, 0, 4);
    tcase_add_test(t, a_file_that_shrank_breaks_it);
    tcase_add_test(t, a_gone_peer_breaks_it);
    tcase_add_test(t, the_deadline_comes_unless_it_is_moved);
    tcase_add_test(t, a_worker_counts_them);
    tcase_add_test(t, the_closed_are_not_told);
    tcase_add_test(t, the_deaf_remember);
    tcase_add_test(t, a_reset_is_seen_as_one);
    tcase_add_test(t, shutting_says_the_end);
    tcase_add_test(t, what_cannot_be_watched_is_closed);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
