/* log.c - tests of the error log's line, its sinks, and its files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/log.c"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static char     ring_room[4096];
static mw_ring  ring;
static mw_sink  ring_sink;
static mw_sinks sinks;

static void begin(void)
{
    memset(ring_room, 0, sizeof ring_room);
    ring = (mw_ring){ .at = ring_room, .size = sizeof ring_room };
    ring_sink = (mw_sink){ .level = MW_LOG_INFO, .ring = &ring };
    sinks = (mw_sinks){ .first = &ring_sink, .most = MW_LOG_INFO };
}

static void tell(const void *who, mw_out *o)
{
    mw_out_str(o, MW_STR(", client: "));
    mw_out_str(o, mw_str_of(who));
}

/* The last line without its date, which must look like one. */
static mw_str line_said(void)
{
    static const char shape[] = "dddd/dd/dd dd:dd:dd ";
    size_t            i;

    for (i = 0; i < sizeof shape - 1; i++)
        ck_assert(shape[i] == 'd' ? isdigit((unsigned char)ring_room[i]) : ring_room[i] == shape[i]);
    ring.next = 0;
    return mw_str_drop(mw_str_of(ring_room), sizeof shape - 1);
}

static void check_said(const char *wanted)      /* @ stands for pid#tid */
{
    char   text[512];
    mw_out o = mw_out_on(text, sizeof text);
    mw_str said = line_said(), head, tail;

    ck_assert(mw_str_cut(mw_str_of(wanted), '@', &head, &tail));
    mw_out_str(&o, head);
    mw_out_fmt(&o, "%d#%d", (int)getpid(), (int)gettid());
    mw_out_str(&o, tail);
    ck_assert_msg(mw_str_eq(said, mw_out_done(&o)), "%.*s", MW_S(said));
}

START_TEST(the_line)
{
    mw_log log = { .sinks = &sinks };

    mw_log_line(&log, MW_LOG_NOTICE, 0, "using the \"%s\" method", "epoll");
    check_said("[notice] @: using the \"epoll\" method\n");
    memset(ring_room, 0, sizeof ring_room);
    log = (mw_log){ .sinks = &sinks, .serial = 3, .tell = tell, .who = "127.0.0.1" };
    errno = EINTR;
    MW_LOG(&log, MW_LOG_ERROR, ENOENT, "open() \"%s\" failed", "/x");
    ck_assert_int_eq(errno, EINTR);
    check_said("[error] @: *3 open() \"/x\" failed (2: No such file or directory), client: 127.0.0.1\n");
    memset(ring_room, 0, sizeof ring_room);
    mw_log_doing(&log, "reading client request line");
    MW_LOG(&log, MW_LOG_INFO, ECONNRESET, "recv() failed");
    check_said("[info] @: *3 recv() failed (104: Connection reset by peer) while reading client request line, "
               "client: 127.0.0.1\n");
    memset(ring_room, 0, sizeof ring_room);
    MW_LOG(&log, MW_LOG_INFO, 0, "client closed connection");
    check_said("[info] @: *3 client closed connection while reading client request line, client: 127.0.0.1\n");
}
END_TEST

START_TEST(long_lines_are_cut)
{
    mw_log log = { .sinks = &sinks };
    char   text[5000];
    mw_str said;

    memset(text, 'x', sizeof text);
    mw_log_line(&log, MW_LOG_ERROR, 0, "%.*s", (int)sizeof text, text);
    ck_assert_uint_eq(ring.next, 2048);
    said = line_said();
    ck_assert(mw_str_ends(said, MW_STR("xxx\n")));
    memset(ring_room, 0, sizeof ring_room);
    mw_log_line(&log, MW_LOG_ERROR, ENOSPC, "%.*s", (int)sizeof text, text);
    said = line_said();
    ck_assert(mw_str_ends(said, MW_STR("xxx... (28: No space left on device)\n")));
}
END_TEST

START_TEST(levels_filter)
{
    mw_log log = { .sinks = &sinks };

    ring_sink.level = MW_LOG_ALERT;
    sinks.most = MW_LOG_ERROR;                  /* another sink takes errors */
    MW_LOG(&log, MW_LOG_ERROR, 0, "no");
    MW_LOG(&log, MW_LOG_DEBUG, 0, "no");
    ck_assert_uint_eq(ring.next, 0);
    MW_LOG(&log, MW_LOG_ALERT, 0, "yes");
    ck_assert_uint_gt(ring.next, 0);
    ring.next = 0;
    log.debug = true;                           /* debug_connection: to all, at any level */
    MW_LOG(&log, MW_LOG_DEBUG, 0, "yes");
    ck_assert_uint_gt(ring.next, 0);
    ring.next = 0;
    log.debug = false;
    sinks.debug_all = true;
    sinks.most = MW_LOG_DEBUG;
    MW_LOG(&log, MW_LOG_DEBUG, 0, "yes");
    ck_assert_uint_gt(ring.next, 0);
}
END_TEST

START_TEST(level_names)
{
    int i;

    for (i = MW_LOG_EMERG; i <= MW_LOG_DEBUG; i++)
        ck_assert_int_eq(mw_log_level_of(mw_str_of(mw_log_level_name((mw_log_level)i))), i);
    ck_assert_int_eq(mw_log_level_of(MW_STR("err")), MW_LOG_STDERR);
    ck_assert_int_eq(mw_log_level_of(MW_STR("")), MW_LOG_STDERR);
}
END_TEST

START_TEST(the_ring_turns)
{
    char    room[10];
    mw_ring r = { .at = room, .size = sizeof room };

    write_ring(&r, MW_STR("abcdef"));
    write_ring(&r, MW_STR("ghijkl"));
    ck_assert(memcmp(room, "klcdefghij", 10) == 0 && r.next == 2);
    write_ring(&r, MW_STR("01234567"));
    ck_assert(memcmp(room, "kl01234567", 10) == 0 && r.next == 0);
    write_ring(&r, MW_STR("longer than the ring"));
    ck_assert(memcmp(room, "longer tha", 10) == 0 && r.next == 0);
}
END_TEST

static mw_str contents(const char *path, char room[4096])
{
    FILE  *f = fopen(path, "r");
    size_t n;

    ck_assert_ptr_nonnull(f);
    n = fread(room, 1, 4096, f);
    fclose(f);
    return (mw_str){ room, n };
}

START_TEST(files)
{
    char        dir[] = "/tmp/mw-log-XXXXXX", path[64], moved[64], room[4096];
    mw_log_file f = { .fd = -1 };
    mw_sink     second = { .level = MW_LOG_WARN, .file = &f };
    mw_sink     first = { .next = &second, .level = MW_LOG_INFO, .file = &f };
    mw_sinks    both = { .first = &first, .most = MW_LOG_INFO };
    mw_log      log = { .sinks = &both };

    ck_assert_ptr_nonnull(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/error.log", dir);
    (void)snprintf(moved, sizeof moved, "%s/error.log.0", dir);
    f.path = mw_str_of(path);
    MW_LOG(&log, MW_LOG_ERROR, 0, "lost: not open yet");
    ck_assert(mw_log_file_open(&f) && mw_log_file_open(&f));
    ck_assert_int_ne(fcntl(f.fd, F_GETFD) & FD_CLOEXEC, 0);
    MW_LOG(&log, MW_LOG_INFO, 0, "one");
    ck_assert_int_eq(rename(path, moved), 0);
    MW_LOG(&log, MW_LOG_INFO, 0, "two");
    ck_assert(mw_log_file_reopen(&f));
    MW_LOG(&log, MW_LOG_ERROR, 0, "three");
    ck_assert_uint_lt(mw_str_find(contents(moved, room), MW_STR(": one\n")), 100);
    ck_assert_uint_lt(mw_str_find(contents(moved, room), MW_STR(": two\n")), 200);
    ck_assert(mw_str_ends(contents(path, room), MW_STR(": three\n")));
    ck_assert_uint_gt(mw_str_rindex(contents(path, room), '['), 60);            /* both sinks took it */
    remove(path);
    remove(moved);
    rmdir(dir);
    ck_assert(!mw_log_file_reopen(&f) && f.fd >= 0);                            /* the old one stays */
    MW_LOG(&log, MW_LOG_ERROR, 0, "still written");
    close(f.fd);
}
END_TEST

START_TEST(a_full_disk_is_said_once)
{
    mw_log_file f = { .path = MW_STR("/dev/full"), .fd = -1 };
    mw_sink     sink = { .level = MW_LOG_INFO, .file = &f };
    mw_sinks    one = { .first = &sink, .most = MW_LOG_INFO };
    mw_log      log = { .sinks = &one };
    int         pipes[2], saved = dup(STDERR_FILENO);
    char        room[4096];
    ssize_t     n;
    mw_str      said;

    ck_assert(mw_log_file_open(&f) && pipe(pipes) == 0 && dup2(pipes[1], STDERR_FILENO) >= 0);
    MW_LOG(&log, MW_LOG_INFO, 0, "one");
    MW_LOG(&log, MW_LOG_INFO, 0, "two");
    ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
    n = read(pipes[0], room, sizeof room);
    ck_assert_int_gt(n, 0);
    said = (mw_str){ room, (size_t)n };
    ck_assert(mw_str_ends(said, MW_STR("write() to \"/dev/full\" failed (28: No space left on device)\n")));
    ck_assert_uint_eq(mw_str_index(said, '\n'), said.len - 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/log");
    TCase *t = tcase_create("log");

    tcase_add_checked_fixture(t, begin, NULL);
    tcase_add_test(t, the_line);
    tcase_add_test(t, long_lines_are_cut);
    tcase_add_test(t, levels_filter);
    tcase_add_test(t, level_names);
    tcase_add_test(t, the_ring_turns);
    tcase_add_test(t, files);
    tcase_add_test(t, a_full_disk_is_said_once);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
