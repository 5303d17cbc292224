/* upgrade.c - unit test of what is handed from one program to the next: names, pid files, the environment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/upgrade.c"

#include <sys/socket.h>

#include "house.h"

static mw_log quiet = { .sinks = &mw_log_stderr };

START_TEST(pid_files)
{
    mw_str text;

    EQ(mw_old_pid_path(arena, MW_STR("/run/x.pid")), "/run/x.pid.oldbin");
    ck_assert_int_eq(mw_pid_write(mw_str_of(in_folder("x.pid")), &quiet), MW_OK);
    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("x.pid")), 64, &text), MW_OK);
    ck_assert(mw_str_eq(text, mw_arena_fmt(arena, "%d\n", (int)getpid())));
    ck_assert_int_eq(mw_pid_write(mw_str_of(in_folder("none/x.pid")), &quiet), MW_ERR);
}
END_TEST

START_TEST(inherited)
{
    int       fd = socket(AF_INET, SOCK_STREAM, 0);
    char      text[64];
    mw_legacy legacy;

    unsetenv("NGINX");
    ck_assert(!mw_upgrade_inherit(&legacy, arena, &quiet));
    ck_assert_int_lt(snprintf(text, sizeof text, "%d;9999;", fd), (int)sizeof text);
    setenv("NGINX", text, 1);
    setenv("MIWI_ZONES", "", 1);
    setenv("MIWI_ATTEMPT", "7", 1);
    ck_assert_uint_eq(mw_upgrade_attempts(), 7);
    ck_assert(mw_upgrade_inherit(&legacy, arena, &quiet));
    ck_assert_uint_eq(legacy.n, 1);             /* the other is no socket */
    ck_assert_int_eq(legacy.sockets[0].fd, fd);
    ck_assert_int_eq(legacy.sockets[0].type, SOCK_STREAM);
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert_ptr_null(getenv("NGINX"));
    ck_assert_ptr_null(getenv("MIWI_ATTEMPT"));
    mw_legacy_close(&legacy);
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1);   /* nobody took it */
}
END_TEST

START_TEST(broken_lists)
{
    static const char *const lists[] = { "", ";", "x;", "5", "-1;", "99999999999999999999;", "1 ;", ";;;" };
    mw_legacy                legacy;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        setenv("NGINX", lists[i], 1);
        ck_assert(mw_upgrade_inherit(&legacy, arena, &quiet));
        ck_assert_msg(legacy.n == 0, "\"%s\"", lists[i]);
    }
    setenv("MIWI_ATTEMPT", "x", 1);
    ck_assert_uint_eq(mw_upgrade_attempts(), 0);
}
END_TEST

START_TEST(lists)
{
    ck_assert_uint_eq(bind_house("events { } http { access_log off; upstream u { zone z 64k; server 127.0.0.1:9; }"
                                 "server { listen unix:a; } server { listen unix:b; } }"), 0);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mw_cycle_open(cycle, NULL, NULL, &quiet), MW_OK);
    {
        int a = MW_OWNER(cycle->wants.listens.next, mw_listen, all)->fds[0];
        int b = MW_OWNER(cycle->wants.listens.next->next, mw_listen, all)->fds[0];
        int z = MW_OWNER(cycle->wants.zones.next, mw_zone, all)->fd;

        ck_assert(mw_str_eq(list_sockets(arena, cycle), mw_arena_fmt(arena, "NGINX=%d;%d;", a, b)));
        ck_assert(mw_str_eq(list_zones(arena, cycle), mw_arena_fmt(arena, "MIWI_ZONES=%d;", z)));
        keep_open(cycle);
        ck_assert_int_eq(fcntl(a, F_GETFD), 0);
    }
    mw_cycle_close_sockets(cycle, NULL, true);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/upgrade");

    CASE(s, pid_files);
    CASE(s, inherited);
    CASE(s, broken_lists);
    CASE(s, lists);
    return s;
}

#include "run.h"
