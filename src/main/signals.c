/* signals.c - signals as events of a loop, and who sent them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

typedef struct named { int number; const char *name; } named;
static const named heard[] = {
    { SIGHUP, "SIGHUP" }, { SIGUSR1, "SIGUSR1" }, { SIGUSR2, "SIGUSR2" }, { SIGWINCH, "SIGWINCH" },
    { SIGTERM, "SIGTERM" },
    { SIGQUIT, "SIGQUIT" }, { SIGINT, "SIGINT" }, { SIGCHLD, "SIGCHLD" }, { SIGALRM, "SIGALRM" }, { SIGIO, "SIGIO" },
};
enum { HEARD = sizeof heard / sizeof *heard };

static sigset_t all_heard(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < HEARD; i++)
        sigaddset(&set, heard[i].number);
    return set;
}

static void hear(mw_watch *w, unsigned ready)
{
    mw_signals             *s = MW_OWNER(w, mw_signals, watch);
    struct signalfd_siginfo info;

    (void)ready;
    while (w->fd >= 0 && read(w->fd, &info, sizeof info) == (ssize_t)sizeof info)
        s->came(s, (int)info.ssi_signo, (pid_t)info.ssi_pid);
}

void mw_signals_hold(void)
{
    sigset_t set = all_heard();

    (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

mw_rc mw_signals_begin(mw_signals *s, mw_loop *l)
{
    sigset_t set = all_heard();

    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return MW_ERR;
    s->watch = (mw_watch){ .event = hear };
    s->watch.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return s->watch.fd >= 0 ? mw_loop_watch(l, &s->watch, true) : MW_ERR;
}

void mw_signals_leave(mw_signals *s)
{
    if (s->watch.fd >= 0)
        (void)close(s->watch.fd);
    s->watch.fd = -1;
}

void mw_signals_restore(void)
{
    sigset_t set = all_heard();

    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

const char *mw_signals_name(int number)
{
    for (size_t i = 0; i < HEARD; i++)
        if (heard[i].number == number) return heard[i].name;
    return "SIG?";
}
