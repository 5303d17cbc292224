/* modules.h - for tests of the binder: a few modules that do nothing but remember, and a configuration bound to them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UNIT_MODULES_H
#define MW_UNIT_MODULES_H

#include "conf/bind.h"
#include "tree.h"

typedef struct main_conf { mw_strs env; bool daemon; } main_conf;

typedef struct web_conf {
    bool     gzip;
    mw_bytes body;
    mw_str   root;              /* root and alias write it */
    bool     is_alias;
    mw_strs  index, add, once;
    mw_str   pass, pass_method; /* a group, INNER */
    int64_t  mode, tries;
    int      readied;           /* no row: zero in each new struct */
} web_conf;

extern const mw_module mw_main_module, mw_web_module, mw_up_module;

static char calls[4096];        /* what was called, in order */

static void call(const char *what, mw_str who)
{
    size_t n = strlen(calls);

    snprintf(&calls[n], sizeof calls - n, "%s%s(%.*s)", n > 0 ? " " : "", what, MW_S(who));
}

static mw_str level_name(const mw_level *l)
{
    return l->node == NULL ? MW_STR("main") : l->node->nargs > 0 ? l->node->args[0] : l->node->name;
}

static mw_rc noted(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)field;
    call(d->name, n->nargs > 0 ? n->args[0] : level_name(b->level));
    return n->nargs > 0 && mw_str_eq(n->args[0], MW_STR("bad")) ? mw_bind_error(b, n, "bad") : MW_OK;
}

static mw_rc set_alias(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b, (void)d;
    *(mw_str *)field = n->args[0];
    return MW_OK;
}

static mw_rc entered(mw_bind *b, const mw_node *n)
{
    call("enter", level_name(b->level));
    b->level->user = (void *)(uintptr_t)n->pos.line;
    return n->nargs > 0 && mw_str_eq(n->args[0], MW_STR("closed")) ? MW_ERR : MW_OK;
}

static mw_rc web_ready(mw_bind *b, const struct mw_level *level, void *conf)
{
    web_conf *c = conf;

    (void)b;
    ck_assert_int_eq(c->readied, 0);
    c->readied = 1;
    call("ready", level_name(level));
    return c->tries == 99 ? mw_bind_error(b, level->node, "99 tries") : MW_OK;
}

static mw_rc finished(mw_bind *b)
{
    ck_assert_ptr_eq(b->level, b->top);
    call("finish", MW_STR(""));
    return MW_OK;
}

static const mw_directive main_rows[] = {
    { .name = "daemon", .where = IN_MAIN, .least = 1, .most = 1, MW_FIELD(main_conf, daemon), .otherwise = "on",
      .help = "runs in the background" },
    { .name = "env", .where = IN_MAIN, .least = 1, .most = 1, MW_FIELD(main_conf, env), .repeat = true,
      .otherwise = "TZ" },
    { .name = "events", .where = IN_MAIN, .block = IN_EVENTS },
    { .name = "worker_connections", .where = IN_EVENTS, .least = 1, .most = 1, .set = noted },
    { .name = NULL }
};

static const mw_choice modes[] = { { "a", 1 }, { "b", 2 }, { NULL, 0 } };

static const mw_directive web_rows[] = {
    { .name = "http", .where = IN_MAIN, .block = IN_HTTP, .enter = entered },
    { .name = "server", .where = IN_HTTP, .most = 1, .block = IN_SERVER, .repeat = true, .enter = entered,
      .set = noted },
    { .name = "location", .where = IN_SERVER | IN_LOCATION, .least = 1, .most = 2, .block = IN_LOCATION, .repeat = true,
      .enter = entered, .set = noted },
    { .name = "if", .where = IN_LOCATION, .least = 1, .most = MANY, .block = IN_IF, .repeat = true, .enter = entered,
      .set = noted },
    { .name = "if", .where = IN_SERVER, .least = 1, .most = MANY, .block = IN_SERVER_IF, .repeat = true, .set = noted },
    { .name = "gzip", .where = IN_WEB | IN_IF, .least = 1, .most = 1, MW_FIELD(web_conf, gzip), .otherwise = "off",
      .help = "compresses \"answers\"" },
    { .name = "body", .where = IN_WEB, .least = 1, .most = 1, MW_FIELD(web_conf, body), .otherwise = "1m" },
    { .name = "root", .where = IN_WEB, .least = 1, .most = 1, MW_FIELD(web_conf, root), .otherwise = "html" },
    { .name = "alias", .where = IN_LOCATION, .least = 1, .most = 1, MW_FIELD_BY(web_conf, root, set_alias) },
    { .name = "index", .where = IN_WEB, .least = 1, .most = MANY, MW_FIELD(web_conf, index), .otherwise = "index.html",
      .repeat = true },
    { .name = "add", .where = IN_WEB, .least = 1, .most = MANY, MW_FIELD(web_conf, add), .repeat = true,
      .inherit = MW_ADD },
    { .name = "once", .where = IN_WEB, .least = 1, .most = MANY, MW_FIELD(web_conf, once), .inherit = MW_NEVER,
      .otherwise = "none" },
    { .name = "pass", .where = IN_LOCATION | IN_IF, .least = 1, .most = 1, MW_FIELD(web_conf, pass),
      .inherit = MW_INNER, .group = "pass" },
    { .name = "pass_method", .where = IN_LOCATION | IN_SERVER | IN_IF, .least = 1, .most = 1,
      MW_FIELD(web_conf, pass_method), .group = "pass", .otherwise = "GET" },
    { .name = "mode", .where = IN_WEB, .least = 1, .most = 1, MW_FIELD(web_conf, mode), .otherwise = "7",
      .choices = modes },
    { .name = "tries", .where = IN_WEB, .least = 1, .most = 1, MW_FIELD(web_conf, tries) },
    { .name = "hash", .where = IN_HTTP, .least = 1, .most = 1, .set = mw_set_ignored, .otherwise = "32|64" },
    { .name = "map", .where = IN_HTTP, .least = 2, .most = 2, .block = MW_RAW, .repeat = true, .set = noted },
    { .name = "perhaps", .where = IN_HTTP, .most = 1, .block = IN_SERVER, .optional_block = true, .set = noted },
    { .name = NULL }
};

static const mw_directive up_rows[] = {
    { .name = "upstream", .where = IN_HTTP, .least = 1, .most = 1, .block = IN_UPSTREAM, .repeat = true },
    { .name = "server", .where = IN_UPSTREAM, .least = 1, .most = MANY, .repeat = true, .set = noted },
    { .name = NULL }
};

const mw_module mw_main_module = { .name = "main", .directives = main_rows, .conf_size = sizeof(main_conf) };
const mw_module mw_web_module = {
    .name = "web", .directives = web_rows, .conf_size = sizeof(web_conf), .ready = web_ready, .finish = finished
};
const mw_module mw_up_module = { .name = "upstream", .directives = up_rows };

static const mw_module *const modules[] = { &mw_main_module, &mw_web_module, &mw_up_module, NULL };

static mw_bind B;

__attribute__((unused))
static mw_level *bound(const char *text)
{
    calls[0] = '\0';
    B = (mw_bind){ .arena = T.arena, .diag = &T.diag, .modules = modules };
    return mw_bind_tree(&B, from_nginx(text));
}

/* The level at the end of a path of arguments or names: "http", "server", "/". */
__attribute__((unused))
static mw_level *down(mw_level *l, const char *name)
{
    for (l = l->kids; l != NULL; l = l->next)
        if (mw_str_eq(level_name(l), mw_str_of(name)))
            return l;
    ck_abort_msg("no level %s", name);
    return NULL;
}

__attribute__((unused))
static web_conf *web(const mw_level *l)
{
    return mw_bind_conf(&B, l, &mw_web_module);
}

/* A list as one word. */
__attribute__((unused))
static const char *listed(mw_strs list)
{
    mw_out o = mw_arena_pen(T.arena, 256);

    for (unsigned i = 0; i < list.n; i++)
        mw_out_fmt(&o, "%s%.*s", i > 0 ? "," : "", MW_S(list.at[i]));
    return mw_arena_z(T.arena, mw_out_done(&o));
}

#endif
