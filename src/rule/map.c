/* map.c - map: a text is looked up among names, wildcards and regular expressions, and gives a variable its value.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/expr.h"
#include "rule/match.h"
#include "rule/modules.h"

typedef struct map {
    mw_expr  *source;
    mw_match *match;            /* to mw_expr */
    mw_expr  *otherwise;        /* NULL: empty */
    bool      hostnames, fleeting;
} map;

static bool get_mapped(mw_scope *s, const mw_var *v, mw_str *text)
{
    const map     *m = (const map *)v->data;
    mw_str         subject = mw_expr_text(m->source, s);
    const mw_expr *value;

    if (m->hostnames && mw_str_ends(subject, MW_STR(".")))
        subject = mw_str_take(subject, subject.len - 1);
    value = mw_match_find(m->match, s, subject);
    *text = mw_expr_text(value != NULL ? value : m->otherwise, s);
    return true;
}

/* hostnames and volatile: words without a value. */
static bool read_word(map *m, const mw_node *n)
{
    if (n->nargs != 0)
        return false;
    if (mw_str_eq(n->name, MW_STR("hostnames")))
        return m->hostnames = true;
    if (mw_str_eq(n->name, MW_STR("volatile")))
        return m->fleeting = true;
    return false;
}

static mw_rc add_regex(mw_bind *b, map *m, const mw_node *n, const mw_expr *value)
{
    bool      fold = mw_str_char(n->name, 1) == '*';
    mw_regex *re = mw_scope_regex(b, n, mw_str_drop(n->name, fold ? 2 : 1), fold);

    if (re == NULL)
        return MW_ERR;
    mw_match_add_regex(m->match, re, value);
    return MW_OK;
}

static mw_rc add_name(mw_bind *b, map *m, const mw_node *n, const mw_expr *value)
{
    mw_str name = n->name;

    if (mw_str_char(name, 0) == '\\')
        name = mw_str_drop(name, 1);
    if (m->hostnames && !mw_name_wildcard(name, NULL))
        return mw_bind_error(b, n, "invalid hostname or wildcard \"%.*s\"", MW_S(name));
    if (mw_match_add(m->match, name, m->hostnames, value) != MW_OK)
        return mw_bind_error(b, n, "conflicting parameter \"%.*s\"", MW_S(name));
    return MW_OK;
}

static mw_rc add_line(mw_bind *b, map *m, const mw_node *n)
{
    mw_expr *value;

    if (n->block)
        return mw_bind_error(b, n, "unexpected \"{\"");
    if (read_word(m, n))
        return MW_OK;
    if (n->nargs != 1)
        return mw_bind_error(b, n, "invalid number of the map parameters");
    value = mw_expr_compile(b, n, n->args[0]);
    if (value == NULL)
        return MW_ERR;
    if (mw_str_eq(n->name, MW_STR("default"))) {
        if (m->otherwise != NULL)
            return mw_bind_error(b, n, "duplicate default map parameter");
        m->otherwise = value;
        return MW_OK;
    }
    return mw_str_char(n->name, 0) == '~' ? add_regex(b, m, n, value) : add_name(b, m, n, value);
}

static mw_rc set_map(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    map    *m = MW_NEW(b->arena, map);
    mw_str  name = n->args[1];
    mw_rc   rc = MW_OK;
    mw_var *v;

    (void)d;
    (void)field;
    m->match = mw_match_new(b->arena);
    m->source = mw_expr_compile(b, n, n->args[0]);
    if (m->source == NULL)
        return MW_ERR;
    if (mw_str_char(name, 0) != '$' || name.len == 1)
        return mw_bind_error_at(b, n, 1, "invalid variable name \"%.*s\"", MW_S(name));
    v = mw_vars_define(b, n, mw_str_drop(name, 1));
    if (v == NULL)
        return MW_ERR;
    v->get = get_mapped;
    v->data = (uintptr_t)m;
    for (const mw_node *kid = n->kids; kid != NULL; kid = kid->next)
        if (add_line(b, m, kid) != MW_OK)
            rc = MW_ERR;
    mw_match_freeze(m->match);
    v->fleeting = m->fleeting;
    return rc;
}

const mw_directive mw_map_directives[] = {
    { .name = "map", .where = IN_HTTP | IN_STREAM, .least = 2, .most = 2, .set = set_map, .block = MW_RAW,
      .repeat = true, .help = "Gives a variable the value beside the name or pattern that a text matches." },
    { .name = "map_hash_max_size", .where = IN_HTTP | IN_STREAM, .least = 1, .most = 1, .set = mw_set_ignored,
      .otherwise = "2048", .help = "Accepted for compatibility: tables of maps size themselves." },
    { .name = "map_hash_bucket_size", .where = IN_HTTP | IN_STREAM, .least = 1, .most = 1, .set = mw_set_ignored,
      .help = "Accepted for compatibility: tables of maps size themselves." },
    { 0 }
};

const mw_module mw_map_module = { .name = "map", .directives = mw_map_directives };
