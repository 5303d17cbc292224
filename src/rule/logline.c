/* logline.c - log_format: compiled to a flat list of texts and variables; written once per request, so nothing is
 * cached.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/logline.h"

#include "core/codec.h"
#include "core/scan.h"
#include "rule/expr.h"

enum { MEMBER_MOST = 4096 };            /* bytes of a text in an object of JSON */

typedef enum member_kind { NO_MEMBER, MEMBER, NUMBER } member_kind;

typedef struct step {
    bool     variable;
    member_kind member;         /* the value of a member of an object: all of it, quotes too */
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

static const mw_set plain_ascii   = { { 0xfffffffb00000000, 0xffffffffefffffff, 0, 0 } };

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

static void add_text(compiler *c, mw_str text)
{
    MW_PUSH(c->bind->arena, &c->steps, step)->text = text;
}

mw_logline *mw_logline_json(mw_bind *b, const mw_node *n, const mw_log_member *members, size_t count)
{
    compiler c = { .bind = b, .node = n };

    for (size_t i = 0; i < count; i++) {
        step *value;

        add_text(&c, mw_arena_fmt(b->arena, "%c\"%s\":", i == 0 ? '{' : ',', members[i].key));
        value = MW_PUSH(b->arena, &c.steps, step);
        value->variable = true;
        value->index = mw_vars_need(b, n, mw_str_of(members[i].variable));
        value->member = members[i].number ? NUMBER : MEMBER;
    }
    add_text(&c, MW_STR("}"));
    return made(&c, MW_ESCAPE_JSON);
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

/* RFC 8259 6, without signs and exponents: no variable has them. */
static bool is_number(mw_str text)
{
    mw_str   whole, part;
    bool     has_part = mw_str_cut(text, '.', &whole, &part);
    uint64_t n;

    return mw_str_u64(whole, &n) && (whole.len == 1 || whole.at[0] != '0') && (!has_part || mw_str_u64(part, &n));
}

static void write_member(mw_out *o, mw_str text, bool found, member_kind kind)
{
    mw_scan s = { mw_str_take(text, MEMBER_MOST) };

    if (!found) {
        mw_out_str(o, MW_STR("null"));
        return;
    }
    if (kind == NUMBER && is_number(text)) {
        mw_out_str(o, text);
        return;
    }
    mw_out_char(o, '"');
    while (!mw_scan_end(&s)) {
        unsigned char c = (unsigned char)mw_scan_peek(&s);
        size_t        n = mw_utf8_char(s.left);

        if (c >= 0x80 && n > 0)
            mw_out_str(o, mw_scan_take(&s, n));
        else if (c < 0x80 && mw_set_has(&plain_ascii, (char)c))
            mw_out_str(o, mw_scan_while(&s, &plain_ascii));
        else if (mw_scan_take(&s, 1).len > 0 && c < 0x80)
            write_byte_json(o, c);
        else
            mw_out_str(o, MW_STR("\xef\xbf\xbd"));             /* U+FFFD */
    }
    mw_out_char(o, '"');
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
        if (one->member != NO_MEMBER)
            write_member(o, text, found, one->member);
        else
            write_value(o, text, found, l->escape);
    }
}
