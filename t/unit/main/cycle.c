/* cycle.c - unit test of a generation: read from both languages and -g, checked, its folders and logs made.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/cycle.c"

#include "house.h"

static mw_log quiet = { .sinks = &mw_log_stderr };

static mw_origin origin(const char *file, const char *globals)
{
    return (mw_origin){ .prefix = mw_arena_fmt(arena, "%s/", folder), .conf = mw_str_of(in_folder(file)),
                        .globals = mw_str_of(globals), .early = &mw_log_stderr };
}

static mw_str why_of(const char *text)
{
    (void)bind_house(text);
    return mw_cycle_why(cycle, arena);
}

START_TEST(both_languages)
{
    mw_origin from = origin("a.yaml", "");

    write_file("a.yaml", "worker_processes: 3\nevents:\n  worker_connections: 77\n");
    cycle = mw_cycle_read(&from, &quiet, true);
    ck_assert_uint_eq(cycle->diag.errors, 0);
    ck_assert_uint_eq(cycle->main->workers, 3);
    ck_assert_uint_eq(cycle->events->connections, 77);
    ck_assert(cycle->has_events);
    ck_assert_ptr_null(cycle->http);
    ck_assert(mw_str_ends(cycle->main->pid, MW_STR(MW_PID_PATH)));
}
END_TEST

START_TEST(globals_come_first)
{
    mw_origin from = origin("a.conf", "worker_processes 4;");

    write_file("a.conf", "events { }");
    cycle = mw_cycle_read(&from, &quiet, true);
    ck_assert_uint_eq(cycle->main->workers, 4);
    mw_cycle_free(cycle);
    write_file("a.conf", "worker_processes 1; events { }");
    cycle = mw_cycle_read(&from, &quiet, true);
    ck_assert_uint_eq(cycle->diag.errors, 1);
    mw_cycle_free(cycle);
    from.globals = MW_STR("worker_processes 4");
    cycle = mw_cycle_read(&from, &quiet, true);
    EQ(mw_cycle_why(cycle, arena), "[emerg] unexpected end of parameter, expecting \";\" in command line");
    ck_assert_ptr_null(cycle->tree);
}
END_TEST

START_TEST(reasons)
{
    ck_assert(mw_str_starts(why_of("events { } nonsense on;"), MW_STR("[emerg] unknown directive \"nonsense\" in ")));
    EQ(why_of("events { }"), "");
    ck_assert_int_eq(mw_cycle_verify(cycle, &quiet, true), MW_ERR);        /* no folder for the pid file */
    ck_assert_int_eq(mw_cycle_verify(cycle, &quiet, false), MW_OK);
    (void)bind_house("pid x; daemon on;");
    ck_assert_int_eq(mw_cycle_verify(cycle, &quiet, true), MW_ERR);        /* no events */
    (void)bind_house("pid x; events { worker_connections 1; } http { access_log off; server { listen 8080; } }");
    ck_assert_int_eq(mw_cycle_verify(cycle, &quiet, true), MW_ERR);        /* too few for its sockets */
}
END_TEST

START_TEST(opens_and_shares)
{
    mw_cycle *old;
    mw_log   *log = &quiet;

    ck_assert_uint_eq(bind_house("events { } http { client_body_temp_path temp; access_log log.txt; upstream u {"
                                 "zone z 64k; server 127.0.0.1:9; } server { listen unix:sock; } }"), 0);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mw_cycle_open(cycle, NULL, NULL, log), MW_OK);
    ck_assert_int_eq(access(in_folder("temp"), F_OK), 0);
    ck_assert_int_eq(access(in_folder("log.txt"), F_OK), 0);
    old = cycle;
    cycle = NULL;                       /* the house is not to free it */
    (void)bind_house("events { } http { access_log log.txt; upstream u { zone z 64k; server 127.0.0.1:9; }"
                     "server { listen unix:sock; } }");
    ck_assert_int_eq(mw_cycle_open(cycle, old, NULL, log), MW_OK);
    ck_assert_int_eq(MW_OWNER(cycle->wants.listens.next, mw_listen, all)->fds[0],
                     MW_OWNER(old->wants.listens.next, mw_listen, all)->fds[0]);
    mw_cycle_close_sockets(old, cycle, true);
    mw_cycle_free(old);
    ck_assert_int_eq(rename(in_folder("log.txt"), in_folder("log.1")), 0);
    mw_cycle_reopen(cycle, log);
    ck_assert_int_eq(access(in_folder("log.txt"), F_OK), 0);
    mw_cycle_close_sockets(cycle, NULL, true);
}
END_TEST

START_TEST(what_cannot_be_opened)
{
    ck_assert_uint_eq(bind_house("events { } http { access_log none/log.txt; server { listen unix:/none/sock; } }"), 0);
    ck_assert_int_eq(mw_cycle_open(cycle, NULL, NULL, &quiet), MW_ERR);
    ck_assert_uint_eq(bind_house("events { } http { access_log off; server { listen unix:/none/sock; } }"), 0);
    ck_assert_int_eq(mw_cycle_open(cycle, NULL, NULL, &quiet), MW_ERR);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/cycle");

    CASE(s, both_languages);
    CASE(s, globals_come_first);
    CASE(s, reasons);
    CASE(s, opens_and_shares);
    CASE(s, what_cannot_be_opened);
    return s;
}

#include "run.h"
