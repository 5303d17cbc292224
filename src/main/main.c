/* main.c - from the command line to a master, a worker, or a word and an exit code.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config.h"
#include "core/file.h"
#include "event/poll.h"
#include "main/build.h"
#include "main/cli.h"
#include "main/control.h"
#include "main/cycle.h"
#include "main/master.h"
#include "main/modules.h"
#include "main/process.h"
#include "main/show.h"
#include "main/signals.h"
#include "main/startup.h"
#include "main/upgrade.h"

enum { TEXT_ROOM = 16384 };

typedef struct session {        /* this run of the program */
    mw_arena  *arena;
    mw_cli     cli;
    mw_reign   reign;
    mw_str     error_log;       /* before there is a configuration; absolute, or empty for standard error */
    mw_startup startup;
    mw_legacy  legacy;
} session;

static const char *program(void) { return mw_process_program(); }

static void show_version(const session *s)
{
    char   room[TEXT_ROOM];
    mw_out o = mw_out_on(room, sizeof room);

    mw_out_fmt(&o, "nginx version: %s\n", mw_build_version());
    if (s->cli.help)
        mw_cli_help(&o, program(), strcmp(program(), MW_PROGRAM) == 0);
    if (s->cli.configure)
        mw_build_show(&o, mw_modules);
    (void)mw_write_all(STDERR_FILENO, mw_out_done(&o));
}

/* Absolute, and with '/' at its end. */
static mw_str absolute_folder(mw_arena *a, mw_str path)
{
    char   here[MW_PATH_MAX];
    mw_str base = getcwd(here, sizeof here) != NULL ? mw_str_of(here) : MW_STR("/");

    while (mw_str_starts(path, MW_STR("./")))
        path = mw_str_drop(path, 2);
    if (path.len == 0 || mw_str_eq(path, MW_STR(".")))
        path = mw_arena_copy(a, base);
    else
        path = mw_path_join(a, base, path);
    return mw_str_ends(path, MW_STR("/")) ? path : mw_arena_fmt(a, "%.*s/", MW_S(path));
}

static void find_paths(session *s)
{
    mw_cli    *cli = &s->cli;
    mw_origin *from = &s->reign.origin;
    mw_str     log = cli->error_log.len > 0 ? cli->error_log : mw_str_of(MW_ERROR_LOG_PATH);

    from->prefix = absolute_folder(s->arena, cli->prefix.len > 0 ? cli->prefix : mw_str_of(MW_PREFIX));
    from->conf = mw_path_join(s->arena, from->prefix, cli->conf.len > 0 ? cli->conf : mw_str_of(MW_CONF_PATH));
    from->globals = cli->globals;
    s->error_log = mw_str_eq(log, MW_STR("stderr")) ? MW_STR("") : mw_path_join(s->arena, from->prefix, log);
    from->early = &s->startup.early;
}

/* Nothing was said about a configuration, and none is installed. */
static bool lost(const session *s)
{
    struct stat st;
    mw_str      conf = s->reign.origin.conf;

    if (s->cli.conf.len > 0 || s->cli.prefix.len > 0 || mw_stat(conf, &st) == 0 || errno != ENOENT)
        return false;
    mw_say("%s: there is no configuration at %.*s\n"
           "%s: give one with -c FILE (and its folder with -p FOLDER), or install the program: make install\n"
           "%s: a first one, with comments, is conf/miwidothttp.conf in the sources; README tells the rest\n",
           program(), MW_S(conf), program(), program());
    return true;
}

static int ended_test(const session *s, bool fine)
{
    mw_str conf = s->reign.origin.conf;

    if (!fine)
        mw_say("%s: configuration file %.*s test failed\n", program(), MW_S(conf));
    else if (!s->cli.quiet)
        mw_say("%s: configuration file %.*s test is successful\n", program(), MW_S(conf));
    return fine ? 0 : 1;
}

static void dump(const mw_cycle *c, mw_dump how)
{
    size_t room = 1024;
    mw_out o;

    if (how == MW_DUMP_YAML) {
        (void)mw_write_all(STDOUT_FILENO, mw_dump_to_arena(c->arena, mw_dump_yaml, c->tree));
        return;
    }
    for (const mw_source_file *f = c->reader.files; f != NULL; f = f->next)
        room += f->path.len + f->bytes.len + 64;
    o = mw_arena_pen(c->arena, room);
    mw_dump_files(&o, &c->reader);
    (void)mw_write_all(STDOUT_FILENO, mw_out_done(&o));
}

static int test(session *s)
{
    mw_cycle *c = s->reign.cycle;
    bool      fine = c->diag.errors == 0;

    if (fine && !s->cli.quiet)
        mw_say("%s: the configuration file %.*s syntax is ok\n", program(), MW_S(s->reign.origin.conf));
    fine = fine && mw_cycle_verify(c, &s->startup.log, true) == MW_OK;
    mw_startup_tell(&s->startup);
    (void)ended_test(s, fine);
    if (fine && s->cli.dump != MW_DUMP_NONE)
        dump(c, s->cli.dump);
    return fine ? 0 : 1;
}

static void say_start(const mw_log *log)
{
    struct utsname system;
    struct rlimit  files;

    MW_LOG(log, MW_LOG_NOTICE, 0, "using the \"%s\" event method", mw_epoll.name);
    MW_LOG(log, MW_LOG_NOTICE, 0, "%s", mw_build_version());
    MW_LOG(log, MW_LOG_NOTICE, 0, "built by %s", MW_COMPILER);
    if (uname(&system) == 0)
        MW_LOG(log, MW_LOG_NOTICE, 0, "OS: %s %s", system.sysname, system.release);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        MW_LOG(log, MW_LOG_NOTICE, 0, "getrlimit(RLIMIT_NOFILE): %llu:%llu", (unsigned long long)files.rlim_cur,
               (unsigned long long)files.rlim_max);
}

static mw_rc go_to_background(session *s, mw_log *log)
{
    const mw_main_conf *conf = s->reign.cycle->main;

    s->reign.daemon = conf->daemon && conf->master_process;
    if (s->reign.daemon && !s->reign.successor && mw_process_daemonize(log) != MW_OK)
        return MW_ERR;
    s->reign.parent = getppid();
    mw_signals_hold();          /* whoever reads the file may send one at once */
    return mw_pid_write(conf->pid, log);
}

static int serve(session *s)
{
    mw_cycle *c = s->reign.cycle;
    mw_log   *log = &s->startup.log;
    mw_rc     rc = mw_cycle_verify(c, log, false);

    if (rc == MW_OK) {
        mw_startup_follow(&s->startup, c->main->errors);
        rc = mw_cycle_open(c, NULL, &s->legacy, log);
        mw_legacy_close(&s->legacy);
    }
    if (rc == MW_OK) {
        say_start(&(mw_log){ .sinks = c->main->errors });
        rc = go_to_background(s, log);
    }
    mw_startup_tell(&s->startup);
    if (rc != MW_OK)
        return 1;
    mw_process_take_stderr(c->main->errors);
    mw_startup_end(&s->startup);
    mw_process_tell_parent();
    return c->main->master_process ? mw_master_run(&s->reign) : mw_single_run(&s->reign);
}

static int with_configuration(session *s)
{
    mw_diag *diag;
    bool     quiet_log;

    mw_startup_begin(&s->startup, program(), s->cli.route.len > 0 ? MW_STR("") : s->error_log);     /* no trace */
    s->reign.attempt = mw_upgrade_attempts();
    s->reign.successor = mw_upgrade_inherit(&s->legacy, s->arena, &s->startup.log);
    s->reign.cycle = mw_cycle_read(&s->reign.origin, &s->startup.log, s->cli.test || s->cli.signal.len > 0);
    diag = &s->reign.cycle->diag;
    quiet_log = s->startup.file.path.len == 0 || s->startup.file.fd < 0;
    mw_startup_tell(&s->startup);
    mw_diag_print(diag, program(), true, quiet_log ? NULL : &(mw_log){ .sinks = &(mw_sinks){ &s->startup.to_file,
                  MW_LOG_NOTICE, false } });
    if (diag->errors > 0)
        return s->cli.test ? ended_test(s, false) : 1;
    if (s->cli.route.len > 0)
        return mw_show_route(s->reign.cycle, program(), s->cli.route, s->cli.headers.items, s->cli.headers.n);
    if (s->cli.test)
        return test(s);
    if (s->cli.signal.len > 0) {
        int code = mw_control(program(), s->reign.cycle->main->pid, s->cli.signal, !s->cli.no_wait, &s->startup.log);

        mw_startup_tell(&s->startup);
        return code;
    }
    return serve(s);
}

int main(int argc, char **argv)
{
    static session run;
    session       *s = &run;
    mw_str         why;

    mw_process_fill_stdio();
    mw_process_keep_args(argc, argv);
    s->arena = mw_arena_new(8192);
    if (!mw_cli_parse(s->arena, mw_process_args(), &s->cli, &why)) {
        mw_say("%s: %.*s\n", program(), MW_S(why));
        return 1;
    }
    if (s->cli.version) {
        show_version(s);
        if (!s->cli.test)
            return 0;
    }
    if (s->cli.directives)
        return mw_show_directives();
    find_paths(s);
    if (lost(s))
        return 1;
    return with_configuration(s);
}
