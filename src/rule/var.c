/* var.c - names to getters, cached per scope: definitions, needs, and how they find each other.
 *
 * A need is a number: the place of its value in every scope.  Numbers are given while binding; definitions may come
 * before or after.  mw_vars_settle brings them together: first the exact name, then the longest prefix row.
 * Names are alike in any case, as in nginx; they are kept in lower case.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/var.h"

#include "core/map.h"
#include "core/must.h"

typedef struct definition {
    const mw_var *row;          /* of a module's table, or NULL */
    mw_var       *own;          /* of the configuration: goes before the row */
} definition;

typedef struct need {
    mw_str         name;
    const mw_node *node;        /* where it was first needed */
    const mw_var  *var;         /* once settled */
    bool           own;         /* of the configuration: may cost more than a row's getter */
} need;

typedef struct groups {         /* the named groups of one regex */
    const mw_regex *re;
    unsigned        n;
    struct { unsigned group, index; } at[];
} groups;

struct mw_vars {
    mw_arena  *arena;
    mw_map    *defined;         /* name to definition */
    mw_map    *numbers;         /* name to index + 1 */
    mw_map    *named;           /* address of a regex, as bytes, to its groups */
    mw_array   needs;           /* of need */
    mw_array   prefixes;        /* of const mw_var * */
    mw_getter *unset;
};

static const mw_str nothing = { "", 0 };

static bool get_nothing(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)s;
    (void)v;
    (void)text;
    return false;
}

static bool get_unset(mw_scope *s, const mw_var *v, mw_str *text)
{
    MW_LOG(s->log, MW_LOG_WARN, 0, "using uninitialized \"%s\" variable", v->name);
    *text = nothing;
    return true;
}

static need *need_at(const mw_vars *v, unsigned index)
{
    MW_MUST(index < v->needs.n);
    return &MW_ITEM(&v->needs, need, index);
}

static mw_str lower_copy(mw_arena *a, mw_str s)
{
    mw_out o = mw_arena_pen(a, s.len + 1);

    mw_out_lower(&o, s);
    s = mw_out_done(&o);
    mw_out_char(&o, '\0');
    return s;
}

static const mw_var *longest_prefix(const mw_vars *v, mw_str name)
{
    const mw_var *best = NULL;
    size_t        most = 0;

    for (size_t i = 0; i < v->prefixes.n; i++) {
        const mw_var *row = MW_ITEM(&v->prefixes, const mw_var *, i);
        mw_str        prefix = mw_str_of(row->name);

        if (prefix.len > most && mw_str_istarts(name, prefix)) {
            best = row;
            most = prefix.len;
        }
    }
    return best;
}

/* What a name (in lower case, with a NUL behind it) means.  It may have to be made up, in *room.  NULL: unknown. */
static const mw_var *meaning_of(const mw_vars *v, mw_str name, mw_var *room, bool *own)
{
    const definition *d = mw_map_get(v->defined, name);
    const mw_var     *prefix;

    *own = d != NULL && d->own != NULL;
    if (d != NULL && !*own)
        return d->row;
    if (*own && d->own->get != NULL)
        return d->own;
    prefix = longest_prefix(v, name);
    if (*own) {
        *room = *d->own;
        room->get = v->unset;
        *own = false;
    } else if (prefix != NULL) {
        *room = *prefix;
        room->name = name.at;
        room->prefix = false;
    } else {
        return NULL;
    }
    if (prefix != NULL) {
        room->get = prefix->get;
        room->data = prefix->data;
        room->fleeting = prefix->fleeting;
        room->rest = mw_str_drop(name, strlen(prefix->name));
    }
    return room;
}

mw_vars *mw_vars_new(mw_arena *a)
{
    mw_vars *v = MW_NEW(a, mw_vars);

    v->arena = a;
    v->defined = mw_map_new(a, true);
    v->numbers = mw_map_new(a, true);
    v->named = mw_map_new(a, false);
    v->unset = get_unset;
    return v;
}

void mw_vars_table(mw_vars *v, const mw_var *table)
{
    for (; table->name != NULL; table = &table[1]) {
        mw_str      name = mw_str_of(table->name);
        definition *d = mw_map_get(v->defined, name);

        if (table->prefix) {
            *MW_PUSH(v->arena, &v->prefixes, const mw_var *) = table;
            continue;
        }
        if (d == NULL) {
            d = MW_NEW(v->arena, definition);
            mw_map_set(v->defined, name, d);
        }
        d->row = table;
    }
}

mw_var *mw_vars_define(mw_bind *b, const mw_node *n, mw_str name)
{
    mw_vars    *v = b->vars;
    definition *d;

    MW_MUST(v != NULL);
    if (name.len == 0) {
        mw_bind_error(b, n, "invalid variable name \"$\"");
        return NULL;
    }
    d = mw_map_get(v->defined, name);
    if (d == NULL) {
        name = lower_copy(v->arena, name);
        d = MW_NEW(v->arena, definition);
        d->own = MW_NEW(v->arena, mw_var);
        d->own->name = name.at;
        d->own->changeable = true;
        mw_map_set(v->defined, name, d);
    }
    if (d->own == NULL && !d->row->changeable) {
        mw_bind_error(b, n, "the duplicate \"%.*s\" variable", MW_S(name));
        return NULL;
    }
    if (d->own == NULL) {
        d->own = MW_NEW(v->arena, mw_var);
        *d->own = *d->row;
    }
    return d->own;
}

unsigned mw_vars_need(mw_bind *b, const mw_node *n, mw_str name)
{
    mw_vars  *v = b->vars;
    uintptr_t number;
    need     *one;

    MW_MUST(v != NULL);
    number = (uintptr_t)mw_map_get(v->numbers, name);
    if (number != 0)
        return (unsigned)number - 1;
    one = MW_PUSH(v->arena, &v->needs, need);
    one->name = lower_copy(v->arena, name);
    one->node = n;
    mw_map_set(v->numbers, one->name, (void *)(uintptr_t)v->needs.n);
    return (unsigned)v->needs.n - 1;
}

void mw_vars_unset(mw_vars *v, mw_getter *get)
{
    v->unset = get;
}

mw_rc mw_vars_settle(mw_bind *b, mw_vars *v)
{
    mw_rc rc = MW_OK;

    for (unsigned i = 0; i < v->needs.n; i++) {
        need         *one = need_at(v, i);
        mw_var        room;
        const mw_var *var = meaning_of(v, one->name, &room, &one->own);

        if (var == NULL) {
            rc = mw_bind_error(b, one->node, "unknown \"%.*s\" variable", MW_S(one->name));
        } else if (var == &room) {
            mw_var *kept = MW_NEW(v->arena, mw_var);

            *kept = room;
            one->var = kept;
        } else {
            one->var = var;
        }
    }
    return rc;
}

size_t mw_vars_count(const mw_vars *v)
{
    return v->needs.n;
}

void mw_scope_share(mw_scope *s)
{
    if (s->values == NULL)
        s->values = MW_NEWS(s->arena, mw_value, s->vars->needs.n);
}

static bool ask(mw_scope *s, mw_value *value, const mw_var *var, mw_str *text)
{
    bool found;

    value->state = MW_VALUE_BUSY;
    found = var->get(s, var, text);
    if (!found)
        *text = nothing;
    value->text = *text;
    value->state = var->fleeting ? MW_VALUE_UNKNOWN : found ? MW_VALUE_FOUND : MW_VALUE_MISSING;
    return found;
}

static bool cycle(mw_scope *s, unsigned index)
{
    MW_LOG(s->log, MW_LOG_ERROR, 0, "cycle while evaluating variable \"%.*s\"", MW_S(need_at(s->vars, index)->name));
    return false;
}

bool mw_var_get(mw_scope *s, unsigned index, mw_str *text)
{
    const mw_var *var;
    mw_value     *value;

    mw_scope_share(s);
    value = &s->values[index];
    *text = nothing;
    if (value->state == MW_VALUE_FOUND) {
        *text = value->text;
        return true;
    }
    if (value->state == MW_VALUE_MISSING)
        return false;
    if (value->state == MW_VALUE_BUSY)
        return cycle(s, index);
    var = need_at(s->vars, index)->var;
    return var != NULL && ask(s, value, var, text);
}

bool mw_var_peek(mw_scope *s, unsigned index, mw_str *text)
{
    const need *one = need_at(s->vars, index);

    if (one->own || one->var == NULL || one->var->once)
        return mw_var_get(s, index, text);
    if (s->values != NULL && s->values[index].state != MW_VALUE_UNKNOWN)
        return mw_var_get(s, index, text);
    if (one->var->get(s, one->var, text))
        return true;
    *text = nothing;
    return false;
}

bool mw_var_by_name(mw_scope *s, mw_str name, mw_str *text)
{
    uintptr_t     number = (uintptr_t)mw_map_get(s->vars->numbers, name);
    const mw_var *var;
    mw_var        room;
    bool          own;

    if (number != 0)
        return mw_var_get(s, (unsigned)number - 1, text);
    var = meaning_of(s->vars, lower_copy(s->arena, name), &room, &own);
    if (var != NULL && var->get(s, var, text))
        return true;
    *text = nothing;
    return false;
}

static void remember(mw_scope *s, unsigned index, mw_str text)
{
    mw_scope_share(s);
    s->values[index] = (mw_value){ text, MW_VALUE_FOUND };
}

void mw_var_set(mw_scope *s, unsigned index, mw_str text)
{
    const mw_var *var = need_at(s->vars, index)->var;

    if (var == NULL || var->set == NULL) {
        remember(s, index, text);
        return;
    }
    var->set(s, var, text);
    mw_var_forget(s, index);
}

void mw_var_forget(mw_scope *s, unsigned index)
{
    if (s->values != NULL && s->values[index].state != MW_VALUE_BUSY)
        s->values[index].state = MW_VALUE_UNKNOWN;
}

const mw_captures *mw_scope_captures(const mw_scope *s)
{
    return s->captures != NULL && s->captures->n > 0 ? s->captures : NULL;
}

static mw_str address_of(const mw_regex *const *re)
{
    return (mw_str){ (const char *)re, sizeof *re };
}

static void keep_named(mw_scope *s, const mw_regex *re)
{
    const groups *g = mw_map_get(s->vars->named, address_of(&re));

    for (unsigned i = 0; g != NULL && i < g->n; i++)
        remember(s, g->at[i].index, mw_captures_get(s->captures, g->at[i].group));
}

/* A match that fails leaves the captures of the last one. */
bool mw_scope_match(mw_scope *s, const mw_regex *re, mw_str subject)
{
    mw_rc rc;

    if (s->captures == NULL)
        s->captures = MW_NEW(s->arena, mw_captures);
    rc = mw_regex_match(re, subject, s->captures);
    if (rc == MW_ERR)
        MW_LOG(s->log, MW_LOG_ALERT, 0, "pcre2_match() failed on \"%.*s\"", MW_S(subject));
    if (rc != MW_OK)
        return false;
    if (mw_regex_names(re) > 0)
        keep_named(s, re);
    return true;
}

void mw_scope_unmatch(mw_scope *s)
{
    if (s->captures != NULL) s->captures->n = 0;
}

static mw_rc define_named(mw_bind *b, const mw_node *n, const mw_regex *re)
{
    mw_vars *v = b->vars;
    unsigned count = mw_regex_names(re);
    groups  *g = mw_arena_zalloc(v->arena, sizeof *g + count * sizeof g->at[0]);

    g->re = re;
    g->n = count;
    for (unsigned i = 0; i < count; i++) {
        mw_str  name;
        mw_var *var;

        g->at[i].group = mw_regex_name(re, i, &name);
        var = mw_vars_define(b, n, name);
        if (var == NULL)
            return MW_ERR;
        var->get = get_nothing;
        g->at[i].index = mw_vars_need(b, n, name);
    }
    mw_map_set(v->named, address_of(&g->re), g);
    return MW_OK;
}

mw_regex *mw_scope_regex(mw_bind *b, const mw_node *n, mw_str pattern, bool fold)
{
    mw_regex *re;
    mw_str    why;

    if (mw_regex_new(b->arena, pattern, fold, true, &re, &why) != MW_OK) {
        mw_bind_error(b, n, "%.*s", MW_S(why));
        return NULL;
    }
    if (mw_regex_names(re) > 0 && define_named(b, n, re) != MW_OK)
        return NULL;
    return re;
}
