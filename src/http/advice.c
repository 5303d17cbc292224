/* advice.c - what -t says of a configuration that is right and does not do what it seems to: fields that guard and are
 * dropped, an alias that can be left, an `if` that takes more away than it gives.
 *
 * It looks at what was written, not at what became of it, and must be silent on what everybody writes: each rule says
 * where it keeps still.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/advice.h"

#include "http/build.h"

typedef struct context {        /* what is in effect in a block */
    mw_array headers;           /* of const mw_node *: add_header */
    mw_str   inherit;           /* add_header_inherit: on, off, merge */
    bool     merged;            /* merge_slashes */
} context;

static bool is(const mw_node *n, const char *name) { return mw_str_eq(n->name, mw_str_of(name)); }

static const mw_node *kid_named(const mw_node *block, const char *name)
{
    for (const mw_node *n = block->kids; n != NULL; n = n->next)
        if (is(n, name)) return n;
    return NULL;
}

/* --- fields --- */

static const char *const guards[] = {
    "Strict-Transport-Security", "Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options",
    "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Resource-Policy",
};

static bool is_guard(mw_str name)
{
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++)
        if (mw_str_ieq(name, mw_str_of(guards[i]))) return true;
    return false;
}

static bool has_header(const mw_array *headers, mw_str name)
{
    for (size_t i = 0; i < headers->n; i++)
        if (mw_str_ieq(MW_ITEM(headers, const mw_node *, i)->args[0], name)) return true;
    return false;
}

static void warn_of_dropped(mw_bind *b, const mw_array *outer, const mw_array *own)
{
    const mw_node *first = NULL;
    unsigned       more = 0;

    for (size_t i = 0; i < outer->n; i++) {
        const mw_node *n = MW_ITEM(outer, const mw_node *, i);

        if (!is_guard(n->args[0]) || has_header(own, n->args[0]))
            continue;
        if (first != NULL)
            more++;
        else
            first = n;
    }
    if (first == NULL)
        return;
    mw_bind_warn(b, MW_ITEM(own, const mw_node *, 0), "with this \"add_header\", \"%.*s\" of %.*s:%u is not added here",
                 MW_S(first->args[0]), MW_S(first->pos.file->path), first->end_line);
    if (more > 0)
        mw_diag_hint(b->diag, "nor %u more; write them here too, or \"add_header_inherit merge;\"", more);
    else
        mw_diag_hint(b->diag, "write it here too, or \"add_header_inherit merge;\"");
}

/* Silent where an add_header_inherit says what is meant. */
static void look_at_headers(mw_bind *b, const mw_node *block, context *c)
{
    const mw_node *said = kid_named(block, "add_header_inherit");
    mw_array       own = { 0 };

    if (said != NULL)
        c->inherit = said->args[0];
    for (const mw_node *n = block->kids; n != NULL; n = n->next)
        if (is(n, "add_header")) *MW_PUSH(b->arena, &own, const mw_node *) = n;
    if (mw_str_eq(c->inherit, MW_STR("merge"))) {
        for (size_t i = 0; i < c->headers.n; i++)
            *MW_PUSH(b->arena, &own, const mw_node *) = MW_ITEM(&c->headers, const mw_node *, i);
        c->headers = own;
    } else if (own.n > 0 || mw_str_eq(c->inherit, MW_STR("off"))) {
        if (said == NULL && own.n > 0)
            warn_of_dropped(b, &c->headers, &own);
        c->headers = own;
    }
}

/* --- alias --- */

/* "/i" and "/data/img/": of /i../x there remains ../x behind the location's name. */
static void look_at_alias(mw_bind *b, const mw_node *location)
{
    const mw_node *alias = kid_named(location, "alias");
    bool           other;
    mw_str         name = mw_location_name(location, &other);

    if (alias == NULL || other || mw_str_char(location->args[0], 0) == '=')
        return;
    if (name.len == 0 || mw_str_ends(name, MW_STR("/")) || !mw_str_ends(alias->args[0], MW_STR("/")))
        return;
    mw_bind_warn(b, alias, "\"%.*s../\" leads out of this alias", MW_S(name));
    mw_diag_hint(b->diag, "end both with a slash: location %.*s/", MW_S(name));
}

/* --- if --- */

static bool is_rewriting(const mw_node *n)
{
    static const char *const names[] = { "set", "rewrite", "return", "break", "if", "rewrite_log" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is(n, names[i])) return true;
    return false;
}

/* It answers, or leads somewhere else: what stands around it does not matter. */
static bool leaves(const mw_node *block)
{
    for (const mw_node *n = block->kids; n != NULL; n = n->next)
        if (is(n, "return") || (is(n, "rewrite") && (n->nargs == 3 || mw_str_starts(n->args[1], MW_STR("http")))))
            return true;
    return false;
}

static bool configures(const mw_node *block)
{
    for (const mw_node *n = block->kids; n != NULL; n = n->next)
        if (!is_rewriting(n)) return true;
    return false;
}

/* "($a" "=" "b)" of the same variable with another text: not both can be true. */
static bool exclude_each_other(const mw_node *a, const mw_node *b)
{
    return a->nargs == 3 && b->nargs == 3 && mw_str_eq(a->args[0], b->args[0]) && mw_str_eq(a->args[1], MW_STR("="))
        && mw_str_eq(b->args[1], MW_STR("=")) && !mw_str_eq(a->args[2], b->args[2]);
}

static void look_at_ifs(mw_bind *b, const mw_node *location)
{
    const mw_node *tries = kid_named(location, "try_files");

    for (const mw_node *n = location->kids; n != NULL; n = n->next) {
        if (!is(n, "if") || leaves(n))
            continue;
        if (tries != NULL) {
            mw_bind_warn(b, n, "where this \"if\" is true, the \"try_files\" of %.*s:%u is not in effect",
                         MW_S(tries->pos.file->path), tries->end_line);
            mw_diag_hint(b->diag, "use \"map\" for what it sets, or let it end in \"return\" or \"rewrite ... last\"");
        }
        for (const mw_node *later = n->next; later != NULL && configures(n); later = later->next) {
            if (!is(later, "if") || leaves(later) || !configures(later) || exclude_each_other(n, later))
                continue;
            mw_bind_warn(b, later, "where this \"if\" is true, nothing in the \"if\" of %.*s:%u is in effect",
                         MW_S(n->pos.file->path), n->end_line);
            mw_diag_hint(b->diag, "the last one that is true is the configuration: use \"map\" and variables instead");
            break;
        }
    }
}

/* --- the walk --- */

/* What everything below it is read with; a copy for each block. */
static void look_at(mw_bind *b, const mw_node *block, context c)
{
    const mw_node *slashes = kid_named(block, "merge_slashes");

    if (slashes != NULL)
        c.merged = mw_str_eq(slashes->args[0], MW_STR("on"));
    look_at_headers(b, block, &c);
    if (is(block, "location")) {
        look_at_alias(b, block);
        look_at_ifs(b, block);
    }
    if (is(block, "location") || is(block, "server"))
        mw_advise_locations(b, block, c.merged);
    for (const mw_node *n = block->kids; n != NULL; n = n->next)
        if (n->block && (is(n, "server") || is(n, "location") || (is(n, "if") && is(block, "location"))))
            look_at(b, n, c);
}

void mw_advise(mw_bind *b, const mw_node *http)
{
    look_at(b, http, (context){ .inherit = MW_STR("on"), .merged = true });
}
