/* process.c - what a process is to the system: its standard descriptors, title, environment, background.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/must.h"
#include "main/build.h"
#include "main/startup.h"

extern char **environ;

/* The process is one, and so is its title. */
static struct {
    mw_arena *arena;            /* holds the copies: whoever changes environ drops strings, and does not own them */
    char   **args;              /* a copy; ends with NULL */
    char    *room;              /* where ps looks */
    size_t   size;
    char     path[4096];
    bool     nginx;
    int      parent;            /* who waits for us; -1: nobody */
} self = { .parent = -1 };

void mw_process_fill_stdio(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        (void)close(fd);
}

static char **copy_list(char **list)
{
    size_t n = 0;
    char **to;

    while (list[n] != NULL)
        n++;
    to = MW_NEWS(self.arena, char *, n + 1);
    for (size_t i = 0; i < n; i++)
        to[i] = mw_arena_z(self.arena, mw_str_of(list[i]));
    return to;
}

/* The end of the strings of a list, as far as they lie one behind the other from `end` on. */
static const char *behind(char **list, const char *end)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (list[i] == end)
            end = &list[i][strlen(list[i]) + 1];
    return end;
}

void mw_process_keep_args(int argc, char **argv)
{
    mw_str  name;
    size_t  slash;
    ssize_t n;

    MW_MUST(argc > 0 && argv[0] != NULL);
    self.arena = mw_arena_new(4096);
    self.room = argv[0];
    self.size = (size_t)(behind(environ, behind(argv, argv[0])) - argv[0]);
    self.args = copy_list(argv);
    environ = copy_list(environ);
    name = mw_str_of(self.args[0]);
    slash = mw_str_rindex(name, '/');
    self.nginx = mw_str_eq(slash < name.len ? mw_str_drop(name, slash + 1) : name, MW_STR("nginx"));
    n = readlink("/proc/self/exe", self.path, sizeof self.path - 1);
    self.path[n > 0 ? n : 0] = '\0';
    /* a link stays a link: the file behind it may be another one at an upgrade */
    if (slash < name.len || n <= 0)
        (void)snprintf(self.path, sizeof self.path, "%s", self.args[0]);
}

const char *mw_process_program(void) { return self.nginx ? "nginx" : MW_PROGRAM; }
const char *mw_process_path(void) { return self.path; }
char *const *mw_process_args(void) { return self.args; }

void mw_process_title(const char *text)
{
    int n;

    if (self.size < 2)
        return;
    memset(self.room, 0, self.size);
    n = snprintf(self.room, self.size - 1, "%s: %s", mw_process_program(), text);
    MW_MUST(n >= 0);
}

mw_str mw_process_command(mw_arena *a)
{
    mw_array parts = { 0 };

    for (size_t i = 0; self.args[i] != NULL; i++) {
        if (i > 0)
            *MW_PUSH(a, &parts, mw_str) = MW_STR(" ");
        *MW_PUSH(a, &parts, mw_str) = mw_str_of(self.args[i]);
    }
    return mw_arena_join(a, parts.items, parts.n);
}

/* Waits for the child's word; its end without one is a failure that it has told. */
static _Noreturn void wait_for_child(int fd)
{
    char    word;
    ssize_t n;

    do
        n = read(fd, &word, 1);
    while (n < 0 && errno == EINTR);
    _exit(n == 1 ? 0 : 1);
}

mw_rc mw_process_daemonize(mw_log *log)
{
    int   fds[2], null;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) != 0) {
        MW_LOG(log, MW_LOG_EMERG, errno, "pipe() failed");
        return MW_ERR;
    }
    pid = fork();
    if (pid < 0) {
        MW_LOG(log, MW_LOG_EMERG, errno, "fork() failed");
        return MW_ERR;
    }
    if (pid > 0) {
        (void)close(fds[1]);
        wait_for_child(fds[0]);
    }
    (void)close(fds[0]);
    self.parent = fds[1];
    if (setsid() == -1) {
        MW_LOG(log, MW_LOG_EMERG, errno, "setsid() failed");
        return MW_ERR;
    }
    (void)umask(0);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) {
        MW_LOG(log, MW_LOG_EMERG, errno, "open(\"/dev/null\") failed");
        return MW_ERR;
    }
    (void)close(null);
    return MW_OK;
}

void mw_process_tell_parent(void)
{
    if (self.parent < 0)
        return;
    (void)mw_write_all(self.parent, MW_STR("!"));
    (void)close(self.parent);
    self.parent = -1;
}

void mw_process_take_stderr(const mw_sinks *sinks)
{
    const mw_sink *first = NULL;

    for (const mw_sink *s = sinks->first; s != NULL; s = s->next) {
        if (s->file == NULL)
            continue;
        if (s->file->path.len == 0)
            return;
        if (first == NULL && s->file->fd >= 0)
            first = s;
    }
    if (first != NULL)
        (void)dup2(first->file->fd, STDERR_FILENO);
}

static void add_variable(mw_arena *a, mw_array *list, mw_str text)
{
    const char *value;

    if (mw_str_index(text, '=') < text.len) {
        *MW_PUSH(a, list, char *) = mw_arena_z(a, text);
        return;
    }
    value = getenv(mw_arena_z(a, text));
    if (value != NULL)
        *MW_PUSH(a, list, char *) = mw_arena_z(a, mw_arena_fmt(a, "%.*s=%s", MW_S(text), value));
}

static bool names_zone(const mw_array *env)
{
    for (size_t i = 0; i < env->n; i++) {
        mw_str text = MW_ITEM(env, mw_str, i);

        if (mw_str_eq(text, MW_STR("TZ")) || mw_str_starts(text, MW_STR("TZ=")))
            return true;
    }
    return false;
}

char **mw_process_environ(mw_arena *a, const mw_main_conf *conf, const mw_str *more, size_t n)
{
    mw_array list = { 0 };

    if (!names_zone(&conf->env))
        add_variable(a, &list, MW_STR("TZ"));
    for (size_t i = 0; i < conf->env.n; i++)
        add_variable(a, &list, MW_ITEM(&conf->env, mw_str, i));
    for (size_t i = 0; i < n; i++)
        add_variable(a, &list, more[i]);
    *MW_PUSH(a, &list, char *) = NULL;
    return list.items;
}
