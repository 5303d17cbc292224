/* auth_basic.c - auth_basic: names and passwords of a file (RFC 7617).
 *
 * Where checking a password takes long (bcrypt and kin), a thread does it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/alloc.h"
#include "core/codec.h"
#include "core/file.h"
#include "core/password.h"
#include "event/thread.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/status.h"

enum { FILE_MOST = 64 << 20, CREDENTIALS_MOST = 8192 };

typedef struct { mw_expr *realm, *file; mw_str folder; } basic_conf;

typedef struct { mw_call call; bool asked; mw_str user; } basic_ctx;

typedef struct check { size_t password, stored; bool fits; char text[]; } check;     /* lengths of what is in text */

static bool basic_applies(const void *conf)
{
    const basic_conf *c = conf;
    mw_str            realm;

    if (c->realm == NULL || c->file == NULL)
        return false;
    return !mw_expr_is_constant(c->realm, &realm) || !mw_str_eq(realm, MW_STR("off"));
}

static mw_verdict challenge(mw_request *r, mw_str realm)
{
    mw_str parts[3] = { MW_STR("Basic realm=\""), realm, MW_STR("\"") };

    r->res.challenge = mw_arena_join(r->arena, parts, 3);
    return mw_deny(r, 401);
}

/* false: none were sent, or they are not what RFC 7617 says. */
static bool credentials(mw_request *r, mw_str *user, mw_str *password)
{
    mw_str auth = mw_fields_value(&r->head, MW_T_AUTHORIZATION);
    mw_out o;

    if (!mw_str_istarts(auth, MW_STR("Basic ")) || auth.len > CREDENTIALS_MOST)
        return false;
    auth = mw_str_trim(mw_str_drop(auth, 6));
    o = mw_arena_pen(r->arena, auth.len + 1);
    return mw_unbase64(&o, auth) && mw_str_cut(mw_out_done(&o), ':', user, password) && user->len > 0;
}

/* Of a line "user:password[:comment]". */
static bool find_user(mw_str file, mw_str user, mw_str *stored)
{
    while (file.len > 0) {
        mw_str line, name, rest;

        (void)mw_str_cut(file, '\n', &line, &file);
        if (mw_str_char(line, 0) == '#' || !mw_str_cut(line, ':', &name, &rest) || !mw_str_eq(name, user))
            continue;
        *stored = mw_str_take(rest, mw_str_index(rest, ':'));
        *stored = mw_str_take(*stored, mw_str_index(*stored, '\r'));
        return true;
    }
    return false;
}

static void run_check(void *v)
{
    check *k = v;

    k->fits = mw_password_fits((mw_str){ k->text, k->password }, (mw_str){ &k->text[k->password], k->stored });
}

static void drop_check(void *v)
{
    check *k = v;

    explicit_bzero(k->text, k->password);
    mw_free(k);
}

/* It was finished, but nobody was there to hear it. */
static void drop_unheard(void *v)
{
    basic_ctx *x = v;

    if (x->call.op.state == MW_OP_FINISHED && x->call.data != NULL) drop_check(x->call.data);
}

static mw_verdict judge(mw_request *r, mw_str user, mw_str realm, bool fits)
{
    if (fits)
        return MW_GRANT;
    MW_LOG(&r->log, MW_LOG_ERROR, 0, "user \"%.*s\": password mismatch", MW_S(user));
    return challenge(r, realm);
}

/* In a thread where there is one that takes it; else at once. */
static mw_verdict compare(mw_request *r, basic_ctx *x, mw_str password, mw_str stored, mw_str realm)
{
    mw_threads *pool = mw_threads_named(r->loop->worker->pools, MW_STR("default"));
    check      *k;
    mw_rc       rc;

    if (!mw_password_slow(stored) || pool == NULL)
        return judge(r, x->user, realm, mw_password_fits(password, stored));
    k = mw_alloc(sizeof *k + password.len + stored.len);
    k->password = password.len;
    k->stored = stored.len;
    memcpy(k->text, password.at, password.len);
    memcpy(&k->text[password.len], stored.at, stored.len);
    x->asked = true;
    mw_arena_on_free(r->arena, drop_unheard, x);
    rc = mw_thread_call(&r->asker, &x->call, pool, run_check, drop_check, k);
    if (rc == MW_AGAIN)
        return MW_WAIT;
    run_check(k);                               /* no thread took it */
    rc = k->fits ? MW_OK : MW_ERR;
    drop_check(k);
    x->call.data = NULL;
    return judge(r, x->user, realm, rc == MW_OK);
}

static mw_verdict answered(mw_request *r, basic_ctx *x, mw_str realm)
{
    bool fits;

    if (x->call.op.state == MW_OP_PENDING)
        return MW_WAIT;
    if (x->call.op.rc != MW_OK)
        run_check(x->call.data);
    fits = ((const check *)x->call.data)->fits;
    drop_check(x->call.data);
    x->call.data = NULL;
    return judge(r, x->user, realm, fits);
}

static mw_verdict cannot_read(mw_request *r, mw_str path, int err)
{
    bool absent = err == ENOENT || err == ENOTDIR;

    MW_LOG(&r->log, absent ? MW_LOG_ERROR : MW_LOG_CRIT, err, "open() \"%.*s\" failed", MW_S(path));
    return absent ? mw_deny(r, 403) : mw_refuse(r, 500);
}

static mw_verdict basic_step(mw_request *r, const void *conf, void *ctx)
{
    const basic_conf *c = conf;
    basic_ctx        *x = ctx;
    mw_str            realm = mw_expr_text(c->realm, &r->scope), password, path, file, stored;

    if (x->asked)
        return answered(r, x, realm);
    if (mw_str_eq(realm, MW_STR("off")))
        return MW_PASS;
    if (!credentials(r, &x->user, &password)) {
        MW_LOG(&r->log, MW_LOG_INFO, 0, "no user/password was provided for basic authentication");
        return challenge(r, realm);
    }
    path = mw_path_join(r->arena, c->folder, mw_expr_text(c->file, &r->scope));
    if (mw_file_read_all(r->arena, path, FILE_MOST, &file) != MW_OK)
        return cannot_read(r, path, errno);
    if (!find_user(file, x->user, &stored)) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "user \"%.*s\" was not found in \"%.*s\"", MW_S(x->user), MW_S(path));
        return challenge(r, realm);
    }
    return compare(r, x, password, stored, realm);
}

static mw_rc basic_ready(mw_bind *b, const mw_level *level, void *conf)
{
    (void)level;
    ((basic_conf *)conf)->folder = b->folder;
    return MW_OK;
}

static const mw_directive basic_directives[] = {
    { "auth_basic", IN_WEB | IN_LIMIT_EXCEPT, 1, 1, MW_RULE_FIELD(basic_conf, realm), .otherwise = "off",
      .help = "asks for a name and a password; the text is the realm" },
    { "auth_basic_user_file", IN_WEB | IN_LIMIT_EXCEPT, 1, 1, MW_RULE_FIELD(basic_conf, file),
      .help = "file of names and passwords" },
    { 0 }
};

static const mw_http_part basic_http = {
    .ctx_size = sizeof(basic_ctx), .applies = basic_applies, .access = basic_step,
};

const mw_module mw_auth_basic_module = {
    .name = "auth_basic", .directives = basic_directives, .conf_size = sizeof(basic_conf), .ready = basic_ready,
    .http = &basic_http,
};
