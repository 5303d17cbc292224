/* resolver.c - tests of asking, sharing, remembering and failing, against servers inside the test.
 *
 * A server here is a bound socket that the test reads and answers by hand, between turns of the loop.
 * Waiting is virtual: the wheel is turned by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/resolver.c"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "event/sock.h"

enum { SERVERS = 2 };

typedef struct heard_question {
    char               packet[512];
    size_t             len;
    unsigned           type;
    mw_dns_name        name;
    struct sockaddr_in from;
} heard_question;

static const mw_sinks   quiet = { .most = MW_LOG_EMERG };
static mw_log           log_ = { .sinks = &quiet };
static mw_loop         *loop;
static mw_arena        *arena;
static mw_addr          addrs[SERVERS];
static int              fds[SERVERS];
static mw_resolver_conf conf;
static mw_resolver     *resolver;
static mw_asker         who;
static unsigned         woken;

static void wake(void *owner)
{
    (void)owner;
    woken++;
}

static int bind_to(mw_addr *a, int type)
{
    mw_sockaddr to;
    socklen_t   len = mw_addr_to_system(a, &to);
    int         fd  = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    ck_assert_int_eq(bind(fd, &to.any, len), 0);
    ck_assert(mw_sock_local(fd, a, NULL));
    return fd;
}

static void set_up(void)
{
    loop = mw_loop_new(&mw_epoll);
    arena = mw_arena_new(4096);
    for (unsigned i = 0; i < SERVERS; i++) {
        ck_assert(mw_addr_parse(MW_STR("127.0.0.1"), 0, &addrs[i]));
        fds[i] = bind_to(&addrs[i], SOCK_DGRAM);
    }
    conf = (mw_resolver_conf){ .servers = addrs, .n = SERVERS, .timeout_ms = 30000, .ipv4 = true,
                               .ipv6 = true };
    resolver = mw_resolver_new(loop, &conf, &log_);
    mw_asker_init(&who, loop, wake, NULL);
    woken = 0;
}

static void tear_down(void)
{
    mw_asker_cancel(&who);
    mw_resolver_free(resolver);
    mw_loop_free(loop);
    mw_arena_free(arena);
    for (unsigned i = 0; i < SERVERS; i++)
        close(fds[i]);
}

static void turn(void)
{
    mw_loop_turn(loop, 0);
    mw_loop_turn(loop, 0);
}

/* Timers that are due by then wake, as if the time had passed. */
static void later(uint64_t ms)
{
    loop->clock.now += ms;
    mw_wheel_turn(&loop->wheel, loop->clock.now);
}

/* What a server was asked; false: nothing. */
static bool hear(unsigned server, heard_question *q)
{
    socklen_t     len = sizeof q->from;
    struct pollfd p   = { .fd = fds[server], .events = POLLIN };
    mw_dns_reply  r;
    ssize_t       n;

    (void)poll(&p, 1, 20);
    n = recvfrom(fds[server], q->packet, sizeof q->packet, 0, (void *)&q->from, &len);
    if (n < 0)
        return false;
    q->len = (size_t)n;
    q->packet[2] |= (char)0x80;                 /* from now on it is the beginning of a reply */
    ck_assert(mw_dns_read((mw_str){ q->packet, q->len }, &r));
    q->type = r.type;
    q->name = r.name;
    return true;
}

static void send_reply(unsigned server, const heard_question *q, unsigned code, unsigned answers, mw_str data)
{
    char   room[1024];
    mw_out o = mw_out_on(room, sizeof room);

    mw_out_str(&o, (mw_str){ q->packet, q->len });
    mw_out_str(&o, data);
    ck_assert(!o.cut);
    room[3] = (char)(0x80 | code);
    room[7] = (char)answers;
    ck_assert_int_eq(sendto(fds[server], room, o.len, 0, (const void *)&q->from, sizeof q->from),
                     (ssize_t)o.len);
}

/* One address for A, 127.0.0.`last`, one for AAAA, ::`last`; of so long a life. */
static void reply_addr(unsigned server, const heard_question *q, char last, char ttl)
{
    char four[] = "\xc0\x0c\0\1\0\1\0\0\0t\0\4\x7f\0\0x", six[] = "\xc0\x0c\0\x1c\0\1\0\0\0t\0\x10"
                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0x";

    four[9] = six[9] = ttl;
    four[15] = six[27] = last;
    send_reply(server, q, 0, 1, q->type == MW_DNS_A ? (mw_str){ four, 16 } : (mw_str){ six, 28 });
}

static mw_rc ask_for(mw_resolve *w, const char *name)
{
    w->arena = arena;
    return mw_resolve_name(&who, w, resolver, mw_str_of(name), 80);
}

/* Both parts of a question, from the server that was asked. */
static void hear_both(unsigned server, heard_question q[2])
{
    ck_assert(hear(server, &q[0]));
    ck_assert(hear(server, &q[1]));
    ck_assert_uint_eq(q[0].type, MW_DNS_A);
    ck_assert_uint_eq(q[1].type, MW_DNS_AAAA);
}

static void expect_failure(const mw_resolve *w, int code, const char *why)
{
    ck_assert_uint_eq(w->op.state, MW_OP_FINISHED);
    ck_assert_uint_eq(w->op.rc, MW_ERR);
    ck_assert_int_eq(w->code, code);
    ck_assert_str_eq(w->why, why);
    ck_assert_uint_eq(resolver->questions.n, 0);
    ck_assert_uint_eq(resolver->pending.n, 0);
}

START_TEST(literal_addresses_are_answered_at_once)
{
    mw_resolve a = { 0 }, b = { 0 }, c = { 0 };

    ck_assert_int_eq(ask_for(&a, "192.0.2.1"), MW_OK);
    ck_assert_uint_eq(a.addrs[0].port, 80);
    ck_assert_int_eq(ask_for(&b, "[::1]"), MW_OK);
    ck_assert_uint_eq(b.addrs[0].family, MW_IPV6);
    ck_assert_int_eq(ask_for(&c, "a..b"), MW_ERR);
    ck_assert_int_eq(ask_for(&c, "a..b"), MW_ERR);
    expect_failure(&c, 3, "Host not found");
}
END_TEST

START_TEST(both_families_are_asked_and_shared)
{
    mw_resolve     a = { 0 }, b = { 0 }, c = { 0 };
    heard_question q[2], none;

    ck_assert_int_eq(ask_for(&a, "Www.Example.com"), MW_AGAIN);
    ck_assert_int_eq(ask_for(&b, "www.example.COM."), MW_AGAIN);
    ck_assert_int_eq(ask_for(&a, "Www.Example.com"), MW_AGAIN);
    hear_both(0, q);
    ck_assert(!hear(0, &none) && !hear(1, &none));
    reply_addr(0, &q[1], 6, 20);
    turn();
    ck_assert_uint_eq(woken, 0);
    reply_addr(0, &q[0], 4, 10);
    turn();
    ck_assert_uint_ge(woken, 1);
    ck_assert_int_eq(ask_for(&a, "Www.Example.com"), MW_OK);
    ck_assert_int_eq(ask_for(&b, "www.example.COM."), MW_OK);
    ck_assert_uint_eq(a.n, 2);
    ck_assert_uint_eq(a.addrs[0].family == MW_IPV4 ? a.addrs[0].ip[3] : a.addrs[1].ip[3], 4);
    ck_assert_uint_eq(a.addrs[0].family == MW_IPV6 ? a.addrs[0].ip[15] : a.addrs[1].ip[15], 6);
    ck_assert_uint_ne(a.addrs[0].family, a.addrs[1].family);
    ck_assert_uint_eq(a.addrs[1].port, 80);
    ck_assert_uint_eq(a.ttl, 10);
    ck_assert_int_eq(ask_for(&c, "WWW.EXAMPLE.COM"), MW_OK);       /* remembered */
    ck_assert_uint_eq(c.n, 2);
}
END_TEST

START_TEST(answers_are_remembered_for_their_time)
{
    mw_resolve     a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
    heard_question q;

    conf.ipv6 = false;
    ck_assert_int_eq(ask_for(&a, "x.test"), MW_AGAIN);
    ck_assert(hear(0, &q));
    reply_addr(0, &q, 1, 2);
    turn();
    ck_assert_int_eq(ask_for(&a, "x.test"), MW_OK);
    later(1900);
    ck_assert_int_eq(ask_for(&b, "x.test"), MW_OK);
    ck_assert_uint_eq(b.ttl, 1);
    later(200);
    conf.valid_ms = 5000;
    ck_assert_int_eq(ask_for(&c, "x.test"), MW_AGAIN);
    ck_assert(hear(1, &q));                     /* each question begins with another server */
    reply_addr(1, &q, 1, 0);
    turn();
    ck_assert_int_eq(ask_for(&c, "x.test"), MW_OK);
    ck_assert_uint_eq(c.ttl, 5);
    later(4500);
    ck_assert_int_eq(ask_for(&d, "x.test"), MW_OK);
}
END_TEST

START_TEST(failures_are_told_and_not_remembered)
{
    static const struct { unsigned code; const char *why; } codes[] = {
        { 2, "Server failure" }, { 3, "Host not found" }, { 4, "Unimplemented" }, { 5, "Operation refused" }
    };
    heard_question q[2];

    for (unsigned i = 0; i < 4; i++) {
        mw_resolve w = { 0 };

        ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
        hear_both(i % 2, q);
        reply_addr(i % 2, &q[0], 1, 60);        /* as nginx: one that fails is enough */
        send_reply(i % 2, &q[1], codes[i].code, 0, MW_STR(""));
        turn();
        expect_failure(&w, (int)codes[i].code, codes[i].why);
    }
}
END_TEST

START_TEST(an_empty_answer_is_no_host)
{
    mw_resolve     w = { 0 };
    heard_question q[2];

    ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
    hear_both(0, q);
    send_reply(0, &q[0], 0, 0, MW_STR(""));
    send_reply(0, &q[1], 0, 0, MW_STR(""));
    turn();
    expect_failure(&w, 3, "Host not found");
}
END_TEST

START_TEST(silence_moves_on_and_ends)
{
    mw_resolve     a = { 0 }, b = { 0 };
    heard_question q[2];

    ck_assert_int_eq(ask_for(&a, "x.test"), MW_AGAIN);
    hear_both(0, q);
    later(AGAIN_MS);
    hear_both(1, q);
    later(AGAIN_MS);
    hear_both(0, q);
    later(10000);
    ck_assert_int_eq(ask_for(&b, "x.test"), MW_AGAIN);
    later(10000);                               /* the first one's patience ends */
    ck_assert_int_eq(ask_for(&a, "x.test"), MW_ERR);
    ck_assert_str_eq(a.why, "Operation timed out");
    ck_assert_int_eq(a.code, 110);
    ck_assert_int_eq(ask_for(&b, "x.test"), MW_AGAIN);
    later(20000);
    expect_failure(&b, 110, "Operation timed out");
}
END_TEST

START_TEST(only_what_was_asked_is_believed)
{
    mw_resolve     w = { 0 };
    heard_question q[1], wrong;

    conf.ipv6 = false;
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
    ck_assert(hear(0, &q[0]));
    wrong = q[0];
    wrong.packet[0] ^= 1;                       /* another id */
    reply_addr(0, &wrong, 9, 9);
    wrong = q[0];
    wrong.packet[13] = 'y';                     /* another name */
    reply_addr(0, &wrong, 9, 9);
    reply_addr(1, &q[0], 9, 9);                 /* another server */
    send_reply(0, &q[0], 0, 3, MW_STR("\xc0"));
    send_reply(0, &q[0], MW_DNS_FORMAT_ERROR, 0, MW_STR("x"));
    turn();
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
    reply_addr(0, &q[0], 1, 9);
    turn();
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_OK);
    ck_assert_uint_eq(w.addrs[0].ip[3], 1);
}
END_TEST

START_TEST(a_server_that_does_not_understand_is_passed_over)
{
    mw_resolve     w = { 0 };
    heard_question q[2], other[2];

    ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
    hear_both(0, q);
    q[0].len = 12;                              /* not even the question is repeated */
    q[0].packet[5] = 0;
    send_reply(0, &q[0], MW_DNS_FORMAT_ERROR, 0, MW_STR(""));
    send_reply(0, &q[1], MW_DNS_FORMAT_ERROR, 0, MW_STR(""));
    turn();
    hear_both(1, other);
    reply_addr(1, &other[0], 1, 9);
    reply_addr(1, &other[1], 1, 9);
    turn();
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_OK);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_passed_over)
{
    mw_resolve     w = { 0 };
    heard_question q[2];

    close(fds[0]);
    fds[0] = -1;
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
    turn();
    ck_assert(hear(1, &q[0]) && hear(1, &q[1]));
    reply_addr(1, &q[0], 1, 9);
    reply_addr(1, &q[1], 1, 9);
    turn();
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_OK);
}
END_TEST

/* y, below what the question's name is below */
static const mw_str alias = MW_STR_C("\xc0\x0c\0\5\0\1\0\0\0\3\0\4\1y\xc0\x0e");

START_TEST(aliases_are_asked_for)
{
    mw_resolve     w = { 0 };
    heard_question q[2];

    ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
    hear_both(0, q);
    send_reply(0, &q[0], 0, 1, alias);
    send_reply(0, &q[1], 0, 1, alias);
    turn();
    hear_both(0, q);
    ck_assert(mw_str_eq(mw_dns_name_str(&q[0].name), MW_STR("y.test")));
    reply_addr(0, &q[0], 1, 60);
    send_reply(0, &q[1], 0, 0, MW_STR(""));
    turn();
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_OK);
    ck_assert_uint_eq(w.n, 1);
    ck_assert_uint_eq(w.ttl, 3);                /* the alias is not known any longer */
}
END_TEST

START_TEST(aliases_without_end_are_given_up)
{
    mw_resolve     w = { 0 };
    heard_question q;
    unsigned       n = 0;

    conf.ipv6 = false;
    ck_assert_int_eq(ask_for(&w, "y.test"), MW_AGAIN);
    while (n < 50 && hear(0, &q)) {
        char other[] = "\xc0\x0c\0\5\0\1\0\0\0\3\0\4\1_\xc0\x0e";

        other[13] = (char)('a' + n++);
        send_reply(0, &q, 0, 1, (mw_str){ other, sizeof other - 1 });
        turn();
    }
    ck_assert_uint_eq(n, MW_DNS_LINKS + 1);
    expect_failure(&w, 3, "Host not found");
}
END_TEST

START_TEST(a_cancelled_asker_hears_nothing_and_others_profit)
{
    mw_resolve     a = { 0 }, b = { 0 };
    heard_question q;

    conf.ipv6 = false;
    ck_assert_int_eq(ask_for(&a, "x.test"), MW_AGAIN);
    mw_asker_cancel(&who);
    ck_assert(hear(0, &q));
    reply_addr(0, &q, 1, 60);
    turn();
    ck_assert_uint_eq(woken, 0);
    ck_assert_int_eq(ask_for(&b, "x.test"), MW_OK);
    a = (mw_resolve){ 0 };
    ck_assert_int_eq(ask_for(&a, "z.test"), MW_AGAIN);
    mw_asker_cancel(&who);
    later(30000);
    ck_assert_uint_eq(resolver->pending.n, 0);
}
END_TEST

START_TEST(services_are_resolved)
{
    static const char srv[] = "\xc0\x0c\0\x21\0\1\0\0\0\7\0\x0d\0\1\0\2\x1f\x90\4host\xc0\x17";
    mw_resolve        w = { .arena = arena };
    mw_str            name = MW_STR("_http._tcp.test");
    heard_question    q;

    ck_assert_int_eq(mw_resolve_service(&who, &w, resolver, name), MW_AGAIN);
    ck_assert(hear(0, &q));
    ck_assert_uint_eq(q.type, MW_DNS_SRV);
    send_reply(0, &q, 0, 1, (mw_str){ srv, sizeof srv - 1 });
    turn();
    ck_assert_int_eq(mw_resolve_service(&who, &w, resolver, name), MW_OK);
    ck_assert_uint_eq(w.n, 1);
    ck_assert(mw_str_eq(w.services[0].host, MW_STR("host.test")));
    ck_assert_uint_eq(w.services[0].port, 8080);
    ck_assert_uint_eq(w.services[0].priority, 1);
    ck_assert_uint_eq(w.services[0].weight, 2);
}
END_TEST

/* Asks with both families, says "truncated" over UDP, then waits for the questions over TCP. */
START_TEST(what_is_truncated_is_asked_over_tcp)
{
    mw_addr        a      = addrs[0];
    int            door   = bind_to(&a, SOCK_STREAM), fd;
    mw_resolve     w      = { 0 };
    heard_question q;
    char           room[600];
    ssize_t        n;

    conf.ipv6 = false;
    ck_assert_int_eq(listen(door, 4), 0);
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_AGAIN);
    ck_assert(hear(0, &q));
    q.packet[2] |= 2;
    send_reply(0, &q, 0, 0, MW_STR(""));
    for (unsigned i = 0; i < 4; i++)
        turn();
    fd = accept(door, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    n = recv(fd, room, sizeof room, 0);
    ck_assert_int_eq(n, (ssize_t)q.len + 2);
    ck_assert_int_eq(room[1], (char)q.len);
    room[4] |= (char)0x80;
    room[1] = (char)(q.len + 16);
    room[9] = 1;
    memcpy(&room[n], "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\0\0\5", 16);
    ck_assert_int_eq(send(fd, room, 7, 0), 7);          /* in pieces */
    turn();
    ck_assert_int_eq(send(fd, &room[7], (size_t)n + 9, 0), n + 9);
    turn();
    ck_assert_int_eq(ask_for(&w, "x.test"), MW_OK);
    ck_assert_uint_eq(w.addrs[0].ip[3], 5);
    close(fd);
    turn();
    ck_assert_int_eq(resolver->servers[0].tcp.fd, -1);
    close(door);
}
END_TEST

START_TEST(what_is_known_is_bounded)
{
    char name[32];

    conf.ipv6 = false;
    for (unsigned i = 0; i < QUESTIONS + 10; i++) {
        mw_resolve     w = { 0 };
        heard_question q;
        mw_out         o = mw_out_on(name, sizeof name);

        mw_out_fmt(&o, "h%u.test%c", i, '\0');
        ck_assert_int_eq(ask_for(&w, name), MW_AGAIN);
        ck_assert(hear(i % 2, &q));
        reply_addr(i % 2, &q, 1, 100);
        turn();
        ck_assert_uint_eq(w.op.rc, MW_OK);
    }
    ck_assert_uint_eq(resolver->questions.n, QUESTIONS);
    ck_assert_ptr_null(question_find(resolver, &(mw_dns_name){ .len = 7, .text = "h9.test" }, false));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/resolver");
    TCase *c = tcase_create("resolver");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 30);
    tcase_add_test(c, literal_addresses_are_answered_at_once);
    tcase_add_test(c, both_families_are_asked_and_shared);
    tcase_add_test(c, answers_are_remembered_for_their_time);
    tcase_add_test(c, failures_are_told_and_not_remembered);
    tcase_add_test(c, an_empty_answer_is_no_host);
    tcase_add_test(c, silence_moves_on_and_ends);
    tcase_add_test(c, only_what_was_asked_is_believed);
    tcase_add_test(c, a_server_that_does_not_understand_is_passed_over);
    tcase_add_test(c, a_server_that_is_not_there_is_passed_over);
    tcase_add_test(c, aliases_are_asked_for);
    tcase_add_test(c, aliases_without_end_are_given_up);
    tcase_add_test(c, a_cancelled_asker_hears_nothing_and_others_profit);
    tcase_add_test(c, services_are_resolved);
    tcase_add_test(c, what_is_truncated_is_asked_over_tcp);
    tcase_add_test(c, what_is_known_is_bounded);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
