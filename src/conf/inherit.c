/* inherit.c - what a block has that was not written in it: the enclosing block's, or the defaults.
 *
 * A block begins with the structs of the block around it, and gets its own of a module when a row of it is written, or
 * when the outer one holds something that is not inherited.  Bits say which rows were written; a field that two rows
 * share (root and alias) is written when one of them is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/table.h"

#include "conf/front.h"

static void *field_of(void *conf, const mw_directive *d)
{
    return d->size == 0 ? conf : &((char *)conf)[d->offset];
}

static bool share_bytes(const mw_directive *a, const mw_directive *b)
{
    return a->size > 0 && b->size > 0 && a->offset < b->offset + b->size && b->offset < a->offset + a->size;
}

/* Was this field written, by whatever row? */
static bool field_written(const mw_directive *rows, const uint64_t *written, const mw_directive *d)
{
    for (unsigned i = 0; written != NULL && rows[i].name != NULL; i++)
        if (mw_bit(written, i) && share_bytes(&rows[i], d))
            return true;
    return false;
}

static bool group_written(const mw_directive *rows, const uint64_t *written, const char *group)
{
    for (unsigned i = 0; group != NULL && written != NULL && rows[i].name != NULL; i++)
        if (mw_bit(written, i) && rows[i].group != NULL && strcmp(rows[i].group, group) == 0)
            return true;
    return false;
}

static bool is_inherited(const mw_level *level, const mw_directive *d)
{
    const unsigned inner = IN_IF | IN_SERVER_IF | IN_LIMIT_EXCEPT;

    switch ((mw_inherit)d->inherit) {
    case MW_NEVER:
        return false;
    case MW_INNER:
        return (level->where & inner) != 0;
    case MW_ALWAYS:
    case MW_ADD:
        return true;
    }
    return true;
}

void *mw_level_parent(const mw_bind *b, const mw_level *level, unsigned number)
{
    return level->parent != NULL ? level->parent->conf[number] : b->table->defaults[number];
}

bool mw_level_owns(const mw_bind *b, const mw_level *level, unsigned number)
{
    return level->conf[number] != mw_level_parent(b, level, number);
}

void *mw_level_own(mw_bind *b, mw_level *level, unsigned number)
{
    if (b->modules[number]->conf_size > 0 && !mw_level_owns(b, level, number))
        level->conf[number] = mw_arena_zalloc(b->arena, b->modules[number]->conf_size);
    return level->conf[number];
}

void mw_level_begin_row(mw_bind *b, mw_level *level, const mw_row *row)
{
    const mw_directive *rows = row->module->directives, *d = row->d;
    uint64_t          **bits = &level->written[row->number];
    unsigned            n = 0;
    void               *parent = mw_level_parent(b, level, row->number), *conf;

    if (d->size > 0 || (d->set != NULL && d->set != mw_set_ignored)) {
        conf = mw_level_own(b, level, row->number);
        if (d->inherit == MW_ADD && d->size > 0 && !field_written(rows, *bits, d))
            memcpy(field_of(conf, d), field_of(parent, d), d->size);
    }
    if (*bits == NULL) {
        while (rows[n].name != NULL)
            n++;
        *bits = MW_NEWS(b->arena, uint64_t, n / 64 + 1);
    }
    (*bits)[row->bit / 64] |= (uint64_t)1 << row->bit % 64;
}

/* Does the struct around hold something that must not be seen here? */
static bool needs_own(const mw_bind *b, const mw_level *level, unsigned number)
{
    const mw_directive *rows = b->modules[number]->directives;
    void               *parent = mw_level_parent(b, level, number), *fresh = b->table->defaults[number];

    for (unsigned i = 0; rows != NULL && rows[i].name != NULL; i++)
        if (rows[i].size > 0 && !is_inherited(level, &rows[i]) &&
            memcmp(field_of(parent, &rows[i]), field_of(fresh, &rows[i]), rows[i].size) != 0)
            return true;
    return false;
}

static void inherit_module(mw_bind *b, mw_level *level, unsigned number)
{
    const mw_directive *rows = b->modules[number]->directives;
    const uint64_t     *written = level->written[number];
    void               *conf = level->conf[number];
    void               *parent = mw_level_parent(b, level, number), *fresh = b->table->defaults[number];

    for (unsigned i = 0; rows != NULL && rows[i].name != NULL; i++) {
        const mw_directive *d = &rows[i];
        bool                ours = is_inherited(level, d) && !group_written(rows, written, d->group);

        if (d->size > 0 && !field_written(rows, written, d))
            memcpy(field_of(conf, d), field_of(ours ? parent : fresh, d), d->size);
    }
}

void mw_level_inherit(mw_bind *b, mw_level *level)
{
    for (unsigned i = 0; i < b->nmodules; i++) {
        if (b->modules[i]->conf_size == 0)
            continue;
        if (level->parent == NULL || needs_own(b, level, i))
            (void)mw_level_own(b, level, i);
        if (mw_level_owns(b, level, i))
            inherit_module(b, level, i);
    }
}

/* A node as if `otherwise` had been written, at no place. */
static mw_node *default_node(mw_bind *b, const mw_directive *d)
{
    mw_node *n = MW_NEW(b->arena, mw_node);
    mw_lex   lex = { .left = mw_str_of(d->otherwise), .line = 1, .column = 1 };
    mw_array args = { 0 };

    while (mw_lex_next(&lex, b->arena) == MW_LEX_WORD)
        *MW_PUSH(b->arena, &args, mw_str) = lex.word;
    n->name = mw_str_of(d->name);
    n->args = args.items;
    n->nargs = (unsigned)args.n;
    n->places = MW_NEWS(b->arena, mw_pos, args.n + 1);
    return n;
}

mw_rc mw_defaults_make(mw_bind *b)
{
    mw_table *t = b->table;
    mw_rc     rc = MW_OK;

    t->defaults = MW_NEWS(b->arena, void *, b->nmodules + 1);
    for (unsigned i = 0; i < b->nmodules; i++)
        if (b->modules[i]->conf_size > 0)
            t->defaults[i] = mw_arena_zalloc(b->arena, b->modules[i]->conf_size);
    memcpy(b->top->conf, t->defaults, b->nmodules * sizeof(void *));
    for (unsigned i = 0; i < b->nmodules; i++) {
        const mw_directive *rows = b->modules[i]->directives;

        for (unsigned j = 0; t->defaults[i] != NULL && rows != NULL && rows[j].name != NULL; j++)
            if (rows[j].otherwise != NULL && rows[j].size > 0 && rows[j].set != NULL &&
                rows[j].set(b, default_node(b, &rows[j]), &rows[j], field_of(t->defaults[i], &rows[j])) != MW_OK)
                rc = MW_ERR;
    }
    return rc;
}
