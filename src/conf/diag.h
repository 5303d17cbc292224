/* diag.h - what is wrong with a configuration: nginx's words and place, then the line itself with a caret, and the
 * nearest
 * known name.  Errors are collected, not thrown: the reader goes on to find the next one.
 *
 *     miwidothttp: [emerg] unknown directive "proxy_passs" in /etc/x.conf:14
 *       14 |     location / { proxy_passs http://a; }
 *          |                  ^ did you mean "proxy_pass"?
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_DIAG_H
#define MW_CONF_DIAG_H

#include "conf/node.h"
#include "core/log.h"

typedef struct mw_diag_line {
    struct mw_diag_line *next;
    mw_log_level         level;     /* EMERG: the configuration cannot be used; WARN, NOTICE */
    mw_pos               pos;       /* file NULL: no place */
    mw_str               text;      /* without level and place: 'unknown directive "x"' */
    mw_str               hint;      /* 'did you mean "x"?' or empty */
    uint32_t             line;      /* what nginx names, where it is not the line of the place; 0: that of the place */
} mw_diag_line;

typedef struct mw_diag {
    mw_arena     *arena;
    mw_diag_line *first, **tail;
    mw_diag_line *last;             /* NULL: none yet, or the last one was not kept */
    unsigned      errors, warnings, notices;
} mw_diag;

/* errors kept, and so many others; beyond that one line says how many more errors */
enum { MW_DIAG_MOST = 50 };

void mw_diag_init(mw_diag *d, mw_arena *a);
/* Adds a line.  pos may be NULL.  What was said before of the same place is not said again (a file included twice).
 * Always answers MW_ERR, so that a setter can return it. */
mw_rc mw_diag_add(mw_diag *d, mw_log_level level, const mw_pos *pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
mw_rc mw_diag_vadd(mw_diag *d, mw_log_level level, const mw_pos *pos, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));
/* for the last line: FILE:LINE says this one, the detail shows the place */
void mw_diag_named_line(mw_diag *d, uint32_t line);
void mw_diag_hint(mw_diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));  /* for the last line */
/* The nearest of n names to what was written (Damerau-Levenshtein, at most a third of the length); NULL: none is
 * near. */
const char *mw_diag_nearest(mw_str written, const char *const *names, size_t n);
/* Prints all lines to fd 2 as PROGRAM: [level] TEXT in FILE:LINE and, where detail, the line, caret and hint; and each
 * to the log without detail, as nginx does, when log is not NULL. */
void mw_diag_print(const mw_diag *d, const char *program, bool detail, const mw_log *log);

#endif
