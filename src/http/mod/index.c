/* index.c - index: a directory was asked for, the first of its index files that is there is served.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "http/core.h"
#include "http/mod/modules.h"

typedef struct { mw_exprs files; } index_conf;

static bool is_file(mw_request *r, mw_str path, int *err)
{
    mw_filecache_how how = mw_file_how(r);
    mw_entry        *e;
    bool             there;

    how.probe = true;
    e = mw_filecache_get(r->loop->worker->files, path, &how);
    there = e->err == 0 && e->is_file;
    *err = e->err;
    if (e->err == EACCES || e->err == ELOOP || e->err == EMLINK)
        MW_LOG(&r->log, MW_LOG_ERROR, e->err, "%s() \"%.*s\" failed", e->failed, MW_S(path));
    mw_entry_done(e);
    return there;
}

/* Is the directory itself there?  Asked once, when its first index file is not. */
static mw_verdict look_at_directory(mw_request *r)
{
    mw_str           path = mw_path_of(r, r->uri);
    mw_filecache_how how = mw_file_how(r);
    mw_entry        *e;
    int              err;
    bool             is_dir;

    how.probe = true;
    if (path.len > 1)
        path = mw_str_take(path, path.len - 1);
    e = mw_filecache_get(r->loop->worker->files, path, &how);
    err = e->err;
    is_dir = e->is_dir;
    mw_entry_done(e);
    if (err == ENOENT || err == ENOTDIR || err == ENAMETOOLONG || (err == 0 && !is_dir)) {
        if (r->place->core->log_not_found)
            MW_LOG(&r->log, MW_LOG_ERROR, err != 0 ? err : ENOTDIR, "\"%.*s\" is not found", MW_S(mw_path_of(r,
                   r->uri)));
        return mw_refuse(r, 404);
    }
    return MW_PASS;
}

static mw_verdict index_content(mw_request *r, const void *conf, void *ctx)
{
    const index_conf *c = conf;
    bool              looked = false;

    (void)ctx;
    if (mw_str_char(r->uri, r->uri.len - 1) != '/' || (r->method & (MW_GET | MW_HEAD | MW_POST)) == 0)
        return MW_PASS;
    for (unsigned i = 0; i < c->files.n; i++) {
        mw_str name = mw_expr_text(c->files.at[i], &r->scope);
        mw_str parts[2] = { r->uri, name };
        mw_str uri;
        int    err;

        if (name.len == 0)
            continue;
        if (mw_str_char(name, 0) == '/')        /* an absolute one, the last: wherever it leads */
            return mw_redirect(r, name, r->args);
        uri = mw_arena_join(r->arena, parts, 2);
        if (is_file(r, mw_path_of(r, uri), &err))
            return mw_redirect(r, uri, r->args);
        if (err == EACCES || err == ELOOP || err == EMLINK)
            return mw_refuse(r, 403);
        if (!looked) {
            mw_verdict v = look_at_directory(r);

            if (v != MW_PASS)
                return v;
            looked = true;
        }
    }
    return MW_PASS;
}

/* Behind index and autoindex: a directory that nobody shows. */
static mw_rc check_absolute(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    for (unsigned i = 0; i + 1 < n->nargs; i++)
        if (mw_str_char(n->args[i], 0) == '/')
            mw_bind_warn(b, n, "only the last index in \"index\" directive should be absolute");
    for (unsigned i = 0; i < n->nargs; i++)
        if (n->args[i].len == 0)
            return mw_bind_error_at(b, n, i, "index \"\" in \"index\" directive is invalid");
    return mw_set_exprs(b, n, d, field);
}

static const mw_directive index_directives[] = {
    { "index", IN_WEB, 1, MANY, MW_FIELD_BY(index_conf, files, check_absolute), .otherwise = "index.html",
      .repeat = true, .help = "files that are served for a directory" },
    { 0 }
};

static const mw_http_part index_http = { .content = index_content };

const mw_module mw_index_module = {
    .name = "index", .directives = index_directives, .conf_size = sizeof(index_conf), .http = &index_http,
};
