/* log.h - the error log: levels, nginx's line word for word, where it goes, and who says it.
 *
 * A sink is one `error_log` target.  Sinks are owned by a generation; a mw_log is who speaks (a process, a connection,
 * a request) and says so at the end of its lines: "..., client: 1.2.3.4, server: x, request: "GET / HTTP/1.1"".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_LOG_H
#define MW_CORE_LOG_H

#include "core/addr.h"
#include "core/list.h"

typedef enum mw_log_level {
    MW_LOG_STDERR, MW_LOG_EMERG, MW_LOG_ALERT, MW_LOG_CRIT, MW_LOG_ERROR,
    MW_LOG_WARN, MW_LOG_NOTICE, MW_LOG_INFO, MW_LOG_DEBUG
} mw_log_level;

typedef struct mw_log_file {    /* an opened log, shared by all that write to the same path; listed in its generation */
    mw_list  all;               /* in mw_wants.logs */
    mw_str   path;              /* absolute; empty: standard error, fd 2 */
    int      fd;                /* -1: not open (yet) */
    bool     append_failed;     /* a write failed and was said once */
} mw_log_file;

typedef struct mw_syslog {      /* RFC 3164 over UDP or a unix datagram socket */
    mw_addr  to;
    int      fd;                /* -1: not connected; tried again at the next line */
    int      facility, severity;
    mw_str   tag, host;         /* host empty: nohostname */
    bool     lost;              /* the last line could not be sent, and that was said */
} mw_syslog;

typedef struct mw_ring {        /* memory:SIZE; read with a debugger, or by the admin room later */
    char  *at;
    size_t size, next;
} mw_ring;

typedef struct mw_sink {        /* exactly one of file, syslog, ring */
    struct mw_sink *next;
    mw_log_level    level;      /* this and graver ones */
    mw_log_file    *file;
    mw_syslog      *syslog;
    mw_ring        *ring;
} mw_sink;

typedef struct mw_sinks {       /* what one `error_log` list in effect amounts to */
    mw_sink     *first;
    mw_log_level most;          /* the chattiest level of all: nothing beyond it is even formatted */
    bool         debug_all;     /* debug_connection hit: everything up to debug */
} mw_sinks;

typedef struct mw_log {         /* who speaks; embedded in a connection, a request, a process */
    const mw_sinks *sinks;
    uint64_t        serial;     /* of the connection, "*N"; 0: none */
    const char     *doing;      /* "reading client request line", or NULL; said as " while ..." */
    void          (*tell)(const void *who, mw_out *o);      /* appends ", client: ..." ; NULL: nothing */
    const void     *who;
    bool            debug;      /* debug_connection: this one speaks at debug level whatever the sinks say */
} mw_log;

static inline bool mw_log_wants(const mw_log *log, mw_log_level level)
{
    return level <= log->sinks->most || log->debug;
}

/* "2026/11/24 03:44:00 [error] 12#12: *3 TEXT (2: No such file or directory) while DOING, client: ..."; err 0: no
 * parenthesis.  Never fails; at most 2,048 bytes a line. */
void mw_log_line(const mw_log *log, mw_log_level level, int err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#define MW_LOG(log, level, err, ...) \
    (mw_log_wants((log), (level)) ? mw_log_line((log), (level), (err), __VA_ARGS__) : (void)0)

static inline void mw_log_doing(mw_log *log, const char *doing) { log->doing = doing; }

mw_log_level mw_log_level_of(mw_str name);          /* "error"; MW_LOG_STDERR when there is no such level */
const char  *mw_log_level_name(mw_log_level level);

extern const mw_sinks mw_log_stderr;            /* before there is a configuration: everything up to notice, to fd 2 */
bool  mw_log_file_open(mw_log_file *f);             /* O_APPEND|O_CREAT, 0644, close on exec; false: errno */
bool  mw_log_file_reopen(mw_log_file *f);           /* USR1; the old descriptor stays when the new one cannot be had */
/* "syslog:server=...,facility=..."; MW_ERR: *why, in the arena, as nginx says it. */
mw_rc mw_syslog_parse(mw_arena *a, mw_str text, mw_syslog **to, const char **why);
/* One line, prefixed.  NULL, or the call that failed when nobody listens: errno; the line is lost. */
const char *mw_syslog_send(mw_syslog *s, mw_str text);
const char *mw_syslog_send_as(mw_syslog *s, int severity, mw_str text);       /* the same, graver or less than s says */

#endif
