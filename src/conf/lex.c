/* lex.c - nginx.conf's words and signs.
 *
 * A word ends at a blank, `;` or `{` (but not at that of `${`); a backslash keeps the next byte from ending it.  A
 * quoted word ends at its quote, and must be followed by a blank, `;`, `{` or `)`.  In both, \" \' \\ \t \r \n stand
 * for one byte, any other backslash for itself.  `#` begins a comment only where a word could begin.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void advance(mw_lex *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (l->left.at[i] == '\n') {
            l->line++;
            l->column = 1;
        } else {
            l->column++;
        }
    }
    l->left = mw_str_drop(l->left, n);
}

static void skip_blanks(mw_lex *l)
{
    size_t i = 0;

    while (i < l->left.len) {
        if (l->left.at[i] == '#')
            while (i < l->left.len && l->left.at[i] != '\n')
                i++;
        else if (is_blank(l->left.at[i]))
            i++;
        else
            break;
    }
    advance(l, i);
}

/* How long the bare word at the front of s is. */
static size_t bare_length(mw_str s)
{
    size_t i = 0;

    while (i < s.len && !is_blank(s.at[i]) && s.at[i] != ';' && s.at[i] != '{') {
        if (s.at[i] == '\\' || (s.at[i] == '$' && mw_str_char(s, i + 1) == '{'))
            i++;
        i++;
    }
    return i < s.len ? i : s.len;
}

/* Where the quote that s begins with is closed; s.len: nowhere. */
static size_t closing_quote(mw_str s)
{
    size_t i = 1;

    while (i < s.len && s.at[i] != s.at[0])
        i += s.at[i] == '\\' ? 2 : 1;
    return i < s.len ? i : s.len;
}

/* What backslash and c stand for; NUL: for themselves. */
static char escaped(char c)
{
    switch (c) {
    case '"': case '\'': case '\\': return c;
    case 't': return '\t';
    case 'r': return '\r';
    case 'n': return '\n';
    default: return '\0';
    }
}

static mw_str unescape(mw_arena *a, mw_str s)
{
    mw_out o;
    char   c;

    if (mw_str_index(s, '\\') == s.len)
        return s;
    o = mw_arena_pen(a, s.len);
    for (size_t i = 0; i < s.len; i++) {
        c = s.at[i] == '\\' ? escaped(mw_str_char(s, i + 1)) : '\0';
        mw_out_char(&o, c != '\0' ? c : s.at[i]);
        i += c != '\0';
    }
    return mw_out_done(&o);
}

static mw_lexeme bad(mw_lex *l, const char *why)
{
    l->why = why;
    return MW_LEX_BAD;
}

static mw_lexeme quoted_word(mw_lex *l, mw_arena *a)
{
    mw_str s = l->left;
    size_t end = closing_quote(s);
    char   quote = s.at[0], c;

    l->quoted = true;
    advance(l, end < s.len ? end + 1 : s.len);
    if (end == s.len && s.len <= MW_WORD_MOST)
        return bad(l, "unexpected end of file, expecting \";\" or \"}\"");
    l->word = unescape(a, mw_str_part(s, 1, end));
    if (end == s.len || l->word.len > MW_WORD_MOST)
        return bad(l, quote == '"' ? "too long parameter, probably missing terminating \"\"\" character"
                                   : "too long parameter, probably missing terminating \"'\" character");
    c = mw_str_char(l->left, 0);
    if (l->left.len == 0 || is_blank(c) || c == ';' || c == '{' || c == ')')
        return MW_LEX_WORD;
    l->pos = (mw_pos){ l->file, l->line, l->column };
    if (c != '}')                               /* which may well have been meant to end the block */
        advance(l, bare_length(l->left));
    return bad(l, mw_arena_z(a, mw_arena_fmt(a, "unexpected \"%c\"", c)));
}

static mw_lexeme bare_word(mw_lex *l, mw_arena *a)
{
    mw_str raw = mw_str_take(l->left, bare_length(l->left));

    advance(l, raw.len);
    l->word = unescape(a, raw);
    if (l->word.len > MW_WORD_MOST)
        return bad(l, mw_arena_z(a, mw_arena_fmt(a, "too long parameter \"%.10s...\" started", raw.at)));
    return MW_LEX_WORD;
}

mw_lexeme mw_lex_next(mw_lex *l, mw_arena *a)
{
    skip_blanks(l);
    l->pos = (mw_pos){ l->file, l->line, l->column };
    l->quoted = false;
    l->word = MW_STR("");
    l->why = NULL;
    if (l->left.len == 0)
        return MW_LEX_END;
    switch (l->left.at[0]) {
    case ';':
        advance(l, 1);
        return MW_LEX_SEMICOLON;
    case '{':
        advance(l, 1);
        return MW_LEX_OPEN;
    case '}':
        advance(l, 1);
        return MW_LEX_CLOSE;
    case '"': case '\'':
        return quoted_word(l, a);
    default:
        return bare_word(l, a);
    }
}
