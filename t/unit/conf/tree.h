/* tree.h - for tests of conf/: text to a tree, its faults as text, and the tree back to one line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UNIT_TREE_H
#define MW_UNIT_TREE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/front.h"

typedef struct trial {
    mw_arena *arena;
    mw_diag   diag;
    mw_reader reader;
    char      faults[8192];
} trial;

static trial T;

static void begin(void)
{
    T.arena = mw_arena_new(4096);
    mw_diag_init(&T.diag, T.arena);
    mw_reader_init(&T.reader, T.arena, &T.diag, MW_STR("/none/main.conf"));
}

static void end(void)
{
    mw_arena_free(T.arena);
}

/* "TEXT in FILE:LINE\n" of each line, with "[warn] " before those that are no errors, " (HINT)" behind. */
__attribute__((unused))
static const char *faults(void)
{
    mw_out o = mw_out_on(T.faults, sizeof T.faults - 1);

    for (const mw_diag_line *l = T.diag.first; l != NULL; l = l->next) {
        mw_out_fmt(&o, "%s%.*s", l->level == MW_LOG_EMERG ? "" : "[warn] ", MW_S(l->text));
        if (l->pos.file != NULL)
            mw_out_fmt(&o, " in %.*s:%u", MW_S(l->pos.file->path), l->line != 0 ? l->line : l->pos.line);
        if (l->hint.len > 0)
            mw_out_fmt(&o, " (%.*s)", MW_S(l->hint));
        mw_out_char(&o, '\n');
    }
    T.faults[o.len] = '\0';
    return T.faults;
}

__attribute__((unused))
static mw_node *from_nginx(const char *text)
{
    return mw_read_text(&T.reader, MW_STR("x"), mw_str_of(text));
}

__attribute__((unused))
static mw_node *from_yaml(const char *text)
{
    return mw_read_yaml_text(&T.reader, MW_STR("y"), mw_str_of(text));
}

__attribute__((unused))
static const char *dumped(void (*dump)(mw_out *o, const mw_node *root), const mw_node *root)
{
    return mw_arena_z(T.arena, mw_dump_to_arena(T.arena, dump, root));
}

/* A temporary folder with files in it: NAME, TEXT, ..., NULL.  Reads NAME relative to it. */
__attribute__((unused))
static const char *folder(void)
{
    static char dir[] = "/tmp/mw-unit-XXXXXX";

    dir[sizeof dir - 7] = '\0';
    snprintf(&dir[sizeof dir - 7], 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    return dir;
}

__attribute__((unused))
static mw_str put(const char *dir, const char *name, const char *text)
{
    mw_str path = mw_arena_fmt(T.arena, "%s/%s", dir, name);
    FILE  *file = fopen(mw_arena_z(T.arena, path), "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return path;
}

#endif
