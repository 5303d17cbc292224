/* try_files.c - try_files: the first of these that is there is served; else the last one is where to go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "http/core.h"
#include "http/mod/modules.h"
#include "http/uri.h"

/* dir: it was written with a slash at its end, which is not part of the URI: "$uri/" of /a is a redirect to /a/ */
typedef struct { mw_expr *name; bool dir; } tried;
/* status: "=404"; 0: otherwise is a URI */
typedef struct { mw_array files; mw_expr *otherwise; int status; } try_conf;

static bool try_applies(const void *conf)
{
    const try_conf *c = conf;
    return c->files.n > 0;
}

static bool there(mw_request *r, mw_str path, bool dir)
{
    mw_filecache_how how = mw_file_how(r);
    mw_entry        *e;
    bool             fits;

    how.probe = true;
    e = mw_filecache_get(r->loop->worker->files, path, &how);
    fits = e->err == 0 && (dir ? e->is_dir : e->is_file);
    if (e->err == EACCES || e->err == ELOOP)
        MW_LOG(&r->log, MW_LOG_CRIT, e->err, "%s() \"%.*s\" failed", e->failed, MW_S(path));
    mw_entry_done(e);
    return fits;
}

/* The name of a file to try: below root, or, with alias, with the location's own part cut off its front. */
static mw_str path_to(mw_request *r, mw_str name)
{
    const mw_http_conf *core = r->place->core;
    mw_str              parts[2] = { mw_root_of(r), name };

    if (core->alias && !core->alias_whole && mw_str_starts(name, mw_str_take(r->uri, core->alias_cut)))
        parts[1] = mw_str_drop(name, core->alias_cut);
    return mw_arena_join(r->arena, parts, 2);
}

static mw_verdict last_resort(mw_request *r, const try_conf *c)
{
    mw_str uri, args = { "", 0 };

    if (c->status != 0)
        return mw_refuse(r, c->status);
    uri = mw_expr_text(c->otherwise, &r->scope);
    if (mw_str_char(uri, 0) == '@')
        return mw_named(r, uri);
    (void)mw_str_cut(uri, '?', &uri, &args);
    return mw_redirect(r, uri, args);
}

static mw_verdict try_step(mw_request *r, const void *conf, void *ctx)
{
    const try_conf *c = conf;

    (void)ctx;
    for (size_t i = 0; i < c->files.n; i++) {
        const tried *t = &MW_ITEM(&c->files, tried, i);
        mw_str       name = mw_expr_text(t->name, &r->scope);

        if (!there(r, path_to(r, name), t->dir))
            continue;
        r->uri_below_alias = r->place->core->alias_whole;
        if (!mw_str_eq(name, r->uri)) {
            r->same_uri = false;
            r->uri = mw_arena_copy(r->arena, name);
        }
        return MW_PASS;
    }
    return last_resort(r, c);
}

static mw_rc set_try_files(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    try_conf *c = field;
    mw_str    last = n->args[n->nargs - 1];
    uint64_t  code;

    (void)d;
    if (mw_str_char(last, 0) == '=') {
        if (!mw_str_u64(mw_str_drop(last, 1), &code) || code > 999)
            return mw_bind_error_at(b, n, n->nargs - 1, "invalid code \"%.*s\"", MW_S(last));
        c->status = (int)code;
    } else if ((c->otherwise = mw_expr_compile(b, n, last)) == NULL) {
        return MW_ERR;
    }
    for (unsigned i = 0; i + 1 < n->nargs; i++) {
        mw_str name = n->args[i];
        tried *t = MW_PUSH(b->arena, &c->files, tried);

        t->dir = name.len > 0 && mw_str_char(name, name.len - 1) == '/';
        t->name = mw_expr_compile(b, n, t->dir ? mw_str_take(name, name.len - 1) : name);
        if (t->name == NULL)
            return MW_ERR;
    }
    return MW_OK;
}

static const mw_directive try_directives[] = {
    { "try_files", IN_SERVER | IN_LOCATION, 2, MANY, .offset = 0, .size = sizeof(try_conf), .set = set_try_files,
      .inherit = MW_NEVER, .help = "serves the first of these files that exists" },
    { 0 }
};

static const mw_http_part try_http = { .applies = try_applies, .precontent = try_step };

const mw_module mw_try_files_module = {
    .name = "try_files", .directives = try_directives, .conf_size = sizeof(try_conf), .http = &try_http,
};
