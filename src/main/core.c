/* core.c - the directives outside of all blocks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/core.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config.h"
#include "event/poll.h"
#include "main/build.h"

typedef mw_main_conf   C;
typedef mw_events_conf E;

static const mw_choice debug_points[] = { { "stop", MW_DEBUG_STOP }, { "abort", MW_DEBUG_ABORT }, { NULL, 0 } };

static mw_rc set_user(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_user       *u = field;
    struct passwd *pw;
    struct group  *gr;
    mw_str         group = n->args[n->nargs - 1];

    (void)d;
    if (geteuid() != 0) {
        mw_bind_warn(b, n, "the \"user\" directive makes sense only if the master process runs with super-user "
                           "privileges, ignored");
        return MW_OK;
    }
    u->name = mw_arena_copy(b->arena, n->args[0]);
    errno = 0;
    pw = getpwnam(mw_arena_z(b->arena, n->args[0]));
    if (pw == NULL)
        return mw_bind_error_at(b, n, 0, "getpwnam(\"%.*s\") failed", MW_S(n->args[0]));
    u->uid = pw->pw_uid;
    gr = getgrnam(mw_arena_z(b->arena, group));
    if (gr == NULL)
        return mw_bind_error_at(b, n, n->nargs - 1, "getgrnam(\"%.*s\") failed", MW_S(group));
    u->gid = gr->gr_gid;
    u->written = true;
    return MW_OK;
}

static mw_rc set_rlimit(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_limit *limit = field;
    uint64_t  value = 0;
    bool      fine = d->extra != 0 ? mw_read_size(n->args[0], &value) : mw_str_u64(n->args[0], &value);

    if (!fine || value > INT64_MAX)
        return d->extra != 0 ? mw_bind_invalid(b, n, 0) : mw_bind_error_at(b, n, 0, "\"%.*s\" directive invalid number",
                                                                           MW_S(n->name));
    *limit = (mw_limit){ value, true };
    return MW_OK;
}

static mw_rc set_priority(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_str   text = n->args[0];
    bool     minus = mw_str_char(text, 0) == '-';
    uint64_t value = 0;

    (void)d;
    if (minus || mw_str_char(text, 0) == '+')
        text = mw_str_drop(text, 1);
    if (!mw_str_u64(text, &value) || value > 1000)
        return mw_bind_error_at(b, n, 0, "\"%.*s\" directive invalid number", MW_S(n->name));
    *(int64_t *)field = minus ? -(int64_t)value : (int64_t)value;
    return MW_OK;
}

static mw_rc set_env(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    *MW_PUSH(b->arena, (mw_array *)field, mw_str) = mw_arena_copy(b->arena, n->args[0]);
    return MW_OK;
}

static bool pool_number(mw_str word, const char *name, uint32_t *to, bool *known)
{
    uint64_t n = 0;

    if (!mw_str_starts(word, mw_str_of(name)))
        return true;
    *known = true;
    if (!mw_str_u64(mw_str_drop(word, strlen(name)), &n) || n > UINT32_MAX)
        return false;
    *to = (uint32_t)n;
    return true;
}

static mw_rc set_thread_pool(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_array       *pools = field;
    mw_thread_pool *pool;

    (void)d;
    for (size_t i = 0; i < pools->n; i++)
        if (mw_str_eq(MW_ITEM(pools, mw_thread_pool, i).name, n->args[0]))
            return mw_bind_error_at(b, n, 0, "duplicate thread pool \"%.*s\"", MW_S(n->args[0]));
    pool = MW_PUSH(b->arena, pools, mw_thread_pool);
    *pool = (mw_thread_pool){ mw_arena_copy(b->arena, n->args[0]), 0, 65536 };
    for (unsigned i = 1; i < n->nargs; i++) {
        bool known = false;

        if (!pool_number(n->args[i], "threads=", &pool->threads, &known) || (known && pool->threads == 0))
            return mw_bind_error_at(b, n, i, "invalid threads value \"%.*s\"", MW_S(n->args[i]));
        if (!known && !pool_number(n->args[i], "max_queue=", &pool->waiting, &known))
            return mw_bind_error_at(b, n, i, "invalid max_queue value \"%.*s\"", MW_S(n->args[i]));
        if (!known)
            return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(n->args[i]));
    }
    return MW_OK;
}

/* nginx's modules are files; ours are all built in, or not there at all. */
static mw_rc load_module(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_str name = n->args[0];
    size_t slash = mw_str_rindex(name, '/');

    (void)d;
    (void)field;
    if (slash < name.len)
        name = mw_str_drop(name, slash + 1);
    if (mw_str_starts(name, MW_STR("ngx_")))
        name = mw_str_drop(name, 4);
    if (mw_str_ends(name, MW_STR(".so")))
        name = mw_str_take(name, name.len - 3);
    if (mw_build_has(b->modules, name))
        return mw_diag_add(b->diag, MW_LOG_NOTICE, &n->pos, "module \"%.*s\" is built in", MW_S(name)), MW_OK;
    mw_bind_warn(b, n, "module \"%.*s\" is not in this build, its directives are unknown", MW_S(name));
    return MW_OK;
}

static mw_rc not_here(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    (void)field;
    return mw_bind_error(b, n, "\"%.*s\" is not in this build", MW_S(n->name));
}

static mw_rc default_user(mw_bind *b, C *c)
{
    struct passwd *pw;
    struct group  *gr;

    if (geteuid() != 0 || c->user.written)
        return MW_OK;
    c->user.name = mw_str_of(MW_USER);
    pw = getpwnam(MW_USER);
    if (pw == NULL)
        return mw_bind_error(b, NULL, "getpwnam(\"" MW_USER "\") failed");
    c->user.uid = pw->pw_uid;
    gr = getgrnam(MW_GROUP);
    if (gr == NULL)
        return mw_bind_error(b, NULL, "getgrnam(\"" MW_GROUP "\") failed");
    c->user.gid = gr->gr_gid;
    return MW_OK;
}

/* Without an error_log: errors, to the file that was open before there was a configuration. */
static const mw_sinks *default_errors(mw_bind *b)
{
    mw_sinks *sinks = MW_NEW(b->arena, mw_sinks);
    mw_sink  *sink = MW_NEW(b->arena, mw_sink);
    mw_str    path = mw_bind_path(b, mw_str_of(MW_ERROR_LOG_PATH));

    for (const mw_sink *s = b->errors != NULL ? b->errors->first : NULL; s != NULL; s = s->next)
        if (s->file != NULL) path = s->file->path;
    *sink = (mw_sink){ .level = MW_LOG_ERROR, .file = mw_wants_log(b->wants, b->arena, path) };
    *sinks = (mw_sinks){ .first = sink, .most = MW_LOG_ERROR };
    return sinks;
}

static mw_rc main_ready(mw_bind *b, const mw_level *level, void *conf)
{
    C *c = conf;

    if (level->where != IN_MAIN)
        return MW_OK;
    if (c->errors == NULL)
        c->errors = default_errors(b);
    b->errors = c->errors;
    return default_user(b, c);
}

static bool has_pool(const C *c, mw_str name)
{
    for (size_t i = 0; i < c->pools.n; i++)
        if (mw_str_eq(MW_ITEM(&c->pools, mw_thread_pool, i).name, name))
            return true;
    return mw_str_eq(name, MW_STR("default"));
}

static mw_rc main_finish(mw_bind *b)
{
    C *c = mw_bind_conf(b, b->top, &mw_main_module);

    MW_LIST_EACH(node, &b->wants->pools) {
        const mw_want_pool *want = MW_OWNER(node, mw_want_pool, all);

        if (!has_pool(c, want->name))
            return mw_bind_error(b, want->node, "unknown thread pool \"%.*s\"", MW_S(want->name));
    }

    for (size_t i = 0; i < c->pools.n; i++) {
        const mw_thread_pool *pool = &MW_ITEM(&c->pools, mw_thread_pool, i);

        if (pool->threads == 0 && !mw_str_eq(pool->name, MW_STR("default")))
            return mw_bind_error(b, NULL, "unknown thread pool \"%.*s\"", MW_S(pool->name));
    }
    return MW_OK;
}

static mw_rc set_use(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    if (!mw_str_eq(n->args[0], mw_str_of(mw_epoll.name)))
        return mw_bind_error_at(b, n, 0, "invalid event type \"%.*s\"", MW_S(n->args[0]));
    *(mw_str *)field = mw_str_of(mw_epoll.name);
    return MW_OK;
}

static mw_rc set_debug_connection(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_array   *list = field;
    mw_cidr     cidr;
    mw_addr    *found = NULL;
    size_t      many = 0;
    const char *why = NULL;

    (void)d;
    switch (mw_cidr_parse(n->args[0], &cidr)) {
    case MW_CIDR_LOW_BITS:
        mw_bind_warn(b, n, "low address bits of %.*s are meaningless", MW_S(n->args[0]));
        *MW_PUSH(b->arena, list, mw_cidr) = cidr;
        return MW_OK;
    case MW_CIDR_FINE:
        *MW_PUSH(b->arena, list, mw_cidr) = cidr;
        return MW_OK;
    case MW_CIDR_BAD:
        break;
    }
    if (mw_addr_lookup(b->arena, n->args[0], 0, &found, &many, &why) != MW_OK)
        return mw_bind_error_at(b, n, 0, "%s in debug_connection \"%.*s\"", why, MW_S(n->args[0]));
    for (size_t i = 0; i < many; i++) {
        mw_cidr *one = MW_PUSH(b->arena, list, mw_cidr);

        one->family = found[i].family;
        one->bits = found[i].family == MW_IPV4 ? 32 : 128;
        memcpy(one->ip, found[i].ip, sizeof one->ip);
    }
    return MW_OK;
}

static const mw_directive main_directives[] = {
    { "daemon", IN_MAIN, 1, 1, MW_FIELD(C, daemon), .otherwise = "on", .help = "goes to the background" },
    { "master_process", IN_MAIN, 1, 1, MW_FIELD(C, master_process), .otherwise = "on",
      .help = "starts workers; off: one process does all, for development" },
    { "worker_processes", IN_MAIN, 1, 1, MW_FIELD_BY(C, workers, mw_set_workers), .otherwise = "1",
      .help = "number of workers; auto: one for each processor" },
    { "worker_cpu_affinity", IN_MAIN, 1, MANY, MW_FIELD_BY(C, affinity, mw_set_affinity),
      .help = "binds workers to processors: a mask for each worker, or auto [mask]" },
    { "worker_priority", IN_MAIN, 1, 1, MW_FIELD_BY(C, priority, set_priority), .otherwise = "0",
      .help = "scheduling priority of workers, as nice(1)" },
    { "worker_rlimit_core", IN_MAIN, 1, 1, MW_FIELD_BY(C, rlimit_core, set_rlimit), .extra = 1,
      .help = "largest core file of a worker" },
    { "worker_rlimit_nofile", IN_MAIN, 1, 1, MW_FIELD_BY(C, rlimit_nofile, set_rlimit),
      .help = "most open descriptors of a worker" },
    { "worker_shutdown_timeout", IN_MAIN, 1, 1, MW_FIELD(C, shutdown_timeout), .otherwise = "0",
      .help = "a worker that shuts down gracefully ends after this time; 0: never" },
    { "user", IN_MAIN, 1, 2, MW_FIELD_BY(C, user, set_user), .help = "user and group of the workers" },
    { "pid", IN_MAIN, 1, 1, MW_FIELD_BY(C, pid, mw_set_path), .help = "file with the master's process number" },
    { "lock_file", IN_MAIN, 1, 1, MW_FIELD_BY(C, lock_file, mw_set_path), .help = "accepted: locks need no file" },
    { "working_directory", IN_MAIN, 1, 1, MW_FIELD(C, working_directory), .help = "current directory of workers" },
    { "env", IN_MAIN, 1, 1, MW_FIELD_BY(C, env, set_env), .repeat = true,
      .help = "keeps or sets a variable of the environment" },
    { "error_log", IN_MAIN, 1, 2, MW_FIELD_BY(C, errors, mw_set_error_log), .repeat = true,
      .help = "where errors are logged, and from which level on" },
    { "load_module", IN_MAIN, 1, 1, .set = load_module, .repeat = true, .help = "accepted: all there is is built in" },
    { "thread_pool", IN_MAIN, 2, 3, MW_FIELD_BY(C, pools, set_thread_pool), .repeat = true,
      .help = "threads that read files" },
    { "pcre_jit", IN_MAIN, 1, 1, MW_FIELD(C, pcre_jit), .otherwise = "off",
      .help = "accepted: regular expressions are always compiled" },
    { "timer_resolution", IN_MAIN, 1, 1, MW_FIELD(C, timer_resolution),
      .help = "accepted: the clock is read once a turn" },
    { "debug_points", IN_MAIN, 1, 1, MW_CHOICE(C, debug_points, debug_points),
      .help = "stops or aborts a worker that SIGWINCH has ended; a broken invariant always aborts" },
    { "ssl_engine", IN_MAIN, 1, 1, .set = mw_set_ignored, .help = "accepted: there are no engines" },
    { "ssl_object_cache_inheritable", IN_MAIN, 1, 1, MW_FIELD(C, ssl_object_cache_inheritable), .otherwise = "on",
      .help = "keeps certificates and keys over a reload" },
    { "events", IN_MAIN, 0, 0, .block = IN_EVENTS, .help = "how connections are processed" },
    { "stream", IN_MAIN, 0, 0, .set = not_here, .block = MW_RAW, .help = "not in this build" },
    { "mail", IN_MAIN, 0, 0, .set = not_here, .block = MW_RAW, .help = "not in this build" },
    { 0 }
};

static const mw_directive events_directives[] = {
    { "worker_connections", IN_EVENTS, 1, 1, MW_FIELD(E, connections), .otherwise = "512",
      .help = "most connections of a worker, those to backends included" },
    { "use", IN_EVENTS, 1, 1, MW_FIELD_BY(E, use, set_use), .help = "epoll" },
    { "multi_accept", IN_EVENTS, 1, 1, MW_FIELD(E, multi_accept), .otherwise = "off",
      .help = "accepts all waiting connections at once" },
    { "accept_mutex", IN_EVENTS, 1, 1, MW_FIELD(E, accept_mutex), .otherwise = "off",
      .help = "accepted: workers take no turns" },
    { "accept_mutex_delay", IN_EVENTS, 1, 1, MW_FIELD(E, accept_mutex_delay), .otherwise = "500ms",
        .help = "accepted" },
    { "epoll_events", IN_EVENTS, 1, 1, MW_FIELD(E, epoll_events), .otherwise = "512",
      .help = "accepted: up to 512 events are taken at once" },
    { "worker_aio_requests", IN_EVENTS, 1, 1, MW_FIELD(E, aio_requests), .otherwise = "32", .help = "accepted" },
    { "debug_connection", IN_EVENTS, 1, 1, MW_FIELD_BY(E, debug, set_debug_connection), .repeat = true,
      .help = "clients whose connections are logged with debug lines" },
    { 0 }
};

const mw_module mw_main_module = {
    .name = "main", .directives = main_directives, .conf_size = sizeof(C), .ready = main_ready, .finish = main_finish,
};
const mw_module mw_events_module = {
    .name = "events", .directives = events_directives, .conf_size = sizeof(E),
};
