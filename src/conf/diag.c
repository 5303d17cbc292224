/* diag.c - what is wrong with a configuration: gathering it, finding the nearest name, printing it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/diag.h"

#include <errno.h>
#include <unistd.h>

enum {
    TEXT_MOST  = 2048,          /* bytes of one message */
    NAME_MOST  = 64,            /* longer names are not compared */
    LINE_SHOWN = 100            /* columns of a line that are shown */
};

void mw_diag_init(mw_diag *d, mw_arena *a)
{
    *d = (mw_diag){ .arena = a };
    d->tail = &d->first;
}

/* A file that is included twice has its faults twice. */
static bool said_before(const mw_diag *d, const mw_pos *pos, mw_str text)
{
    for (const mw_diag_line *line = d->first; pos != NULL && pos->file != NULL && line != NULL; line = line->next)
        if (line->pos.file == pos->file && line->pos.line == pos->line && line->pos.column == pos->column &&
            mw_str_eq(line->text, text))
            return true;
    return false;
}

static bool is_room(mw_diag *d, mw_log_level level)
{
    if (level <= MW_LOG_EMERG)
        return ++d->errors <= MW_DIAG_MOST;
    if (level <= MW_LOG_WARN)
        d->warnings++;
    else
        d->notices++;
    return d->warnings + d->notices <= MW_DIAG_MOST;
}

mw_rc mw_diag_vadd(mw_diag *d, mw_log_level level, const mw_pos *pos, const char *format, va_list args)
{
    char          room[TEXT_MOST];
    mw_out        o = mw_out_on(room, sizeof room);
    mw_diag_line *line;

    d->last = NULL;
    mw_out_vfmt(&o, format, args);
    if (said_before(d, pos, mw_out_done(&o)) || !is_room(d, level))
        return MW_ERR;
    line = MW_NEW(d->arena, mw_diag_line);
    line->level = level;
    line->text = mw_arena_copy(d->arena, mw_out_done(&o));
    if (pos != NULL)
        line->pos = *pos;
    *d->tail = d->last = line;
    d->tail = &line->next;
    return MW_ERR;
}

mw_rc mw_diag_add(mw_diag *d, mw_log_level level, const mw_pos *pos, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)mw_diag_vadd(d, level, pos, format, args);
    va_end(args);
    return MW_ERR;
}

void mw_diag_named_line(mw_diag *d, uint32_t line)
{
    if (d->last != NULL)
        d->last->line = line;
}

void mw_diag_hint(mw_diag *d, const char *format, ...)
{
    char    room[TEXT_MOST];
    mw_out  o = mw_out_on(room, sizeof room);
    va_list args;

    if (d->last == NULL)
        return;
    va_start(args, format);
    mw_out_vfmt(&o, format, args);
    va_end(args);
    d->last->hint = mw_arena_copy(d->arena, mw_out_done(&o));
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, changes, and swaps of neighbours (Damerau 1964). */
static unsigned distance(mw_str a, mw_str b)
{
    unsigned rows[3][NAME_MOST + 1];
    unsigned *before = rows[0], *last = rows[1], *here = rows[2], *spare;

    for (unsigned j = 0; j <= b.len; j++)
        last[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        here[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            here[j] = least(least(last[j], here[j - 1]) + 1, last[j - 1] + (a.at[i - 1] != b.at[j - 1]));
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                here[j] = least(here[j], before[j - 2] + 1);
        }
        spare = before;
        before = last;
        last = here;
        here = spare;
    }
    return last[b.len];
}

const char *mw_diag_nearest(mw_str written, const char *const *names, size_t n)
{
    const char *best = NULL;
    unsigned    most = (unsigned)(written.len / 3), far;
    mw_str      name;

    if (written.len > NAME_MOST)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        name = mw_str_of(names[i]);
        if (name.len > NAME_MOST || name.len > written.len + most || written.len > name.len + most)
            continue;
        far = distance(written, name);
        if (far <= most && (best == NULL || far < most)) {
            best = names[i];
            most = far;
        }
    }
    return best;
}

/* " in FILE:LINE"; a parameter has no lines. */
static void say_place(mw_out *o, const mw_diag_line *line)
{
    if (line->pos.file == NULL)
        return;
    mw_out_fmt(o, " in %.*s", MW_S(line->pos.file->path));
    if (!mw_str_eq(line->pos.file->path, MW_STR("command line")))
        mw_out_fmt(o, ":%u", line->line != 0 ? line->line : line->pos.line);
}

static mw_str nth_line(mw_str text, uint32_t n)
{
    mw_str line = MW_STR(""), rest = text;

    while (n-- > 0)
        (void)mw_str_cut(rest, '\n', &line, &rest);
    return line;
}

static bool continues_char(char c)              /* a byte of a UTF-8 character that is not its first */
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The line as it stands there - a part around the caret when it is long - and the caret below it. */
static void say_detail(mw_out *o, const mw_diag_line *line)
{
    mw_str all = nth_line(line->pos.file->bytes, line->pos.line), shown;
    size_t caret = line->pos.column > 0 ? line->pos.column - 1 : 0;
    size_t from = caret > LINE_SHOWN * 3 / 4 ? caret - LINE_SHOWN / 2 : 0;
    char   number[16];
    mw_out n = mw_out_on(number, sizeof number);

    while (from > 0 && continues_char(mw_str_char(all, from)))
        from--;
    shown = mw_str_part(all, from, from + LINE_SHOWN);
    mw_out_u64(&n, line->pos.line);
    mw_out_fmt(o, "  %.*s | ", MW_S(mw_out_done(&n)));
    for (size_t i = 0; i < shown.len; i++)
        if (shown.at[i] == '\t' || (unsigned char)shown.at[i] >= ' ')
            mw_out_char(o, shown.at[i]);
        else
            mw_out_char(o, shown.at[i] == '\r' ? ' ' : '?');
    mw_out_fmt(o, "\n  %*s | ", (int)n.len, "");
    for (size_t i = 0; from + i < caret && i < shown.len; i++)
        if (!continues_char(shown.at[i]))
            mw_out_char(o, shown.at[i] == '\t' ? '\t' : ' ');
    mw_out_char(o, '^');
    if (line->hint.len > 0)
        mw_out_fmt(o, " %.*s", MW_S(line->hint));
    mw_out_char(o, '\n');
}

static void say_line(mw_out *o, const mw_diag_line *line, const char *program, bool detail)
{
    mw_out_fmt(o, "%s: [%s] %.*s", program, mw_log_level_name(line->level), MW_S(line->text));
    say_place(o, line);
    mw_out_char(o, '\n');
    if (!detail)
        return;
    if (line->pos.file != NULL)
        say_detail(o, line);
    else if (line->hint.len > 0)
        mw_out_fmt(o, "  %.*s\n", MW_S(line->hint));
}

static void write_out(const mw_out *o)
{
    mw_str  left = mw_out_done(o);
    ssize_t n;

    while (left.len > 0) {
        n = write(STDERR_FILENO, left.at, left.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        left = mw_str_drop(left, (size_t)n);
    }
}

void mw_diag_print(const mw_diag *d, const char *program, bool detail, const mw_log *log)
{
    char   room[3 * TEXT_MOST + 4096];          /* a message, its hint, a path, the line and the spaces below it */
    mw_out o;

    for (const mw_diag_line *line = d->first; line != NULL; line = line->next) {
        o = mw_out_on(room, sizeof room);
        say_line(&o, line, program, detail);
        write_out(&o);
        if (log != NULL) {
            o = mw_out_on(room, sizeof room);
            mw_out_str(&o, line->text);
            say_place(&o, line);
            MW_LOG(log, line->level, 0, "%.*s", MW_S(mw_out_done(&o)));
        }
    }
    if (d->errors > MW_DIAG_MOST) {
        o = mw_out_on(room, sizeof room);
        mw_out_fmt(&o, "%s: [emerg] and %u more errors\n", program, d->errors - MW_DIAG_MOST);
        write_out(&o);
    }
}
