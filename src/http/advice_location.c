/* advice_location.c - locations that no request can get to, as far as that is seen from how they are written.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/advice.h"

#include "core/codec.h"
#include "http/build.h"

typedef struct location {
    const mw_node *node;
    mw_str         mark, name;  /* "=", "~", "~*", "^~" or "" */
    bool           regex, named;
} location;

static bool is(const mw_node *n, const char *name) { return mw_str_eq(n->name, mw_str_of(name)); }

static location read_location(const mw_node *n)
{
    location l = { .node = n };
    bool     other;

    l.name = mw_location_name(n, &other);
    l.mark = n->nargs == 2 ? n->args[0] : mw_str_take(n->args[0], n->args[0].len - l.name.len);
    l.regex = mw_str_char(l.mark, 0) == '~';
    l.named = other && !l.regex;
    return l;
}

static void warn(mw_bind *b, const location *l, const char *why, const char *way_out)
{
    mw_bind_warn(b, l->node, "location \"%.*s\" can never match: %s", MW_S(l->name), why);
    mw_diag_hint(b->diag, "%s", way_out);
}

/* --- by itself --- */

static bool has_escape(mw_str name)
{
    for (size_t i = 0; i + 2 < name.len; i++)
        if (name.at[i] == '%' && mw_hex_digit(name.at[i + 1]) >= 0 && mw_hex_digit(name.at[i + 2]) >= 0) return true;
    return false;
}

static bool has(mw_str name, const char *part)
{
    return mw_str_find(name, mw_str_of(part)) < name.len;
}

static bool look_at_name(mw_bind *b, const location *l, bool merged)
{
    mw_str name = l->name;

    if (name.len > 0 && name.at[0] != '/')
        warn(b, l, "a URI begins with \"/\"", "write the slash");
    else if (mw_str_index(name, '?') < name.len)
        warn(b, l, "arguments are no part of what it is compared with", "look at $arg_NAME with \"map\" or \"if\"");
    else if (has_escape(name))
        warn(b, l, "a URI is decoded before it is compared", "write the characters themselves, in quotes");
    else if (has(name, "/./") || has(name, "/../"))
        warn(b, l, "dots are resolved before it is compared", "write the path that is left");
    else if (merged && has(name, "//"))
        warn(b, l, "adjacent slashes are made one", "write one, or \"merge_slashes off;\" in the server");
    else
        return false;
    return true;
}

/* --- inside another one --- */

/* What every match of the pattern begins with: "/api" of "^/api/?.*". */
static mw_str first_bytes(mw_str pattern)
{
    const mw_set plain = mw_set_of("-a-zA-Z0-9/_"), repeats = mw_set_of("*?{");
    mw_scan      s = { pattern };
    mw_str       first;

    if (!mw_scan_char(&s, '^') || mw_str_index(pattern, '|') < pattern.len)
        return MW_STR("");
    first = mw_scan_while(&s, &plain);
    if (first.len > 0 && !mw_scan_end(&s) && mw_set_has(&repeats, mw_scan_peek(&s)))
        first.len--;
    return first;
}

static void look_inside(mw_bind *b, const location *outer, const location *l)
{
    mw_str first = first_bytes(l->name), name = outer->name;
    size_t n = first.len < name.len ? first.len : name.len;

    if (!l->regex || outer->regex || outer->named || mw_str_ieq(mw_str_take(first, n), mw_str_take(name, n)))
        return;
    mw_bind_warn(b, l->node, "location \"%.*s\" can never match inside location \"%.*s\"", MW_S(l->name), MW_S(name));
    mw_diag_hint(b->diag, "a pattern is compared with the whole URI, here too");
}

/* --- behind another one --- */

static bool matches_all(mw_str pattern)
{
    static const char *const all[] = {
        "", ".", "^", "/", "^/", ".*", "^.*", "^.*$", "^/.*", "^/.*$", "/.*", "(.*)", "^(.*)$", "^/(.*)$", "^/(.*)",
        "/(.*)",
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (mw_str_eq(pattern, mw_str_of(all[i]))) return true;
    return false;
}

static bool same_pattern(const location *a, const location *b)
{
    return mw_str_eq(a->name, b->name) && (mw_str_eq(a->mark, b->mark) || mw_str_eq(a->mark, MW_STR("~*")));
}

static void look_behind(mw_bind *b, const mw_node *block, const location *l)
{
    for (const mw_node *n = block->kids; n != l->node; n = n->next) {
        location earlier;

        if (!is(n, "location"))
            continue;
        earlier = read_location(n);
        if (!earlier.regex || (!matches_all(earlier.name) && !same_pattern(&earlier, l)))
            continue;
        mw_bind_warn(b, l->node, "location \"%.*s\" can never match: that of %.*s:%u does before", MW_S(l->name),
                     MW_S(n->pos.file->path), n->end_line);
        mw_diag_hint(b->diag, "patterns are asked in the order they are written: put this one before that one");
        return;
    }
}

/* The `return` of a server that every request comes to.  Silent where something may end the program before it. */
static const mw_node *answers_all(const mw_node *server)
{
    for (const mw_node *n = server->kids; n != NULL; n = n->next) {
        if (is(n, "return"))
            return n;
        if (is(n, "break") || is(n, "if") || is(n, "rewrite"))
            return NULL;
    }
    return NULL;
}

void mw_advise_locations(mw_bind *b, const mw_node *block, bool merged)
{
    bool           in_server = is(block, "server");
    const mw_node *answer = in_server ? answers_all(block) : NULL;
    location       outer = { .node = NULL };

    if (!in_server)
        outer = read_location(block);
    for (const mw_node *n = block->kids; n != NULL; n = n->next) {
        location l;

        if (!is(n, "location"))
            continue;
        l = read_location(n);
        if (l.named)
            continue;
        if (answer != NULL) {
            mw_bind_warn(b, n, "location \"%.*s\" can never match: the \"return\" of %.*s:%u answers before",
                         MW_S(l.name), MW_S(answer->pos.file->path), answer->end_line);
            mw_diag_hint(b->diag, "put that \"return\" into a \"location /\"");
            return;
        }
        if (!l.regex && look_at_name(b, &l, merged))
            continue;
        if (!in_server)
            look_inside(b, &outer, &l);
        if (l.regex)
            look_behind(b, block, &l);
    }
}
