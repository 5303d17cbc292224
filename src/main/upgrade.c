/* upgrade.c - a new program takes over the sockets of a running one.
 *
 * nginx's protocol: the environment says NGINX="5;6;", the numbers of descriptors that stay open over the exec.  So
 * we take over from a running nginx, and it from us.  What it would not understand, the memory of zones, has a variable
 * of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "main/process.h"
#include "main/signals.h"

enum { PID_MODE = 0644 };

mw_str mw_old_pid_path(mw_arena *a, mw_str pid_path) { return mw_arena_fmt(a, "%.*s.oldbin", MW_S(pid_path)); }

mw_rc mw_pid_write(mw_str path, mw_log *log)
{
    char   room[16];
    mw_out o = mw_out_on(room, sizeof room);

    mw_out_i64(&o, getpid());
    mw_out_char(&o, '\n');
    if (mw_file_replace(path, mw_out_done(&o), PID_MODE) == MW_OK)
        return MW_OK;
    MW_LOG(log, MW_LOG_EMERG, errno, "open() \"%.*s\" failed", MW_S(path));
    return MW_ERR;
}

static mw_str list_sockets(mw_arena *a, const mw_cycle *c)
{
    mw_array parts = { 0 };

    *MW_PUSH(a, &parts, mw_str) = MW_STR("NGINX=");
    MW_LIST_EACH(node, &c->wants.listens) {
        const mw_listen *l = MW_OWNER(node, mw_listen, all);

        for (unsigned i = 0; i < l->nfds; i++)
            *MW_PUSH(a, &parts, mw_str) = mw_arena_fmt(a, "%d;", l->fds[i]);
    }
    return mw_arena_join(a, parts.items, parts.n);
}

static mw_str list_zones(mw_arena *a, const mw_cycle *c)
{
    mw_array parts = { 0 };

    *MW_PUSH(a, &parts, mw_str) = MW_STR("MIWI_ZONES=");
    MW_LIST_EACH(node, &c->wants.zones)
        *MW_PUSH(a, &parts, mw_str) = mw_arena_fmt(a, "%d;", MW_OWNER(node, mw_zone, all)->fd);
    return mw_arena_join(a, parts.items, parts.n);
}

/* In the child: these, and only these, survive the exec. */
static void keep_open(const mw_cycle *c)
{
    MW_LIST_EACH(node, &c->wants.listens) {
        const mw_listen *l = MW_OWNER(node, mw_listen, all);

        for (unsigned i = 0; i < l->nfds; i++)
            (void)fcntl(l->fds[i], F_SETFD, 0);
    }
    MW_LIST_EACH(node, &c->wants.zones)
        (void)fcntl(MW_OWNER(node, mw_zone, all)->fd, F_SETFD, 0);
}

static _Noreturn void become(const mw_cycle *c, char **environment, mw_log *log)
{
    keep_open(c);
    mw_signals_restore();
    (void)execve(mw_process_path(), mw_process_args(), environment);
    MW_LOG(log, MW_LOG_ALERT, errno, "execve() failed while executing new binary process \"%s\"", mw_process_path());
    _exit(1);
}

pid_t mw_upgrade_begin(const mw_cycle *c, mw_log *log)
{
    mw_arena *scratch = mw_arena_new(4096);
    char     *now = mw_arena_z(scratch, c->main->pid);
    char     *old = mw_arena_z(scratch, mw_old_pid_path(scratch, c->main->pid));
    mw_str    more[] = { list_sockets(scratch, c), list_zones(scratch, c), MW_STR("NOTIFY_SOCKET") };
    char    **environment = mw_process_environ(scratch, c->main, more, sizeof more / sizeof *more);
    pid_t     pid = 0;

    if (rename(now, old) != 0) {
        MW_LOG(log, MW_LOG_ALERT, errno, "rename() %s to %s failed before executing new binary process \"%s\"", now,
               old, mw_process_path());
    } else {
        pid = fork();
        if (pid == 0)
            become(c, environment, log);
        if (pid < 0) {
            MW_LOG(log, MW_LOG_ALERT, errno, "fork() failed while spawning \"new binary process\"");
            mw_upgrade_roll_back(c, log);
            pid = 0;
        } else
            MW_LOG(log, MW_LOG_NOTICE, 0, "start new binary process %d", (int)pid);
    }
    mw_arena_free(scratch);
    return pid;
}

void mw_upgrade_again(const mw_cycle *c, uint64_t attempt, mw_log *log)
{
    mw_arena *a = c->arena;
    mw_str    more[] = { list_sockets(a, c), list_zones(a, c), MW_STR("NOTIFY_SOCKET"),
                         mw_arena_fmt(a, "MIWI_ATTEMPT=%llu", (unsigned long long)attempt) };

    keep_open(c);
    mw_signals_restore();
    (void)execve(mw_process_path(), mw_process_args(),
                 mw_process_environ(a, c->main, more, sizeof more / sizeof *more));
    MW_LOG(log, MW_LOG_ALERT, errno, "execve() failed while executing \"%s\"", mw_process_path());
}

uint64_t mw_upgrade_attempts(void)
{
    uint64_t n = 0;

    return mw_str_u64(mw_str_of(getenv("MIWI_ATTEMPT")), &n) ? n : 0;
}

void mw_upgrade_roll_back(const mw_cycle *c, mw_log *log)
{
    mw_arena *scratch = mw_arena_new(2048);
    char     *now = mw_arena_z(scratch, c->main->pid);
    char     *old = mw_arena_z(scratch, mw_old_pid_path(scratch, c->main->pid));

    if (rename(old, now) != 0)
        MW_LOG(log, MW_LOG_ALERT, errno, "rename() %s back to %s failed after the new binary process exited", old, now);
    mw_arena_free(scratch);
}

bool mw_upgrade_inherit(mw_legacy *to, mw_arena *a, mw_log *log)
{
    const char *sockets = getenv("NGINX"), *zones = getenv("MIWI_ZONES");

    *to = (mw_legacy){ 0 };
    if (sockets == NULL)
        return false;
    mw_sockets_inherit(to, a, mw_str_of(sockets), mw_str_of(zones), log);
    (void)unsetenv("NGINX");
    (void)unsetenv("MIWI_ZONES");
    (void)unsetenv("MIWI_ATTEMPT");
    return true;
}
