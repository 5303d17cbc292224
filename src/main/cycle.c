/* cycle.c - a generation: read a configuration, open what it wants, and close what the next one does not share.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/cycle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config.h"
#include "core/alloc.h"
#include "core/file.h"
#include "event/listener.h"
#include "main/modules.h"

enum { ARENA = 65536, DIR_MODE = 0700 };

static unsigned readings;

static unsigned count_modules(void)
{
    unsigned n = 0;

    while (mw_modules[n] != NULL)
        n++;
    return n;
}

static bool is_yaml(mw_str path)
{
    return mw_str_ends(path, MW_STR(".yaml")) || mw_str_ends(path, MW_STR(".yml"));
}

/* What -g says stands before the file. */
static mw_node *read_tree(mw_cycle *c, const mw_origin *from)
{
    mw_node *globals = NULL, *file;

    mw_reader_init(&c->reader, c->arena, &c->diag, from->conf);
    if (from->globals.len > 0) {
        globals = mw_read_text(&c->reader, MW_STR("command line"), from->globals);
        if (c->diag.errors > 0)
            return NULL;                /* as nginx: the file is not looked at then */
    }
    file = is_yaml(from->conf) ? mw_read_yaml(&c->reader, from->conf) : mw_read_nginx(&c->reader, from->conf);
    if (globals == NULL || file == NULL)
        return file;
    mw_node_append(globals, file);
    return globals;
}

static void find_events(mw_cycle *c, const mw_bind *b)
{
    c->events = mw_bind_conf(b, c->top, &mw_events_module);
    for (const mw_level *l = c->top->kids; l != NULL; l = l->next)
        if (l->where == IN_EVENTS) {
            c->events = mw_bind_conf(b, l, &mw_events_module);
            c->has_events = true;
        }
}

static void default_paths(const mw_bind *b, mw_main_conf *conf)
{
    if (conf->pid.len == 0)
        conf->pid = mw_bind_path(b, mw_str_of(MW_PID_PATH));
    if (conf->lock_file.len == 0)
        conf->lock_file = mw_bind_path(b, mw_str_of(MW_LOCK_PATH));
}

mw_cycle *mw_cycle_read(const mw_origin *from, mw_log *log, bool testing)
{
    mw_arena *arena = mw_arena_new(ARENA);
    mw_cycle *c = MW_NEW(arena, mw_cycle);
    mw_bind  *b = MW_NEW(arena, mw_bind);

    mw_list_init(&c->all);
    c->arena = arena;
    c->number = ++readings;
    mw_diag_init(&c->diag, arena);
    mw_wants_init(&c->wants);
    c->tree = read_tree(c, from);
    if (c->tree == NULL)
        return c;
    *b = (mw_bind){
        .arena = arena, .diag = &c->diag, .wants = &c->wants, .modules = mw_modules, .nmodules = count_modules(),
        .prefix = from->prefix, .folder = c->reader.folder, .log = log, .testing = testing, .errors = from->early,
    };
    c->top = mw_bind_tree(b, c->tree);
    c->http = b->http;
    c->main = mw_bind_conf(b, c->top, &mw_main_module);
    default_paths(b, mw_bind_conf(b, c->top, &mw_main_module));
    find_events(c, b);
    return c;
}

static void line_of(mw_out *o, const mw_diag_line *line)
{
    mw_out_str(o, line->text);
    if (line->pos.file == NULL)
        return;
    mw_out_fmt(o, " in %.*s", MW_S(line->pos.file->path));
    if (!mw_str_eq(line->pos.file->path, MW_STR("command line")))
        mw_out_fmt(o, ":%u", line->line != 0 ? line->line : line->pos.line);
}

void mw_cycle_say(const mw_cycle *c, mw_log *log)
{
    char room[4096];

    for (const mw_diag_line *line = c->diag.first; line != NULL; line = line->next) {
        mw_out o = mw_out_on(room, sizeof room);

        line_of(&o, line);
        MW_LOG(log, line->level, 0, "%.*s", MW_S(mw_out_done(&o)));
    }
}

mw_str mw_cycle_why(const mw_cycle *c, mw_arena *a)
{
    char room[4096];

    for (const mw_diag_line *line = c->diag.first; line != NULL; line = line->next) {
        mw_out o = mw_out_on(room, sizeof room);

        if (line->level > MW_LOG_EMERG)
            continue;
        line_of(&o, line);
        return mw_arena_fmt(a, "[%s] %.*s", mw_log_level_name(line->level), MW_S(mw_out_done(&o)));
    }
    return MW_STR("");
}

/* -t opens nothing that the running server has open; but a folder that is not there would stop the start. */
static mw_rc check_folder(mw_str path, mw_log *log)
{
    struct stat st;
    size_t      slash = mw_str_rindex(path, '/');

    if (path.len == 0 || slash == path.len || slash == 0)
        return MW_OK;
    if (mw_stat(mw_str_take(path, slash), &st) == 0 || errno == EACCES)
        return MW_OK;
    MW_LOG(log, MW_LOG_EMERG, errno, "open() \"%.*s\" failed", MW_S(path));
    return MW_ERR;
}

static unsigned count(const mw_list *list)
{
    unsigned n = 0;

    MW_LIST_EACH(node, list)
        n++;
    return n;
}

static void check_limits(const mw_cycle *c, mw_log *log)
{
    struct rlimit limit;
    uint64_t      most = UINT64_MAX;

    if (c->main->rlimit_nofile.written)
        most = c->main->rlimit_nofile.value;
    else if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        most = limit.rlim_cur;
    if (c->events->connections > most)
        MW_LOG(log, MW_LOG_WARN, 0, "%u worker_connections exceed open file resource limit: %llu",
               c->events->connections, (unsigned long long)most);
    if (!c->main->affinity.automatic && c->main->affinity.n > 1 && c->main->affinity.n != c->main->workers)
        MW_LOG(log, MW_LOG_WARN, 0, "the number of \"worker_processes\" is not equal to the number of "
               "\"worker_cpu_affinity\" masks, using last mask for remaining worker processes");
}

mw_rc mw_cycle_verify(const mw_cycle *c, mw_log *log, bool testing)
{
    unsigned sockets = count(&c->wants.listens);

    if (!c->has_events) {
        MW_LOG(log, MW_LOG_EMERG, 0, "no \"events\" section in configuration");
        return MW_ERR;
    }
    check_limits(c, log);
    if (c->events->connections < sockets + 1) {
        MW_LOG(log, MW_LOG_EMERG, 0, "%u worker_connections are not enough for %u listening sockets",
               c->events->connections, sockets);
        return MW_ERR;
    }
    if (!testing)
        return MW_OK;
    MW_LIST_EACH(node, &c->wants.logs)
        if (check_folder(MW_OWNER(node, mw_log_file, all)->path, log) != MW_OK)
            return MW_ERR;
    MW_LIST_EACH(node, &c->wants.listens) {
        const mw_listen *l = MW_OWNER(node, mw_listen, all);

        if (!mw_listen_possible(&l->addr, l->type, log))
            return MW_ERR;
    }
    return check_folder(c->main->pid, log);
}

static mw_rc open_logs(mw_cycle *c, mw_log *log)
{
    MW_LIST_EACH(node, &c->wants.logs) {
        mw_log_file *file = MW_OWNER(node, mw_log_file, all);

        if (mw_log_file_open(file))
            continue;
        MW_LOG(log, MW_LOG_EMERG, errno, "open() \"%.*s\" failed", MW_S(file->path));
        return MW_ERR;
    }
    return MW_OK;
}

static mw_rc make_folders(mw_cycle *c, mw_log *log)
{
    uid_t owner = geteuid() == 0 ? c->main->user.uid : (uid_t)-1;

    MW_LIST_EACH(node, &c->wants.dirs) {
        mw_str path = MW_OWNER(node, mw_want_dir, all)->path;

        if (mw_dir_make(path, DIR_MODE, owner) == MW_OK)
            continue;
        MW_LOG(log, MW_LOG_EMERG, errno, "mkdir() \"%.*s\" failed", MW_S(path));
        return MW_ERR;
    }
    return MW_OK;
}

static bool adopt(mw_zone *zone, const mw_cycle *old)
{
    if (old == NULL)
        return false;
    MW_LIST_EACH(node, &old->wants.zones) {
        const mw_zone *other = MW_OWNER(node, mw_zone, all);

        if (mw_str_eq(other->name, zone->name) && mw_zone_adopt(zone, other) == MW_OK)
            return true;
    }
    return false;
}

static bool attach(mw_zone *zone, mw_legacy *legacy)
{
    for (unsigned i = 0; legacy != NULL && i < legacy->nzones; i++)
        if (legacy->zones[i] >= 0 && mw_zone_attach(zone, legacy->zones[i]) == MW_OK) {
            legacy->zones[i] = -1;
            return true;
        }
    return false;
}

static mw_rc open_zones(mw_cycle *c, const mw_cycle *old, mw_legacy *legacy, mw_log *log)
{
    MW_LIST_EACH(node, &c->wants.zones) {
        mw_zone *zone = MW_OWNER(node, mw_zone, all);

        if (zone->size == 0) {
            MW_LOG(log, MW_LOG_EMERG, 0, "zero size shared memory zone \"%.*s\"", MW_S(zone->name));
            return MW_ERR;
        }
        if (adopt(zone, old) || attach(zone, legacy) || mw_zone_open(zone) == MW_OK)
            continue;
        MW_LOG(log, MW_LOG_EMERG, errno, "cannot make shared memory zone \"%.*s\" of %zu bytes", MW_S(zone->name),
               zone->size);
        return MW_ERR;
    }
    return MW_OK;
}

mw_rc mw_cycle_open(mw_cycle *c, const mw_cycle *old, mw_legacy *legacy, mw_log *log)
{
    if (make_folders(c, log) != MW_OK || open_logs(c, log) != MW_OK || open_zones(c, old, legacy, log) != MW_OK)
        return MW_ERR;
    return mw_sockets_open(c, old, legacy, log);
}

static void give_to_workers(const mw_log_file *file, const mw_user *user, mw_log *log)
{
    struct stat st;
    bool        known = file->path.len > 0 && fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode);

    if (!known || geteuid() != 0)
        return;
    if (st.st_uid != user->uid && fchown(file->fd, user->uid, (gid_t)-1) != 0)
        MW_LOG(log, MW_LOG_EMERG, errno, "chown(\"%.*s\", %d) failed", MW_S(file->path), (int)user->uid);
    if ((st.st_mode & (S_IRUSR | S_IWUSR)) != (S_IRUSR | S_IWUSR)
        && fchmod(file->fd, (st.st_mode & 07777) | S_IRUSR | S_IWUSR) != 0)
        MW_LOG(log, MW_LOG_EMERG, errno, "chmod() \"%.*s\" failed", MW_S(file->path));
}

void mw_cycle_reopen(const mw_cycle *c, mw_log *log)
{
    MW_LIST_EACH(node, &c->wants.logs) {
        mw_log_file *file = MW_OWNER(node, mw_log_file, all);

        if (!mw_log_file_reopen(file))
            MW_LOG(log, MW_LOG_EMERG, errno, "open() \"%.*s\" failed", MW_S(file->path));
        else
            give_to_workers(file, &c->main->user, log);
    }
}

static bool has_fd(const mw_cycle *c, int fd)
{
    if (c == NULL)
        return false;
    MW_LIST_EACH(node, &c->wants.listens) {
        const mw_listen *l = MW_OWNER(node, mw_listen, all);

        for (unsigned i = 0; i < l->nfds; i++)
            if (l->fds[i] == fd) return true;
    }
    return false;
}

void mw_cycle_close_sockets(mw_cycle *c, const mw_cycle *heir, bool unlink)
{
    MW_LIST_EACH(node, &c->wants.listens) {
        mw_listen *l = MW_OWNER(node, mw_listen, all);
        bool       closed = false;

        for (unsigned i = 0; i < l->nfds; i++) {
            if (l->fds[i] >= 0 && !has_fd(heir, l->fds[i])) {
                (void)close(l->fds[i]);
                closed = true;
            }
            l->fds[i] = -1;
        }
        if (closed && unlink && l->addr.family == MW_UNIX && mw_str_char(l->addr.path, 0) == '/')
            (void)remove(mw_arena_z(c->arena, l->addr.path));
    }
}

void mw_cycle_free(mw_cycle *c)
{
    MW_LIST_EACH(node, &c->wants.logs) {
        mw_log_file *file = MW_OWNER(node, mw_log_file, all);

        if (file->path.len > 0 && file->fd >= 0)
            (void)close(file->fd);
        file->fd = -1;
    }
    MW_LIST_EACH(node, &c->wants.zones)
        mw_zone_close(MW_OWNER(node, mw_zone, all));
    mw_list_drop(&c->all);
    mw_arena_free(c->arena);
}
