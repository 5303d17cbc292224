/* bind.c - the walk over the tree: each directive to its row, its row's setter, and block by block down.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/bind.h"

#include "conf/table.h"
#include "core/file.h"
#include "core/must.h"

static mw_rc say(mw_bind *b, const mw_node *n, mw_log_level level, const mw_pos *pos, const char *format, va_list args)
    __attribute__((format(printf, 5, 0)));

static mw_rc say(mw_bind *b, const mw_node *n, mw_log_level level, const mw_pos *pos, const char *format, va_list args)
{
    (void)mw_diag_vadd(b->diag, level, pos, format, args);
    if (n != NULL)
        mw_diag_named_line(b->diag, n->end_line);
    return MW_ERR;
}

mw_rc mw_bind_error(mw_bind *b, const mw_node *n, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)say(b, n, MW_LOG_EMERG, n != NULL ? &n->pos : NULL, format, args);
    va_end(args);
    return MW_ERR;
}

mw_rc mw_bind_error_at(mw_bind *b, const mw_node *n, unsigned arg, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)say(b, n, MW_LOG_EMERG, arg < n->nargs && n->places != NULL ? &n->places[arg] : &n->pos, format, args);
    va_end(args);
    return MW_ERR;
}

void mw_bind_warn(mw_bind *b, const mw_node *n, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)say(b, n, MW_LOG_WARN, n != NULL ? &n->pos : NULL, format, args);
    va_end(args);
}

mw_str mw_bind_path(const mw_bind *b, mw_str name)
{
    return mw_path_join(b->arena, b->prefix, name);
}

mw_str mw_bind_conf_path(const mw_bind *b, mw_str name)
{
    return mw_path_join(b->arena, b->folder, name);
}

unsigned mw_bind_number(const mw_bind *b, const mw_module *m)
{
    unsigned i = 0;

    while (b->modules[i] != NULL && b->modules[i] != m)
        i++;
    MW_MUST(b->modules[i] != NULL);
    return i;
}

void *mw_bind_conf(const mw_bind *b, const mw_level *level, const mw_module *m)
{
    return level->conf[mw_bind_number(b, m)];
}

bool mw_bind_written(const mw_bind *b, const mw_level *level, const mw_module *m, const char *row)
{
    const uint64_t *bits = level->written[mw_bind_number(b, m)];

    for (unsigned i = 0; bits != NULL && m->directives[i].name != NULL; i++)
        if (mw_bit(bits, i) && strcmp(m->directives[i].name, row) == 0)
            return true;
    return false;
}

static void unknown(mw_bind *b, const mw_node *n)
{
    const char *near = mw_table_nearest(b, n->name, b->level->where);

    (void)mw_bind_error(b, n, "unknown directive \"%.*s\"", MW_S(n->name));
    if (near != NULL)
        mw_diag_hint(b->diag, "did you mean \"%s\"?", near);
}

static void misplaced(mw_bind *b, const mw_node *n)
{
    char          room[256];
    mw_out        o = mw_out_on(room, sizeof room);
    unsigned      where = 0;
    const mw_row *row = mw_map_get(b->table->rows, n->name);

    for (; row != NULL; row = row->next)
        where |= row->d->where;
    mw_contexts_text(&o, where, "");
    (void)mw_bind_error(b, n, "\"%.*s\" directive is not allowed here", MW_S(n->name));
    mw_diag_hint(b->diag, "it may stand in: %.*s", MW_S(mw_out_done(&o)));
}

static void wrong_count(mw_bind *b, const mw_node *n, const mw_directive *d)
{
    (void)mw_bind_error(b, n, "invalid number of arguments in \"%.*s\" directive", MW_S(n->name));
    if (d->most == MANY)
        mw_diag_hint(b->diag, "it takes %u or more, here are %u", d->least, n->nargs);
    else if (d->least == d->most)
        mw_diag_hint(b->diag, "it takes %u, here are %u", d->least, n->nargs);
    else
        mw_diag_hint(b->diag, "it takes %u to %u, here are %u", d->least, d->most, n->nargs);
}

/* The row of a directive, if it may be written here in this way; NULL: said. */
static const mw_row *check(mw_bind *b, const mw_node *n)
{
    bool          known;
    const mw_row *row = mw_table_find(b->table, n->name, b->level->where, &known);

    if (row == NULL && known)
        misplaced(b, n);
    else if (row == NULL)
        unknown(b, n);
    else if (n->block && row->d->block == 0)
        (void)mw_bind_error(b, n, "directive \"%.*s\" is not terminated by \";\"", MW_S(n->name));
    else if (!n->block && row->d->block != 0 && !row->d->optional_block)
        (void)mw_bind_error(b, n, "directive \"%.*s\" has no opening \"{\"", MW_S(n->name));
    else if (n->nargs < row->d->least || (row->d->most != MANY && n->nargs > row->d->most))
        wrong_count(b, n, row->d);
    else if (!row->d->repeat && mw_bit(b->level->written[row->number], row->bit))
        (void)mw_bind_error(b, n, "\"%.*s\" directive is duplicate", MW_S(n->name));
    else
        return row;
    return NULL;
}

/* MW_ERR: the directive cannot be used, and a block of it is not to be read. */
static mw_rc apply(mw_bind *b, const mw_node *n, const mw_row *row)
{
    const mw_directive *d = row->d;
    char               *conf;

    mw_level_begin_row(b, b->level, row);
    if (d->set == NULL)
        return MW_OK;
    conf = b->level->conf[row->number];
    if (d->set(b, n, d, conf == NULL ? NULL : d->size > 0 ? &conf[d->offset] : conf) == MW_OK)
        return MW_OK;
    b->level->failed = true;
    return MW_ERR;
}

static void make_ready(mw_bind *b, mw_level *level)
{
    for (unsigned i = 0; i < b->nmodules; i++) {
        const mw_module *m = b->modules[i];

        if (!level->failed && m->ready != NULL && m->conf_size > 0 && mw_level_owns(b, level, i) &&
            m->ready(b, level, level->conf[i]) != MW_OK)
            level->failed = true;
    }
}

static mw_level *new_level(mw_bind *b, mw_level *parent, const mw_node *n, unsigned where)
{
    mw_level *level = MW_NEW(b->arena, mw_level);

    level->node = n;
    level->where = where;
    level->parent = parent;
    level->conf = MW_NEWS(b->arena, void *, b->nmodules + 1);
    level->written = MW_NEWS(b->arena, uint64_t *, b->nmodules + 1);
    if (parent == NULL)
        return level;
    level->failed = parent->failed;
    memcpy(level->conf, parent->conf, b->nmodules * sizeof(void *));
    return level;
}

typedef struct inner { const mw_node *node; const mw_directive *d; } inner;

static void bind_level(mw_bind *b, mw_level *level, const mw_node *kids);

static void bind_block(mw_bind *b, mw_level *level, const inner *block)
{
    b->level = level;
    if (block->d->enter == NULL || block->d->enter(b, block->node) == MW_OK)
        bind_level(b, level, block->node->kids);
    b->level = level->parent;
}

static void bind_level(mw_bind *b, mw_level *level, const mw_node *kids)
{
    mw_array      blocks = { 0 };               /* of inner */
    const mw_row *row;
    mw_level    **tail = &level->kids;

    for (const mw_node *n = kids; n != NULL; n = n->next) {
        row = check(b, n);
        if (row != NULL && apply(b, n, row) == MW_OK && n->block && row->d->block != MW_RAW)
            *MW_PUSH(b->arena, &blocks, inner) = (inner){ n, row->d };
    }
    mw_level_inherit(b, level);
    make_ready(b, level);
    for (size_t i = 0; i < blocks.n; i++) {
        const inner *block = &MW_ITEM(&blocks, inner, i);

        *tail = new_level(b, level, block->node, block->d->block);
        bind_block(b, *tail, block);
        tail = &(*tail)->next;
    }
}

mw_level *mw_bind_tree(mw_bind *b, const mw_node *root)
{
    b->table = mw_table_new(b);
    b->top = b->level = new_level(b, NULL, NULL, IN_MAIN);
    if (mw_defaults_make(b) != MW_OK)
        b->top->failed = true;
    bind_level(b, b->top, root->kids);
    for (unsigned i = 0; i < b->nmodules && b->diag->errors == 0; i++)
        if (b->modules[i]->finish != NULL)
            (void)b->modules[i]->finish(b);
    return b->top;
}
