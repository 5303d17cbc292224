/* expr.c - text with variables, compiled to parts; evaluated with one allocation and one copy.
 *
 * A constant, a single variable and a single capture are answered as they lie, without a copy.  With more parts,
 * first all values are asked for, then room is taken once for what they are together.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/expr.h"

#include "core/codec.h"

enum { ON_STACK = 16 };         /* parts evaluated without an array in the arena */

typedef struct part {
    enum { TEXT, VARIABLE, CAPTURE } kind;
    unsigned number;            /* a variable's index, a capture's group */
    mw_str   text;
} part;

struct mw_expr {
    mw_str   constant;          /* all of it, when there are no parts */
    char    *z;                 /* the same with a NUL behind it, or NULL */
    unsigned nparts;
    bool     captures;
    part     parts[];
};

static const mw_str nothing = { "", 0 };

static bool in_name(char c)
{
    return mw_is_alpha(c) || mw_is_digit(c) || c == '_';
}

static mw_str take_name(mw_str *left)
{
    size_t n = 0;
    mw_str name;

    while (n < left->len && in_name(left->at[n]))
        n++;
    name = mw_str_take(*left, n);
    *left = mw_str_drop(*left, n);
    return name;
}

bool mw_piece_next(mw_str *left, bool captures, mw_piece *p)
{
    mw_str whole = *left;
    char   c;

    if (left->len == 0)
        return false;
    if (left->at[0] != '$') {
        p->kind = MW_PIECE_TEXT;
        p->text = mw_str_take(*left, mw_str_index(*left, '$'));
        *left = mw_str_drop(*left, p->text.len);
        return true;
    }
    *left = mw_str_drop(*left, 1);
    c = mw_str_char(*left, 0);
    if (captures && c >= '1' && c <= '9') {
        p->kind = MW_PIECE_CAPTURE;
        p->group = (unsigned)(c - '0');
        *left = mw_str_drop(*left, 1);
        return true;
    }
    if (c == '{')
        *left = mw_str_drop(*left, 1);
    p->kind = MW_PIECE_NAME;
    p->text = take_name(left);
    if (c == '{' && mw_str_char(*left, 0) == '}')
        *left = mw_str_drop(*left, 1);
    else if (c == '{')
        p->kind = MW_PIECE_OPEN;
    if (p->text.len == 0) {
        p->kind = MW_PIECE_BAD;
        p->text = whole;
    }
    return true;
}

static unsigned count_parts(mw_str text)
{
    mw_piece p;
    unsigned n = 0;

    while (mw_piece_next(&text, true, &p))
        n++;
    return n;
}

static mw_rc add_part(mw_bind *b, const mw_node *n, mw_expr *e, const mw_piece *p)
{
    part *to = &e->parts[e->nparts++];

    switch (p->kind) {
    case MW_PIECE_TEXT:
        to->kind = TEXT;
        to->text = mw_arena_copy(b->arena, p->text);
        return MW_OK;
    case MW_PIECE_NAME:
        to->kind = VARIABLE;
        to->number = mw_vars_need(b, n, p->text);
        return MW_OK;
    case MW_PIECE_CAPTURE:
        to->kind = CAPTURE;
        to->number = p->group;
        e->captures = true;
        return MW_OK;
    case MW_PIECE_OPEN:
        return mw_bind_error(b, n, "the closing bracket in \"%.*s\" variable is missing", MW_S(p->text));
    case MW_PIECE_BAD:
        break;
    }
    return mw_bind_error(b, n, "invalid variable name");
}

mw_expr *mw_expr_compile(mw_bind *b, const mw_node *n, mw_str text)
{
    mw_expr *e;
    mw_piece p;

    if (mw_str_index(text, '$') == text.len) {
        char *z = mw_arena_z(b->arena, text);

        e = mw_expr_constant(b->arena, (mw_str){ z, text.len });
        e->z = z;
        return e;
    }
    e = mw_arena_zalloc(b->arena, sizeof *e + count_parts(text) * sizeof e->parts[0]);
    while (mw_piece_next(&text, true, &p))
        if (add_part(b, n, e, &p) != MW_OK)
            return NULL;
    return e;
}

mw_expr *mw_expr_constant(mw_arena *a, mw_str text)
{
    mw_expr *e = MW_NEW(a, mw_expr);

    e->constant = text;
    return e;
}

bool mw_expr_is_constant(const mw_expr *e, mw_str *text)
{
    if (e == NULL || e->nparts > 0)
        return false;
    *text = e->constant;
    return true;
}

bool mw_expr_has_captures(const mw_expr *e)
{
    return e != NULL && e->captures;
}

static mw_str value_of(const part *p, mw_scope *s)
{
    mw_str text;

    switch (p->kind) {
    case TEXT:
        return p->text;
    case VARIABLE:
        mw_var_get(s, p->number, &text);
        return text;
    case CAPTURE:
        return s->captures != NULL ? mw_captures_get(s->captures, p->number) : nothing;
    }
    return nothing;
}

/* RFC 3986 2.1: what nginx leaves as it is in a path, and in a query. */
static mw_str escaped(mw_scope *s, mw_str text, bool args)
{
    mw_set plain = mw_set_of(args ? "!$'()*,-./0-9:=@A-Z[]_a-z~" : "!$&'()*+,-./0-9:;=@A-Z[]_a-z~");
    mw_out o;

    if (text.len == 0)
        return text;
    o = mw_arena_pen(s->arena, text.len * 3);
    mw_percent(&o, text, &plain);
    return mw_out_done(&o);
}

typedef enum escaping { AS_IT_IS, AS_PATH, AS_ARGS } escaping;

/* Asks for all values.  They lie in room[], or in the arena when there are more than fit there. */
static const mw_str *gather(const mw_expr *e, mw_scope *s, escaping how, mw_str *room, size_t *total)
{
    mw_str *values = e->nparts <= ON_STACK ? room : mw_arena_alloc(s->arena, e->nparts * sizeof *values);

    *total = 0;
    for (unsigned i = 0; i < e->nparts; i++) {
        values[i] = value_of(&e->parts[i], s);
        if (how != AS_IT_IS && e->parts[i].kind == CAPTURE)
            values[i] = escaped(s, values[i], how == AS_ARGS);
        *total += values[i].len;
    }
    return values;
}

/* extra: room behind the text. */
static mw_str join(const mw_expr *e, mw_scope *s, escaping how, size_t extra)
{
    mw_str        room[ON_STACK];
    size_t        total;
    const mw_str *values = gather(e, s, how, room, &total);
    mw_out        o;

    if (e->nparts == 1 && extra == 0)
        return values[0];
    o = mw_arena_pen(s->arena, total + extra);
    for (unsigned i = 0; i < e->nparts; i++)
        mw_out_str(&o, values[i]);
    return mw_out_done(&o);
}

mw_str mw_expr_text(const mw_expr *e, mw_scope *s)
{
    if (e == NULL)
        return nothing;
    if (e->nparts == 0)
        return e->constant;
    return e->nparts == 1 ? value_of(&e->parts[0], s) : join(e, s, AS_IT_IS, 0);
}

mw_str mw_expr_escaped(const mw_expr *e, mw_scope *s, bool args)
{
    if (!mw_expr_has_captures(e))
        return mw_expr_text(e, s);
    return join(e, s, args ? AS_ARGS : AS_PATH, 0);
}

char *mw_expr_z(const mw_expr *e, mw_scope *s)
{
    mw_str text;

    if (e != NULL && e->z != NULL)
        return e->z;
    if (e == NULL || e->nparts == 0)
        return mw_arena_z(s->arena, e == NULL ? nothing : e->constant);
    text = join(e, s, AS_IT_IS, 1);
    /* the pen had a byte more than it wrote */
    ((char *)text.at)[text.len] = '\0';
    return (char *)text.at;
}

size_t mw_expr_write(const mw_expr *e, mw_scope *s, mw_out *o)
{
    size_t n = 0;

    if (e == NULL)
        return 0;
    mw_out_str(o, e->constant);
    for (unsigned i = 0; i < e->nparts; i++) {
        mw_str value = value_of(&e->parts[i], s);

        mw_out_str(o, value);
        n += value.len;
    }
    return e->constant.len + n;
}
