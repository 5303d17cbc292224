/* startup.c - who speaks before the server runs: to the log, and, as long as somebody waits at a terminal, to him too.
 *
 * nginx says the same thing in two forms: with time and process in the log, with its own name at the terminal.  The
 * second one is made of the first: lines are gathered in a ring, and told at the end of each phase.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/startup.h"

#include <errno.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"
#include "core/scan.h"

enum { GATHERED = 65536 };

static char gathered[GATHERED];

void mw_say(const char *format, ...)
{
    char    room[8192];
    mw_out  o = mw_out_on(room, sizeof room);
    va_list args;

    va_start(args, format);
    mw_out_vfmt(&o, format, args);
    va_end(args);
    (void)mw_write_all(STDERR_FILENO, mw_out_done(&o));
}

void mw_startup_begin(mw_startup *s, const char *program, mw_str path)
{
    *s = (mw_startup){ .program = program, .file = { .path = path, .fd = -1 } };
    mw_list_init(&s->file.all);
    s->ring = (mw_ring){ gathered, sizeof gathered, 0 };
    s->to_terminal = (mw_sink){ .level = MW_LOG_WARN, .ring = &s->ring };
    s->to_file = (mw_sink){ .level = MW_LOG_NOTICE, .file = &s->file };
    s->to_terminal.next = &s->to_file;
    s->early = (mw_sinks){ .first = path.len > 0 ? &s->to_terminal : &s->to_file, .most = MW_LOG_NOTICE };
    s->log = (mw_log){ .sinks = &s->early };
    if (!mw_log_file_open(&s->file))
        mw_say("%s: [alert] could not open error log file: open() \"%.*s\" failed (%d: %s)\n", program, MW_S(path),
               errno, mw_error_text(errno));
}

void mw_startup_follow(mw_startup *s, const mw_sinks *sinks)
{
    s->to_terminal.next = sinks->first;
    for (const mw_sink *sink = sinks->first; sink != NULL; sink = sink->next)
        if (sink->file != NULL && sink->file->path.len == 0)
            s->to_terminal.level = MW_LOG_STDERR;       /* they have standard error themselves */
    s->later = (mw_sinks){ .first = &s->to_terminal, .debug_all = sinks->debug_all };
    s->later.most = sinks->most > MW_LOG_WARN ? sinks->most : MW_LOG_WARN;
    s->log.sinks = &s->later;
}

/* "2026/11/24 03:44:00 [error] 12#12: TEXT" to "[error] TEXT" */
static void tell_line(const char *program, mw_str line)
{
    mw_scan scan = { line };
    mw_str  before, level;

    if (!mw_scan_until(&scan, '[', &before) || !mw_scan_until(&scan, ']', &level)
        || !mw_scan_until(&scan, ':', &before))
        return;
    mw_say("%s: [%.*s]%.*s\n", program, MW_S(level), MW_S(scan.left));
}

void mw_startup_end(mw_startup *s)
{
    if (s->file.path.len > 0 && s->file.fd >= 0)
        (void)close(s->file.fd);
    s->file.fd = -1;
}

void mw_startup_tell(mw_startup *s)
{
    mw_str left = { s->ring.at, s->ring.next }, line;

    while (mw_str_cut(left, '\n', &line, &left))
        tell_line(s->program, line);
    s->ring.next = 0;
}
