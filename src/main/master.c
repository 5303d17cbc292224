/* master.c - the process that keeps the others: signals, generations, upgrades.  It parses no byte from the network.
 *
 * A reload reads and opens a whole new generation and starts its workers beside the old ones.  When all of them
 * serve, the old ones are told to go; when one of them cannot, the new ones are, and nothing has changed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/pool.h"
#include "core/must.h"
#include "main/children.h"
#include "main/notify.h"
#include "main/outcome.h"
#include "main/process.h"
#include "main/signals.h"
#include "main/upgrade.h"

enum { PATIENCE_MS = 5000, READY_MS = 20000 };

typedef struct master {
    const mw_reign *reign;
    mw_log          log;
    mw_loop        *loop;
    mw_signals      signals;
    mw_crew         crew;
    mw_list         cycles;     /* mw_cycle.all: the present one first, then those with workers yet, and the next one */
    mw_cycle       *cycle;      /* the one that serves */
    mw_cycle       *next;       /* the one that will, when its workers are ready; NULL */
    mw_timer        slow;       /* workers of `next` that do not come, or the last ones that do not go */
    uint64_t        attempt;    /* reloads so far */
    pid_t           new_binary; /* 0: none */
    bool            again;      /* SIGHUP came while one was under way */
    bool            resting;    /* SIGWINCH: no workers */
    bool            quitting, terminating, closed, done;
} master;

static mw_str why_of_worker = MW_STR_C("[alert] a worker process of the new configuration could not start, "
                                       "see the error log");

static void write_outcome(master *m, mw_stage stage, mw_str why)
{
    const mw_outcome o = { getpid(), m->attempt, stage, why };
    mw_arena        *scratch = mw_arena_new(4096);

    mw_outcome_write(scratch, m->cycle->main->pid, &o);
    mw_arena_free(scratch);
}

static void reload_over(master *m, mw_stage stage, mw_str why);

/* Generations that nobody lives on. */
static void free_unused(master *m)
{
    MW_LIST_EACH(node, &m->cycles) {
        mw_cycle *c = MW_OWNER(node, mw_cycle, all);

        if (c == m->cycle || c == m->next || c->users > 0)
            continue;
        mw_crew_forget(&m->crew, c);
        mw_cycle_free(c);
    }
}

static bool outlived(const master *m)           /* somebody else listens at our sockets' names */
{
    return m->new_binary > 0 || (m->reign->successor && getppid() == m->reign->parent);
}

static void speak_for(master *m, mw_cycle *c)
{
    m->cycle = c;
    m->log.sinks = c->main->errors;
    mw_process_take_stderr(c->main->errors);
}

/* The workers of the next generation serve: it is the present one from now on. */
static void commit(master *m)
{
    mw_cycle *old = m->cycle;

    mw_timer_stop(m->loop, &m->slow);
    if (!mw_str_eq(old->main->pid, m->next->main->pid) && mw_pid_write(m->next->main->pid, &m->log) == MW_OK) {
        mw_outcome_remove(old->arena, old->main->pid);
        (void)remove(mw_arena_z(old->arena, old->main->pid));
    }
    speak_for(m, m->next);
    m->next = NULL;
    mw_cycle_close_sockets(old, m->cycle, !outlived(m));
    mw_crew_tell(&m->crew, old, MW_ORDER_QUIT);
    mw_crew_forget(&m->crew, old);
    free_unused(m);
    mw_pools_drain();
    mw_alloc_trim();
    reload_over(m, MW_STAGE_SERVES, MW_STR(""));
}

/* They cannot: as if nothing had been. */
static void abandon(master *m, mw_str why)
{
    mw_cycle *c = m->next;

    mw_timer_stop(m->loop, &m->slow);
    MW_LOG(&m->log, MW_LOG_EMERG, 0, "the new configuration cannot be used, the old one stays");
    m->next = NULL;
    mw_cycle_close_sockets(c, m->cycle, true);
    mw_crew_tell(&m->crew, c, MW_ORDER_TERMINATE);
    free_unused(m);
    m->resting = m->resting || mw_crew_count(&m->crew, m->cycle) == 0;
    reload_over(m, MW_STAGE_FAILED, why);
}

static mw_cycle *next_cycle(master *m, mw_arena *scratch, mw_str *why)
{
    mw_cycle *c = mw_cycle_read(&m->reign->origin, &m->log, false);

    mw_cycle_say(c, &m->log);
    *why = mw_cycle_why(c, scratch);
    if (c->diag.errors == 0 && mw_cycle_verify(c, &m->log, false) == MW_OK) {
        mw_list_add(&m->cycles, &c->all);
        if (mw_cycle_open(c, m->cycle, NULL, &m->log) == MW_OK)
            return c;
    }
    if (why->len == 0)
        *why = MW_STR("[emerg] what the new configuration wants cannot be opened, see the error log");
    mw_cycle_close_sockets(c, m->cycle, true);
    mw_cycle_free(c);
    return NULL;
}

static void begin_reload(master *m)
{
    mw_arena *scratch = mw_arena_new(4096);
    mw_str    why;

    m->again = false;
    m->attempt++;
    write_outcome(m, MW_STAGE_BUSY, MW_STR(""));
    mw_notify_reloading();
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "reconfiguring");
    m->next = next_cycle(m, scratch, &why);
    if (m->next == NULL)
        reload_over(m, MW_STAGE_FAILED, why);
    mw_arena_free(scratch);
    if (m->next == NULL)
        return;
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "using the \"%s\" event method", mw_epoll.name);
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "start worker processes");
    mw_crew_populate(&m->crew, m->next);
    m->resting = false;
    mw_timer_set(m->loop, &m->slow, mw_loop_now(m->loop) + READY_MS);
}

static void reload_over(master *m, mw_stage stage, mw_str why)
{
    write_outcome(m, stage, why);
    mw_notify("READY=1");
    if (m->again && !m->quitting && !m->terminating)
        begin_reload(m);
}

static void start_workers(master *m)
{
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "start worker processes");
    m->resting = false;
    mw_crew_populate(&m->crew, m->cycle);
}

static void worker_ready(mw_child *c)
{
    master *m = c->crew->owner;

    if (c->cycle == m->next && mw_crew_ready(&m->crew, m->next))
        commit(m);
}

/* Patience ends: with those who do not come, and, much later in life, with those who do not go. */
static void too_slow(void *owner)
{
    master *m = owner;

    if (m->terminating) {
        mw_crew_kill(&m->crew, SIGKILL);
        mw_timer_set(m->loop, &m->slow, mw_loop_now(m->loop) + PATIENCE_MS);
    } else if (m->next != NULL)
        abandon(m, why_of_worker);
}

static void new_binary_ended(master *m, int status)
{
    mw_status_say(&m->log, "new binary process", m->new_binary, status);
    m->new_binary = 0;
    mw_upgrade_roll_back(m->cycle, &m->log);
    write_outcome(m, MW_STAGE_SERVES, MW_STR(""));      /* the new one had its own in that place */
    mw_notify("MAINPID=%d", (int)getpid());
    if (m->resting && !m->quitting && !m->terminating)
        start_workers(m);
}

static void reap(master *m)
{
    int   status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        mw_child *c = mw_crew_find(&m->crew, pid);

        if (pid == m->new_binary)
            new_binary_ended(m, status);
        if (c == NULL)
            continue;
        if (c->cycle == m->next && !c->ready && !m->quitting && !m->terminating) {
            mw_crew_bury(&m->crew, c, status, false);
            abandon(m, why_of_worker);
            continue;
        }
        mw_crew_bury(&m->crew, c, status, !m->quitting && !m->terminating &&
                     (c->cycle == m->cycle || c->cycle == m->next));
    }
    free_unused(m);
    if ((m->quitting || m->terminating) && mw_crew_count(&m->crew, NULL) == 0)
        m->done = true;
}

static void close_doors(master *m)
{
    if (m->closed)
        return;
    m->closed = true;
    if (m->next != NULL)
        mw_cycle_close_sockets(m->next, m->cycle, !outlived(m));
    mw_cycle_close_sockets(m->cycle, NULL, !outlived(m));
}

/* The service ends, unless somebody goes on with it: who came after us, or who came before us and is still there. */
static void notify_end(const master *m)
{
    if (m->new_binary > 0)
        mw_notify("MAINPID=%d", (int)m->new_binary);
    else if (outlived(m))
        mw_notify("MAINPID=%d", (int)m->reign->parent);
    else
        mw_notify("STOPPING=1");
}

static void go(master *m, bool at_once)
{
    if (!m->quitting && !m->terminating)
        notify_end(m);
    if (at_once) {
        m->terminating = true;
        mw_crew_tell(&m->crew, NULL, MW_ORDER_TERMINATE);
        mw_timer_set(m->loop, &m->slow, mw_loop_now(m->loop) + PATIENCE_MS);
    } else {
        m->quitting = true;
        mw_crew_tell(&m->crew, NULL, MW_ORDER_QUIT);
        close_doors(m);
    }
    if (mw_crew_count(&m->crew, NULL) == 0)
        m->done = true;
}

static void reload(master *m)
{
    if (m->quitting || m->terminating)
        return;
    if (m->new_binary > 0)
        start_workers(m);               /* the upgrade is called off: as we were, without reading anything anew */
    else if (m->next != NULL)
        m->again = true;
    else
        begin_reload(m);
}

static void reopen(master *m)
{
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "reopening logs");
    MW_LIST_EACH(node, &m->cycles)
        mw_cycle_reopen(MW_OWNER(node, mw_cycle, all), &m->log);
    mw_process_take_stderr(m->cycle->main->errors);
    mw_crew_reopen(&m->crew);
}

static void upgrade(master *m)
{
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "changing binary");
    m->new_binary = mw_upgrade_begin(m->cycle, &m->log);
}

static void rest(master *m)
{
    if (m->quitting || m->terminating)
        return;
    m->resting = true;
    mw_crew_tell(&m->crew, NULL, MW_ORDER_QUIT);
}

/* A terminal sends SIGWINCH when its window changes: as in nginx, that is not for us. */
static bool at_terminal(const master *m)
{
    int fd = m->reign->daemon ? -1 : open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return false;
    (void)close(fd);
    return true;
}

/* What to do, and how the log says it; NULL: nothing to be said.  *act NULL: nothing to do. */
static const char *meaning(const master *m, int number, void (**act)(master *))
{
    *act = NULL;
    switch (number) {
    case SIGHUP:
        *act = reload;
        return ", reconfiguring";
    case SIGUSR1:
        *act = reopen;
        return ", reopening logs";
    case SIGUSR2:
        if (m->new_binary > 0 || m->next != NULL || m->quitting || m->terminating
            || (m->reign->successor && getppid() == m->reign->parent))
            return ", ignoring";
        *act = upgrade;
        return ", changing binary";
    case SIGWINCH:
        if (at_terminal(m))
            return "";
        *act = rest;
        return ", stop accepting connections";
    case SIGCHLD:
        *act = reap;
        return "";
    default:
        return "";
    }
}

static void signalled(mw_signals *s, int number, pid_t from)
{
    master     *m = s->owner;
    const char *name = mw_signals_name(number), *action;
    void      (*act)(master *);

    if (number == SIGTERM || number == SIGINT || number == SIGQUIT) {
        MW_LOG(&m->log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d, %s", number, name, (int)from,
               number == SIGQUIT ? "shutting down" : "exiting");
        go(m, number != SIGQUIT);
        return;
    }
    action = meaning(m, number, &act);
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "signal %d (%s) received from %d%s", number, name, (int)from, action);
    if (act != NULL)
        act(m);
}

static mw_rc begin(master *m, const mw_reign *reign)
{
    m->reign = reign;
    m->cycle = reign->cycle;
    m->log.sinks = m->cycle->main->errors;
    mw_list_init(&m->cycles);
    mw_list_add(&m->cycles, &m->cycle->all);
    m->loop = mw_loop_new(&mw_epoll);
    m->crew = (mw_crew){ .loop = m->loop, .signals = &m->signals, .log = &m->log, .cycles = &m->cycles,
                         .counters = mw_counters_open(), .ready = worker_ready, .owner = m };
    m->signals = (mw_signals){ .came = signalled, .owner = m };
    if (m->loop == NULL || m->crew.counters == NULL || mw_signals_begin(&m->signals, m->loop) != MW_OK) {
        MW_LOG(&m->log, MW_LOG_EMERG, errno, "cannot begin the master process");
        return MW_ERR;
    }
    mw_crew_begin(&m->crew);
    mw_timer_init(&m->slow, too_slow, m);
    return MW_OK;
}

static void set_title(mw_arena *a)
{
    mw_process_title(mw_arena_z(a, mw_arena_fmt(a, "master process %.*s", MW_S(mw_process_command(a)))));
}

static void end(master *m)
{
    mw_signals_leave(&m->signals);
    mw_timer_stop(m->loop, &m->slow);
    mw_timer_stop(m->loop, &m->crew.births);
    mw_loop_free(m->loop);
    MW_LIST_EACH(node, &m->cycles)
        mw_cycle_free(MW_OWNER(node, mw_cycle, all));
    mw_free(m);
}

int mw_master_run(const mw_reign *reign)
{
    master   *m = mw_alloc(sizeof *m);
    mw_arena *scratch = mw_arena_new(4096);
    mw_str    pid;

    if (begin(m, reign) != MW_OK)
        return 1;
    set_title(scratch);
    start_workers(m);
    write_outcome(m, MW_STAGE_SERVES, MW_STR(""));
    if (reign->successor)
        mw_notify("MAINPID=%d\nREADY=1", (int)getpid());
    else
        mw_notify("READY=1");
    while (!m->done)
        mw_loop_turn(m->loop, -1);
    close_doors(m);
    pid = m->new_binary > 0 ? mw_old_pid_path(scratch, m->cycle->main->pid) : m->cycle->main->pid;
    (void)remove(mw_arena_z(scratch, pid));
    mw_outcome_remove(scratch, m->cycle->main->pid);
    MW_LOG(&m->log, MW_LOG_NOTICE, 0, "exit");
    mw_arena_free(scratch);
    end(m);
    return 0;
}
