/* ssi_text.c - texts of server side includes: variables in them, and the expressions of `if`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/ssi.h"
#include "rule/expr.h"

mw_ssi_named *mw_ssi_find(mw_ssi_named *list, mw_str name)
{
    while (list != NULL && !mw_str_ieq(list->name, name))
        list = list->next;
    return list;
}

void mw_ssi_set(mw_ssi *s, mw_str name, mw_str text)
{
    mw_ssi_named *v = mw_ssi_find(s->once->values, name);

    if (v == NULL) {
        v = MW_NEW(s->r->main->arena, mw_ssi_named);
        v->name = mw_arena_copy(s->r->main->arena, name);
        v->next = s->once->values;
        s->once->values = v;
    }
    v->text = text;
}

bool mw_ssi_lookup(mw_ssi *s, mw_str name, mw_str *text)
{
    const mw_ssi_named *v;
    uint64_t            group;

    if (mw_str_u64(name, &group)) {
        *text = mw_captures_get(&s->once->captures, group < MW_CAPTURES ? (unsigned)group : MW_CAPTURES);
        return text->len > 0;
    }
    v = mw_ssi_find(s->once->values, name);
    if (v != NULL) {
        *text = v->text;
        return true;
    }
    return mw_var_by_name(s->scope, name, text);
}

bool mw_ssi_evaluate(mw_ssi *s, mw_str text, mw_str *value)
{
    mw_array parts = { 0 };
    mw_str   left = text;
    mw_piece p;

    while (mw_piece_next(&left, false, &p)) {
        mw_str *part = MW_PUSH(s->r->arena, &parts, mw_str);

        switch (p.kind) {
        case MW_PIECE_TEXT:
            *part = p.text;
            break;
        case MW_PIECE_NAME:
        case MW_PIECE_CAPTURE:
            (void)mw_ssi_lookup(s, p.text, part);
            break;
        case MW_PIECE_OPEN:
            MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "the closing bracket in \"%.*s\" variable is missing", MW_S(p.text));
            return false;
        case MW_PIECE_BAD:
            MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "invalid variable name in \"%.*s\"", MW_S(text));
            return false;
        }
    }
    *value = mw_arena_join(s->r->arena, parts.items, parts.n);
    return true;
}

/* Named groups become variables. */
static void keep_groups(mw_ssi *s, const mw_regex *re)
{
    for (unsigned i = 0; i < mw_regex_names(re); i++) {
        mw_str   name;
        unsigned group = mw_regex_name(re, i, &name);

        mw_ssi_set(s, name, mw_captures_get(&s->once->captures, group));
    }
}

static bool match(mw_ssi *s, mw_str subject, mw_str pattern, bool *is_true)
{
    mw_captures captures;
    mw_regex   *re;
    mw_str      why;

    if (mw_regex_new(s->r->arena, pattern, false, false, &re, &why) != MW_OK) {
        MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "%.*s", MW_S(why));
        return false;
    }
    *is_true = mw_regex_match(re, subject, &captures) == MW_OK;
    if (*is_true) {
        s->once->captures = captures;
        keep_groups(s, re);
    }
    return true;
}

/* Where the operator is: the first '=', or '!' with a '=' behind it; its length in *n.  text.len: there is none. */
static size_t find_operator(mw_str text, size_t *n)
{
    for (size_t i = 0; i < text.len; i++) {
        *n = mw_str_char(text, i) == '!' ? 2 : 1;
        if (mw_str_char(text, i) == '=' || (*n == 2 && mw_str_char(text, i + 1) == '='))
            return i;
    }
    return text.len;
}

bool mw_ssi_if(mw_ssi *s, mw_str expression, bool *is_true)
{
    size_t n, at = find_operator(expression, &n);
    mw_str left = mw_str_trim(mw_str_take(expression, at)), right = mw_str_trim(mw_str_drop(expression, at + n));

    if (!mw_ssi_evaluate(s, left, &left))
        return false;
    if (at == expression.len) {
        *is_true = left.len > 0;
        return true;
    }
    if (mw_str_char(right, 0) == '/') {
        if (right.len < 2 || mw_str_char(right, right.len - 1) != '/') {
            MW_LOG(&s->r->log, MW_LOG_ERROR, 0, "invalid regular expression in \"%.*s\"", MW_S(expression));
            return false;
        }
        if (!match(s, left, mw_str_part(right, 1, right.len - 1), is_true))
            return false;
    } else {
        if (!mw_ssi_evaluate(s, right, &right))
            return false;
        *is_true = mw_str_eq(left, right);
    }
    *is_true = *is_true == (n == 1);
    return true;
}
