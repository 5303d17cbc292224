/* single.c - master_process off: one process does all, for development.
 *
 * Its reload is an exec of itself: when the new configuration is fine, what is under way is finished, and the program
 * begins anew, under the same number and with the same sockets.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "main/master.h"
#include "main/notify.h"
#include "main/outcome.h"
#include "main/process.h"
#include "main/upgrade.h"
#include "main/worker.h"

typedef struct single { const mw_reign *reign; mw_log log; uint64_t attempt; bool again; } single;

static void write_outcome(const single *s, mw_stage stage, mw_str why)
{
    const mw_outcome o = { getpid(), s->attempt, stage, why };
    mw_arena        *scratch = mw_arena_new(4096);

    mw_outcome_write(scratch, s->reign->cycle->main->pid, &o);
    mw_arena_free(scratch);
}

static void serves(void *owner)
{
    const single *s = owner;

    write_outcome(s, MW_STAGE_SERVES, MW_STR(""));
    mw_notify("READY=1");
}

static bool reload(void *owner)
{
    single   *s = owner;
    mw_cycle *c = mw_cycle_read(&s->reign->origin, &s->log, true);
    mw_arena *scratch = mw_arena_new(4096);
    mw_str    why = mw_cycle_why(c, scratch);

    s->attempt++;
    mw_notify_reloading();
    MW_LOG(&s->log, MW_LOG_NOTICE, 0, "reconfiguring");
    mw_cycle_say(c, &s->log);
    s->again = c->diag.errors == 0 && mw_cycle_verify(c, &s->log, true) == MW_OK;
    if (!s->again) {
        write_outcome(s, MW_STAGE_FAILED, why.len > 0 ? why : MW_STR("[emerg] see the error log"));
        mw_notify("READY=1");
    }
    mw_arena_free(scratch);
    mw_cycle_free(c);
    return s->again;
}

int mw_single_run(const mw_reign *reign)
{
    single         s = { .reign = reign, .attempt = reign->attempt, .log = { .sinks = reign->cycle->main->errors } };
    const mw_birth birth = { .cycle = reign->cycle, .slot = 1, .channel = -1, .counters = mw_counters_open(),
                             .serves = serves, .reload = reload, .owner = &s };
    mw_arena      *scratch = reign->cycle->arena;
    int            code;

    if (birth.counters == NULL) {
        MW_LOG(&s.log, MW_LOG_EMERG, errno, "mmap() failed");
        return 1;
    }
    mw_process_title(mw_arena_z(scratch, mw_arena_fmt(scratch, "%.*s", MW_S(mw_process_command(scratch)))));
    code = mw_worker_run(&birth);
    if (code == 0 && s.again)
        mw_upgrade_again(reign->cycle, s.attempt, &s.log);     /* comes back only when it failed */
    mw_notify("STOPPING=1");
    mw_cycle_close_sockets(reign->cycle, NULL, true);
    (void)remove(mw_arena_z(scratch, reign->cycle->main->pid));
    mw_outcome_remove(scratch, reign->cycle->main->pid);
    return code;
}
