/* precompressed.c - gzip_static, brotli_static, zstd_static: files that lie compressed beside what they hold.
 *
 * Before static has its turn: of the codings that are on here, those that the client takes, the best first.  `always`
 * sends such a file to who does not take it, too (for gunzip, or another server behind).
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "http/coding.h"
#include "http/core.h"
#include "http/mod/compress.h"
#include "http/mod/modules.h"
#include "http/mod/static.h"

enum { STATIC_OFF, STATIC_ON, STATIC_ALWAYS };

typedef struct { mw_enum with[MW_CODINGS]; } precompressed_conf;

static void entry_done(void *entry) { mw_entry_done(entry); }

static bool precompressed_applies(const void *conf)
{
    const precompressed_conf *c = conf;

    return c->with[MW_CODING_BR] != STATIC_OFF || c->with[MW_CODING_ZSTD] != STATIC_OFF
        || c->with[MW_CODING_GZIP] != STATIC_OFF;
}

/* NULL: it is not there, or not to be had (which is said). */
static mw_entry *find(mw_request *r, mw_coding c)
{
    mw_filecache_how how = mw_file_how(r);
    mw_str           parts[2] = { mw_path_of(r, r->uri), mw_coding_suffix(c) };
    mw_str           path = mw_arena_join(r->arena, parts, 2);
    mw_entry        *e = mw_filecache_get(r->loop->worker->files, path, &how);

    mw_arena_on_free(r->arena, entry_done, e);
    switch (e->err) {
    case 0:
        return e->is_dir ? NULL : e;
    case ENOENT: case ENOTDIR: case ENAMETOOLONG:
        return NULL;
    case EACCES: case EMLINK: case ELOOP:
        MW_LOG(&r->log, MW_LOG_ERROR, e->err, "%s() \"%.*s\" failed", e->failed, MW_S(path));
        return NULL;
    default:
        MW_LOG(&r->log, MW_LOG_CRIT, e->err, "%s() \"%.*s\" failed", e->failed, MW_S(path));
        return NULL;
    }
}

static mw_verdict send_coded(mw_request *r, mw_entry *e, mw_coding c)
{
    mw_verdict v;

    if (!e->is_file) {
        MW_LOG(&r->log, MW_LOG_CRIT, 0, "\"%.*s%.*s\" is not a regular file", MW_S(mw_path_of(r, r->uri)),
               MW_S(mw_coding_suffix(c)));
        return mw_refuse(r, 404);
    }
    v = mw_static_send(r, e, 0);
    mw_fields_add_token(r->arena, &r->res.head, MW_T_CONTENT_ENCODING, mw_coding_name(c));
    return v;
}

static mw_verdict precompressed_content(mw_request *r, const void *conf, void *ctx)
{
    const precompressed_conf *c = conf;
    mw_str                    list = mw_fields_value(&r->head, MW_T_ACCEPT_ENCODING);
    unsigned                  set = 0, best;
    mw_entry                 *e;

    (void)ctx;
    if ((r->method & (MW_GET | MW_HEAD)) == 0 || mw_str_char(r->uri, r->uri.len - 1) == '/')
        return MW_PASS;
    for (unsigned i = 0; i < MW_CODINGS; i++)
        if (c->with[i] != STATIC_OFF) set |= 1u << i;
    if ((set & 1u << MW_CODING_GZIP) != 0 && !mw_compress_gzip_fits(r))
        set &= ~(1u << MW_CODING_GZIP);
    for (; (best = r->main == r ? mw_coding_pick(list, set) : MW_CODINGS) != MW_CODINGS; set &= ~(1u << best)) {
        e = find(r, (mw_coding)best);
        if (e == NULL)
            continue;
        if (c->with[best] == STATIC_ON)
            mw_compress_vary(r);
        return send_coded(r, e, (mw_coding)best);
    }
    for (unsigned i = 0; i < MW_CODINGS; i++) {
        if (c->with[i] == STATIC_OFF || (e = find(r, (mw_coding)i)) == NULL)
            continue;
        if (c->with[i] == STATIC_ALWAYS)
            return send_coded(r, e, (mw_coding)i);
        mw_compress_vary(r);                    /* another client gets another answer */
    }
    return MW_PASS;
}

static const mw_choice modes[] = {
    { "off", STATIC_OFF }, { "on", STATIC_ON }, { "always", STATIC_ALWAYS }, { NULL, 0 }
};

static const mw_directive precompressed_directives[] = {
    { "gzip_static", IN_WEB, 1, 1, MW_CHOICE(precompressed_conf, with[MW_CODING_GZIP], modes), .otherwise = "off",
      .help = "sends FILE.gz instead of FILE to who takes it; always: to everybody" },
    { "brotli_static", IN_WEB, 1, 1, MW_CHOICE(precompressed_conf, with[MW_CODING_BR], modes), .otherwise = "off",
      .help = "sends FILE.br instead of FILE to who takes it; always: to everybody" },
    { "zstd_static", IN_WEB, 1, 1, MW_CHOICE(precompressed_conf, with[MW_CODING_ZSTD], modes), .otherwise = "off",
      .help = "sends FILE.zst instead of FILE to who takes it; always: to everybody" },
    { 0 }
};

static const mw_http_part precompressed_http = {
    .applies = precompressed_applies, .content = precompressed_content,
};

const mw_module mw_precompressed_module = {
    .name = "gzip_static", .directives = precompressed_directives, .conf_size = sizeof(precompressed_conf),
    .http = &precompressed_http,
};
