/* children.c - the processes of a master: birth, orders, death, and what the dead leave behind.
 *
 * A worker that dies is born again at once; from its third quick death in a row on, a second after its last birth, so
 * that a fault that kills at once does not take the machine with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/children.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "main/process.h"
#include "main/worker.h"

enum { QUICK_MS = 1000, QUICK_MOST = 3 };

static unsigned take_slot(mw_crew *f)
{
    for (unsigned i = 1; i < MW_SLOTS; i++)
        if (!f->slots[i]) {
            f->slots[i] = true;
            return i;
        }
    return 0;
}

static void heard(mw_channel *channel, const mw_message *m)
{
    mw_child *c = channel->owner;

    if (m->fd >= 0)
        (void)close(m->fd);
    if (m->order != MW_ORDER_READY || c->ready)
        return;
    c->ready = true;
    c->crew->ready(c);
}

static void gone(mw_channel *channel)
{
    mw_channel_close(channel, ((mw_child *)channel->owner)->crew->loop);     /* SIGCHLD tells the rest */
}

/* In the child: nothing of the master's, nor of other generations. */
static void part_from_master(mw_crew *f, const mw_child *self)
{
    MW_LIST_EACH(node, &f->children) {
        const mw_child *other = MW_OWNER(node, mw_child, all);

        if (other != self && other->pid != 0 && other->channel.watch.fd >= 0)
            (void)close(other->channel.watch.fd);
    }
    mw_signals_leave(f->signals);
    mw_loop_free(f->loop);
    MW_LIST_EACH(node, f->cycles) {
        mw_cycle *c = MW_OWNER(node, mw_cycle, all);

        if (c == self->cycle)
            continue;
        mw_cycle_close_sockets(c, self->cycle, false);
        mw_cycle_free(c);
    }
}

static _Noreturn void live(mw_crew *f, mw_child *c, int channel)
{
    const mw_birth birth = { .cycle = c->cycle, .number = c->number, .slot = c->slot, .channel = channel,
                             .counters = f->counters };
    extern char  **environ;
    int            code;

    part_from_master(f, c);
    environ = mw_process_environ(c->cycle->arena, c->cycle->main, NULL, 0);
    mw_process_title("worker process");
    code = mw_worker_run(&birth);
    if (code != 0)
        _exit(code);                    /* half of it stands; nothing is to be tidied */
    exit(0);
}

static void give_birth(mw_child *c)
{
    mw_crew *f = c->crew;
    int        fds[2];
    pid_t      pid;

    c->ready = c->told = false;
    c->born = mw_loop_now(f->loop);
    c->again = 0;
    c->slot = take_slot(f);
    if (c->slot == 0 || mw_channel_pair(fds) != MW_OK) {
        MW_LOG(f->log, MW_LOG_ALERT, c->slot != 0 ? errno : 0, "cannot start another worker process");
        return;
    }
    pid = fork();
    if (pid == 0) {
        (void)close(fds[0]);
        live(f, c, fds[1]);
    }
    (void)close(fds[1]);
    if (pid < 0) {
        MW_LOG(f->log, MW_LOG_ALERT, errno, "fork() failed while spawning \"worker process\"");
        (void)close(fds[0]);
        f->slots[c->slot] = false;
        return;
    }
    MW_LOG(f->log, MW_LOG_NOTICE, 0, "start worker process %d", (int)pid);
    c->pid = pid;
    c->cycle->users++;
    c->channel = (mw_channel){ .heard = heard, .gone = gone, .owner = c };
    if (mw_channel_listen(&c->channel, f->loop, fds[0]) != MW_OK)
        MW_LOG(f->log, MW_LOG_ALERT, errno, "cannot listen to worker process %d", (int)pid);
}

static void plan_births(mw_crew *f)
{
    uint64_t next = UINT64_MAX;

    MW_LIST_EACH(node, &f->children) {
        const mw_child *c = MW_OWNER(node, mw_child, all);

        if (c->pid == 0 && c->again < next)
            next = c->again;
    }
    if (next == UINT64_MAX)
        mw_timer_stop(f->loop, &f->births);
    else
        mw_timer_set(f->loop, &f->births, next > 0 ? next : 1);
}

static void births_due(void *owner)
{
    mw_crew *f = owner;

    MW_LIST_EACH(node, &f->children) {
        mw_child *c = MW_OWNER(node, mw_child, all);

        if (c->pid != 0 || c->again > mw_loop_now(f->loop))
            continue;
        give_birth(c);
        if (c->pid == 0)                /* no memory, no processes: later */
            c->again = mw_loop_now(f->loop) + QUICK_MS;
    }
    plan_births(f);
}

void mw_crew_begin(mw_crew *f)
{
    mw_list_init(&f->children);
    mw_timer_init(&f->births, births_due, f);
}

void mw_crew_populate(mw_crew *f, mw_cycle *c)
{
    for (unsigned i = 0; i < c->main->workers; i++) {
        mw_child *child = mw_alloc(sizeof *child);

        child->crew = f;
        child->cycle = c;
        child->number = i;
        child->channel.watch.fd = -1;
        mw_list_add(&f->children, &child->all);
    }
    births_due(f);
}

mw_child *mw_crew_find(mw_crew *f, pid_t pid)
{
    MW_LIST_EACH(node, &f->children) {
        mw_child *c = MW_OWNER(node, mw_child, all);

        if (c->pid == pid)
            return c;
    }
    return NULL;
}

void mw_status_say(mw_log *log, const char *what, pid_t pid, int status)
{
    if (WIFSIGNALED(status))
        MW_LOG(log, MW_LOG_ALERT, 0, "%s %d exited on signal %d%s", what, (int)pid, WTERMSIG(status),
               WCOREDUMP(status) ? " (core dumped)" : "");
    else
        MW_LOG(log, MW_LOG_NOTICE, 0, "%s %d exited with code %d", what, (int)pid, WEXITSTATUS(status));
}

/* What it held in shared memory is taken back: locks mend themselves, the rest by name of its slot. */
static void settle_estate(mw_crew *f, const mw_child *c)
{
    mw_counters_bury(f->counters, (int)c->pid);
    MW_LIST_EACH(node, &c->cycle->wants.zones) {
        mw_zone *zone = MW_OWNER(node, mw_zone, all);

        if (zone->kind->left == NULL)
            continue;
        mw_zone_lock(zone);
        zone->kind->left(zone, mw_zone_root(zone), c->slot);
        mw_zone_unlock(zone);
    }
}

static void discard(mw_child *c)
{
    mw_list_drop(&c->all);
    mw_free(c);
}

void mw_crew_bury(mw_crew *f, mw_child *c, int status, bool born_again)
{
    bool fatal = WIFEXITED(status) && WEXITSTATUS(status) == MW_EXIT_FATAL;

    mw_status_say(f->log, "worker process", c->pid, status);
    if (fatal && born_again && !c->told)
        MW_LOG(f->log, MW_LOG_ALERT, 0, "worker process %d exited with fatal code %d and cannot be respawned",
               (int)c->pid,
               WEXITSTATUS(status));
    settle_estate(f, c);
    mw_channel_close(&c->channel, f->loop);
    f->slots[c->slot] = false;
    c->cycle->users--;
    c->pid = 0;
    if (!born_again || c->told || fatal) {
        discard(c);
        return;
    }
    c->quick = mw_loop_now(f->loop) - c->born < QUICK_MS ? c->quick + 1 : 0;
    c->again = c->quick < QUICK_MOST ? 1 : c->born + QUICK_MS;
    births_due(f);
}

static void tell_one(mw_child *c, mw_order order)
{
    const mw_message m = { .order = order, .slot = c->slot, .pid = (int32_t)c->pid, .fd = -1 };

    c->told = true;
    if (c->channel.watch.fd >= 0 && mw_channel_send(c->channel.watch.fd, &m) == MW_OK)
        return;
    (void)kill(c->pid, order == MW_ORDER_QUIT ? SIGQUIT : SIGTERM);
}

void mw_crew_tell(mw_crew *f, const mw_cycle *only, mw_order order)
{
    MW_LIST_EACH(node, &f->children) {
        mw_child *c = MW_OWNER(node, mw_child, all);

        if (only != NULL && c->cycle != only)
            continue;
        if (c->pid == 0)
            discard(c);
        else
            tell_one(c, order);
    }
    plan_births(f);
}

/* A worker may not be allowed to open what the master may. */
static void hand_logs(mw_child *c)
{
    mw_message m = { .order = MW_ORDER_REOPEN, .pid = (int32_t)c->pid };

    MW_LIST_EACH(node, &c->cycle->wants.logs) {
        const mw_log_file *file = MW_OWNER(node, mw_log_file, all);

        m.fd = file->path.len > 0 ? file->fd : -1;
        if (mw_channel_send(c->channel.watch.fd, &m) != MW_OK) {
            (void)kill(c->pid, SIGUSR1);
            return;
        }
        m.slot++;
    }
}

void mw_crew_reopen(mw_crew *f)
{
    MW_LIST_EACH(node, &f->children) {
        mw_child *c = MW_OWNER(node, mw_child, all);

        if (c->pid != 0 && c->channel.watch.fd >= 0)
            hand_logs(c);
    }
}

unsigned mw_crew_count(const mw_crew *f, const mw_cycle *only)
{
    unsigned n = 0;

    MW_LIST_EACH(node, &f->children) {
        const mw_child *c = MW_OWNER(node, mw_child, all);

        n += c->pid != 0 && (only == NULL || c->cycle == only) ? 1 : 0;
    }
    return n;
}

bool mw_crew_ready(const mw_crew *f, const mw_cycle *cycle)
{
    MW_LIST_EACH(node, &f->children) {
        const mw_child *c = MW_OWNER(node, mw_child, all);

        if (c->cycle == cycle && !c->ready)
            return false;
    }
    return true;
}

void mw_crew_forget(mw_crew *f, const mw_cycle *cycle)
{
    MW_LIST_EACH(node, &f->children) {
        mw_child *c = MW_OWNER(node, mw_child, all);

        if (c->cycle == cycle && c->pid == 0)
            discard(c);
    }
    plan_births(f);
}

void mw_crew_kill(mw_crew *f, int number)
{
    MW_LIST_EACH(node, &f->children) {
        const mw_child *c = MW_OWNER(node, mw_child, all);

        if (c->pid != 0)
            (void)kill(c->pid, number);
    }
}
