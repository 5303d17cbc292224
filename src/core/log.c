/* log.c - the error log: levels, the line, and the files and rings it goes to.  Syslog is syslog.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/error.h"
#include "core/file.h"

enum { LINE = 2048, ERROR_ROOM = 64 };      /* of a line, its newline included; of it, kept for "(errno: text)" */

static const char names[][8] = { "stderr", "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug" };

static mw_log_file stderr_file = { .all = { &stderr_file.all, &stderr_file.all }, .fd = STDERR_FILENO };
static mw_sink     stderr_sink = { .level = MW_LOG_NOTICE, .file = &stderr_file };

const mw_sinks mw_log_stderr = { .first = &stderr_sink, .most = MW_LOG_NOTICE };

/* "2026/11/24 03:44:00 [error] 12#12: *3 " */
static void say_who(mw_out *o, const mw_log *log, mw_log_level level)
{
    mw_out_str(o, (mw_str){ mw_clock_here()->error, sizeof(((mw_clock *)NULL)->error) - 1 });
    mw_out_str(o, MW_STR(" ["));
    mw_out_str(o, mw_str_of(names[level]));
    mw_out_str(o, MW_STR("] "));
    mw_out_i64(o, getpid());
    mw_out_char(o, '#');
    mw_out_i64(o, gettid());
    mw_out_str(o, MW_STR(": "));
    if (log->serial != 0) {
        mw_out_char(o, '*');
        mw_out_u64(o, log->serial);
        mw_out_char(o, ' ');
    }
}

static void say_error(mw_out *o, int err)
{
    mw_out_str(o, MW_STR(" ("));
    mw_out_i64(o, err);
    mw_out_str(o, MW_STR(": "));
    mw_out_str(o, mw_str_of(mw_error_text(err)));
    mw_out_char(o, ')');
}

/* A text too long leaves room for the reason. */
static void say_text(mw_out *o, int err, const char *format, va_list args)
{
    const size_t room = o->room;

    if (err == 0) {
        mw_out_vfmt(o, format, args);
        return;
    }
    o->room = room - ERROR_ROOM;
    mw_out_vfmt(o, format, args);
    if (o->cut) {
        o->len -= 3;
        o->cut = false;
        mw_out_str(o, MW_STR("..."));
    }
    o->room = room;
    say_error(o, err);
}

static void write_file(mw_log_file *f, mw_str line)
{
    const mw_log here = { .sinks = &mw_log_stderr };
    bool         last = f->path.len == 0;
    int          fd   = last ? STDERR_FILENO : f->fd;
    ssize_t      n;

    if (fd < 0)
        return;
    do
        n = write(fd, line.at, line.len);
    while (n < 0 && errno == EINTR);
    if (n < 0 && !last && !f->append_failed)
        mw_log_line(&here, MW_LOG_CRIT, errno, "write() to \"%.*s\" failed", MW_S(f->path));
    f->append_failed = n < 0;
}

static void write_ring(mw_ring *r, mw_str line)
{
    size_t first;

    line = mw_str_take(line, r->size);
    first = line.len < r->size - r->next ? line.len : r->size - r->next;
    memcpy(&r->at[r->next], line.at, first);
    memcpy(r->at, mw_str_drop(line, first).at, line.len - first);
    r->next += line.len;
    if (r->next >= r->size)
        r->next -= r->size;
}

/* `line` ends in a newline; syslog has its own ways to end one. */
static void write_sink(const mw_sink *s, mw_log_level level, mw_str line)
{
    if (s->file != NULL)
        write_file(s->file, line);
    else if (s->syslog != NULL)
        (void)mw_syslog_send_as(s->syslog, level > MW_LOG_EMERG ? (int)level - 1 : 0, mw_str_take(line, line.len - 1));
    else if (s->ring != NULL && s->ring->size > 0)
        write_ring(s->ring, line);
}

void mw_log_line(const mw_log *log, mw_log_level level, int err, const char *format, ...)
{
    const bool     all = level <= MW_LOG_DEBUG && (log->debug || log->sinks->debug_all);
    const int      kept = errno;
    char           text[LINE];
    mw_out         o = mw_out_on(text, sizeof text - 1);
    const mw_sink *s;
    va_list        args;

    say_who(&o, log, level);
    va_start(args, format);
    say_text(&o, err, format, args);
    va_end(args);
    if (log->doing != NULL) {
        mw_out_str(&o, MW_STR(" while "));
        mw_out_str(&o, mw_str_of(log->doing));
    }
    if (log->tell != NULL)
        log->tell(log->who, &o);
    text[o.len++] = '\n';
    for (s = log->sinks->first; s != NULL; s = s->next)
        if (level <= s->level || all)
            write_sink(s, level, mw_out_done(&o));
    errno = kept;
}

mw_log_level mw_log_level_of(mw_str name)
{
    int i;

    for (i = MW_LOG_EMERG; i <= MW_LOG_DEBUG; i++)
        if (mw_str_eq(name, mw_str_of(names[i])))
            return (mw_log_level)i;
    return MW_LOG_STDERR;
}

const char *mw_log_level_name(mw_log_level level)
{
    return names[level];
}

static int open_file(const mw_log_file *f)
{
    return mw_open(f->path, O_WRONLY | O_APPEND | O_CREAT, 0644);
}

bool mw_log_file_open(mw_log_file *f)
{
    if (f->path.len == 0)
        f->fd = STDERR_FILENO;
    else if (f->fd < 0)
        f->fd = open_file(f);
    return f->fd >= 0;
}

bool mw_log_file_reopen(mw_log_file *f)
{
    int fd;

    if (f->path.len == 0)
        return true;
    fd = open_file(f);
    if (fd < 0)
        return false;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = fd;
    f->append_failed = false;
    return true;
}
