/* table.c - the rows of all modules: by name, the nearest to a wrong name, and as JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/table.h"

static const struct { unsigned bit; const char *name; } contexts[] = {
    { IN_MAIN, "main" },         { IN_EVENTS, "events" },       { IN_HTTP, "http" },
    { IN_SERVER, "server" },     { IN_LOCATION, "location" },   { IN_IF, "if in location" },
    { IN_SERVER_IF, "if in server" }, { IN_LIMIT_EXCEPT, "limit_except" }, { IN_UPSTREAM, "upstream" },
    { IN_STREAM, "stream" },     { IN_STREAM_SERVER, "stream server" }, { IN_STREAM_UPSTREAM, "stream upstream" },
};

void mw_contexts_text(mw_out *o, unsigned where, const char *quote)
{
    const char *between = "";

    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
        if (!(where & contexts[i].bit))
            continue;
        mw_out_fmt(o, "%s%s%s%s", between, quote, contexts[i].name, quote);
        between = ", ";
    }
}

static void add_row(mw_bind *b, mw_table *t, unsigned number, unsigned bit)
{
    const mw_module *m = b->modules[number];
    mw_row          *row = MW_NEW(b->arena, mw_row), *last;
    mw_str           name = mw_str_of(m->directives[bit].name);

    *row = (mw_row){ .module = m, .d = &m->directives[bit], .number = number, .bit = bit };
    t->nrows++;
    last = mw_map_get(t->rows, name);
    if (last == NULL) {
        mw_map_set(t->rows, name, row);
        return;
    }
    while (last->next != NULL)
        last = last->next;
    last->next = row;
}

mw_table *mw_table_new(mw_bind *b)
{
    mw_table *t = MW_NEW(b->arena, mw_table);

    t->rows = mw_map_new(b->arena, false);
    for (b->nmodules = 0; b->modules[b->nmodules] != NULL; b->nmodules++) {
        const mw_directive *rows = b->modules[b->nmodules]->directives;

        for (unsigned bit = 0; rows != NULL && rows[bit].name != NULL; bit++)
            add_row(b, t, b->nmodules, bit);
    }
    return t;
}

const mw_row *mw_table_find(const mw_table *t, mw_str name, unsigned where, bool *known)
{
    const mw_row *row = mw_map_get(t->rows, name);

    *known = row != NULL;
    while (row != NULL && !(row->d->where & where))
        row = row->next;
    return row;
}

const mw_directive *mw_bind_row(const mw_bind *b, mw_str name, unsigned where, const mw_module **m)
{
    bool          known;
    const mw_row *row = mw_table_find(b->table, name, where, &known);

    if (row == NULL)
        return NULL;
    if (m != NULL)
        *m = row->module;
    return row->d;
}

const char *mw_table_nearest(const mw_bind *b, mw_str name, unsigned where)
{
    const char **names = MW_NEWS(b->arena, const char *, b->table->nrows + 1);
    const char  *near;
    size_t       n = 0;

    for (unsigned i = 0; i < b->nmodules; i++) {
        const mw_directive *rows = b->modules[i]->directives;

        for (unsigned bit = 0; rows != NULL && rows[bit].name != NULL; bit++)
            if (rows[bit].where & where)
                names[n++] = rows[bit].name;
    }
    near = mw_diag_nearest(name, names, n);
    return near != NULL || where == ~0u ? near : mw_table_nearest(b, name, ~0u);
}

/* Text in a table is ours: ASCII, printable; only quotes and backslashes need care. */
static void json_text(mw_out *o, const char *text)
{
    mw_str s = mw_str_of(text);

    mw_out_char(o, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\')
            mw_out_char(o, '\\');
        mw_out_char(o, s.at[i]);
    }
    mw_out_char(o, '"');
}

static void json_row(mw_out *o, const mw_module *m, const mw_directive *d)
{
    mw_out_str(o, MW_STR("{\"name\": "));
    json_text(o, d->name);
    mw_out_str(o, MW_STR(", \"module\": "));
    json_text(o, m->name);
    mw_out_str(o, MW_STR(", \"contexts\": ["));
    mw_contexts_text(o, d->where, "\"");
    mw_out_fmt(o, "], \"arguments\": {\"least\": %u, \"most\": ", d->least);
    if (d->most == MANY)
        mw_out_str(o, MW_STR("null"));
    else
        mw_out_u64(o, d->most);
    mw_out_fmt(o, "}, \"block\": %s, \"repeat\": %s, \"default\": ", d->block != 0 ? "true" : "false",
               d->repeat ? "true" : "false");
    if (d->otherwise != NULL)
        json_text(o, d->otherwise);
    else
        mw_out_str(o, MW_STR("null"));
    mw_out_str(o, MW_STR(", \"help\": "));
    json_text(o, d->help != NULL ? d->help : "");
    mw_out_char(o, '}');
}

void mw_directives_json(mw_out *o, const mw_module *const *modules)
{
    const char *between = "[\n";

    for (size_t i = 0; modules[i] != NULL; i++) {
        const mw_directive *rows = modules[i]->directives;

        for (size_t bit = 0; rows != NULL && rows[bit].name != NULL; bit++) {
            mw_out_fmt(o, "%s  ", between);
            json_row(o, modules[i], &rows[bit]);
            between = ",\n";
        }
    }
    mw_out_str(o, between[0] == '[' ? MW_STR("[]\n") : MW_STR("\n]\n"));
}
