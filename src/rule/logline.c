/* logline.c - log_format: compiled to a flat list of texts and variables; written once per request, so nothing is
 * cached.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/logline.h"

#include "core/scan.h"
#include "rule/expr.h"

typedef struct step {
    bool     variable;
    unsigned index;
    mw_str   text;
} step;

struct mw_logline {
    const step   *steps;
    size_t        n;
    mw_log_escape escape;
};

typedef struct compiler {
    mw_bind       *bind;
    const mw_node *node;
    mw_array       steps;       /* of step */
} compiler;

/* Bytes that need no escaping: printable ASCII without quote and backslash; JSON lets all above ASCII pass. */
static const mw_set plain_default = { { 0xfffffffb00000000, 0x7fffffffefffffff, 0, 0 } };
static const mw_set plain_json    = { { 0xfffffffb00000000, 0xffffffffefffffff, UINT64_MAX, UINT64_MAX } };

static const char digits[] = "0123456789ABCDEF";

static mw_rc add_pieces(compiler *c, mw_str text)
{
    mw_piece p;

    while (mw_piece_next(&text, false, &p)) {
        step *to;

        if (p.kind == MW_PIECE_OPEN)
            return mw_bind_error(c->bind, c->node, "the closing bracket in \"%.*s\" variable is missing", MW_S(p.text));
        if (p.kind == MW_PIECE_BAD)
            return mw_bind_error(c->bind, c->node, "invalid parameter \"%.*s\"", MW_S(p.text));
        to = MW_PUSH(c->bind->arena, &c->steps, step);
        to->variable = p.kind == MW_PIECE_NAME;
        if (to->variable)
            to->index = mw_vars_need(c->bind, c->node, p.text);
        else
            to->text = mw_arena_copy(c->bind->arena, p.text);
    }
    return MW_OK;
}

static mw_logline *made(const compiler *c, mw_log_escape escape)
{
    mw_logline *l = MW_NEW(c->bind->arena, mw_logline);

    l->steps = c->steps.items;
    l->n = c->steps.n;
    l->escape = escape;
    return l;
}

static mw_rc read_escape(mw_bind *b, const mw_node *n, mw_str name, mw_log_escape *escape)
{
    if (mw_str_eq(name, MW_STR("default")))
        *escape = MW_ESCAPE_DEFAULT;
    else if (mw_str_eq(name, MW_STR("json")))
        *escape = MW_ESCAPE_JSON;
    else if (mw_str_eq(name, MW_STR("none")))
        *escape = MW_ESCAPE_NONE;
    else
        return mw_bind_error(b, n, "unknown log format escaping \"%.*s\"", MW_S(name));
    return MW_OK;
}

mw_logline *mw_logline_compile(mw_bind *b, const mw_node *n, unsigned first_arg)
{
    static const mw_str escape_is = MW_STR_C("escape=");
    compiler            c = { .bind = b, .node = n };
    mw_log_escape       escape = MW_ESCAPE_DEFAULT;

    if (first_arg < n->nargs && mw_str_starts(n->args[first_arg], escape_is)) {
        if (read_escape(b, n, mw_str_drop(n->args[first_arg], escape_is.len), &escape) != MW_OK)
            return NULL;
        first_arg++;
    }
    for (unsigned i = first_arg; i < n->nargs; i++)
        if (add_pieces(&c, n->args[i]) != MW_OK)
            return NULL;
    return made(&c, escape);
}

mw_logline *mw_logline_text(mw_bind *b, const mw_node *n, mw_str text, mw_log_escape escape)
{
    compiler c = { .bind = b, .node = n };

    return add_pieces(&c, text) == MW_OK ? made(&c, escape) : NULL;
}

static void write_byte_default(mw_out *o, unsigned char c)
{
    const char text[] = { '\\', 'x', digits[c >> 4], digits[c & 15] };

    mw_out_str(o, (mw_str){ text, sizeof text });
}

static void write_byte_json(mw_out *o, unsigned char c)
{
    static const char short_for[32] = { ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\b'] = 'b', ['\f'] = 'f' };
    const char        code[] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };
    const char        brief[] = { '\\', c < 32 ? short_for[c] : (char)c };

    if (brief[1] != '\0')
        mw_out_str(o, (mw_str){ brief, sizeof brief });
    else
        mw_out_str(o, (mw_str){ code, sizeof code });
}

static void write_escaped(mw_out *o, mw_str text, const mw_set *plain, void (*write_byte)(mw_out *, unsigned char))
{
    mw_scan s = { text };

    for (;;) {
        mw_out_str(o, mw_scan_while(&s, plain));
        if (mw_scan_end(&s))
            return;
        write_byte(o, (unsigned char)mw_scan_peek(&s));
        mw_scan_take(&s, 1);
    }
}

static void write_value(mw_out *o, mw_str text, bool found, mw_log_escape escape)
{
    switch (escape) {
    case MW_ESCAPE_DEFAULT:
        if (found)
            write_escaped(o, text, &plain_default, write_byte_default);
        else
            mw_out_char(o, '-');
        return;
    case MW_ESCAPE_JSON:
        write_escaped(o, text, &plain_json, write_byte_json);
        return;
    case MW_ESCAPE_NONE:
        mw_out_str(o, text);
        return;
    }
}

void mw_logline_write(const mw_logline *l, mw_scope *s, mw_out *o)
{
    for (size_t i = 0; i < l->n; i++) {
        const step *one = &l->steps[i];
        mw_str      text;
        bool        found;

        if (!one->variable) {
            mw_out_str(o, one->text);
            continue;
        }
        found = mw_var_peek(s, one->index, &text);
        write_value(o, text, found, l->escape);
    }
}
