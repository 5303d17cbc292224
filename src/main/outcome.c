/* outcome.c - how reloads went, in a small file beside the pid file: "PID ATTEMPT WORD WHY", replaced whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/outcome.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/file.h"
#include "core/scan.h"

enum { MOST = 8192, MODE = 0644 };

static const char *const words[] = { "busy", "serves", "failed" };

static mw_str path_of(mw_arena *a, mw_str pid_path) { return mw_arena_fmt(a, "%.*s.state", MW_S(pid_path)); }

/* On a full disk there is no room for another file, but the old one has its block: readers look at its first line. */
static void overwrite(mw_str path, mw_str text)
{
    int fd = mw_open(path, O_WRONLY | O_CLOEXEC, 0);

    if (fd < 0)
        return;
    (void)!pwrite(fd, text.at, text.len, 0);        /* whoever cannot read it does as with nginx: signals, and hopes */
    (void)close(fd);
}

void mw_outcome_write(mw_arena *scratch, mw_str pid_path, const mw_outcome *o)
{
    mw_str text = mw_arena_fmt(scratch, "%d %llu %s %.*s\n", (int)o->master,
                               (unsigned long long)o->attempt, words[o->stage],
                               MW_S(o->why));

    if (mw_file_replace(path_of(scratch, pid_path), text, MODE) != MW_OK)
        overwrite(path_of(scratch, pid_path), text);
}

bool mw_outcome_read(mw_arena *a, mw_str pid_path, mw_outcome *o)
{
    mw_str   text, word;
    mw_scan  scan;
    uint64_t pid = 0;

    if (mw_file_read_all(a, path_of(a, pid_path), MOST, &text) != MW_OK)
        return false;
    scan = (mw_scan){ mw_str_take(text, mw_str_index(text, '\n')) };
    *o = (mw_outcome){ 0 };
    if (!mw_scan_u64(&scan, &pid) || pid > INT32_MAX || !mw_scan_char(&scan, ' ') || !mw_scan_u64(&scan, &o->attempt)
        || !mw_scan_char(&scan, ' ') || !mw_scan_until(&scan, ' ', &word))
        return false;
    o->master = (pid_t)pid;
    o->why = scan.left;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (mw_str_eq(word, mw_str_of(words[i]))) {
            o->stage = (mw_stage)i;
            return true;
        }
    return false;
}

void mw_outcome_remove(mw_arena *scratch, mw_str pid_path)
{
    mw_outcome last;

    if (!mw_outcome_read(scratch, pid_path, &last) || last.master == getpid())
        (void)remove(mw_arena_z(scratch, path_of(scratch, pid_path)));
}
