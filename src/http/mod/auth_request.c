/* auth_request.c - auth_request, auth_request_set: what a subrequest answers decides who may come in.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/sub.h"

typedef struct { unsigned variable; mw_expr *text; } setting;

typedef struct {
    mw_str   uri;               /* empty: off */
    mw_array settings;          /* of setting */
} request_conf;

typedef struct { mw_sub sub; } request_ctx;

static bool request_applies(const void *conf)
{
    const request_conf *c = conf;
    return c->uri.len > 0;
}

/* The texts are evaluated as the subrequest sees things, and set for all. */
static void set_all(mw_request *r, const request_conf *c, mw_request *asked)
{
    for (size_t i = 0; i < c->settings.n; i++) {
        const setting *s = &MW_ITEM(&c->settings, setting, i);

        mw_var_set(&r->scope, s->variable, mw_arena_copy(r->arena, mw_expr_text(s->text, &asked->scope)));
    }
}

static void take_challenges(mw_request *r, const mw_fields *head)
{
    for (const mw_field *f = mw_fields_get(head, MW_T_WWW_AUTHENTICATE); f != NULL; f = mw_fields_next(head, f))
        *MW_PUSH(r->arena, &r->res.challenges, mw_str) = f->value;
}

static mw_verdict judge(mw_request *r, mw_request *asked)
{
    int status = asked->res.status;

    if (status >= 200 && status < 300)
        return MW_GRANT;
    if (status == 401)
        take_challenges(r, &asked->res.head);
    if (status == 401 || status == 403)
        return mw_deny(r, status);
    MW_LOG(&r->log, MW_LOG_ERROR, 0, "auth request unexpected status: %d", status);
    return mw_refuse(r, 500);
}

static mw_verdict request_step(mw_request *r, const void *conf, void *ctx)
{
    static const mw_sub_how how = { .no_body = true, .head_only = true };
    const request_conf     *c = conf;
    request_ctx            *x = ctx;
    mw_verdict              v;

    switch (mw_sub_ask(&r->asker, &x->sub, r, c->uri, MW_STR(""), how)) {
    case MW_AGAIN:
        return MW_WAIT;
    case MW_OK:
    case MW_END:
        break;
    case MW_ERR:
        if (r->gone)
            return MW_ABORT;
        if (x->sub.request != NULL)
            MW_LOG(&r->log, MW_LOG_ERROR, 0, "auth request unexpected status: %d", x->sub.request->res.status);
        return mw_refuse(r, 500);
    }
    set_all(r, c, x->sub.request);
    v = judge(r, x->sub.request);
    mw_sub_end(&x->sub);
    return v;
}

static mw_rc set_uri(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b;
    (void)d;
    *(mw_str *)field = mw_str_eq(n->args[0], MW_STR("off")) ? MW_STR("") : n->args[0];
    return MW_OK;
}

/* It has no value before it is set, and nobody is warned of that. */
static bool get_nothing(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)s;
    (void)v;
    (void)text;
    return false;
}

static mw_rc set_setting(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_str   name = mw_str_drop(n->args[0], 1);
    setting *s = MW_PUSH(b->arena, (mw_array *)field, setting);
    mw_var  *var;

    (void)d;
    if (mw_str_char(n->args[0], 0) != '$')
        return mw_bind_error_at(b, n, 0, "invalid variable name \"%.*s\"", MW_S(n->args[0]));
    var = mw_vars_define(b, n, name);
    if (var == NULL)
        return MW_ERR;
    if (var->get == NULL)
        var->get = get_nothing;
    s->variable = mw_vars_need(b, n, name);
    s->text = mw_expr_compile(b, n, n->args[1]);
    return s->text != NULL ? MW_OK : MW_ERR;
}

static const mw_directive request_directives[] = {
    { "auth_request", IN_WEB, 1, 1, MW_FIELD_BY(request_conf, uri, set_uri), .otherwise = "off",
      .help = "lets in whom a subrequest to this URI answers with 2xx" },
    { "auth_request_set", IN_WEB, 2, 2, MW_FIELD_BY(request_conf, settings, set_setting), .repeat = true,
      .help = "gives a variable a value from that subrequest" },
    { 0 }
};

static const mw_http_part request_http = {
    .ctx_size = sizeof(request_ctx), .applies = request_applies, .access = request_step,
};

const mw_module mw_auth_request_module = {
    .name = "auth_request", .directives = request_directives, .conf_size = sizeof(request_conf), .http = &request_http,
};
