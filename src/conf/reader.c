/* reader.c - the files of a configuration: reading each once, `include`, and the limits of all that.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/reader.h"

#include <errno.h>
#include <glob.h>

#include "core/error.h"
#include "core/file.h"

enum {
    INCLUDES_MOST = 64,                         /* inside each other */
    BYTES_MOST    = 64 * 1024 * 1024
};

void mw_reader_error(mw_reader *r, const mw_pos *pos, uint32_t line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)mw_diag_vadd(r->diag, MW_LOG_EMERG, pos, format, args);
    va_end(args);
    mw_diag_named_line(r->diag, line);
}

static void include_error(mw_reader *r, const mw_node *n, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* n NULL: the main file was not included by anyone. */
static void include_error(mw_reader *r, const mw_node *n, const char *format, ...)
{
    const mw_pos *pos = n == NULL ? NULL : n->nargs > 0 ? &n->places[0] : &n->pos;
    va_list       args;

    va_start(args, format);
    (void)mw_diag_vadd(r->diag, MW_LOG_EMERG, pos, format, args);
    va_end(args);
    if (n != NULL)
        mw_diag_named_line(r->diag, n->end_line);
}

mw_source_file *mw_reader_keep(mw_reader *r, mw_str path, mw_str bytes)
{
    mw_source_file *file = MW_NEW(r->arena, mw_source_file);

    file->path = mw_arena_copy(r->arena, path);
    file->bytes = bytes;
    *r->tail = file;
    r->tail = &file->next;
    return file;
}

static mw_source_file *find_or_read(mw_reader *r, mw_str path, const mw_node *n)
{
    mw_str bytes;

    for (mw_source_file *file = r->files; file != NULL; file = file->next)
        if (mw_str_eq(file->path, path))
            return file;
    if (mw_file_read_all(r->arena, path, BYTES_MOST, &bytes) != MW_OK) {
        include_error(r, n, "%s() \"%.*s\" failed (%d: %s)", errno == EISDIR ? "pread" : "open", MW_S(path), errno,
                      mw_error_text(errno));
        return NULL;
    }
    return mw_reader_keep(r, path, bytes);
}

/* Answers NULL when it said why, or when a limit was said before. */
static mw_source_file *open_file(mw_reader *r, mw_str path, const mw_node *n)
{
    mw_source_file *file;

    if (r->stopped)
        return NULL;
    if (r->depth >= INCLUDES_MOST) {
        r->stopped = true;
        include_error(r, n, "more than %d files include each other", INCLUDES_MOST);
        return NULL;
    }
    file = find_or_read(r, path, n);
    if (file == NULL)
        return NULL;
    r->bytes += file->bytes.len;
    if (r->bytes > BYTES_MOST) {
        r->stopped = true;
        include_error(r, n, "the configuration is larger than %d megabytes", BYTES_MOST / (1024 * 1024));
        return NULL;
    }
    return file;
}

static void read_into(mw_reader *r, mw_spot *at, const mw_source_file *file, bool yaml)
{
    r->depth++;
    if (yaml)
        mw_yaml_into(r, at, file);
    else
        mw_nginx_into(r, at, file);
    r->depth--;
}

static void include_one(mw_reader *r, mw_spot *at, mw_str path, const mw_node *n)
{
    mw_source_file *file = open_file(r, path, n);

    if (file != NULL)
        read_into(r, at, file, mw_str_ends(path, MW_STR(".yaml")) || mw_str_ends(path, MW_STR(".yml")));
}

static void include_pattern(mw_reader *r, mw_spot *at, mw_str pattern, const mw_node *n)
{
    glob_t found = { 0 };
    int    rc = glob(mw_arena_z(r->arena, pattern), 0, NULL, &found);

    for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
        include_one(r, at, mw_str_of(found.gl_pathv[i]), n);
    if (rc != 0 && rc != GLOB_NOMATCH)
        include_error(r, n, "glob() \"%.*s\" failed", MW_S(pattern));
    globfree(&found);
}

static bool is_pattern(mw_str s)
{
    return mw_str_index(s, '*') < s.len || mw_str_index(s, '?') < s.len || mw_str_index(s, '[') < s.len;
}

void mw_reader_include(mw_reader *r, mw_spot *at, const mw_node *n)
{
    mw_str path;

    if (n->block) {
        include_error(r, n, "directive \"include\" is not terminated by \";\"");
        return;
    }
    if (n->nargs != 1) {
        mw_reader_error(r, &n->pos, n->end_line, "invalid number of arguments in \"include\" directive");
        return;
    }
    if (r->alone) {
        mw_reader_error(r, &n->pos, n->end_line, "\"include\" directive is not allowed here");
        return;
    }
    path = mw_path_join(r->arena, r->folder, n->args[0]);
    if (is_pattern(path))
        include_pattern(r, at, path, n);
    else
        include_one(r, at, path, n);
}

mw_node *mw_reader_read(mw_reader *r, mw_str path, bool yaml)
{
    mw_source_file *file = open_file(r, path, NULL);
    mw_node        *root;
    mw_spot         at;

    if (file == NULL)
        return NULL;
    root = MW_NEW(r->arena, mw_node);
    root->block = true;
    at = mw_spot_in(root, 0);
    read_into(r, &at, file, yaml);
    return root;
}

void mw_reader_init(mw_reader *r, mw_arena *a, mw_diag *d, mw_str main_file)
{
    size_t slash = mw_str_rindex(main_file, '/');

    *r = (mw_reader){ .arena = a, .diag = d };
    r->folder = slash < main_file.len ? mw_arena_copy(a, mw_str_take(main_file, slash + 1)) : MW_STR("");
    r->tail = &r->files;
}
