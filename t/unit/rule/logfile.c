/* logfile.c - tests of access logs: when lines reach the file, and whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/logfile.c"

#include <fcntl.h>
#include <stdlib.h>

#include "core/file.h"
#include "setup.h"

static char        dir[64];
static mw_worker   worker;
static mw_log_file file;
static mw_logs    *logs;

static void begin_logs(void)
{
    begin();
    snprintf(dir, sizeof dir, "/tmp/mw_logfile_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    file = (mw_log_file){ .path = mw_arena_fmt(arena, "%s/log", dir), .fd = -1 };
    mw_list_init(&file.all);
    ck_assert(mw_log_file_open(&file));
    worker = (mw_worker){ .loop = mw_loop_new(&mw_epoll), .log = test_log };
    ck_assert_ptr_nonnull(worker.loop);
    logs = mw_logs_new(&worker, 2);
}

static void finish_logs(void)
{
    char command[100];

    mw_logs_free(logs);
    mw_logs_free(NULL);
    mw_loop_free(worker.loop);
    close(file.fd);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
    finish();
}

static mw_str content(const char *name)
{
    mw_str bytes;

    ck_assert_int_eq(mw_file_read_all(arena, mw_arena_fmt(arena, "%s/%s", dir, name), 1 << 20, &bytes), MW_OK);
    return bytes;
}

static void lines(const mw_logfile *f, unsigned n, const char *text)
{
    while (n-- > 0)
        mw_logs_write(logs, f, &scope, mw_str_of(text));
}

START_TEST(calm_turn_writes_at_its_end)
{
    mw_logfile f = { .file = &file };

    lines(&f, 2, "a");
    ck_assert_uint_eq(content("log").len, 0);
    mw_loop_turn(worker.loop, 0);
    ck_assert(text_is(content("log"), "a\na\n"));
    mw_loop_turn(worker.loop, 0);
    lines(&f, 1, "b");
    mw_loop_turn(worker.loop, 0);
    ck_assert(text_is(content("log"), "a\na\nb\n"));
}
END_TEST

START_TEST(busy_turn_waits)
{
    mw_logfile f = { .file = &file };
    uint64_t   since = mw_loop_now(worker.loop);

    lines(&f, CALM_LINES + 1, "a");
    mw_loop_turn(worker.loop, 0);
    ck_assert_uint_eq(content("log").len, 0);
    for (unsigned i = 0; i < 1000 && content("log").len == 0; i++)
        mw_loop_turn(worker.loop, BUSY_MS);
    ck_assert_uint_eq(content("log").len, 2 * (CALM_LINES + 1));
    ck_assert_uint_ge(mw_loop_now(worker.loop) - since, BUSY_MS);
}
END_TEST

START_TEST(full_buffer_writes_whole_lines)
{
    static char long_line[1001];
    mw_logfile  f = { .file = &file };
    mw_str      got;

    memset(long_line, 'x', 1000);
    lines(&f, 70, long_line);
    got = content("log");
    ck_assert_uint_eq(got.len % 1001, 0);
    ck_assert(got.len > 0 && got.len <= HOUSE_BYTES);
    mw_logs_flush(logs);
    ck_assert_uint_eq(content("log").len, 70 * 1001);
}
END_TEST

START_TEST(monstrous_line_goes_through)
{
    mw_logfile f = { .file = &file, .number = 1 };
    char      *monster = mw_arena_zalloc(arena, 200001);

    memset(monster, 'm', 200000);
    lines(&f, 1, "a");
    lines(&f, 1, monster);
    ck_assert_uint_eq(content("log").len, 200003);
    ck_assert_uint_eq(logs->buffers[1].room, 0);
    lines(&f, 1, "b");
    mw_logs_flush(logs);
    ck_assert(mw_str_starts(content("log"), MW_STR("a\nmmm")) && mw_str_ends(content("log"), MW_STR("m\nb\n")));
}
END_TEST

START_TEST(buffered_as_nginx)
{
    mw_logfile f = { .file = &file, .buffer = 10 };

    lines(&f, 2, "abcd");
    mw_loop_turn(worker.loop, 0);
    ck_assert_uint_eq(content("log").len, 0);               /* exactly full: it fits */
    lines(&f, 1, "x");
    ck_assert(text_is(content("log"), "abcd\nabcd\n"));
    lines(&f, 1, "longer than ten");
    ck_assert(text_is(content("log"), "abcd\nabcd\nx\nlonger than ten\n"));
    ck_assert(!mw_timer_is_set(&logs->buffers[0].flush));
    f.flush_ms = 20;
    lines(&f, 1, "y");
    for (unsigned i = 0; i < 100 && content("log").len == 28; i++)
        mw_loop_turn(worker.loop, 20);
    ck_assert(mw_str_ends(content("log"), MW_STR("ten\ny\n")));
    lines(&f, 1, "z");
    mw_logs_flush(logs);
    ck_assert(mw_str_ends(content("log"), MW_STR("y\nz\n")) && !mw_timer_is_set(&logs->buffers[0].flush));
}
END_TEST

START_TEST(pen_writes_in_place)
{
    mw_logfile f = { .file = &file, .buffer = 6 };
    mw_out     o = mw_logs_pen(logs, &f, 5000);

    mw_out_str(&o, MW_STR("abc"));
    mw_logs_wrote(logs, &f, &o);
    o = mw_logs_pen(logs, &f, 3);
    mw_out_str(&o, MW_STR("cdef"));
    ck_assert(o.cut);
    mw_logs_wrote(logs, &f, &o);
    ck_assert(text_is(content("log"), "abc\n"));
    mw_logs_flush(logs);
    ck_assert(text_is(content("log"), "abc\ncde\n"));
}
END_TEST

START_TEST(compresses_members)
{
    mw_logfile  f = { .file = &file, .buffer = 1000000, .gzip = 1 };
    char       *room = mw_arena_alloc(arena, 100000), line[40];
    mw_out      o = mw_out_on(room, 100000), want = mw_arena_pen(arena, 100000);
    mw_unpress *u = mw_unpress_open();
    mw_str      left;

    for (unsigned i = 0; i < 2; i++) {
        for (unsigned j = 0; j < 1000; j++) {
            snprintf(line, sizeof line, "line %u of %u", j * 7919, i);
            lines(&f, 1, line);
            mw_out_fmt(&want, "%s\n", line);
        }
        mw_logs_flush(logs);
    }
    left = content("log");
    ck_assert_uint_lt(left.len, want.len);
    ck_assert_int_eq(mw_unpress_run(u, &left, &o), MW_END);     /* it reads members that follow each other */
    mw_unpress_close(u);
    ck_assert(left.len == 0 && mw_str_eq(mw_out_done(&o), mw_out_done(&want)));
}
END_TEST

START_TEST(failures_are_said_once)
{
    mw_log_file full = { .path = MW_STR("/dev/full"), .fd = open("/dev/full", O_WRONLY) };
    mw_logfile  f = { .file = &full };
    mw_log_file shut = { .path = MW_STR("/nowhere"), .fd = -1 };
    mw_logfile  none = { .file = &shut, .number = 1 };

    lines(&f, 1, "a");
    lines(&none, 1, "a");
    mw_logs_flush(logs);
    ck_assert(logged("[alert]") && logged("write() to \"/dev/full\" failed (28: No space left on device)"));
    ck_assert(!logged("nowhere"));
    memset(log_room, 0, sizeof log_room);
    lines(&f, 1, "a");
    mw_logs_flush(logs);
    ck_assert(!logged("write()"));
    close(full.fd);
}
END_TEST

START_TEST(paths_with_variables)
{
    mw_logfile f = { .number = 1 };
    mw_str     text = mw_arena_fmt(arena, "%s/v_$name", dir);
    mw_var    *name = define("name", "x");

    f.path = mw_expr_compile(&bind_of_test, NULL, text);
    name->fleeting = true;
    ck_assert_int_eq(settle(), MW_OK);
    lines(&f, 1, "one");
    ck_assert(text_is(content("v_x"), "one\n"));
    mw_logs_cache(logs, 10, 10000, 60000, 1);
    lines(&f, 2, "two");
    name->data = (uintptr_t)"y";
    lines(&f, 1, "three");
    ck_assert(text_is(content("v_x"), "one\ntwo\ntwo\n") && text_is(content("v_y"), "three\n"));
    name->data = (uintptr_t)"no/where";
    lines(&f, 1, "lost");
    ck_assert(logged("[crit]") && logged("failed (2: No such file or directory)"));
    mw_logs_cache(logs, 0, 0, 0, 0);
    ck_assert_ptr_null(logs->cache);
}
END_TEST

START_TEST(reopened_file_gets_only_new_lines)
{
    mw_logfile f = { .file = &file };
    char       from[100], to[100];

    lines(&f, 1, "old");
    snprintf(from, sizeof from, "%s/log", dir);
    snprintf(to, sizeof to, "%s/log.1", dir);
    ck_assert_int_eq(rename(from, to), 0);
    mw_logs_flush(logs);
    ck_assert(mw_log_file_reopen(&file));
    lines(&f, 1, "new");
    mw_logs_flush(logs);
    ck_assert(text_is(content("log.1"), "old\n") && text_is(content("log"), "new\n"));
}
END_TEST

START_TEST(syslog_gets_lines_at_once)
{
    int         peer;
    char        got[200];
    mw_syslog   to = { .facility = 23, .severity = 6, .tag = MW_STR("test") };
    mw_logfile  f = { .syslog = &to };
    mw_sockaddr name = { .un = { .sun_family = AF_UNIX } };
    mw_out      o;
    ssize_t     n;

    peer = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(name.un.sun_path, sizeof name.un.sun_path, "%s/sock", dir);
    ck_assert_int_eq(bind(peer, &name.any, sizeof name.un), 0);
    to.to = (mw_addr){ .family = MW_UNIX, .path = mw_str_of(name.un.sun_path) };
    to.fd = -1;
    lines(&f, 1, "hello");
    n = recv(peer, got, sizeof got, MSG_DONTWAIT);
    ck_assert(n > 5 && mw_str_ends((mw_str){ got, (size_t)n }, MW_STR("test: hello")));
    o = mw_logs_pen(logs, &f, 100);
    mw_out_str(&o, MW_STR("again"));
    mw_logs_wrote(logs, &f, &o);
    n = recv(peer, got, sizeof got, MSG_DONTWAIT);
    ck_assert(n > 5 && mw_str_ends((mw_str){ got, (size_t)n }, MW_STR("test: again")));
    close(peer);
    if (to.fd != -1)
        close(to.fd);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("rule/logfile");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, begin_logs, finish_logs);
    tcase_add_test(t, calm_turn_writes_at_its_end);
    tcase_add_test(t, busy_turn_waits);
    tcase_add_test(t, full_buffer_writes_whole_lines);
    tcase_add_test(t, monstrous_line_goes_through);
    tcase_add_test(t, buffered_as_nginx);
    tcase_add_test(t, pen_writes_in_place);
    tcase_add_test(t, compresses_members);
    tcase_add_test(t, failures_are_said_once);
    tcase_add_test(t, paths_with_variables);
    tcase_add_test(t, reopened_file_gets_only_new_lines);
    tcase_add_test(t, syslog_gets_lines_at_once);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
