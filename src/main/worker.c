/* worker.c - the process that serves: what it gives up, what it starts, and how it goes.
 *
 * It goes at once (SIGTERM, SIGINT), or gracefully (SIGQUIT): then it takes what waits at its sockets, closes them,
 * tells all that hold something to let go, closes soon after what is idle, and ends with its last connection.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/pool.h"
#include "event/channel.h"
#include "event/listener.h"
#include "event/thread.h"
#include "event/worker.h"
#include "http/h1/serve.h"
#include "main/modules.h"
#include "main/privilege.h"
#include "main/process.h"
#include "main/signals.h"

#define BODIES  (UINT64_C(64) << 20)            /* of files in memory, over all workers */
#define SERIALS UINT64_C(1000000000000)         /* connections of one worker, before its numbers are the next one's */
enum {
    ENTRIES = 16384, ENTRIES_LEAST = 1024, ARENA = 4096, THREADS = 32, THREADS_WAITING = 65536, FULL_SAID_MS = 1000,
    GRACE_MS = 1000,
    RUSH = 512, TIDY_MS = 2000
};
#define BODIES_LEAST (UINT64_C(1) << 20)

typedef struct gate { mw_listener listener; void (*accepted)(mw_listener *l, int fd, const mw_addr *peer); } gate;

typedef struct office {         /* the worker, and what only its process knows */
    mw_worker       worker;
    const mw_birth *birth;
    mw_channel      channel;
    mw_signals      signals;
    mw_bell         empty;      /* the last connection may be gone */
    mw_timer        late;       /* worker_shutdown_timeout */
    mw_timer        grace;      /* of those who may be about to ask */
    mw_timer        tidy;       /* after a rush */
    uint32_t        peak;       /* connections at once, since the last time */
    uint64_t        full_said;
    bool            full, done, replaced;
    bool            debugged;   /* SIGWINCH: debug_points has its way at the end */
} office;

static office *office_of(mw_worker *w) { return MW_OWNER(w, office, worker); }

static mw_rc set_affinity(const mw_main_conf *conf, unsigned number, mw_log *log)
{
    mw_cpus        room;
    const mw_cpus *cpus = mw_affinity_of(&conf->affinity, number, &room);
    cpu_set_t      system;

    if (cpus == NULL)
        return MW_OK;
    CPU_ZERO(&system);
    for (unsigned i = 0; i < CPU_SETSIZE; i++)
        if (mw_cpus_has(cpus, i)) {
            CPU_SET(i, &system);
            MW_LOG(log, MW_LOG_NOTICE, 0, "sched_setaffinity(): using cpu #%u", i);
        }
    if (sched_setaffinity(0, sizeof system, &system) != 0)
        MW_LOG(log, MW_LOG_ALERT, errno, "sched_setaffinity() failed");
    return MW_OK;
}

/* From the master's rights to a worker's. */
static mw_rc settle(office *o)
{
    const mw_main_conf *conf = o->birth->cycle->main;
    mw_worker          *w = &o->worker;

    mw_privilege_limits(conf, &w->log);
    if (mw_privilege_drop(&conf->user, o->birth->cycle->wants.net_raw, &w->log) != MW_OK
        || set_affinity(conf, w->number, &w->log) != MW_OK)
        return MW_ERR;
    /* A core file, although the user was changed. */
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
        MW_LOG(&w->log, MW_LOG_ALERT, errno, "prctl(PR_SET_DUMPABLE) failed");
    if (conf->working_directory.len > 0 && chdir(mw_arena_z(w->arena, conf->working_directory)) != 0) {
        MW_LOG(&w->log, MW_LOG_ALERT, errno, "chdir(\"%.*s\") failed", MW_S(conf->working_directory));
        return MW_ERR;
    }
    return MW_OK;
}

static void pause_all(mw_worker *w)
{
    MW_LIST_EACH(node, &w->listeners)
        mw_listener_pause(MW_OWNER(node, mw_listener, link));
}

static void resume_all(mw_worker *w)
{
    MW_LIST_EACH(node, &w->listeners)
        mw_listener_resume(MW_OWNER(node, mw_listener, link));
}

/* Full: what comes now waits in the socket's backlog, where another worker may take it. */
static void let_in(mw_listener *l, int fd, const mw_addr *peer)
{
    gate      *g = MW_OWNER(l, gate, listener);
    mw_worker *w = l->loop->worker;
    office    *o = office_of(w);

    g->accepted(l, fd, peer);
    if (w->connections > o->peak)
        o->peak = w->connections;
    if (w->connections < w->most || o->full || w->leaving)
        return;
    o->full = true;
    pause_all(w);
    if (mw_loop_now(w->loop) >= o->full_said) {
        MW_LOG(&w->log, MW_LOG_WARN, 0, "%u worker_connections are not enough", w->most);
        o->full_said = mw_loop_now(w->loop) + FULL_SAID_MS;
    }
}

/* A rush is over: three of four that were here at once have gone. */
static bool is_calm(const office *o) { return o->peak >= RUSH && o->worker.connections < o->peak / 4; }

/* What it took goes back to the system. */
static void tidy(void *owner)
{
    office *o = owner;

    if (!is_calm(o))
        return;
    mw_pools_drain();
    mw_alloc_trim();
    o->peak = o->worker.connections;
}

static void freed(mw_worker *w)
{
    office *o = office_of(w);

    if (is_calm(o) && !mw_timer_is_set(&o->tidy))
        mw_timer_set(w->loop, &o->tidy, mw_loop_now(w->loop) + TIDY_MS);
    if (o->full && w->connections < w->most) {
        o->full = false;
        resume_all(w);
    }
    if (w->leaving && w->connections == 0)
        mw_bell_ring(&o->empty);
}

static void look_if_empty(void *owner)
{
    office *o = owner;

    if (o->worker.leaving && o->worker.connections == 0)
        o->done = true;
}

static void too_late(void *owner)
{
    ((office *)owner)->done = true;
}

static void close_listeners(mw_worker *w)
{
    MW_LIST_EACH(node, &w->listeners) {
        mw_listener *l = MW_OWNER(node, mw_listener, link);

        mw_listener_drain(l);
        mw_listener_stop(l, office_of(w)->birth->channel >= 0);     /* a single process hands them on */
        mw_list_drop(&l->link);
    }
}

static void leave(office *o)
{
    mw_worker *w = &o->worker;
    uint64_t   patience = o->birth->cycle->main->shutdown_timeout.ms;

    if (w->leaving)
        return;
    MW_LOG(&w->log, MW_LOG_NOTICE, 0, "gracefully shutting down");
    mw_process_title("worker process is shutting down");
    w->leaving = true;
    close_listeners(w);
    MW_LIST_EACH(node, &w->leavers) {
        mw_leaver *l = MW_OWNER(node, mw_leaver, link);

        l->leave(l);
    }
    mw_timer_set(w->loop, &o->grace, mw_loop_now(w->loop) + MW_LEAVING_MS);
    if (patience > 0)
        mw_timer_set(w->loop, &o->late, mw_loop_now(w->loop) + patience);
    mw_bell_ring(&o->empty);
}

static void tell_reopeners(mw_worker *w)
{
    MW_LIST_EACH(node, &w->reopeners) {
        mw_leaver *l = MW_OWNER(node, mw_leaver, link);

        l->leave(l);
    }
}

static void reopen_by_name(office *o)
{
    mw_worker *w = &o->worker;

    tell_reopeners(w);
    MW_LOG(&w->log, MW_LOG_NOTICE, 0, "reopening logs");
    mw_cycle_reopen(o->birth->cycle, &w->log);
    mw_process_take_stderr(o->birth->cycle->main->errors);
}

/* The number-th log has been opened for us, by who may.  Its descriptor keeps its number: it may be in use elsewhere.
 */
static void reopen_given(office *o, unsigned number, int fd)
{
    mw_worker *w = &o->worker;
    unsigned   i = 0;

    if (number == 0) {
        tell_reopeners(w);
        MW_LOG(&w->log, MW_LOG_NOTICE, 0, "reopening logs");
    }
    MW_LIST_EACH(node, &o->birth->cycle->wants.logs) {
        mw_log_file *file = MW_OWNER(node, mw_log_file, all);

        if (i++ != number || fd < 0 || file->fd < 0)
            continue;
        (void)dup3(fd, file->fd, O_CLOEXEC);
        file->append_failed = false;
    }
    if (fd >= 0)
        (void)close(fd);
    mw_process_take_stderr(o->birth->cycle->main->errors);
}

static void ordered(mw_channel *c, const mw_message *m)
{
    office *o = c->owner;

    switch ((mw_order)m->order) {
    case MW_ORDER_QUIT:
        leave(o);
        return;
    case MW_ORDER_TERMINATE:
        o->done = true;
        return;
    case MW_ORDER_REOPEN:
        reopen_given(o, m->slot, m->fd);
        return;
    case MW_ORDER_READY:
        break;
    }
    if (m->fd >= 0)
        (void)close(m->fd);
}

/* The master is dead.  Whoever comes next wants our sockets, but our clients want us: as in nginx, we stay. */
static void orphaned(mw_channel *c)
{
    mw_channel_close(c, ((office *)c->owner)->worker.loop);
}

static void signalled(mw_signals *s, int number, pid_t from)
{
    office     *o = s->owner;
    mw_log     *log = &o->worker.log;
    const char *name = mw_signals_name(number);

    switch (number) {
    case SIGTERM:
    case SIGINT:
        MW_LOG(log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d, exiting", number, name, (int)from);
        o->done = true;
        return;
    case SIGWINCH:
        /* A terminal sends it when its window changes: only in the background it can be meant for us. */
        if (!o->birth->cycle->main->daemon || o->birth->channel < 0) {
            MW_LOG(log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d", number, name, (int)from);
            return;
        }
        o->debugged = true;
        MW_LOG(log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d, shutting down", number, name, (int)from);
        leave(o);
        return;
    case SIGQUIT:
        MW_LOG(log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d, shutting down", number, name, (int)from);
        leave(o);
        return;
    case SIGUSR1:
        MW_LOG(log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d, reopening logs", number, name, (int)from);
        reopen_by_name(o);
        return;
    case SIGHUP:
        if (o->birth->reload == NULL)
            break;
        MW_LOG(log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d, reconfiguring", number, name, (int)from);
        o->replaced = o->birth->reload(o->birth->owner);
        if (o->replaced)
            leave(o);
        return;
    case SIGUSR2:
        break;
    default:
        return;
    }
    MW_LOG(log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d, ignoring", number, name, (int)from);
}

static mw_rc listen_on(office *o, const mw_listen *want, int fd)
{
    mw_worker *w = &o->worker;
    gate      *g = MW_NEW(w->arena, gate);

    g->accepted = want->accepted;
    g->listener = (mw_listener){ .addr = want->addr, .door = want->door, .accepted = let_in, .log = &w->log,
                                 .many = o->birth->cycle->events->multi_accept };
    mw_list_init(&g->listener.link);
    if (mw_listener_start(&g->listener, w->loop, fd) != MW_OK) {
        MW_LOG(&w->log, MW_LOG_EMERG, errno, "epoll_ctl(1, %d) failed", fd);
        return MW_ERR;
    }
    mw_list_add(&w->listeners, &g->listener.link);
    return MW_OK;
}

/* With reuseport every socket has one worker, and no socket is left without; otherwise all listen on all. */
static mw_rc open_gates(office *o)
{
    const mw_cycle *c = o->birth->cycle;
    unsigned        workers = o->birth->channel >= 0 ? c->main->workers : 1;

    MW_LIST_EACH(node, &c->wants.listens) {
        const mw_listen *want = MW_OWNER(node, mw_listen, all);

        for (unsigned i = 0; i < want->nfds; i++) {
            if (want->options.reuseport && i % workers != o->worker.number % workers)
                (void)close(want->fds[i]);
            else if (listen_on(o, want, want->fds[i]) != MW_OK)
                return MW_ERR;
        }
    }
    return MW_OK;
}

static mw_named_threads *make_pools(const office *o)
{
    const mw_array *written = &o->birth->cycle->main->pools;
    mw_array        pools = { 0 };

    for (size_t i = 0; i < written->n; i++) {
        const mw_thread_pool *p = &MW_ITEM(written, mw_thread_pool, i);

        *MW_PUSH(o->worker.arena, &pools, mw_named_threads) = (mw_named_threads){
            p->name, mw_threads_new(o->worker.loop, p->threads != 0 ? p->threads : THREADS, p->waiting)
        };
    }
    *MW_PUSH(o->worker.arena, &pools, mw_named_threads) = (mw_named_threads){ 0 };
    if (mw_threads_named(pools.items, MW_STR("default")) != NULL)
        return pools.items;
    MW_ITEM(&pools, mw_named_threads, pools.n - 1) = (mw_named_threads){
        MW_STR("default"), mw_threads_new(o->worker.loop, THREADS, THREADS_WAITING)
    };
    *MW_PUSH(o->worker.arena, &pools, mw_named_threads) = (mw_named_threads){ 0 };
    return pools.items;
}

static mw_zone **all_zones(mw_arena *a, const mw_wants *wants)
{
    mw_array zones = { 0 };

    MW_LIST_EACH(node, &wants->zones)
        *MW_PUSH(a, &zones, mw_zone *) = MW_OWNER(node, mw_zone, all);
    *MW_PUSH(a, &zones, mw_zone *) = NULL;
    return zones.items;
}

static uint64_t share_of(uint64_t all, uint64_t least, unsigned workers)
{
    uint64_t share = all / (workers > 0 ? workers : 1);

    return share > least ? share : least;
}

/* Who has just been let in is about to ask. */
static bool is_new(const mw_conn *c, uint64_t now) { return c->requests == 0 && now - c->since < GRACE_MS; }

/* Some time after we left: who asks in a row has asked again by then, and was told that this is the last answer.  The
 * request of a client that is silent for longer may cross our end; that cannot be helped (RFC 9112 9.3.1). */
static void close_idle(void *owner)
{
    office    *o = owner;
    mw_worker *w = &o->worker;
    mw_list    fresh;

    mw_list_init(&fresh);
    MW_LIST_EACH(node, &w->idle)
        if (is_new(MW_OWNER(node, mw_conn, idle), mw_loop_now(w->loop))) {
            mw_list_drop(node);
            mw_list_add(&fresh, node);
        }
    mw_h1_close_idle(w);
    MW_LIST_EACH(node, &fresh) {
        mw_list_drop(node);
        mw_list_add(&w->idle, node);
    }
    if (!mw_list_empty(&w->idle))
        mw_timer_set(w->loop, &o->grace, mw_loop_now(w->loop) + GRACE_MS);
}

static mw_rc furnish(office *o)
{
    mw_worker      *w = &o->worker;
    const mw_cycle *c = o->birth->cycle;
    unsigned        modules = 0;

    while (mw_modules[modules] != NULL)
        modules++;
    w->loop = mw_loop_new(&mw_epoll);
    w->count = mw_counters_claim(o->birth->counters, (int)getpid());
    if (w->loop == NULL || w->count == NULL) {
        MW_LOG(&w->log, MW_LOG_EMERG, w->loop == NULL ? errno : 0, "cannot begin a worker process");
        return MW_ERR;
    }
    w->loop->worker = w;
    w->counters = o->birth->counters;
    w->files = mw_filecache_new(w->loop, share_of(BODIES, BODIES_LEAST, c->main->workers),
                                (unsigned)share_of(ENTRIES, ENTRIES_LEAST, c->main->workers), &w->log);
    w->pools = make_pools(o);
    w->most = c->events->connections;
    w->serial = w->number * SERIALS + 1;
    w->freed = freed;
    w->conf = c->top;
    w->modules = mw_modules;
    w->state = MW_NEWS(w->arena, void *, modules + 1);
    w->zones = all_zones(w->arena, &c->wants);
    w->debug = c->events->debug.items;
    w->ndebug = c->events->debug.n;
    mw_bell_init(&o->empty, w->loop, look_if_empty, o);
    mw_timer_init(&o->late, too_late, o);
    mw_timer_init(&o->tidy, tidy, o);
    mw_timer_init(&o->grace, close_idle, o);
    o->signals = (mw_signals){ .came = signalled, .owner = o };
    o->channel = (mw_channel){ .heard = ordered, .gone = orphaned, .owner = o };
    if (mw_signals_begin(&o->signals, w->loop) == MW_OK
        && (o->birth->channel < 0 || mw_channel_listen(&o->channel, w->loop, o->birth->channel) == MW_OK))
        return MW_OK;
    MW_LOG(&w->log, MW_LOG_EMERG, errno, "cannot hear signals");
    return MW_ERR;
}

static mw_rc start_modules(mw_worker *w)
{
    for (size_t i = 0; mw_modules[i] != NULL; i++)
        if (mw_modules[i]->start != NULL && mw_modules[i]->start(w) != MW_OK)
            return MW_ERR;
    return MW_OK;
}

static void stop_modules(mw_worker *w)
{
    size_t n = 0;

    while (mw_modules[n] != NULL)
        n++;
    while (n-- > 0)
        if (mw_modules[n]->stop != NULL) mw_modules[n]->stop(w);
}

static void say_ready(const office *o)
{
    const mw_message ready = { .order = MW_ORDER_READY, .slot = o->worker.slot, .pid = (int32_t)getpid(), .fd = -1 };

    if (o->birth->channel >= 0)
        (void)mw_channel_send(o->birth->channel, &ready);
    else
        o->birth->serves(o->birth->owner);
}

/* debug_points, asked for by SIGWINCH. */
static void stop_for_debugger(office *o)
{
    MW_LOG(&o->worker.log, MW_LOG_ALERT, 0, "aborting");
    switch ((mw_debug_points)o->birth->cycle->main->debug_points) {
    case MW_DEBUG_STOP:
        (void)raise(SIGSTOP);
        return;
    case MW_DEBUG_ABORT:
        abort();
    case MW_DEBUG_NONE:
        return;
    }
}

/* In peace all is given back, so that a leak is seen; in haste the system takes it. */
static int end(office *o)
{
    mw_worker *w = &o->worker;
    bool       peace = w->connections == 0;

    MW_LOG(&w->log, MW_LOG_NOTICE, 0, "exiting");
    if (o->debugged)
        stop_for_debugger(o);
    stop_modules(w);
    if (!o->replaced)
        MW_LOG(&w->log, MW_LOG_NOTICE, 0, "exit");
    if (!peace && o->birth->channel >= 0)
        _exit(0);
    for (size_t i = 0; w->pools[i].threads != NULL; i++)
        mw_threads_free(w->pools[i].threads);
    mw_filecache_free(w->files);
    mw_signals_leave(&o->signals);
    mw_timer_stop(w->loop, &o->late);
    mw_timer_stop(w->loop, &o->tidy);
    mw_timer_stop(w->loop, &o->grace);
    mw_bell_mute(&o->empty);
    mw_loop_free(w->loop);
    mw_arena_free(w->arena);
    mw_free(o);
    return 0;
}

int mw_worker_run(const mw_birth *birth)
{
    office    *o = mw_alloc(sizeof *o);
    mw_worker *w = &o->worker;

    o->birth = birth;
    w->log = (mw_log){ .sinks = birth->cycle->main->errors };
    w->arena = mw_arena_new(ARENA);
    w->number = birth->number;
    w->slot = birth->slot;
    mw_list_init(&w->idle);
    mw_list_init(&w->leavers);
    mw_list_init(&w->reopeners);
    mw_list_init(&w->listeners);
    if (settle(o) != MW_OK || furnish(o) != MW_OK || start_modules(w) != MW_OK || open_gates(o) != MW_OK)
        return MW_EXIT_FATAL;
    say_ready(o);
    while (!o->done)
        mw_loop_turn(w->loop, -1);
    return end(o);
}
