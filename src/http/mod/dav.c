/* dav.c - PUT, DELETE, MKCOL, COPY and MOVE on files and folders (RFC 4918).
 *
 * What replaces something is made beside it and renamed, so that a reader sees the old or the new, and a failure leaves
 * the old.  A folder that is in the way is put aside first, and put back if it fails.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/tree.h"
#include "http/body.h"
#include "http/build.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/uri.h"

typedef struct {
    mw_flags methods;           /* mw_method; MW_OTHER: off was written */
    uint32_t access;            /* a file mode */
    uint32_t least_depth;
    bool     full_path;
} dav_conf;

typedef enum { DEPTH_NONE, DEPTH_0, DEPTH_1, DEPTH_INFINITY, DEPTH_BAD } depth;

enum { METHODS = MW_PUT | MW_DELETE | MW_MKCOL | MW_COPY | MW_MOVE };

static bool dav_applies(const void *conf)
{
    const dav_conf *c = conf;
    return (c->methods & METHODS) != 0;
}

/* Folders may be entered by whoever may read them. */
static unsigned folder_mode(const dav_conf *c) { return c->access | (c->access & 0444) >> 2; }

static bool is_folder_name(mw_str uri) { return mw_str_char(uri, uri.len - 1) == '/'; }

static mw_str without_slash(mw_str path)
{
    return path.len > 1 && is_folder_name(path) ? mw_str_take(path, path.len - 1) : path;
}

static mw_verdict failed(mw_request *r, const char *what, mw_str path, int err, int not_there)
{
    int          status = 500;
    mw_log_level level = MW_LOG_CRIT;

    switch (err) {
    case ENOENT: case ENOTDIR: case ENAMETOOLONG:
        level = MW_LOG_ERROR;
        status = not_there;
        break;
    case EISDIR: case ENOTEMPTY:
        level = MW_LOG_ERROR;
        status = 409;
        break;
    case EEXIST:
        level = MW_LOG_ERROR;
        status = 405;
        break;
    case EACCES: case EPERM: case EROFS: case ELOOP:
        level = MW_LOG_ERROR;
        status = 403;
        break;
    case ENOSPC: case EDQUOT:
        status = 507;
        break;
    default:
        break;
    }
    MW_LOG(&r->log, level, err, "%s \"%.*s\" failed", what, MW_S(path));
    return mw_refuse(r, status);
}

static mw_verdict wrong(mw_request *r, int status, const char *why)
{
    MW_LOG(&r->log, MW_LOG_ERROR, 0, "%s", why);
    return mw_refuse(r, status);
}

static mw_verdict done(mw_request *r, int status)
{
    r->res.type = MW_STR("");
    return mw_answer(r, status, MW_STR(""));
}

static mw_verdict created(mw_request *r)
{
    mw_out o = mw_arena_pen(r->arena, mw_uri_escaped_size(r->uri, MW_ESCAPE_URI));

    mw_uri_escape(&o, r->uri, MW_ESCAPE_URI);
    mw_fields_add_token(r->arena, &r->res.head, MW_T_LOCATION, mw_out_done(&o));
    r->res.own_location = true;
    return done(r, 201);
}

static depth depth_of(const mw_request *r)
{
    mw_str text = mw_fields_value(&r->head, MW_T_DEPTH);

    if (mw_fields_get(&r->head, MW_T_DEPTH) == NULL)
        return DEPTH_NONE;
    if (mw_str_eq(text, MW_STR("0")))
        return DEPTH_0;
    if (mw_str_eq(text, MW_STR("1")))
        return DEPTH_1;
    return mw_str_ieq(text, MW_STR("infinity")) ? DEPTH_INFINITY : DEPTH_BAD;
}

/* --- PUT ---------------------------------------------------------------------------------------------------------- */

static mw_rc add_memory(int fd, const mw_chain *c)
{
    for (const mw_buf *b = c->head; b != NULL; b = b->next)
        if (mw_write_all(fd, b->mem) != MW_OK) return MW_ERR;
    return MW_OK;
}

static mw_rc write_body(const mw_request *r, int fd)
{
    const mw_body *body = r->main->body;

    if (body == NULL)
        return MW_OK;
    if (body->spool != NULL && (lseek(body->spool->fd, 0, SEEK_SET) != 0
                                || mw_file_append(fd, body->spool->fd) != MW_OK))
        return MW_ERR;
    return add_memory(fd, &body->kept);
}

/* A client may say how old the file is. */
static void set_age(const mw_request *r, int fd)
{
    const mw_field *date = mw_fields_get(&r->head, MW_T_DATE);
    mw_time         t;
    struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { 0 } };

    if (date == NULL || !mw_http_date(date->value, &t))
        return;
    times[1].tv_sec = (time_t)t;
    (void)futimens(fd, times);
}

/* The body as a file beside the target, in *beside. */
static mw_rc write_beside(mw_request *r, const dav_conf *c, mw_str path, mw_str *beside)
{
    size_t slash = mw_str_rindex(path, '/');
    int    fd, err;
    mw_rc  rc;

    if (c->full_path && slash < path.len && slash > 0
        && mw_dir_make(mw_str_take(path, slash), folder_mode(c), (uid_t)-1) != MW_OK)
        return MW_ERR;
    *beside = mw_path_beside(r->arena, path);
    fd = mw_open(*beside, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return MW_ERR;
    rc = write_body(r, fd);
    if (rc == MW_OK && fchmod(fd, (mode_t)c->access) != 0)
        rc = MW_ERR;
    set_age(r, fd);
    err = errno;
    if (close(fd) != 0 && rc == MW_OK) {
        err = errno;
        rc = MW_ERR;
    }
    if (rc != MW_OK)
        (void)unlink(beside->at);
    errno = err;
    return rc;
}

static mw_verdict put(mw_request *r, const dav_conf *c)
{
    mw_str      path = mw_path_of(r, r->uri), beside;
    struct stat st;
    bool        there;

    if (mw_body_expected(r))
        switch (mw_body_whole(r, &r->asker)) {
        case MW_AGAIN:
            return MW_WAIT;
        case MW_ERR:
            return mw_refuse(r, r->main->body->refused);
        case MW_OK:
        case MW_END:
            break;
        }
    there = mw_stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return failed(r, "writing", path, EISDIR, 409);
    if (write_beside(r, c, path, &beside) != MW_OK)
        return failed(r, "writing", path, errno, 409);
    if (rename(beside.at, mw_arena_z(r->arena, path)) != 0) {
        int err = errno;

        (void)unlink(beside.at);
        return failed(r, "rename() to", path, err, 409);
    }
    return there ? done(r, 204) : created(r);
}

static mw_verdict put_checked(mw_request *r, const dav_conf *c)
{
    if (is_folder_name(r->uri))
        return wrong(r, 409, "cannot PUT to a collection");
    if (mw_fields_get(&r->head, MW_T_CONTENT_RANGE) != NULL)        /* RFC 9110 14.5: it would be taken for the whole */
        return wrong(r, 501, "PUT with range is unsupported");
    return put(r, c);
}

/* --- DELETE, MKCOL ------------------------------------------------------------------------------------------------ */

static unsigned elements(mw_str uri)
{
    unsigned n = 0;

    for (size_t i = 1; i < uri.len; i++)
        n += mw_str_char(uri, i) != '/' && mw_str_char(uri, i - 1) == '/';
    return n;
}

static mw_verdict delete_it(mw_request *r, const dav_conf *c)
{
    mw_str      path = without_slash(mw_path_of(r, r->uri));
    bool        named_folder = is_folder_name(r->uri);
    depth       d = depth_of(r);
    struct stat st;

    if (elements(r->uri) < c->least_depth)
        return wrong(r, 409, "the URI of DELETE is less deep than min_delete_depth");
    if (lstat(mw_arena_z(r->arena, path), &st) != 0)
        return failed(r, "lstat()", path, errno, 404);
    if (S_ISDIR(st.st_mode) != named_folder)
        return S_ISDIR(st.st_mode) ? failed(r, "DELETE of", path, EISDIR, 409)
                                   : failed(r, "DELETE of", path, ENOTDIR, 409);
    if (d != DEPTH_NONE && d != DEPTH_INFINITY && (named_folder || d != DEPTH_0))
        return wrong(r, 400, named_folder ? "\"Depth\" header must be infinity"
                                          : "\"Depth\" header must be 0 or infinity");
    if (r->uri.len == 1)
        return wrong(r, 403, "the root is not deleted");
    if (mw_tree_remove(r->arena, path) != MW_OK)
        return failed(r, "DELETE of", path, errno, 404);
    return done(r, 204);
}

static mw_verdict make_folder(mw_request *r, const dav_conf *c)
{
    mw_str path = without_slash(mw_path_of(r, r->uri));

    if (!is_folder_name(r->uri))
        return wrong(r, 409, "MKCOL can create a collection only");
    if (mkdir(mw_arena_z(r->arena, path), 0700) != 0 || chmod(mw_arena_z(r->arena, path), folder_mode(c)) != 0)
        return failed(r, "mkdir()", path, errno, 409);
    return created(r);
}

/* --- COPY, MOVE --------------------------------------------------------------------------------------------------- */

/* The host of an absolute Destination must be the one that was asked; its port may be another, behind a proxy. */
static bool same_host(const mw_request *r, mw_str authority)
{
    char   room[256];
    mw_out lower = mw_out_on(room, sizeof room);
    mw_str port;

    return authority.len < sizeof room && mw_host_valid(authority, &lower, &port)
        && mw_str_eq(mw_out_done(&lower), r->host);
}

/* Destination, as a path of ours; an alias stands for what it shares with the URI. */
static bool destination(mw_request *r, mw_str *uri)
{
    const mw_http_conf *core = r->place->core;
    mw_str              text = mw_fields_value(&r->head, MW_T_DESTINATION);
    mw_target           t;
    mw_out              o;

    if (text.len == 0 || !mw_target_parse(text, &t) || t.star || t.authority || t.path.len == 0)
        return false;
    if (t.host.len > 0) {
        bool web = mw_str_ieq(t.scheme, MW_STR("http")) || mw_str_ieq(t.scheme, MW_STR("https"));

        if (!web || !same_host(r, t.host) || mw_str_ends(text, t.host))     /* a URL without path names nothing */
            return false;
    }
    o = mw_arena_pen(r->arena, t.path.len);
    if (mw_uri_normalise(t.path, core->merge_slashes, &o) != MW_OK)
        return false;
    *uri = mw_out_done(&o);
    if (mw_str_char(*uri, 0) != '/' || mw_uri_unsafe(*uri))
        return false;
    return !core->alias || (!core->alias_whole && uri->len >= core->alias_cut
                            && mw_str_starts(*uri, mw_str_take(r->uri, core->alias_cut)));
}

static bool may_overwrite(const mw_request *r, bool *valid)
{
    mw_str text = mw_fields_value(&r->head, MW_T_OVERWRITE);

    *valid = mw_fields_get(&r->head, MW_T_OVERWRITE) == NULL || mw_str_ieq(text, MW_STR("T"))
        || mw_str_ieq(text, MW_STR("F"));
    return !mw_str_ieq(text, MW_STR("F"));
}

/* A folder at `to` is put aside before, and removed after or put back. */
static mw_rc transfer_folder(mw_request *r, mw_str from, mw_str to, bool there, bool only_itself)
{
    mw_arena *a = r->arena;
    mw_str    aside = mw_path_beside(a, to);
    mw_rc     rc;
    int       err;

    if (there && rename(mw_arena_z(a, to), aside.at) != 0)
        return MW_ERR;
    if (r->method == MW_MOVE && rename(mw_arena_z(a, from), mw_arena_z(a, to)) == 0)
        rc = MW_OK;
    else if (r->method == MW_MOVE && errno != EXDEV)
        rc = MW_ERR;
    else
        rc = mw_tree_copy(a, from, to, only_itself);
    err = errno;
    if (rc != MW_OK) {
        if (r->method == MW_COPY || err != ENOENT)
            (void)mw_tree_remove(a, to);
        if (there)
            (void)rename(aside.at, mw_arena_z(a, to));
        errno = err;
        return rc;
    }
    if (there)
        (void)mw_tree_remove(a, aside);
    if (r->method == MW_MOVE && access(from.at, F_OK) == 0)
        return mw_tree_remove(a, from);
    return MW_OK;
}

static mw_rc transfer_file(mw_request *r, mw_str from, mw_str to)
{
    mw_arena *a = r->arena;
    mw_str    beside = mw_path_beside(a, to);

    if (r->method == MW_MOVE && rename(mw_arena_z(a, from), mw_arena_z(a, to)) == 0)
        return MW_OK;
    if (r->method == MW_MOVE && errno != EXDEV)
        return MW_ERR;
    if (mw_file_copy(a, from, beside, 0) != MW_OK)
        return MW_ERR;
    if (rename(beside.at, mw_arena_z(a, to)) != 0) {
        int err = errno;

        (void)unlink(beside.at);
        errno = err;
        return MW_ERR;
    }
    return r->method == MW_MOVE ? mw_tree_remove(a, from) : MW_OK;
}

/* Onto itself, or a folder into itself. */
static bool within(mw_str from, mw_str to)
{
    return mw_str_starts(to, from) && (to.len == from.len || mw_str_char(to, from.len) == '/');
}

static mw_verdict transfer(mw_request *r, mw_str from, mw_str to_uri, bool overwrite)
{
    mw_str      to = without_slash(mw_path_of(r, to_uri));
    bool        folder = is_folder_name(r->uri), there;
    struct stat st, target;

    from = mw_str_of(mw_arena_z(r->arena, without_slash(from)));
    if (lstat(from.at, &st) != 0)
        return failed(r, "lstat()", from, errno, 404);
    if (S_ISDIR(st.st_mode) != folder)
        return failed(r, "reading", from, folder ? ENOTDIR : EISDIR, 409);
    if (within(from, to) || (folder && within(to, from)))
        return wrong(r, 403, "the destination is the source, or one is within the other");
    there = lstat(mw_arena_z(r->arena, to), &target) == 0;
    if (!there && errno != ENOENT)
        return failed(r, "lstat()", to, errno, 409);
    if (there && !overwrite)
        return wrong(r, 412, "the destination is there, and must not be overwritten");
    if (there && S_ISDIR(target.st_mode) != folder)
        return failed(r, "writing", to, folder ? ENOTDIR : EISDIR, 409);
    if ((folder ? transfer_folder(r, from, to, there, depth_of(r) == DEPTH_0) : transfer_file(r, from, to)) != MW_OK)
        return failed(r, r->method == MW_MOVE ? "moving to" : "copying to", to, errno, 409);
    return folder ? done(r, 201) : done(r, 204);
}

static mw_verdict copy_or_move(mw_request *r)
{
    depth  d = depth_of(r);
    bool   valid, overwrite = may_overwrite(r, &valid);
    mw_str to;

    if (!destination(r, &to))
        return wrong(r, 400, "client sent no or an invalid \"Destination\" header");
    if (is_folder_name(to) != is_folder_name(r->uri))
        return wrong(r, 409, "a collection and another resource are not copied or moved to each other");
    if (d != DEPTH_NONE && d != DEPTH_INFINITY && (r->method == MW_MOVE || d != DEPTH_0))
        return wrong(r, 400, r->method == MW_MOVE ? "\"Depth\" header must be infinity"
                                                  : "\"Depth\" header must be 0 or infinity");
    if (!valid)
        return wrong(r, 400, "client sent an invalid \"Overwrite\" header");
    return transfer(r, mw_path_of(r, r->uri), to, overwrite);
}

static mw_verdict dav_content(mw_request *r, const void *conf, void *ctx)
{
    const dav_conf *c = conf;

    (void)ctx;
    if ((r->method & c->methods & METHODS) == 0)
        return MW_PASS;
    if (r->method == MW_PUT)
        return put_checked(r, c);
    if (mw_body_expected(r))                    /* nobody knows what it would ask for: RFC 4918 8.4 */
        return wrong(r, 415, "a body with this method is unsupported");
    switch (r->method) {
    case MW_DELETE:
        return delete_it(r, c);
    case MW_MKCOL:
        return make_folder(r, c);
    default:
        return copy_or_move(r);
    }
}

static const mw_choice methods[] = {
    { "off", MW_OTHER }, { "put", MW_PUT }, { "delete", MW_DELETE }, { "mkcol", MW_MKCOL }, { "copy", MW_COPY },
    { "move", MW_MOVE }, { NULL, 0 }
};

static const mw_directive dav_directives[] = {
    { "dav_methods", IN_WEB, 1, MANY, MW_FLAGS(dav_conf, methods, methods), .otherwise = "off",
      .help = "methods that change files and folders" },
    { "dav_access", IN_WEB, 1, 3, MW_FIELD_BY(dav_conf, access, mw_set_file_access), .otherwise = "user:rw",
      .help = "rights of new files and folders" },
    { "create_full_put_path", IN_WEB, 1, 1, MW_FIELD(dav_conf, full_path), .otherwise = "off",
      .help = "makes the folders that PUT needs" },
    { "min_delete_depth", IN_WEB, 1, 1, MW_FIELD(dav_conf, least_depth), .otherwise = "0",
      .help = "elements that a URI of DELETE must have at least" },
    { 0 }
};

static const mw_http_part dav_http = { .applies = dav_applies, .content = dav_content };

const mw_module mw_dav_module = {
    .name = "dav", .directives = dav_directives, .conf_size = sizeof(dav_conf), .http = &dav_http,
};
