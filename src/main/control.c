/* control.c - speaks to a running master: a signal, and for a reload a look at how it went.
 *
 * The attempt is noted before the signal is sent.  One that was under way then was begun after we were called, so it
 * has read what we want to be read: the first outcome with a higher number is ours.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/control.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "core/file.h"
#include "main/outcome.h"
#include "main/startup.h"

enum { PID_MOST = 4096, POLL_MS = 20, POLLS = 60 * 1000 / POLL_MS };

typedef struct order { const char *word; int number; } order;
static const order orders[] = {
    { "stop", SIGTERM }, { "quit", SIGQUIT }, { "reopen", SIGUSR1 }, { "reload", SIGHUP },
};

static int number_of(mw_str word)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (mw_str_eq(word, mw_str_of(orders[i].word))) return orders[i].number;
    return 0;
}

static bool read_pid(mw_arena *a, mw_str path, pid_t *pid, mw_log *log)
{
    mw_str   text;
    uint64_t n = 0;

    if (mw_file_read_all(a, path, PID_MOST, &text) != MW_OK) {
        MW_LOG(log, MW_LOG_ERROR, errno, "open() \"%.*s\" failed", MW_S(path));
        return false;
    }
    while (text.len > 0 && (mw_str_ends(text, MW_STR("\n")) || mw_str_ends(text, MW_STR("\r"))))
        text = mw_str_take(text, text.len - 1);
    if (mw_str_u64(text, &n) && n > 0 && n <= INT32_MAX) {
        *pid = (pid_t)n;
        return true;
    }
    MW_LOG(log, MW_LOG_ERROR, 0, "invalid PID number \"%.*s\" in \"%.*s\"", MW_S(text), MW_S(path));
    return false;
}

static int wait_for(const char *program, mw_str pid_path, const mw_outcome *before)
{
    static const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

    for (unsigned i = 0; i < POLLS; i++) {
        mw_arena  *a = mw_arena_new(2048);
        mw_outcome now;
        bool       over = mw_outcome_read(a, pid_path, &now) && now.master == before->master
                       && now.attempt > before->attempt && now.stage != MW_STAGE_BUSY;
        bool       fine = over && now.stage == MW_STAGE_SERVES;

        if (over && !fine)
            mw_say("%s: %.*s\n%s: the server goes on with its old configuration\n", program, MW_S(now.why), program);
        mw_arena_free(a);
        if (over)
            return fine ? 0 : 1;
        if (kill(before->master, 0) != 0 && errno == ESRCH) {
            mw_say("%s: the master process %d ended\n", program, (int)before->master);
            return 1;
        }
        (void)nanosleep(&pause, NULL);
    }
    mw_say("%s: the server did not say how the reload went, see its error log\n", program);
    return 1;
}

int mw_control(const char *program, mw_str pid_path, mw_str word, bool wait, mw_log *log)
{
    mw_arena  *a = mw_arena_new(2048);
    int        number = number_of(word), code = 1;
    pid_t      pid;
    mw_outcome before;

    MW_LOG(log, MW_LOG_NOTICE, 0, "signal process started");
    if (read_pid(a, pid_path, &pid, log)) {
        bool tells = number == SIGHUP && wait && mw_outcome_read(a, pid_path, &before) && before.master == pid;

        if (kill(pid, number) != 0)
            MW_LOG(log, MW_LOG_ALERT, errno, "kill(%d, %d) failed", (int)pid, number);
        else
            code = tells ? wait_for(program, pid_path, &before) : 0;
    }
    mw_arena_free(a);
    return code;
}
