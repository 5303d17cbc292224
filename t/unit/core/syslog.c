/* syslog.c - tests of syslog: parameters, and what arrives.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/syslog.c"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static mw_arena *arena;

static void begin(void) { arena = mw_arena_new(4096); }
static void finish(void) { mw_arena_free(arena); }

static mw_syslog *parse(const char *text)
{
    mw_syslog  *s = NULL;
    const char *why = "";

    ck_assert_msg(mw_syslog_parse(arena, mw_str_of(text), &s, &why) == MW_OK, "%s", why);
    return s;
}

START_TEST(parameters)
{
    mw_syslog *s = parse("syslog:server=127.0.0.1");
    char       text[64];
    mw_out     o = mw_out_on(text, sizeof text);

    ck_assert(s->to.port == 514 && s->facility == 23 && s->severity == 6 && s->fd == -1);
    ck_assert(mw_str_eq(s->tag, MW_STR("nginx")) && s->host.len > 0);
    s = parse("syslog:severity=alert,server=[::1]:5140,facility=user,tag=SEE_this1,nohostname");
    mw_addr_text(&o, &s->to);
    ck_assert(mw_str_eq(mw_out_done(&o), MW_STR("[::1]:5140")));
    ck_assert(s->severity == 1 && s->facility == 1 && s->host.len == 0 && mw_str_eq(s->tag, MW_STR("SEE_this1")));
    ck_assert(mw_str_eq(parse("syslog:server=unix:/dev/log")->to.path, MW_STR("/dev/log")));
    ck_assert_int_eq(parse("syslog:server=127.0.0.1,severity=debug,facility=local0")->facility, 16);
    ck_assert_uint_eq(parse("syslog:server=127.0.0.1,tag=")->tag.len, 0);
    ck_assert_uint_eq(parse("syslog:server=[::1]")->to.port, 514);
}
END_TEST

START_TEST(faults)                              /* as nginx words them */
{
    static const struct { const char *text, *why; } rows[] = {
        { "syslog:server=127.0.0.1,facility=x", "unknown syslog facility \"x\"" },
        { "syslog:server=127.0.0.1,facility=USER", "unknown syslog facility \"USER\"" },
        { "syslog:server=127.0.0.1,severity=err", "unknown syslog severity \"err\"" },
        { "syslog:server=127.0.0.1,tag=a-b", "syslog \"tag\" only allows alphanumeric characters and underscore" },
        { "syslog:server=127.0.0.1,tag=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "syslog tag length exceeds 32" },
        { "syslog:facility=user", "no syslog server specified" },
        { "syslog:", "unknown syslog parameter \"\"" },
        { "syslog:server=127.0.0.1,", "unknown syslog parameter \"\"" },
        { "syslog:foo=bar", "unknown syslog parameter \"foo=bar\"" },
        { "syslog:server=", "no host in syslog server \"\"" },
        { "syslog:server=127.0.0.1:0", "invalid port in syslog server \"127.0.0.1:0\"" },
        { "syslog:server=127.0.0.1:", "invalid port in syslog server \"127.0.0.1:\"" },
        { "syslog:server=127.0.0.1:99999", "invalid port in syslog server \"127.0.0.1:99999\"" },
        { "syslog:server=[::1]:514x", "invalid port in syslog server \"[::1]:514x\"" },
        { "syslog:server=::1", "invalid port in syslog server \"::1\"" },
        { "syslog:server=unix:", "no path in the unix domain socket in syslog server \"unix:\"" },
        { "syslog:server=127.0.0.1,server=127.0.0.1", "duplicate syslog \"server\"" },
        { "syslog:server=127.0.0.1,facility=user,facility=user", "duplicate syslog \"facility\"" },
        { "syslog:server=127.0.0.1,severity=error,severity=error", "duplicate syslog \"severity\"" },
        { "syslog:server=127.0.0.1,tag=a,tag=a", "duplicate syslog \"tag\"" },
    };
    const char *why;
    mw_syslog  *s;
    size_t      i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        why = "nothing";
        ck_assert_int_eq(mw_syslog_parse(arena, mw_str_of(rows[i].text), &s, &why), MW_ERR);
        ck_assert_str_eq(why, rows[i].why);
    }
}
END_TEST

START_TEST(paths_have_a_limit)
{
    char        text[200] = "syslog:server=unix:/";
    mw_syslog  *s;
    const char *why = "";

    memset(&text[20], 'a', sizeof text - 21);
    ck_assert_int_eq(mw_syslog_parse(arena, mw_str_of(text), &s, &why), MW_ERR);
    ck_assert(mw_str_starts(mw_str_of(why),
                            MW_STR("too long path in the unix domain socket in syslog server \"unix:/aaa")));
}
END_TEST

/* A socket that listens, on *port or on any. */
static int listen_on(uint16_t *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(*port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval     patience = { .tv_sec = 1 };
    socklen_t          len = sizeof a;
    int                fd = socket(AF_INET, SOCK_DGRAM, 0);

    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static mw_str arrived(int fd, char room[4096])
{
    ssize_t n = recv(fd, room, 4096, 0);

    ck_assert_int_ge(n, 0);
    return (mw_str){ room, (size_t)n };
}

START_TEST(lines_arrive)
{
    uint16_t   port = 0;
    int        fd = listen_on(&port);
    char       room[4096], wanted[4096];
    mw_syslog *s = parse("server=127.0.0.1,tag=x");
    mw_sink    sink = { .level = MW_LOG_ERROR, .syslog = s };
    mw_sinks   sinks = { .first = &sink, .most = MW_LOG_ERROR };
    mw_log     log = { .sinks = &sinks };
    mw_str     line;

    s->to.port = port;
    s->host = MW_STR("host");
    mw_syslog_send(s, MW_STR("text"));
    line = arrived(fd, room);
    (void)snprintf(wanted, sizeof wanted, "<190>%s host x: text", mw_clock_here()->syslog);
    ck_assert(mw_str_starts(line, MW_STR("<190>")) && mw_str_ends(line, MW_STR(" host x: text")));
    ck_assert_uint_eq(line.len, strlen(wanted));
    s->host = MW_STR("");
    mw_syslog_send_as(s, 3, MW_STR("text"));
    line = arrived(fd, room);
    ck_assert(mw_str_starts(line, MW_STR("<187>")) && line.at[20] == ' ');
    ck_assert(mw_str_eq(mw_str_drop(line, 20), MW_STR(" x: text")));
    s->facility = 1;
    MW_LOG(&log, MW_LOG_ERROR, 0, "it failed");         /* the line's own level, and no newline */
    line = arrived(fd, room);
    ck_assert(mw_str_starts(line, MW_STR("<11>")) && mw_str_ends(line, MW_STR(": it failed")));
    ck_assert_uint_lt(mw_str_find(line, MW_STR(" [error] ")), 60);
    MW_LOG(&log, MW_LOG_EMERG, 0, "gone");
    ck_assert(mw_str_starts(arrived(fd, room), MW_STR("<8>")));
    close(fd);
    close(s->fd);
}
END_TEST

START_TEST(recovers_when_the_listener_was_away)
{
    uint16_t   port = 0;
    int        fd = listen_on(&port), i;
    char       room[4096];
    mw_syslog *s = parse("server=127.0.0.1");

    s->to.port = port;
    mw_syslog_send(s, MW_STR("one"));
    ck_assert(mw_str_ends(arrived(fd, room), MW_STR("one")));
    close(fd);
    for (i = 0; i < 3; i++)
        mw_syslog_send(s, MW_STR("lost"));
    fd = listen_on(&port);
    mw_syslog_send(s, MW_STR("two"));
    ck_assert(mw_str_ends(arrived(fd, room), MW_STR("two")));
    close(fd);
    close(s->fd);
}
END_TEST

START_TEST(unix_sockets)
{
    char               path[] = "/tmp/mw-syslog-XXXXXX", room[4096];
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int                round, fd = mkstemp(path);
    mw_syslog         *s = parse("server=unix:/x,nohostname");

    close(fd);
    s->to.path = mw_str_of(path);
    memcpy(a.sun_path, path, sizeof path);
    unlink(path);
    mw_syslog_send(s, MW_STR("nobody there"));
    ck_assert_int_eq(s->fd, -1);
    for (round = 0; round < 2; round++) {
        fd = socket(AF_UNIX, SOCK_DGRAM, 0);
        ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
        mw_syslog_send(s, MW_STR("here"));
        ck_assert(mw_str_ends(arrived(fd, room), MW_STR(" nginx: here")));
        close(fd);
        unlink(path);
    }
    close(s->fd);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/syslog");
    TCase *t = tcase_create("syslog");

    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, parameters);
    tcase_add_test(t, faults);
    tcase_add_test(t, paths_have_a_limit);
    tcase_add_test(t, lines_arrive);
    tcase_add_test(t, recovers_when_the_listener_was_away);
    tcase_add_test(t, unix_sockets);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
