/* rewrite.c - rewrite, return, set, if and break: one small program per block, run at one stop.
 *
 * An `if` in a location is a place of its own: when it is true, the request's place becomes that of the block (so
 * variables see it at once), the block's own program runs, and the outer one goes on behind it; the last block entered
 * wins.  A server's `if` enters nothing, it only guards what stands in it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/codec.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/site.h"
#include "http/uri.h"
#include "http/vars.h"
#include "rule/cond.h"

typedef enum { OP_SET, OP_IF, OP_REWRITE, OP_RETURN, OP_BREAK } op_kind;
typedef enum { GO_ON, LAST, BREAK, REDIRECT, PERMANENT } rewrite_flag;

typedef struct op {
    op_kind         kind;
    const mw_node  *node;
    mw_expr        *text;           /* value of set; path of rewrite; body or URL of return */
    mw_expr        *args;           /* of rewrite, behind its '?' ; NULL: none */
    unsigned        variable;
    const mw_var   *definition;
    const mw_cond  *cond;
    mw_place       *place;          /* of an `if` in a location */
    const mw_level *inner;          /* the block of an `if` */
    const mw_regex *regex;
    rewrite_flag    flag;
    bool            keep_args;      /* the request's own are put behind */
    bool            external;       /* rewrite to a full URL */
    int             status;
} op;

typedef struct { mw_array ops; bool log, warn; } rewrite_conf;      /* ops: of op * */

typedef struct run {
    mw_request *r;
    bool        log, changed, stopped;
    mw_verdict  v;
} run;

static bool rewrite_applies(const void *conf)
{
    const rewrite_conf *c = conf;
    return c->ops.n > 0;
}

/* --- running --- */

static void say_matched(const run *x, const op *o, bool found)
{
    if (x->log)
        MW_LOG(&x->r->log, MW_LOG_NOTICE, 0, "\"%.*s\" %s \"%.*s\"", MW_S(o->node->args[0]),
               found ? "matches" : "does not match", MW_S(x->r->uri));
}

/* What a redirect's path means, as nginx has it: %XX of what is printable and above '%' stands for that byte, up to a
 * '?'; all else goes as it is.  (No end of a line gets into a field: h1/write.c.) */
static mw_str redirect_path(mw_request *r, mw_str text)
{
    mw_out o = mw_arena_pen(r->arena, text.len);

    for (size_t i = 0; i < text.len; i++) {
        char c = mw_str_char(text, i);
        int  high = mw_hex_digit(mw_str_char(text, i + 1)), low = mw_hex_digit(mw_str_char(text, i + 2));

        if (c == '%' && high >= 0 && low >= 0 && high * 16 + low > '%' && high * 16 + low < 0x7f) {
            c = (char)(high * 16 + low);
            i += 2;
        }
        mw_out_char(&o, c);
        if (c == '?') {
            mw_out_str(&o, mw_str_drop(text, i + 1));
            break;
        }
    }
    return mw_out_done(&o);
}

/* Captures are escaped for a URI only if the client's own had something escaped, or a '+'. */
static mw_str captured_text(mw_request *r, const mw_expr *e)
{
    mw_str path, args;

    (void)mw_str_cut(r->main->target, '?', &path, &args);
    if (mw_str_index(path, '%') < path.len || mw_str_index(path, '+') < path.len)
        return mw_expr_escaped(e, &r->scope, true);
    return mw_expr_text(e, &r->scope);
}

/* own: what the rule has behind its '?'; the client's are put behind those. */
static mw_str all_args(mw_request *r, const op *o, mw_str own)
{
    mw_str parts[3] = { own, MW_STR("&"), r->args };

    return o->keep_args && r->args.len > 0 ? mw_arena_join(r->arena, parts, 3) : own;
}

static void run_redirect(run *x, const op *o)
{
    mw_request *r = x->r;
    mw_str      parts[3] = { redirect_path(r, captured_text(r, o->text)), MW_STR("?"), { "", 0 } }, to;

    if (o->args != NULL)
        parts[2] = all_args(r, o, captured_text(r, o->args));
    else if (o->keep_args && r->args.len > 0)
        parts[2] = r->args;
    else
        parts[1].len = 0;
    to = mw_arena_join(r->arena, parts, 3);
    if (x->log)
        MW_LOG(&r->log, MW_LOG_NOTICE, 0, "rewritten redirect: \"%.*s\"", MW_S(to));
    x->v = mw_moved(r, o->flag == PERMANENT ? 301 : 302, to);
    x->stopped = true;
}

static void run_rewrite(run *x, const op *o)
{
    mw_request *r = x->r;
    bool        found = mw_scope_match(&r->scope, o->regex, r->uri);
    mw_str      path, own;

    say_matched(x, o, found);
    if (!found) {
        mw_scope_unmatch(&r->scope);
        return;
    }
    if (o->external) {
        run_redirect(x, o);
        return;
    }
    path = mw_arena_copy(r->arena, mw_expr_text(o->text, &r->scope));
    own = o->args != NULL ? captured_text(r, o->args) : MW_STR("");
    if (o->args != NULL)
        r->args = mw_arena_copy(r->arena, all_args(r, o, own));
    else if (!o->keep_args)
        r->args = MW_STR("");
    r->uri = path;
    r->same_uri = false;
    r->rewritten = r->internal = true;
    if (x->log)
        MW_LOG(&r->log, MW_LOG_NOTICE, 0, "rewritten data: \"%.*s\", args: \"%.*s\"", MW_S(r->uri), MW_S(r->args));
    if (path.len == 0) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "the rewritten URI has a zero length");
        x->v = mw_refuse(r, 500);
        x->stopped = true;
        return;
    }
    x->changed = o->flag != BREAK;
    x->stopped = o->flag == LAST || o->flag == BREAK;
}

static void run_return(run *x, const op *o)
{
    mw_request *r = x->r;
    mw_str      text;

    x->stopped = true;
    r->res.status = o->status;                  /* so that $status in the text is that */
    text = mw_expr_text(o->text, &r->scope);
    if (o->text == NULL && o->status >= 300) {
        x->v = mw_refuse(r, o->status);
        return;
    }
    if (o->status == 301 || o->status == 302 || o->status == 303 || o->status == 307 || o->status == 308) {
        x->v = mw_moved(r, o->status, text);
        return;
    }
    r->res.type = mw_mime_type(r, r->uri);
    if (o->status < 200)
        r->res.status_line = mw_arena_fmt(r->arena, "%03d ", o->status);
    x->v = mw_answer(r, o->status, text);
}

static void run_program(run *x, const rewrite_conf *c);

static void run_if(run *x, const op *o)
{
    if (!mw_cond_true(o->cond, &x->r->scope, x->log))
        return;
    if (o->place != NULL)
        x->r->place = o->place;
    run_program(x, mw_site_conf(x->r->site, o->inner, &mw_rewrite_module));
}

static void run_program(run *x, const rewrite_conf *c)
{
    for (size_t i = 0; i < c->ops.n && !x->stopped; i++) {
        const op *o = MW_ITEM(&c->ops, op *, i);

        switch (o->kind) {
        case OP_SET:     mw_var_set(&x->r->scope, o->variable, mw_expr_text(o->text, &x->r->scope));    break;
        case OP_IF:      run_if(x, o);                                                              break;
        case OP_REWRITE: run_rewrite(x, o);                                                         break;
        case OP_RETURN:  run_return(x, o);                                                          break;
        case OP_BREAK:   x->stopped = true;                                                         break;
        }
    }
}

static mw_verdict run_all(mw_request *r, const rewrite_conf *c, bool in_server)
{
    run             x = { .r = r, .log = c->log, .v = MW_PASS };
    const mw_place *before = r->place;

    run_program(&x, c);
    if (x.v != MW_PASS)
        return x.v;
    if (x.changed && !in_server)
        return mw_relocate(r);
    return r->place != before ? MW_ENTER : MW_PASS;
}

static mw_verdict server_step(mw_request *r, const void *conf, void *ctx)
{
    (void)ctx;
    return run_all(r, conf, true);
}

static mw_verdict location_step(mw_request *r, const void *conf, void *ctx)
{
    (void)ctx;
    return r->place == r->server->bare ? MW_PASS : run_all(r, conf, false);    /* a server's own program ran already */
}

/* A variable that some `set` names and none has run for. */
static bool get_unset(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request         *r = mw_scope_request(s);
    const rewrite_conf *c = mw_site_conf(r->site, r->place->level, &mw_rewrite_module);

    if (c->warn)
        MW_LOG(s->log, MW_LOG_WARN, 0, "using uninitialized \"%s\" variable", v->name);
    return mw_got(text, MW_STR(""));
}

static mw_rc rewrite_begin(mw_bind *b)
{
    mw_vars_unset(b->vars, get_unset);
    return MW_OK;
}

/* --- reading --- */

static op *new_op(mw_bind *b, mw_array *ops, op_kind kind, const mw_node *n)
{
    op *o = MW_NEW(b->arena, op);

    o->kind = kind;
    o->node = n;
    *MW_PUSH(b->arena, ops, op *) = o;
    return o;
}

static mw_rc set_set(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    op *o = new_op(b, field, OP_SET, n);

    (void)d;
    if (mw_str_char(n->args[0], 0) != '$' || n->args[0].len < 2)
        return mw_bind_error_at(b, n, 0, "invalid variable name \"%.*s\"", MW_S(n->args[0]));
    o->definition = mw_vars_define(b, n, mw_str_drop(n->args[0], 1));
    if (o->definition == NULL)
        return MW_ERR;
    o->variable = mw_vars_need(b, n, mw_str_drop(n->args[0], 1));
    o->text = mw_expr_compile(b, n, n->args[1]);
    return o->text != NULL ? MW_OK : MW_ERR;
}

static mw_rc set_break(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    (void)new_op(b, field, OP_BREAK, n);
    return MW_OK;
}

static bool is_url(mw_str s)
{
    return mw_str_starts(s, MW_STR("http://")) || mw_str_starts(s, MW_STR("https://"))
        || mw_str_starts(s, MW_STR("$scheme"));
}

static mw_rc set_return(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    op      *o = new_op(b, field, OP_RETURN, n);
    mw_str   first = n->args[0], text = n->nargs == 2 ? n->args[1] : (mw_str){ NULL, 0 };
    uint64_t code = 0;

    (void)d;
    if (mw_str_u64(first, &code)) {
        if (code > 999)
            return mw_bind_error_at(b, n, 0, "invalid return code \"%.*s\"", MW_S(first));
    } else if (n->nargs == 1 && is_url(first)) {
        code = 302;
        text = first;
    } else {
        return mw_bind_error_at(b, n, 0, "invalid return code \"%.*s\"", MW_S(first));
    }
    o->status = (int)code;
    if (text.at == NULL || (text.len == 0 && code >= 400))      /* an empty text there is none: the built-in page */
        return MW_OK;
    o->text = mw_expr_compile(b, n, text);
    return o->text != NULL ? MW_OK : MW_ERR;
}

static const struct { mw_str word; rewrite_flag flag; } flags[] = {
    { MW_STR_C("last"), LAST }, { MW_STR_C("break"), BREAK }, { MW_STR_C("redirect"), REDIRECT },
    { MW_STR_C("permanent"), PERMANENT },
};

static mw_rc set_rewrite(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    op    *o = new_op(b, field, OP_REWRITE, n);
    mw_str to = n->args[1], path, args;
    bool   has_args;

    (void)d;
    o->regex = mw_scope_regex(b, n, n->args[0], false);
    if (o->regex == NULL)
        return MW_ERR;
    o->external = is_url(to);
    for (size_t i = 0; n->nargs == 3 && i < sizeof flags / sizeof flags[0]; i++)
        if (mw_str_eq(n->args[2], flags[i].word)) o->flag = flags[i].flag;
    if (n->nargs == 3 && o->flag == GO_ON)
        return mw_bind_error_at(b, n, 2, "invalid parameter \"%.*s\"", MW_S(n->args[2]));
    o->external = o->external || o->flag == REDIRECT || o->flag == PERMANENT;
    o->keep_args = !mw_str_ends(to, MW_STR("?"));
    if (!o->keep_args)
        to = mw_str_take(to, to.len - 1);
    has_args = mw_str_cut(to, '?', &path, &args);
    o->text = mw_expr_compile(b, n, path);
    o->args = has_args ? mw_expr_compile(b, n, args) : NULL;
    return o->text != NULL && (o->args != NULL || !has_args) ? MW_OK : MW_ERR;
}

static mw_rc set_if(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    op *o = new_op(b, field, OP_IF, n);

    if (d->block == IN_IF)
        o->place = mw_place_new(b, NULL);
    o->cond = mw_cond_compile(b, n);
    return o->cond != NULL ? MW_OK : MW_ERR;
}

/* The block stands now: it is tied to the op that its own line made in the program around it. */
static mw_rc enter_if(mw_bind *b, const mw_node *n)
{
    const rewrite_conf *outer = mw_bind_conf(b, b->level->parent, &mw_rewrite_module);

    for (size_t i = 0; i < outer->ops.n; i++) {
        op *o = MW_ITEM(&outer->ops, op *, i);

        if (o->node != n)
            continue;
        o->inner = b->level;
        if (o->place != NULL) {
            const mw_place *around = mw_place_of(b, b->level->parent);

            mw_place_settle(b, o->place, b->level);
            o->place->inner = true;
            if (around != NULL) {
                o->place->name = around->name;
                o->place->exact = around->exact;
                o->place->regex = around->regex;
                o->place->named = around->named;
            }
        }
    }
    return MW_OK;
}

enum { HERE = IN_SERVER | IN_LOCATION | IN_SERVER_IF | IN_IF };

static const mw_directive rewrite_directives[] = {
    { "rewrite", HERE, 2, 3, MW_FIELD_BY(rewrite_conf, ops, set_rewrite), .inherit = MW_NEVER, .repeat = true,
      .help = "changes the URI where it matches" },
    { "return", HERE, 1, 2, MW_FIELD_BY(rewrite_conf, ops, set_return), .inherit = MW_NEVER, .repeat = true,
      .help = "answers at once, with a status, a text or a redirect" },
    { "set", HERE, 2, 2, MW_FIELD_BY(rewrite_conf, ops, set_set), .inherit = MW_NEVER, .repeat = true,
      .help = "gives a variable a value" },
    { "break", HERE, 0, 0, MW_FIELD_BY(rewrite_conf, ops, set_break), .inherit = MW_NEVER, .repeat = true,
      .help = "ends the directives of this kind here" },
    { "if", IN_SERVER, 1, MANY, MW_FIELD_BY(rewrite_conf, ops, set_if), .inherit = MW_NEVER, .repeat = true,
      .block = IN_SERVER_IF, .enter = enter_if, .help = "configuration for requests that fit a condition" },
    { "if", IN_LOCATION, 1, MANY, MW_FIELD_BY(rewrite_conf, ops, set_if), .inherit = MW_NEVER, .repeat = true,
      .block = IN_IF, .enter = enter_if, .help = "configuration for requests that fit a condition" },
    { "rewrite_log", IN_WEB | IN_SERVER_IF | IN_IF, 1, 1, MW_FIELD(rewrite_conf, log), .otherwise = "off",
      .help = "logs what rewrites do" },
    { "uninitialized_variable_warn", IN_WEB | IN_SERVER_IF | IN_IF, 1, 1, MW_FIELD(rewrite_conf, warn),
      .otherwise = "on", .help = "warns of variables that have no value yet" },
    { 0 }
};

static const mw_http_part rewrite_http = {
    .begin = rewrite_begin, .applies = rewrite_applies, .server_rewrite = server_step, .rewrite = location_step,
};

const mw_module mw_rewrite_module = {
    .name = "rewrite", .directives = rewrite_directives, .conf_size = sizeof(rewrite_conf), .http = &rewrite_http,
};
