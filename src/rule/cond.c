/* cond.c - the conditions of `if`: read from the arguments as the lexer cut them, parentheses and all; then asked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/cond.h"

#include <errno.h>

#include "core/file.h"

struct mw_cond {
    enum { TRUTH, EQUAL, MATCH, PLAIN_FILE, DIRECTORY, EXISTS, EXECUTABLE } kind;
    bool        negated;
    bool        fold;
    unsigned    variable;       /* of TRUTH, EQUAL, MATCH */
    mw_str      name;           /* its name, with '$' */
    mw_expr    *operand;        /* of EQUAL; of files: the path */
    mw_str      shown;          /* operand or pattern, as written */
    mw_str      prefix;         /* before a relative path */
    mw_regex   *regex;
};

typedef struct words { mw_str at[4]; unsigned n; } words;      /* three are needed; a fourth is one too many */

static mw_rc invalid(mw_bind *b, const mw_node *n, mw_str what)
{
    return mw_bind_error(b, n, "invalid condition \"%.*s\"", MW_S(what));
}

/* "(", "$a", "=", "b)" and "($a", "=", "b", ")" are the same words; in "($a", "=", "", ")" the third one is empty. */
static mw_rc open_parentheses(mw_bind *b, const mw_node *n, words *w)
{
    unsigned last = n->nargs - 1;

    w->n = 0;
    if (n->nargs == 0)
        return invalid(b, n, MW_STR(""));
    if (mw_str_char(n->args[0], 0) != '(')
        return invalid(b, n, n->args[0]);
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str word = i == 0 ? mw_str_drop(n->args[0], 1) : n->args[i];

        if (i == last && mw_str_char(word, word.len - 1) != ')')
            return invalid(b, n, w->n > 0 ? w->at[0] : word);
        if (i == last)
            word = mw_str_take(word, word.len - 1);
        if (w->n < 4 && (word.len > 0 || (i != 0 && i != last)))
            w->at[w->n++] = word;
    }
    return w->n > 0 ? MW_OK : invalid(b, n, MW_STR(")"));
}

static mw_rc read_operator(mw_bind *b, const mw_node *n, mw_cond *c, mw_str op)
{
    mw_str bare;

    c->negated = mw_str_char(op, 0) == '!';
    bare = mw_str_drop(op, c->negated ? 1 : 0);
    if (mw_str_eq(bare, MW_STR("=")))
        c->kind = EQUAL;
    else if (mw_str_eq(bare, MW_STR("~")) || mw_str_eq(bare, MW_STR("~*")))
        c->kind = MATCH;
    else
        return mw_bind_error(b, n, "unexpected \"%.*s\" in condition", MW_S(op));
    c->fold = bare.len == 2;
    return MW_OK;
}

static mw_rc read_variable(mw_bind *b, const mw_node *n, mw_cond *c, const words *w)
{
    c->name = w->at[0];
    c->variable = mw_vars_need(b, n, mw_str_drop(c->name, 1));
    if (w->n == 1)
        return MW_OK;                           /* zeroed: TRUTH */
    if (read_operator(b, n, c, w->at[1]) != MW_OK)
        return MW_ERR;
    if (w->n != 3)
        return invalid(b, n, c->name);
    c->shown = w->at[2];
    if (c->kind == MATCH)
        c->regex = mw_scope_regex(b, n, c->shown, c->fold);
    else
        c->operand = mw_expr_compile(b, n, c->shown);
    return c->regex != NULL || c->operand != NULL ? MW_OK : MW_ERR;
}

static mw_rc read_file_test(mw_bind *b, const mw_node *n, mw_cond *c, const words *w)
{
    mw_str test = w->at[0];

    c->negated = mw_str_char(test, 0) == '!';
    test = mw_str_drop(test, c->negated ? 1 : 0);
    if (w->n != 2 || test.len != 2 || test.at[0] != '-')
        return invalid(b, n, w->at[0]);
    switch (test.at[1]) {
    case 'f': c->kind = PLAIN_FILE; break;
    case 'd': c->kind = DIRECTORY; break;
    case 'e': c->kind = EXISTS; break;
    case 'x': c->kind = EXECUTABLE; break;
    default: return invalid(b, n, w->at[0]);
    }
    c->shown = w->at[1];
    c->prefix = b->prefix;
    c->operand = mw_expr_compile(b, n, c->shown);
    return c->operand != NULL ? MW_OK : MW_ERR;
}

mw_cond *mw_cond_compile(mw_bind *b, const mw_node *n)
{
    mw_cond *c = MW_NEW(b->arena, mw_cond);
    words    w;
    mw_rc    rc = open_parentheses(b, n, &w);

    if (rc == MW_OK && mw_str_char(w.at[0], 0) == '$')
        rc = w.at[0].len > 1 ? read_variable(b, n, c, &w) : invalid(b, n, w.at[0]);
    else if (rc == MW_OK)
        rc = read_file_test(b, n, c, &w);
    return rc == MW_OK ? c : NULL;
}

bool mw_text_true(mw_str s)
{
    return s.len > 1 || (s.len == 1 && s.at[0] != '0');
}

static bool test_file(const mw_cond *c, mw_scope *s)
{
    mw_str      path = mw_expr_text(c->operand, s);
    struct stat st;

    if (mw_str_char(path, 0) != '/')
        path = mw_path_join(s->arena, c->prefix, path);
    if (mw_stat(path, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)
            MW_LOG(s->log, MW_LOG_CRIT, errno, "stat() \"%.*s\" failed", MW_S(path));
        return false;
    }
    if (c->kind == PLAIN_FILE)
        return S_ISREG(st.st_mode);
    if (c->kind == DIRECTORY)
        return S_ISDIR(st.st_mode);
    return c->kind == EXISTS || (st.st_mode & S_IXUSR) != 0;
}

static bool matches(const mw_cond *c, mw_scope *s, mw_str value, bool told)
{
    bool found = mw_scope_match(s, c->regex, value);

    if (!found)
        mw_scope_unmatch(s);
    if (told)
        MW_LOG(s->log, MW_LOG_NOTICE, 0, "\"%.*s\" %s \"%.*s\"", MW_S(c->shown), found ? "matches" : "does not match",
               MW_S(value));
    return found;
}

static bool holds(const mw_cond *c, mw_scope *s, bool told)
{
    mw_str value;

    switch (c->kind) {
    case TRUTH:
        mw_var_get(s, c->variable, &value);
        return mw_text_true(value);
    case EQUAL:
        mw_var_get(s, c->variable, &value);
        return mw_str_eq(value, mw_expr_text(c->operand, s));
    case MATCH:
        mw_var_get(s, c->variable, &value);
        return matches(c, s, value, told);
    case PLAIN_FILE:
    case DIRECTORY:
    case EXISTS:
    case EXECUTABLE:
        return test_file(c, s);
    }
    return false;
}

bool mw_cond_true(const mw_cond *c, mw_scope *s, bool told)
{
    return holds(c, s, told) != c->negated;
}

void mw_cond_show(mw_out *o, const mw_cond *c)
{
    static const char *const tests[] = {
        [PLAIN_FILE] = "-f ", [DIRECTORY] = "-d ", [EXISTS] = "-e ", [EXECUTABLE] = "-x "
    };

    mw_out_char(o, '(');
    if (c->kind == TRUTH) {
        mw_out_str(o, c->name);
    } else if (c->kind == EQUAL || c->kind == MATCH) {
        mw_out_str(o, c->name);
        mw_out_str(o, c->negated ? MW_STR(" !") : MW_STR(" "));
        mw_out_str(o, c->kind == EQUAL ? MW_STR("= ") : c->fold ? MW_STR("~* ") : MW_STR("~ "));
        mw_out_str(o, c->shown);
    } else {
        mw_out_str(o, c->negated ? MW_STR("!") : MW_STR(""));
        mw_out_str(o, mw_str_of(tests[c->kind]));
        mw_out_str(o, c->shown);
    }
    mw_out_char(o, ')');
}
