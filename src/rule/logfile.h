/* logfile.h - access logs: buffered per worker, flushed at the end of a calm turn, by size or time in a busy one;
 * compressed; to syslog; with variables in the path.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_LOGFILE_H
#define MW_RULE_LOGFILE_H

#include "conf/wants.h"
#include "core/press.h"
#include "event/worker.h"
#include "rule/expr.h"

typedef struct mw_logfile {     /* one target of one access_log; const but for `file->fd` */
    mw_log_file *file;          /* NULL: syslog, or a path with variables */
    mw_syslog   *syslog;
    mw_expr     *path;          /* with variables: opened when written, through open_log_file_cache */
    uint64_t     buffer;        /* bytes; 0: the house's own gathering (64 KB, flushed each calm turn, at most 1 s) */
    uint64_t     flush_ms;
    int          gzip;          /* level, 0: no */
    bool         fresh;         /* path: open_log_file_cache is off here, it is opened for every line */
    unsigned     number;        /* of the process' buffers: unique among all logfiles of a generation */
} mw_logfile;

typedef struct mw_logs mw_logs;         /* a worker's buffers, by number */
mw_logs *mw_logs_new(mw_worker *w, unsigned count);
void     mw_logs_write(mw_logs *l, const mw_logfile *f, mw_scope *s, mw_str line);     /* newline is added */
/* The same in place: room for a line of up to `most` bytes in the buffer; then mw_logs_wrote.  For files without
 * path variables. */
mw_out   mw_logs_pen(mw_logs *l, const mw_logfile *f, size_t most);
void     mw_logs_wrote(mw_logs *l, const mw_logfile *f, const mw_out *o);
void     mw_logs_flush(mw_logs *l);                     /* at reopen, drain and end */
/* open_log_file_cache */
void     mw_logs_cache(mw_logs *l, unsigned max, uint64_t inactive_ms, uint64_t valid_ms, unsigned min_uses);
void     mw_logs_free(mw_logs *l);                      /* flushes first */

#endif
