/* random_index.c - random_index: a directory is answered with any one of its files.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>

#include "core/file.h"
#include "core/random.h"
#include "http/core.h"
#include "http/mod/modules.h"

typedef struct { bool on; } random_conf;

static bool random_applies(const void *conf)
{
    const random_conf *c = conf;
    return c->on;
}

static bool is_file(mw_request *r, mw_str folder, const struct dirent *e)
{
    mw_str      parts[2] = { folder, mw_str_of(e->d_name) };
    struct stat st;

    if (e->d_name[0] == '.')
        return false;
    if (e->d_type != DT_UNKNOWN && e->d_type != DT_LNK)
        return e->d_type == DT_REG;
    return mw_stat(mw_arena_join(r->arena, parts, 2), &st) == 0 && S_ISREG(st.st_mode);
}

/* Each as likely as any other, with one look at each: the n-th takes the place with 1/n. */
static mw_str choose(mw_request *r, mw_str folder, DIR *dir)
{
    mw_str               chosen = { "", 0 };
    uint64_t             n = 0;
    const struct dirent *e;

    while ((e = readdir(dir)) != NULL)
        if (is_file(r, folder, e) && mw_random_below(++n) == 0)
            chosen = mw_arena_copy(r->arena, mw_str_of(e->d_name));
    return chosen;
}

static mw_verdict random_content(mw_request *r, const void *conf, void *ctx)
{
    mw_str parts[2] = { r->uri, { "", 0 } }, folder;
    DIR   *dir;
    int    err;

    (void)conf;
    (void)ctx;
    if (mw_str_char(r->uri, r->uri.len - 1) != '/' || (r->method & (MW_GET | MW_HEAD | MW_POST)) == 0)
        return MW_PASS;
    folder = mw_path_of(r, r->uri);
    dir = opendir(mw_arena_z(r->arena, folder));
    if (dir == NULL) {
        err = errno;
        MW_LOG(&r->log, MW_LOG_ERROR, err, "opendir() \"%.*s\" failed", MW_S(folder));
        return mw_refuse(r, err == ENOENT || err == ENOTDIR || err == ENAMETOOLONG ? 404 : err == EACCES ? 403 : 500);
    }
    parts[1] = choose(r, folder, dir);
    closedir(dir);
    return parts[1].len > 0 ? mw_redirect(r, mw_arena_join(r->arena, parts, 2), r->args) : MW_PASS;
}

static const mw_directive random_directives[] = {
    { "random_index", IN_LOCATION, 1, 1, MW_FIELD(random_conf, on), .otherwise = "off",
      .help = "serves any one of its files for a directory" },
    { 0 }
};

static const mw_http_part random_http = { .applies = random_applies, .content = random_content };

const mw_module mw_random_index_module = {
    .name = "random_index", .directives = random_directives, .conf_size = sizeof(random_conf), .http = &random_http,
};
