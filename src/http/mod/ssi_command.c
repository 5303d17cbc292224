/* ssi_command.c - what the commands of server side includes do.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/ssi.h"
#include "http/uri.h"

enum { PARAMS = 5, BLOCK_MOST = 1048576 };

typedef struct param_row { const char *name; bool needed; } param_row;
typedef struct command_row {
    const char *name;
    /* values: by row of params, at NULL: not given; false: failed */
    bool      (*run)(mw_ssi *s, const mw_str *values);
    param_row   params[PARAMS + 1];
    bool        structure;      /* run also where nothing is put out */
} command_row;

static bool run_echo(mw_ssi *s, const mw_str *values)
{
    enum { VAR, DEFAULT, ENCODING };
    mw_str    text, encoding = values[ENCODING];
    mw_escape how = mw_str_eq(encoding, MW_STR("url")) ? MW_ESCAPE_URI : MW_ESCAPE_HTML;
    mw_out    o;

    if (!mw_ssi_lookup(s, values[VAR], &text)) {
        text = values[DEFAULT].at != NULL ? values[DEFAULT] : MW_STR("(none)");
        mw_chain_add_lent(mw_ssi_out(s), text);
        return true;
    }
    if (encoding.at != NULL && !mw_str_eq(encoding, MW_STR("none")) && !mw_str_eq(encoding, MW_STR("url"))
        && !mw_str_eq(encoding, MW_STR("entity")))
        MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "unknown encoding \"%.*s\" in the \"echo\" command", MW_S(encoding));
    if (!mw_str_eq(encoding, MW_STR("none"))) {
        o = mw_arena_pen(s->r->arena, mw_uri_escaped_size(text, how));
        mw_uri_escape(&o, text, how);
        text = mw_out_done(&o);
    }
    if (text.len > 0)
        mw_chain_add_lent(mw_ssi_out(s), text);
    return true;
}

static bool run_set(mw_ssi *s, const mw_str *values)
{
    mw_str text;

    if (!mw_ssi_evaluate(s, values[1], &text))
        return false;
    mw_ssi_set(s, values[0], text);
    return true;
}

static bool run_config(mw_ssi *s, const mw_str *values)
{
    if (values[0].at != NULL)
        s->timefmt = values[0];
    if (values[1].at != NULL)
        s->errmsg = values[1];
    return true;
}

/* ------------------------------------------------------------------------------------------ conditions */

static bool misplaced(mw_ssi *s)
{
    MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "invalid context of SSI command: \"%.*s\"", MW_S(s->parse.command));
    return false;
}

static bool run_if(mw_ssi *s, const mw_str *values)
{
    bool is_true = false, outer = !s->mute;

    if (s->nifs == MW_SSI_NESTED)
        return misplaced(s);
    if (outer && !mw_ssi_if(s, values[0], &is_true))
        return false;
    s->ifs[s->nifs].branch = !outer ? MW_SSI_DONE : is_true ? MW_SSI_TAKEN : MW_SSI_OPEN;
    s->ifs[s->nifs].has_else = false;
    s->ifs[s->nifs].outer = outer;
    s->nifs++;
    s->mute = !is_true;
    return true;
}

static bool run_elif(mw_ssi *s, const mw_str *values)
{
    bool is_true = false, well = true;

    if (s->nifs == 0 || s->ifs[s->nifs - 1].has_else)
        return misplaced(s);
    switch ((mw_ssi_branch)s->ifs[s->nifs - 1].branch) {
    case MW_SSI_TAKEN:
        s->ifs[s->nifs - 1].branch = MW_SSI_DONE;
        break;
    case MW_SSI_OPEN:
        well = mw_ssi_if(s, values[0], &is_true);
        s->ifs[s->nifs - 1].branch = is_true ? MW_SSI_TAKEN : MW_SSI_OPEN;
        break;
    case MW_SSI_DONE:
        break;
    }
    s->mute = !is_true;
    return well;
}

static bool run_else(mw_ssi *s, const mw_str *values)
{
    bool open;

    (void)values;
    if (s->nifs == 0 || s->ifs[s->nifs - 1].has_else)
        return misplaced(s);
    open = s->ifs[s->nifs - 1].branch == MW_SSI_OPEN;
    s->ifs[s->nifs - 1].branch = open ? MW_SSI_TAKEN : MW_SSI_DONE;
    s->ifs[s->nifs - 1].has_else = true;
    s->mute = !open;
    return true;
}

static bool run_endif(mw_ssi *s, const mw_str *values)
{
    (void)values;
    if (s->nifs == 0)
        return misplaced(s);
    s->nifs--;
    s->mute = !s->ifs[s->nifs].outer;
    return true;
}

/* ------------------------------------------------------------------------------------------ blocks */

static bool run_block(mw_ssi *s, const mw_str *values)
{
    s->in_block = true;
    s->block_too_long = false;
    s->block = values[0];
    return true;
}

static void end_block(mw_ssi *s)
{
    mw_arena     *a = s->r->main->arena;
    mw_ssi_named *b;
    char         *text;

    s->in_block = false;
    if (!s->mute && !s->block_too_long) {
        text = mw_arena_alloc(a, s->block_text.bytes + 1);
        b = MW_NEW(a, mw_ssi_named);
        b->name = s->block;
        b->text = (mw_str){ text, mw_chain_peek(&s->block_text, text, s->block_text.bytes) };
        b->next = s->once->blocks;
        s->once->blocks = b;
    }
    mw_chain_clear(&s->block_text);
}

/* A command within a block is a part of its text. */
static void block_command(mw_ssi *s)
{
    if (s->parse.why.at == NULL && mw_str_eq(s->parse.command, MW_STR("endblock"))) {
        mw_chain_clear(&s->raw);
        end_block(s);
        return;
    }
    mw_chain_move(&s->block_text, &s->raw);
    if (s->block_text.bytes <= BLOCK_MOST)
        return;
    if (!s->block_too_long)
        MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "the SSI block \"%.*s\" is too long", MW_S(s->block));
    s->block_too_long = true;
    mw_chain_clear(&s->block_text);
}

static bool run_endblock(mw_ssi *s, const mw_str *values)
{
    (void)s;
    (void)values;
    return true;
}

/* ------------------------------------------------------------------------------------------ include */

/* Decodes %XX; false: broken, or it holds what is not to be opened. */
static bool decode(mw_arena *a, mw_str path, mw_str *decoded)
{
    mw_out o = mw_arena_pen(a, path.len);

    for (size_t i = 0; i < path.len; i++) {
        int high, low;

        if (mw_str_char(path, i) != '%') {
            mw_out_char(&o, mw_str_char(path, i));
            continue;
        }
        high = mw_hex_digit(mw_str_char(path, i + 1));
        low = mw_hex_digit(mw_str_char(path, i + 2));
        if (high < 0 || low < 0)
            return false;
        mw_out_char(&o, (char)(high * 16 + low));
        i += 2;
    }
    *decoded = mw_out_done(&o);
    return !mw_uri_unsafe(*decoded);
}

/* Where an include leads to; false: said. */
static bool find_target(mw_ssi *s, mw_str text, mw_str *uri, mw_str *args)
{
    mw_str whole, path;

    if (!mw_ssi_evaluate(s, text, &whole))
        return false;
    if (mw_str_char(whole, 0) != '/') {
        mw_str parts[2] = { mw_str_take(s->r->uri, mw_str_rindex(s->r->uri, '/') + 1), whole };

        whole = mw_arena_join(s->r->arena, parts, 2);
    }
    (void)mw_str_cut(whole, '?', &path, args);
    if (decode(s->r->arena, path, uri))
        return true;
    MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "unsafe URI \"%.*s\" was detected", MW_S(whole));
    return false;
}

enum { VIRTUAL, FILE_NAME, SET, STUB, WAIT };

static bool include_makes_sense(mw_ssi *s, const mw_str *v)
{
    mw_log *log = &s->r->log;

    if (v[VIRTUAL].at != NULL && v[FILE_NAME].at != NULL)
        MW_LOG(log, MW_LOG_ERROR, 0, "inclusion may be either virtual=\"%.*s\" or file=\"%.*s\"", MW_S(v[VIRTUAL]),
               MW_S(v[FILE_NAME]));
    else if (v[VIRTUAL].at == NULL && v[FILE_NAME].at == NULL)
        MW_LOG(log, MW_LOG_ERROR, 0, "no parameter in \"include\" SSI command");
    else if (v[SET].at != NULL && v[STUB].at != NULL)
        MW_LOG(log, MW_LOG_ERROR, 0, "\"set\" and \"stub\" cannot be used together in \"include\" SSI command");
    else if (v[WAIT].at != NULL && !mw_str_ieq(v[WAIT], MW_STR("yes")) && !mw_str_ieq(v[WAIT], MW_STR("no")))
        MW_LOG(log, MW_LOG_ERROR, 0, "invalid value \"%.*s\" in the \"wait\" parameter", MW_S(v[WAIT]));
    else if (v[STUB].at != NULL && mw_ssi_find(s->once->blocks, v[STUB]) == NULL)
        MW_LOG(log, MW_LOG_ERROR, 0, "\"stub\"=\"%.*s\" for \"include\" not found", MW_S(v[STUB]));
    else
        return true;
    return false;
}

static bool run_include(mw_ssi *s, const mw_str *v)
{
    mw_str       uri, args;
    mw_ssi_item *item;

    if (!include_makes_sense(s, v)
        || !find_target(s, v[VIRTUAL].at != NULL ? v[VIRTUAL] : v[FILE_NAME], &uri, &args))
        return false;
    item = mw_ssi_item_new(s);
    item->include = true;
    item->set = v[SET];
    item->stub = v[STUB].at != NULL ? mw_ssi_find(s->once->blocks, v[STUB]) : NULL;
    if (mw_sub_ask(&s->r->lasting, &item->sub, s->r, uri, args, (mw_sub_how){ .own_method = false }) == MW_ERR) {
        mw_list_drop(&item->link);
        return false;
    }
    item->request = item->sub.request;
    if (v[SET].at != NULL || mw_str_ieq(v[WAIT], MW_STR("yes")))
        s->gate = item;
    s->waiting++;
    return true;
}

/* ------------------------------------------------------------------------------------------ the table */

static const command_row commands[] = {
    { "include", run_include, { { "virtual", false }, { "file", false }, { "set", false }, { "stub", false },
                                { "wait", false } }, false },
    { "echo", run_echo, { { "var", true }, { "default", false }, { "encoding", false } }, false },
    { "config", run_config, { { "timefmt", false }, { "errmsg", false } }, false },
    { "set", run_set, { { "var", true }, { "value", true } }, false },
    { "if", run_if, { { "expr", true } }, true },
    { "elif", run_elif, { { "expr", true } }, true },
    { "else", run_else, { { NULL, false } }, true },
    { "endif", run_endif, { { NULL, false } }, true },
    { "block", run_block, { { "name", true } }, true },
    { "endblock", run_endblock, { { NULL, false } }, true },
};

/* The values by row of params; false: said. */
static bool sort_params(mw_ssi *s, const command_row *row, mw_str *values)
{
    mw_log *log = &s->r->log;

    for (unsigned i = 0; i < s->parse.n; i++) {
        const mw_ssi_param *p = &s->parse.params[i];
        unsigned            k = 0;

        while (row->params[k].name != NULL && !mw_str_eq(p->name, mw_str_of(row->params[k].name)))
            k++;
        if (row->params[k].name == NULL) {
            MW_LOG(log, MW_LOG_ERROR, 0, "invalid parameter name: \"%.*s\" in \"%s\" SSI command", MW_S(p->name),
                   row->name);
            return false;
        }
        if (values[k].at != NULL) {
            MW_LOG(log, MW_LOG_ERROR, 0, "duplicate \"%s\" parameter in \"%s\" SSI command", row->params[k].name,
                   row->name);
            return false;
        }
        values[k] = mw_out_done(&p->value);
    }
    for (unsigned k = 0; row->params[k].name != NULL; k++) {
        if (!row->params[k].needed || values[k].at != NULL)
            continue;
        MW_LOG(log, MW_LOG_ERROR, 0, "mandatory \"%s\" parameter is absent in \"%s\" SSI command", row->params[k].name,
               row->name);
        return false;
    }
    return true;
}

static bool run(mw_ssi *s)
{
    mw_str values[PARAMS] = { { NULL, 0 } };

    if (s->parse.why.at != NULL)
        return false;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const command_row *row = &commands[i];

        if (mw_str_eq(s->parse.command, mw_str_of(row->name)))
            return (s->mute && !row->structure) || (sort_params(s, row, values) && row->run(s, values));
    }
    if (!s->mute)
        MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "invalid SSI command: \"%.*s\"", MW_S(s->parse.command));
    return false;
}

void mw_ssi_command(mw_ssi *s)
{
    bool muted = s->mute;

    if (s->in_block) {
        block_command(s);
        return;
    }
    s->once->now = s;
    if (!run(s) && !muted && !s->c->silent && s->errmsg.len > 0)
        mw_chain_add_lent(mw_ssi_out(s), s->errmsg);
    s->once->now = NULL;
}
