/* secure_link.c - secure_link in both its forms: links that somebody with the secret has made.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/codec.h"
#include "core/hash.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/vars.h"

enum { MD5_BYTES = 16, MD5_HEX = 32, MD5_TEXT = 24 };

typedef struct { mw_expr *link, *md5; mw_str secret; } link_conf;

static void digest_of(mw_str a, mw_str b, uint8_t digest[MD5_BYTES])
{
    mw_md5 m;

    mw_md5_begin(&m);
    mw_md5_add(&m, a);
    mw_md5_add(&m, b);
    mw_md5_end(&m, digest);
}

static bool is_digest(const mw_out *o, const uint8_t digest[MD5_BYTES])
{
    unsigned differ = 0;

    if (o->len != MD5_BYTES)
        return false;
    for (unsigned i = 0; i < MD5_BYTES; i++)
        differ |= (uint8_t)o->at[i] ^ digest[i];
    return differ == 0;
}

/* "/prefix/HASH/link": the link, if the hash is that of link and secret. */
static bool secret_link(mw_request *r, mw_str secret, mw_str *text)
{
    char    room[MD5_BYTES];
    mw_out  o = mw_out_on(room, sizeof room);
    uint8_t digest[MD5_BYTES];
    mw_str  prefix, hash, link, rest;

    if (!mw_str_cut(mw_str_drop(r->uri, 1), '/', &prefix, &rest) || !mw_str_cut(rest, '/', &hash, &link))
        return false;
    if (hash.len != MD5_HEX || link.len == 0 || !mw_unhex(&o, hash))
        return false;
    digest_of(link, secret, digest);
    return is_digest(&o, digest) && mw_got(text, link);
}

static bool get_link(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request      *r = mw_scope_request(s);
    const link_conf *c = mw_request_conf(r, &mw_secure_link_module);
    char             room[MD5_BYTES + 2];
    mw_out           o = mw_out_on(room, sizeof room);
    uint8_t          digest[MD5_BYTES];
    uint64_t         until = 0;
    mw_str           sum, expires;

    (void)v;
    if (c->secret.len > 0)
        return secret_link(r, c->secret, text);
    if (c->link == NULL || c->md5 == NULL)
        return false;
    if (mw_str_cut(mw_expr_text(c->link, s), ',', &sum, &expires) && (!mw_str_u64(expires, &until) || until == 0))
        return false;
    if (sum.len > MD5_TEXT || !mw_unbase64(&o, sum))
        return false;
    digest_of(mw_expr_text(c->md5, s), MW_STR(""), digest);
    if (!is_digest(&o, digest))
        return false;
    return mw_got(text, until > 0 && until < (uint64_t)r->loop->clock.sec ? MW_STR("0") : MW_STR("1"));
}

static bool get_expires(mw_scope *s, const mw_var *v, mw_str *text)
{
    const link_conf *c = mw_request_conf(mw_scope_request(s), &mw_secure_link_module);
    mw_str           sum;

    (void)v;
    return c->link != NULL && mw_str_cut(mw_expr_text(c->link, s), ',', &sum, text) && text->len > 0;
}

static const mw_var link_vars[] = {
    { "secure_link", .get = get_link },
    { "secure_link_expires", .get = get_expires },
    { .name = NULL }
};

/* One form drives out the other that was inherited. */
static mw_rc link_ready(mw_bind *b, const mw_level *level, void *conf)
{
    link_conf *c = conf;
    bool       secret = mw_bind_written(b, level, &mw_secure_link_module, "secure_link_secret");

    if (secret && (mw_bind_written(b, level, &mw_secure_link_module, "secure_link")
                   || mw_bind_written(b, level, &mw_secure_link_module, "secure_link_md5")))
        return mw_bind_error(b, level->node, "\"secure_link_secret\" cannot be mixed with \"secure_link\" and "
                             "\"secure_link_md5\"");
    if (secret)
        c->link = c->md5 = NULL;
    else if (c->link != NULL || c->md5 != NULL)
        c->secret = MW_STR("");
    return MW_OK;
}

static const mw_directive link_directives[] = {
    { "secure_link", IN_WEB, 1, 1, MW_RULE_FIELD(link_conf, link),
      .help = "checksum and last second of a link, with a comma between" },
    { "secure_link_md5", IN_WEB, 1, 1, MW_RULE_FIELD(link_conf, md5), .help = "what the checksum is made of" },
    { "secure_link_secret", IN_LOCATION, 1, 1, MW_FIELD(link_conf, secret),
      .help = "secret of links /prefix/checksum/link" },
    { 0 }
};

static const mw_http_part link_http = { .vars = link_vars };

const mw_module mw_secure_link_module = {
    .name = "secure_link", .directives = link_directives, .conf_size = sizeof(link_conf), .ready = link_ready,
    .http = &link_http,
};
