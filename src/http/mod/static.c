/* static.c - files: small ones from memory, big ones by descriptor, all through the file cache.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/static.h"

#include <errno.h>

#include "event/threaded.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/uri.h"

static void entry_done(void *entry) { mw_entry_done(entry); }

/* Which status an error of opening means, and how loud it is; nginx's table. */
static mw_verdict not_opened(mw_request *r, const mw_entry *e, mw_str path)
{
    mw_log_level level = MW_LOG_ERROR;
    int          status = 404;

    switch (e->err) {
    case ENOENT: case ENOTDIR: case ENAMETOOLONG:
        break;
    case EACCES: case EMLINK: case ELOOP:
        status = 403;
        break;
    default:
        level = MW_LOG_CRIT;
        status = 500;
        break;
    }
    if (status != 404 || r->place->core->log_not_found)
        MW_LOG(&r->log, level, e->err, "%s() \"%.*s\" failed", e->failed, MW_S(path));
    return mw_refuse(r, status);
}

static mw_verdict to_directory(mw_request *r)
{
    mw_str parts[4] = { r->uri, MW_STR("/"), MW_STR("?"), r->args };
    mw_out pen = mw_arena_pen(r->arena, mw_uri_escaped_size(r->uri, MW_ESCAPE_URI));

    mw_uri_escape(&pen, r->uri, MW_ESCAPE_URI);
    parts[0] = mw_out_done(&pen);
    return mw_moved(r, 301, mw_arena_join(r->arena, parts, r->args.len > 0 ? 4 : 2));
}

/* aio threads: what is not in memory shall not keep the others waiting; aio on: the same for what directio reads.
 * *pool NULL: the file is read here.  false: there is no such pool. */
static bool pool_for(mw_request *r, const mw_file *f, mw_threads **pool)
{
    const mw_named_threads *pools = r->loop->worker->pools;
    const mw_aio_conf      *aio = &r->place->core->aio;
    mw_str                  name = MW_STR("default");

    *pool = NULL;
    if (f == NULL || pools == NULL || aio->how == MW_AIO_OFF || (aio->how == MW_AIO_ON && !f->direct))
        return true;
    if (aio->pool != NULL)
        name = mw_expr_text(aio->pool, &r->scope);
    *pool = mw_threads_named(pools, name);
    if (*pool == NULL)
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "thread pool \"%.*s\" not found", MW_S(name));
    return *pool != NULL;
}

mw_verdict mw_static_send(mw_request *r, const mw_entry *e, uint64_t from)
{
    mw_source  *body = NULL;
    mw_threads *pool;

    if (!pool_for(r, e->file, &pool))
        return mw_refuse(r, 500);
    r->res.type = mw_mime_type(r, r->uri);
    if (r->err_status == 0 || r->err_status == 200) {   /* an error's page has no age of its own, as in nginx */
        r->res.modified = e->mtime;
        r->res.modified_text = e->date;
    }
    r->res.ranges = true;
    if (r->place->core->etag)
        mw_fields_add_token(r->arena, &r->res.head, MW_T_ETAG, e->etag);
    if (e->body != NULL)
        body = mw_source_of_block(r->arena, e->body, mw_str_drop((mw_str){ e->body->data, (size_t)e->size },
                                                                 (size_t)from));
    else if (e->size > from)
        body = pool != NULL ? mw_source_threaded(r->arena, r->loop, pool, e->file, from, e->size)
                            : mw_source_of_file(r->arena, e->file, from, e->size);
    return mw_answer_source(r, 200, body, (int64_t)(e->size - from));
}

mw_verdict mw_static_find(mw_request *r, const mw_entry **found)
{
    mw_filecache_how how = mw_file_how(r);
    mw_str           path = mw_path_of(r, r->uri);
    mw_entry        *e = mw_filecache_get(r->loop->worker->files, path, &how);

    mw_arena_on_free(r->arena, entry_done, e);
    *found = e;
    if (e->err != 0)
        return not_opened(r, e, path);
    if (e->is_dir)
        return to_directory(r);
    if (e->is_file)
        return MW_PASS;
    MW_LOG(&r->log, MW_LOG_CRIT, 0, "\"%.*s\" is not a regular file", MW_S(path));
    return mw_refuse(r, 404);
}

static mw_verdict static_content(mw_request *r, const void *conf, void *ctx)
{
    const mw_entry *e;
    mw_verdict      v;

    (void)conf;
    (void)ctx;
    if ((r->method & (MW_GET | MW_HEAD | MW_POST)) == 0)
        return mw_refuse(r, 405);
    if (mw_str_char(r->uri, r->uri.len - 1) == '/') {     /* neither index nor autoindex had anything for it */
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "directory index of \"%.*s\" is forbidden", MW_S(mw_path_of(r, r->uri)));
        return mw_refuse(r, 403);
    }
    v = mw_static_find(r, &e);
    if (v != MW_PASS)
        return v;
    if (r->method == MW_POST)
        return mw_refuse(r, 405);
    return mw_static_send(r, e, 0);
}

static const mw_http_part static_http = { .content = static_content };

const mw_module mw_static_module = { .name = "static", .http = &static_http };
